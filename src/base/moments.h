/*
 * Count, sum, sum of squares, least and greatest of integers: what mean and standard deviation
 * follow from, exactly, however the integers are divided and joined, and whatever they are.
 */
#ifndef PM_MOMENTS_H
#define PM_MOMENTS_H

#include <stdbool.h>
#include <stdint.h>

/* All 0 where n is. */
struct pm_moments {
    unsigned __int128 squares; /* the lower 128 bits, and the upper 64 */
    unsigned __int128 sum;
    uint64_t squares_high;
    uint64_t n;
    uint64_t min;
    uint64_t max;
};

static inline void pm_moments_add(struct pm_moments *moments, uint64_t value)
{
    unsigned __int128 square = (unsigned __int128)value * value;

    moments->squares_high += __builtin_add_overflow(moments->squares, square, &moments->squares);
    moments->sum += value;
    if (moments->n++ == 0 || value < moments->min)
        moments->min = value;
    if (value > moments->max)
        moments->max = value;
}

/* The same value `times` times, more than 0. */
void pm_moments_add_many(struct pm_moments *moments, uint64_t value, uint64_t times);

void pm_moments_join(struct pm_moments *into, const struct pm_moments *from);

/* All that follows is in millionths, exact and rounded half away from zero; 0 where there is
 * nothing. */
__int128 pm_moments_mean(const struct pm_moments *moments);

/* The standard deviation of the whole population (the square root of the mean square distance from
 * the mean), of values that are multiplied with numerator / denominator. */
__int128 pm_moments_deviation(const struct pm_moments *moments, uint64_t numerator,
                              uint64_t denominator);

/* Its square; of values below 2^52. And as it is, for logarithms: not in millionths. */
__int128 pm_moments_variance(const struct pm_moments *moments);
long double pm_moments_variance_real(const struct pm_moments *moments);

/* The index of dispersion: the variance divided by the mean. */
__int128 pm_moments_dispersion(const struct pm_moments *moments);

#endif
