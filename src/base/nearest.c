#include "base/nearest.h"

#include <string.h>

enum { LETTERS_MOST = 32 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Row i, column j: from the first i letters of a to the first j of b. */
static size_t distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t steps[LETTERS_MOST + 1][LETTERS_MOST + 1];

    for (size_t i = 0; i <= n_a; i++)
        for (size_t j = 0; j <= n_b; j++) {
            if (i == 0 || j == 0) {
                steps[i][j] = i + j;
                continue;
            }
            steps[i][j] = least(least(steps[i - 1][j], steps[i][j - 1]) + 1,
                                steps[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                steps[i][j] = least(steps[i][j], steps[i - 2][j - 2] + 1);
        }
    return steps[n_a][n_b];
}

void pm_nearest_try(struct pm_nearest *nearest, const char *word)
{
    size_t n = strlen(word), found;

    if (n > LETTERS_MOST || nearest->length > LETTERS_MOST)
        return;
    found = distance(nearest->meant, nearest->length, word, n);
    if (3 * found > (n > 3 ? n : 3) || (nearest->word != NULL && found >= nearest->distance))
        return;
    nearest->word = word;
    nearest->distance = found;
}
