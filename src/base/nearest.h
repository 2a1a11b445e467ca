/* Which of some words was probably meant, for messages. */
#ifndef PM_NEAREST_H
#define PM_NEAREST_H

#include <stddef.h>

/* The best word so far for one that is no word, of `length` letters. */
struct pm_nearest {
    const char *meant;
    size_t length;
    const char *word; /* NULL: none is near */
    size_t distance;
};

static inline struct pm_nearest pm_nearest_to(const char *meant, size_t length)
{
    return (struct pm_nearest){.meant = meant, .length = length};
}

/* Words are near that differ by a third of their letters at most, two that change places counting
 * as one (Damerau and Levenshtein's distance, of neighbours). */
void pm_nearest_try(struct pm_nearest *nearest, const char *word);

#endif
