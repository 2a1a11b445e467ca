/* Bins of time: number n begins n widths behind the origin, or before it where n is below 0. */
#ifndef PM_BINS_H
#define PM_BINS_H

#include <stdint.h>

static inline int64_t pm_floor_divide(int64_t number, int64_t by)
{
    return number / by - (number % by < 0);
}

/* The bin of a time. In 128 bits, for times may lie anywhere in 64. */
static inline int64_t pm_bin_of(int64_t ts, int64_t origin, int64_t width)
{
    __int128 since = (__int128)ts - origin;

    return (int64_t)(since / width - (since % width < 0));
}

/* Its first nanosecond, which may be none that a time can be. */
static inline int64_t pm_bin_begin(int64_t bin, int64_t origin, int64_t width)
{
    return (int64_t)(origin + (__int128)bin * width);
}

#endif
