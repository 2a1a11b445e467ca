#include "base/radix.h"

#include <stdlib.h>
#include <string.h>

enum { RADIX = 256, BYTES = 8 };

static inline unsigned byte_of(uint64_t key, unsigned byte)
{
    return key >> 8 * byte & (RADIX - 1);
}

/* How often each byte has each value, from one look at the keys. */
static void count_bytes(const struct pm_radix_item *items, size_t n, size_t counts[BYTES][RADIX])
{
    memset(counts, 0, BYTES * sizeof *counts);
    for (size_t i = 0; i < n; i++)
        for (unsigned byte = 0; byte < BYTES; byte++)
            counts[byte][byte_of(items[i].key, byte)]++;
}

static void sort_by_byte(const struct pm_radix_item *from, struct pm_radix_item *to, size_t n,
                         unsigned byte, const size_t counts[RADIX])
{
    size_t at[RADIX], begin = 0;

    for (int value = 0; value < RADIX; value++) {
        at[value] = begin;
        begin += counts[value];
    }
    for (size_t i = 0; i < n; i++)
        to[at[byte_of(from[i].key, byte)]++] = from[i];
}

bool pm_radix_sort(struct pm_radix_item *items, size_t n)
{
    struct pm_radix_item *room = malloc((n + 1) * sizeof *room), *from = items, *to = room;
    size_t counts[BYTES][RADIX];

    if (room == NULL)
        return false;
    count_bytes(items, n, counts);
    for (unsigned byte = 0; byte < BYTES && n != 0; byte++) {
        struct pm_radix_item *sorted = to;

        if (counts[byte][byte_of(items[0].key, byte)] == n)
            continue;
        sort_by_byte(from, to, n, byte, counts[byte]);
        to = from;
        from = sorted;
    }
    if (from != items)
        memcpy(items, from, n * sizeof *items);
    free(room);
    return true;
}

size_t pm_radix_unite(struct pm_radix_item *items, size_t n)
{
    size_t last = 0;

    for (size_t i = 1; i < n; i++)
        if (items[i].key == items[last].key)
            items[last].load += items[i].load;
        else
            items[++last] = items[i];
    return n == 0 ? 0 : last + 1;
}
