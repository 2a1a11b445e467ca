/*
 * Log-linear bins with edges that are fixed forever, so that histograms add up exactly: one bin for
 * each of 0 to 15, then 16 equal bins per power of two. The relative width is at most 1/16.
 */
#ifndef PM_LOGLINEAR_H
#define PM_LOGLINEAR_H

#include <stdint.h>

enum { PM_LOGLINEAR_BINS = 16 + 16 * 60 }; /* covers 64 bits */

static inline unsigned pm_loglinear_bin(uint64_t value)
{
    unsigned power;

    if (value < 16)
        return (unsigned)value;
    power = 63 - (unsigned)__builtin_clzll(value); /* >= 4 */
    return 16 * (power - 3) + (unsigned)(value >> (power - 4) & 15);
}

/* The first and the last value of a bin. */
static inline uint64_t pm_loglinear_low(unsigned bin)
{
    if (bin < 16)
        return bin;
    return (uint64_t)(16 + bin % 16) << (bin / 16 - 1);
}

static inline uint64_t pm_loglinear_high(unsigned bin)
{
    if (bin < 16)
        return bin;
    return pm_loglinear_low(bin) + (UINT64_C(1) << (bin / 16 - 1)) - 1;
}

#endif
