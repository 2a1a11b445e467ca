/*
 * First fragments, so that later ones find their ports (pcapmill-tables(5)): the latest first
 * fragment with the same addresses, protocol and identification counts, for 30 s.
 *
 * A run cannot know the first fragments to its left. What it cannot answer is its caller's to keep
 * until the join, where the left side's fragments are at hand.
 */
#ifndef PM_FRAGMENTS_H
#define PM_FRAGMENTS_H

#include "base/keyed.h"
#include "table/table.h"

struct pm_fragment_key {
    struct pm_address src;
    struct pm_address dst;
    uint32_t id;
    uint8_t proto;
    uint8_t ip_version;
    uint16_t zero;
};

struct pm_fragments {
    struct pm_keyed firsts;
};

bool pm_fragments_init(struct pm_fragments *fragments, const struct pm_hash_key *hash_key);
void pm_fragments_free(struct pm_fragments *fragments);

/* Remembers a first fragment. False: no memory. */
bool pm_fragments_add(struct pm_fragments *fragments, const struct pm_packet *packet);

enum pm_fragment_answer {
    PM_FRAGMENT_UNKNOWN, /* no first fragment here: there may be one further left */
    PM_FRAGMENT_FOUND,   /* the ports are set */
    PM_FRAGMENT_EXPIRED  /* its first fragment is more than 30 s older: it has no ports */
};

struct pm_fragment_ports {
    uint16_t src_port;
    uint16_t dst_port;
};

enum pm_fragment_answer pm_fragments_find(const struct pm_fragments *fragments,
                                          const struct pm_fragment_key *key, bool timed,
                                          int64_t ts_ns, struct pm_fragment_ports *ports);

struct pm_fragment_key pm_fragment_key(const struct pm_packet *packet);

/* What `from` knows is later than what `into` knows. False: no memory. */
bool pm_fragments_merge(struct pm_fragments *into, const struct pm_fragments *from);

#endif
