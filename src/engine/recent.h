/*
 * The packets that were kept last, to tell one that was recorded twice: by a mirror port that sees
 * it come and go, say. Equal are packets whose captured bytes are the same from the outermost IP
 * header to the end of the IP packet, so that tags, MAC addresses and padding may differ and a TTL
 * may not; and packets without IP whose frames are.
 *
 * What is compared are keyed hashes of 128 bits. Duplicates stay in the window like all others, so
 * that it depends on packets alone and not on what was judged before: two runs can be joined where
 * the one ends with the window that the other began with.
 *
 * Cost, where it is asked for: a hash of the packet's bytes and `width` comparisons.
 */
#ifndef PM_RECENT_H
#define PM_RECENT_H

#include "base/hash.h"
#include "capture/walk.h"
#include "decode/decode.h"

struct pm_recent {
    uint32_t width;
    uint32_t n;    /* up to `width` */
    uint32_t next; /* the place of the next one: of the oldest, once all are taken */
    XXH128_hash_t packets[PM_DEDUP_MOST];
};

/* NULL: no memory. For free(). */
struct pm_recent *pm_recent_new(unsigned width);

/* Notes a packet and tells whether one of the `width` before it is equal. */
bool pm_recent_add(struct pm_recent *recent, const struct pm_hash_key *key,
                   const struct pm_record *record, struct pm_ip_bytes ip);

/* Do both hold the same packets in the same order? */
bool pm_recent_equal(const struct pm_recent *a, const struct pm_recent *b);

#endif
