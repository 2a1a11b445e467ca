/*
 * Whole numbers of up to 384 bits, for what is made of sums of squares: exact where 128 bits are
 * too few, and slow (some microseconds each).
 */
#ifndef PM_WIDE_H
#define PM_WIDE_H

#include <stdint.h>

enum { PM_WIDE_LIMBS = 6 };

struct pm_wide {
    uint64_t limbs[PM_WIDE_LIMBS]; /* the lowest first */
};

struct pm_wide pm_wide_of(unsigned __int128 value);

/* a * factor, and a - b, which is not below 0: what passes 384 bits is lost. */
struct pm_wide pm_wide_multiply(struct pm_wide a, uint64_t factor);
struct pm_wide pm_wide_subtract(struct pm_wide a, struct pm_wide b);

/* a^2. */
struct pm_wide pm_wide_square(unsigned __int128 a);

/* The whole part of a / divisor, which is above 0 and below 2^127. */
struct pm_wide pm_wide_divide(struct pm_wide a, unsigned __int128 divisor);

/* The whole part of the square root, up to 2^128 - 1. */
unsigned __int128 pm_wide_root(struct pm_wide a);

/* Its lowest 127 bits, or the greatest number that has so many where it is more. */
__int128 pm_wide_low(struct pm_wide a);

/* As near as it comes. */
long double pm_wide_real(struct pm_wide a);

#endif
