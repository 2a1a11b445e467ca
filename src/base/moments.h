/*
 * Count, sum, sum of squares, least and greatest of integers: what mean and standard deviation
 * follow from, exactly, however the integers are divided and joined.
 *
 * A sum of squares that passes 128 bits stays at their maximum: only times between clocks that lie
 * for centuries come to that.
 */
#ifndef PM_MOMENTS_H
#define PM_MOMENTS_H

#include <stdint.h>

/* All 0 where n is. */
struct pm_moments {
    unsigned __int128 squares;
    unsigned __int128 sum;
    uint64_t n;
    uint64_t min;
    uint64_t max;
};

static inline void pm_moments_add(struct pm_moments *moments, uint64_t value)
{
    unsigned __int128 square = (unsigned __int128)value * value;

    if (__builtin_add_overflow(moments->squares, square, &moments->squares))
        moments->squares = ~(unsigned __int128)0;
    moments->sum += value;
    if (moments->n++ == 0 || value < moments->min)
        moments->min = value;
    if (value > moments->max)
        moments->max = value;
}

void pm_moments_join(struct pm_moments *into, const struct pm_moments *from);

/* In millionths: the mean, rounded half away from zero, and the standard deviation of the whole
 * population (the square root of the mean square distance from the mean), computed from the exact
 * variance. 0 where there is nothing. */
__int128 pm_moments_mean(const struct pm_moments *moments);
__int128 pm_moments_deviation(const struct pm_moments *moments);

/* The mean square distance from the mean, in millionths, rounded half away from zero; to 64 bits
 * where numbers are too large for that. */
__int128 pm_moments_variance(const struct pm_moments *moments);

/* The index of dispersion: the variance divided by the mean, as above. */
__int128 pm_moments_dispersion(const struct pm_moments *moments);

/* The variance where all of its 64 bits matter. */
long double pm_moments_variance_real(const struct pm_moments *moments);

#endif
