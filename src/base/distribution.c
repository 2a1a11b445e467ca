#include "base/distribution.h"

#include <math.h>

static const unsigned thousandths[PM_QUANTILES] = {10, 50, 250, 500, 750, 950, 990, 999};

/* ---- moments --------------------------------------------------------------------------------- */

static void add_up(struct pm_moments *moments, const struct pm_radix_item *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (values[i].load == 1)
            pm_moments_add(moments, values[i].key);
        else
            pm_moments_add_many(moments, values[i].key, values[i].load);
}

static void find_shape(struct pm_distribution *found, const struct pm_radix_item *values, size_t n)
{
    uint64_t count = found->moments.n;
    uint64_t mean = (uint64_t)(found->moments.sum / count); /* but for its fraction: */
    long double fraction = (long double)(uint64_t)(found->moments.sum % count) / count;
    long double m2 = 0, m3 = 0, m4 = 0;

    for (size_t i = 0; i < n; i++) {
        uint64_t value = values[i].key;
        long double whole =
            value >= mean ? (long double)(value - mean) : -(long double)(mean - value);
        long double d = whole - fraction, weighted = d * d * values[i].load;

        m2 += weighted;
        m3 += weighted * d;
        m4 += weighted * d * d;
    }
    m2 /= count;
    m3 /= count;
    m4 /= count;
    if (m2 > 0) {
        found->skewness = m3 / (m2 * sqrtl(m2));
        found->kurtosis = m4 / (m2 * m2) - 3;
    }
}

/* ---- quantiles ------------------------------------------------------------------------------- */

static void find_quantiles(struct pm_distribution *found, const struct pm_radix_item *values)
{
    uint64_t below = 0; /* values before values[at] */
    size_t at = 0;

    for (int i = 0; i < PM_QUANTILES; i++) {
        unsigned __int128 share = (unsigned __int128)found->moments.n * thousandths[i];
        uint64_t rank = (uint64_t)((share + 999) / 1000); /* from 1 */

        while (below + values[at].load < rank)
            below += values[at++].load;
        found->quantiles[i] = values[at].key;
    }
}

struct pm_distribution pm_distribution_of(const struct pm_radix_item *values, size_t n)
{
    struct pm_distribution found = {0};

    if (n == 0)
        return found;
    add_up(&found.moments, values, n);
    find_shape(&found, values, n);
    find_quantiles(&found, values);
    return found;
}
