/*
 * The shape of a distribution of integers: moments and quantiles of values with their counts.
 *
 * The first two moments are exact; skewness and kurtosis are computed from the exact mean in one
 * order, so that equal values give equal results. Skewness is m3 / m2^1.5 and kurtosis m4 / m2^2 -
 * 3, of the whole population (as scipy.stats.skew and kurtosis do); 0 where m2 is 0. A quantile is
 * the least value whose share of values at or below it is at least so large (numpy's inverted_cdf).
 */
#ifndef PM_DISTRIBUTION_H
#define PM_DISTRIBUTION_H

#include "base/moments.h"
#include "base/radix.h"

enum { PM_QUANTILES = 8 }; /* 1, 5, 25, 50, 75, 95, 99 and 99.9 % */

struct pm_distribution {
    struct pm_moments moments;
    long double skewness; /* this and what follows: 0 where there are no values */
    long double kurtosis;
    uint64_t quantiles[PM_QUANTILES];
};

/* Of n values in rising order: key i occurs load times, more than 0; a key may come again. */
struct pm_distribution pm_distribution_of(const struct pm_radix_item *values, size_t n);

#endif
