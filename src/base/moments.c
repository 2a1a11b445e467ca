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
    if (__builtin_add_overflow(into->sum, from->sum, &into->sum))
        into->sum = UINT64_MAX;
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

/* n * squares - sum^2 takes up to 192 bits: two words, the upper one of 128. */
__int128 pm_moments_deviation(const struct pm_moments *moments)
{
    unsigned __int128 n = moments->n, low = n * (uint64_t)moments->squares, sum = moments->sum;
    unsigned __int128 high = n * (uint64_t)(moments->squares >> 64) + (low >> 64);
    unsigned __int128 square = sum * sum;
    uint64_t rest = (uint64_t)low, less = (uint64_t)square;

    high -= (square >> 64) + (rest < less);
    rest -= less;
    return moments->n == 0
               ? 0
               : (__int128)roundl(sqrtl((long double)high * 0x1p64L + rest) * MILLION / moments->n);
}
