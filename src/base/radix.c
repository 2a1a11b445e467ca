#include "base/radix.h"

#include <stdlib.h>
#include <string.h>

enum { RADIX = 256 };

/* One pass by the byte at `shift`; false: all items agree in it, and nothing was moved. */
static bool sort_by_byte(const struct pm_radix_item *from, struct pm_radix_item *to, size_t n,
                         unsigned shift)
{
    size_t at[RADIX] = {0}, begin = 0;

    for (size_t i = 0; i < n; i++)
        at[from[i].key >> shift & (RADIX - 1)]++;
    if (n == 0 || at[from[0].key >> shift & (RADIX - 1)] == n)
        return false;
    for (int byte = 0; byte < RADIX; byte++) {
        size_t count = at[byte];

        at[byte] = begin;
        begin += count;
    }
    for (size_t i = 0; i < n; i++)
        to[at[from[i].key >> shift & (RADIX - 1)]++] = from[i];
    return true;
}

bool pm_radix_sort(struct pm_radix_item *items, size_t n)
{
    struct pm_radix_item *room = malloc((n + 1) * sizeof *room), *from = items, *to = room;

    if (room == NULL)
        return false;
    for (unsigned shift = 0; shift < 64; shift += 8)
        if (sort_by_byte(from, to, n, shift)) {
            struct pm_radix_item *sorted = to;

            to = from;
            from = sorted;
        }
    if (from != items)
        memcpy(items, from, n * sizeof *items);
    free(room);
    return true;
}
