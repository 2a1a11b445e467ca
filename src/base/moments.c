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
 * mean^2 * n - 2 * mean * rest: exact modulo 2^128, and it fits if the squares did. */
__int128 pm_moments_deviation(const struct pm_moments *moments)
{
    unsigned __int128 mean, rest, distances;
    long double fraction;

    if (moments->n == 0)
        return 0;
    mean = moments->sum / moments->n;
    rest = moments->sum % moments->n;
    distances = moments->squares - mean * mean * moments->n - 2 * mean * rest;
    fraction = (long double)rest / moments->n;
    return (__int128)roundl(sqrtl((long double)distances / moments->n - fraction * fraction) *
                            MILLION);
}
