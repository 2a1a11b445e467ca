/* The time on a clock that only rises, in nanoseconds: to measure, and for nothing that is written.
 */
#ifndef PM_NOW_H
#define PM_NOW_H

#include <stdint.h>
#include <time.h>

static inline uint64_t pm_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

#endif
