/*
 * Sorting by rank is a radix sort, a byte at a time from the lowest, skipping bytes in which all
 * ranks agree; it keeps the order of equal ranks, which are then sorted by comparison. Tried: one
 * qsort by rank and comparison, which took half of the time of settling hosts.
 */
#include "base/sorted.h"

#include <stdlib.h>
#include <string.h>

enum { RADIX = 256 };

static int compare_items(const void *x, const void *y, void *order)
{
    const struct pm_sorted_item *a = x, *b = y;

    return ((const struct pm_order *)order)->compare(a->item, b->item);
}

/* One pass: from `from` to `to`, by the byte of the rank at `shift`, the highest first. False: all
 * items agree in it, and nothing was moved. */
static bool sort_by_byte(const struct pm_sorted_item *from, struct pm_sorted_item *to, uint64_t n,
                         unsigned shift)
{
    uint64_t at[RADIX] = {0}, begin = 0;

    for (uint64_t i = 0; i < n; i++)
        at[from[i].rank >> shift & (RADIX - 1)]++;
    if (n == 0 || at[from[0].rank >> shift & (RADIX - 1)] == n)
        return false;
    for (int byte = RADIX - 1; byte >= 0; byte--) {
        uint64_t count = at[byte];

        at[byte] = begin;
        begin += count;
    }
    for (uint64_t i = 0; i < n; i++)
        to[at[from[i].rank >> shift & (RADIX - 1)]++] = from[i];
    return true;
}

static void sort_equal_ranks(struct pm_sorted *sorted, const struct pm_order *order)
{
    for (uint64_t begin = 0, end; begin < sorted->n; begin = end) {
        for (end = begin + 1;
             end < sorted->n && sorted->items[end].rank == sorted->items[begin].rank; end++)
            ;
        if (end - begin > 1)
            qsort_r(sorted->items + begin, end - begin, sizeof *sorted->items, compare_items,
                    (void *)order);
    }
}

static bool sort(struct pm_sorted *sorted, const struct pm_order *order)
{
    struct pm_sorted_item *other = malloc((sorted->n + 1) * sizeof *other);

    if (other == NULL)
        return false;
    for (unsigned shift = 0; shift < 64; shift += 8)
        if (sort_by_byte(sorted->items, other, sorted->n, shift)) {
            struct pm_sorted_item *items = sorted->items;

            sorted->items = other;
            other = items;
        }
    free(other);
    sort_equal_ranks(sorted, order);
    return true;
}

bool pm_sorted_init(struct pm_sorted *sorted, const struct pm_store *store,
                    const struct pm_order *order)
{
    sorted->n = 0;
    sorted->items = malloc((pm_store_count(store) + 1) * sizeof *sorted->items);
    if (sorted->items == NULL)
        return false;
    for (uint32_t i = pm_store_first(store); i != PM_NONE; i = pm_store_next(store, i)) {
        const void *item = pm_store_at(store, i);

        sorted->items[sorted->n++] =
            (struct pm_sorted_item){order->rank ? order->rank(item) : 0, item};
    }
    return sort(sorted, order);
}

void pm_sorted_free(struct pm_sorted *sorted)
{
    free(sorted->items);
    *sorted = (struct pm_sorted){0};
}
