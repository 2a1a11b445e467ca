#include "base/wide.h"

#include <stdbool.h>

typedef unsigned __int128 u128;

struct pm_wide pm_wide_of(u128 value)
{
    return (struct pm_wide){{(uint64_t)value, (uint64_t)(value >> 64)}};
}

struct pm_wide pm_wide_multiply(struct pm_wide a, uint64_t factor)
{
    u128 carry = 0;

    for (int i = 0; i < PM_WIDE_LIMBS; i++) {
        carry += (u128)a.limbs[i] * factor;
        a.limbs[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return a;
}

/* a + b * 2^(64 * shift) */
static struct pm_wide add_shifted(struct pm_wide a, struct pm_wide b, int shift)
{
    u128 carry = 0;

    for (int i = shift; i < PM_WIDE_LIMBS; i++) {
        carry += (u128)a.limbs[i] + b.limbs[i - shift];
        a.limbs[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return a;
}

struct pm_wide pm_wide_subtract(struct pm_wide a, struct pm_wide b)
{
    uint64_t borrow = 0;

    for (int i = 0; i < PM_WIDE_LIMBS; i++) {
        u128 difference = (u128)a.limbs[i] - b.limbs[i] - borrow;

        a.limbs[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    return a;
}

struct pm_wide pm_wide_square(u128 a)
{
    struct pm_wide wide = pm_wide_of(a);
    struct pm_wide high = pm_wide_multiply(wide, wide.limbs[1]);

    return add_shifted(pm_wide_multiply(wide, wide.limbs[0]), high, 1);
}

struct pm_wide pm_wide_divide(struct pm_wide a, u128 divisor)
{
    u128 rest = 0;

    for (int i = PM_WIDE_LIMBS - 1; i >= 0; i--) {
        uint64_t quotient = 0;

        for (int bit = 63; bit >= 0; bit--) {
            rest = rest << 1 | (a.limbs[i] >> bit & 1);
            if (rest >= divisor) {
                rest -= divisor;
                quotient |= UINT64_C(1) << bit;
            }
        }
        a.limbs[i] = quotient;
    }
    return a;
}

static bool is_below(struct pm_wide a, struct pm_wide b)
{
    for (int i = PM_WIDE_LIMBS - 1; i >= 0; i--)
        if (a.limbs[i] != b.limbs[i])
            return a.limbs[i] < b.limbs[i];
    return false;
}

u128 pm_wide_root(struct pm_wide a)
{
    u128 root = 0;

    for (int bit = 127; bit >= 0; bit--) {
        u128 more = root | (u128)1 << bit;

        if (!is_below(a, pm_wide_square(more)))
            root = more;
    }
    return root;
}

__int128 pm_wide_low(struct pm_wide a)
{
    const __int128 most = (__int128)(~(u128)0 >> 1);

    for (int i = 2; i < PM_WIDE_LIMBS; i++)
        if (a.limbs[i] != 0)
            return most;
    if (a.limbs[1] >> 63)
        return most;
    return (__int128)((u128)a.limbs[1] << 64 | a.limbs[0]);
}

long double pm_wide_real(struct pm_wide a)
{
    long double real = 0;

    for (int i = PM_WIDE_LIMBS - 1; i >= 0; i--)
        real = real * 0x1p64L + a.limbs[i];
    return real;
}
