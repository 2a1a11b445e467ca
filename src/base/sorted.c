/*
 * Sorted by rank, then equal ranks by comparison. Tried: one qsort by rank and comparison, which
 * took half of the time of settling hosts.
 */
#include "base/sorted.h"

#include <stdlib.h>

static int compare_items(const void *x, const void *y, void *order)
{
    const struct pm_radix_item *a = x, *b = y;

    return ((const struct pm_order *)order)
        ->compare((const void *)(uintptr_t)a->load, (const void *)(uintptr_t)b->load);
}

static void sort_equal_ranks(struct pm_sorted *sorted, const struct pm_order *order)
{
    for (uint64_t begin = 0, end; begin < sorted->n; begin = end) {
        for (end = begin + 1; end < sorted->n && sorted->items[end].key == sorted->items[begin].key;
             end++)
            ;
        if (end - begin > 1)
            qsort_r(sorted->items + begin, end - begin, sizeof *sorted->items, compare_items,
                    (void *)order);
    }
}

bool pm_sorted_init(struct pm_sorted *sorted, const struct pm_store *store,
                    const struct pm_order *order)
{
    sorted->n = 0;
    sorted->items = calloc(pm_store_count(store) + PM_SORTED_AHEAD, sizeof *sorted->items);
    if (sorted->items == NULL)
        return false;
    for (uint32_t i = pm_store_first(store); i != PM_NONE; i = pm_store_next(store, i)) {
        const void *item = pm_store_at(store, i);

        sorted->items[sorted->n++] =
            (struct pm_radix_item){~(order->rank ? order->rank(item) : 0), (uintptr_t)item};
    }
    if (!pm_radix_sort(sorted->items, sorted->n))
        return false;
    sort_equal_ranks(sorted, order);
    return true;
}

void pm_sorted_free(struct pm_sorted *sorted)
{
    free(sorted->items);
    *sorted = (struct pm_sorted){0};
}
