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

#include "capture/span.h"
#include "capture/walk.h"

/* Types of the blocks that describe, and of those that hold packets. */
enum {
    PM_BLOCK_SECTION = 0x0a0d0d0a,
    PM_BLOCK_INTERFACE = 1,
    PM_BLOCK_OLD_PACKET = 2,
    PM_BLOCK_SIMPLE_PACKET = 3,
    PM_BLOCK_STATISTICS = 5,
    PM_BLOCK_PACKET = 6
};

enum { PM_BLOCK_LEAST = 12 }; /* bytes: type and both lengths */

/* The byte order of a section header. */
bool pm_pcapng_big_endian(const uint8_t *header);

/* Does a file that begins so claim to be pcapng? */
bool pm_pcapng_claims(const uint8_t *bytes, uint64_t n_bytes);

/* Refuses a file that begins as pcapng does but is none. `bytes`: its first ones, 28 at least where
 * it has as many. */
enum pm_status pm_pcapng_check(const uint8_t *bytes, uint64_t n_bytes, const char *path,
                               struct pm_error *error);

/* As pm_walk_next(), pm_capture_guess() and pm_capture_glance(). */
size_t pm_pcapng_walk(struct pm_walk *walk, struct pm_record *records, size_t max);
bool pm_pcapng_guess(const struct pm_view *view, struct pm_span span, bool big_endian,
                     uint64_t *begin);
uint64_t pm_pcapng_glance(const struct pm_view *view, struct pm_span span, bool big_endian);

#endif
