#include "base/moments.h"

#include <math.h>

#include "base/number.h"
#include "base/wide.h"

typedef unsigned __int128 u128;

enum { MILLION = 1000000 };

void pm_moments_join(struct pm_moments *into, const struct pm_moments *from)
{
    if (from->n == 0)
        return;
    into->squares_high +=
        from->squares_high + __builtin_add_overflow(into->squares, from->squares, &into->squares);
    into->sum += from->sum;
    if (into->n == 0 || from->min < into->min)
        into->min = from->min;
    if (from->max > into->max)
        into->max = from->max;
    into->n += from->n;
}

void pm_moments_add_many(struct pm_moments *moments, uint64_t value, uint64_t times)
{
    struct pm_wide squares = pm_wide_multiply(pm_wide_square(value), times);
    struct pm_moments many = {
        .squares = (u128)squares.limbs[1] << 64 | squares.limbs[0],
        .squares_high = squares.limbs[2],
        .sum = (u128)value * times,
        .n = times,
        .min = value,
        .max = value,
    };

    pm_moments_join(moments, &many);
}

__int128 pm_moments_mean(const struct pm_moments *moments)
{
    return moments->n == 0 ? 0 : pm_round_divide((__int128)moments->sum * MILLION, moments->n);
}

/* ---- variance -------------------------------------------------------------------------------- */

/* n^2 times the variance: n * squares - sum^2. False: 128 bits are too few. */
static bool find_spread(const struct pm_moments *moments, u128 *spread)
{
    u128 squares, sum;

    if (moments->squares_high != 0 ||
        __builtin_mul_overflow(moments->squares, (u128)moments->n, &squares) ||
        __builtin_mul_overflow(moments->sum, moments->sum, &sum))
        return false;
    *spread = squares - sum;
    return true;
}

static struct pm_wide wide_spread(const struct pm_moments *moments)
{
    struct pm_wide squares = pm_wide_of(moments->squares);

    squares.limbs[2] = moments->squares_high;
    return pm_wide_subtract(pm_wide_multiply(squares, moments->n), pm_wide_square(moments->sum));
}

/* The whole part of the root: the processor's comes close. */
static u128 root_of(u128 value)
{
    long double near = sqrtl((long double)value);
    u128 root = near >= 0x1p64L ? UINT64_MAX : (uint64_t)near;

    while (root * root > value)
        root--;
    while (root < UINT64_MAX && (root + 1) * (root + 1) <= value)
        root++;
    return root;
}

/* Twice the deviation in millionths, less its fraction: the root of 4 * 10^12 * spread *
 * numerator^2 / (n * denominator)^2. */
static u128 twice_deviation(const struct pm_moments *moments, uint64_t numerator,
                            uint64_t denominator)
{
    const uint64_t factor = UINT64_C(4) * MILLION * MILLION;
    u128 spread, below;
    struct pm_wide wide;

    if (find_spread(moments, &spread) && !__builtin_mul_overflow(spread, (u128)factor, &spread) &&
        !__builtin_mul_overflow(spread, (u128)numerator * numerator, &spread) &&
        !__builtin_mul_overflow((u128)moments->n * denominator, (u128)moments->n * denominator,
                                &below))
        return root_of(spread / below);
    wide = pm_wide_multiply(wide_spread(moments), factor);
    wide = pm_wide_multiply(pm_wide_multiply(wide, numerator), numerator);
    wide = pm_wide_divide(pm_wide_divide(wide, moments->n), moments->n);
    return pm_wide_root(pm_wide_divide(pm_wide_divide(wide, denominator), denominator));
}

__int128 pm_moments_deviation(const struct pm_moments *moments, uint64_t numerator,
                              uint64_t denominator)
{
    return moments->n == 0 ? 0
                           : (__int128)((twice_deviation(moments, numerator, denominator) + 1) / 2);
}

/* In millionths: the variance by `mean`, which is times_n / n; rounded half away from zero. */
static __int128 variance_by(const struct pm_moments *moments, u128 times_n)
{
    u128 spread, below;
    struct pm_wide wide;
    __int128 twice;

    if (find_spread(moments, &spread) &&
        !__builtin_mul_overflow(spread, (u128)2 * MILLION, &spread) &&
        !__builtin_mul_overflow((u128)moments->n, times_n, &below))
        return (__int128)((spread / below + 1) / 2);
    wide = pm_wide_multiply(wide_spread(moments), 2 * MILLION);
    twice = pm_wide_low(pm_wide_divide(pm_wide_divide(wide, moments->n), times_n));
    return twice / 2 + twice % 2;
}

__int128 pm_moments_variance(const struct pm_moments *moments)
{
    return moments->n == 0 ? 0 : variance_by(moments, moments->n);
}

long double pm_moments_variance_real(const struct pm_moments *moments)
{
    u128 spread;

    if (moments->n == 0)
        return 0;
    return (find_spread(moments, &spread) ? (long double)spread
                                          : pm_wide_real(wide_spread(moments))) /
           moments->n / moments->n;
}

__int128 pm_moments_dispersion(const struct pm_moments *moments)
{
    return moments->sum == 0 ? 0 : variance_by(moments, moments->sum);
}
