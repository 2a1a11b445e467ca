/* Address pairs, for the table of hosts that is derived from them. */
#ifndef PM_PAIRS_H
#define PM_PAIRS_H

#include "base/address.h"
#include "base/store.h"

/* a <= b. */
struct pm_pair_key {
    struct pm_address a;
    struct pm_address b;
    uint64_t ip_version;
};

struct pm_pair_counts {
    uint64_t packets;
    uint64_t wire_bytes;
    uint64_t ip_bytes;
};

/* Where a and b are equal all counts stand in counts[0], a to b. */
struct pm_pair {
    struct pm_pair_key key;
    struct pm_pair_counts counts[2];
    uint64_t flows;
    int64_t first_ts;
    int64_t last_ts;
    bool timed; /* else both times are 0 */
};

static inline bool pm_pair_of_one(const struct pm_pair *pair)
{
    return pm_address_compare(pair->key.a, pair->key.b) == 0;
}

/* All pairs, as struct pm_pair. */
const struct pm_store *pm_pairs_all(const void *pairs);

#endif
