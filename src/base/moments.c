#include "base/moments.h"

#include <math.h>

#include "base/number.h"

enum { MILLION = 1000000 };

void pm_moments_join(struct pm_moments *into, const struct pm_moments *from)
{
    if (from->n == 0)
        return;
    if (__builtin_add_overflow(into->squares, from->squares, &into->squares))
        into->squares = ~(unsigned __int128)0;
    into->sum += from->sum;
    if (into->n == 0 || from->min < into->min)
        into->min = from->min;
    if (from->max > into->max)
        into->max = from->max;
    into->n += from->n;
}

__int128 pm_moments_mean(const struct pm_moments *moments)
{
    return moments->n == 0 ? 0 : pm_round_divide((__int128)moments->sum * MILLION, moments->n);
}

/* With sum = mean * n + rest, in integers, the sum of squared distances from `mean` is squares -
 * mean^2 * n - 2 * mean * rest: exact modulo 2^128, and it fits if the squares did. The variance is
 * (distances - rest^2 / n) / n. */
struct distances {
    unsigned __int128 sum;
    unsigned __int128 rest;
};

static struct distances distances_of(const struct pm_moments *moments)
{
    unsigned __int128 mean = moments->sum / moments->n, rest = moments->sum % moments->n;

    return (struct distances){.sum = moments->squares - mean * mean * moments->n - 2 * mean * rest,
                              .rest = rest};
}

static long double variance(const struct pm_moments *moments)
{
    struct distances distances = distances_of(moments);
    long double fraction = (long double)distances.rest / moments->n;

    return (long double)distances.sum / moments->n - fraction * fraction;
}

__int128 pm_moments_deviation(const struct pm_moments *moments)
{
    return moments->n == 0 ? 0 : (__int128)roundl(sqrtl(variance(moments)) * MILLION);
}

/* In millionths: the variance by `unit`, which is a mean or 1; numerators are over n^2. */
static __int128 variance_by(const struct pm_moments *moments, __int128 unit_times_n)
{
    struct distances distances = distances_of(moments);
    __int128 numerator, denominator;

    if (__builtin_mul_overflow((__int128)distances.sum, (__int128)moments->n, &numerator) ||
        __builtin_mul_overflow(numerator - (__int128)(distances.rest * distances.rest),
                               (__int128)2 * MILLION, &numerator) ||
        __builtin_mul_overflow((__int128)moments->n, unit_times_n, &denominator))
        return (__int128)roundl(variance(moments) * MILLION * moments->n / unit_times_n);
    return pm_round_divide(numerator / 2, denominator);
}

__int128 pm_moments_variance(const struct pm_moments *moments)
{
    return moments->n == 0 ? 0 : variance_by(moments, moments->n);
}

__int128 pm_moments_dispersion(const struct pm_moments *moments)
{
    return moments->sum == 0 ? 0 : variance_by(moments, (__int128)moments->sum);
}

long double pm_moments_variance_real(const struct pm_moments *moments)
{
    return moments->n == 0 ? 0 : variance(moments);
}
