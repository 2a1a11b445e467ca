/* What settled tables know of distributions, for tables that are derived from them. */
#ifndef PM_DISTRIBUTIONS_H
#define PM_DISTRIBUTIONS_H

#include "base/distribution.h"
#include "base/moments.h"

/* sizes.c: row i of all, a length and its packets (key and load); it occurs once per protocol. */
uint64_t pm_sizes_count(const void *sizes);
struct pm_radix_item pm_sizes_get(const void *sizes, uint64_t row);

/* gaps.c: bin i of those that hold a gap, and the exact moments of all gaps. */
struct pm_gap_bin {
    uint64_t low;
    uint64_t high;
    uint64_t gaps;
};
uint64_t pm_gaps_count(const void *gaps);
struct pm_gap_bin pm_gaps_get(const void *gaps, uint64_t row);
const struct pm_moments *pm_gaps_moments(const void *gaps);

/* rates.c: the bins that the table shows, of which those with packets are numbered from 0. */
uint64_t pm_rates_bins(const void *rates);
uint64_t pm_rates_occupied(const void *rates);
uint64_t pm_rates_wire_bytes(const void *rates, uint64_t occupied);

#endif
