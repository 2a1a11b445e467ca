/*
 * The pcapng format (draft-ietf-opsawg-pcapng): blocks, each with its length before and behind.
 *
 *     +------+--------+------ body -----+--------+
 *     | type | length | ... padded to 4 | length |  next block ...
 *     +------+--------+-----------------+--------+
 *      4      4                          4
 *
 * A section header block says the byte order of what follows, up to the next one; interface
 * description blocks say how the packet blocks behind them are to be read.
 */
#ifndef PM_PCAPNG_H
#define PM_PCAPNG_H

#include "capture/walk.h"

struct pm_pcapng {
    const uint8_t *bytes; /* of the whole file */
    uint64_t n_bytes;
    struct pm_section opening; /* what holds at the first packet: what runs guess */
};

/* Does a file that begins so claim to be pcapng? */
bool pm_pcapng_claims(const uint8_t *bytes, uint64_t n_bytes);

enum pm_status pm_pcapng_open(struct pm_pcapng *pcapng, const uint8_t *bytes, uint64_t n_bytes,
                              const char *path, struct pm_error *error);
void pm_pcapng_close(struct pm_pcapng *pcapng);

/* As pm_capture_walk() and pm_capture_guess(). */
size_t pm_pcapng_walk(const struct pm_pcapng *pcapng, struct pm_walk *walk,
                      struct pm_record *records, size_t max);
bool pm_pcapng_guess(const struct pm_pcapng *pcapng, struct pm_span span, uint64_t *begin);

#endif
