/*
 * Numbers are sorted by radix, and what shares one by the next part of the order. Tried: one qsort
 * by rank and comparison, which took half of the time of settling hosts; qsort for all equal ranks,
 * which most small hosts share, a quarter.
 */
#include "base/sorted.h"

#include <stdlib.h>

enum { FEW = 16 }; /* so many are compared at once */

static const void *item_of(const struct pm_radix_item *place)
{
    return (const void *)(uintptr_t)place->load;
}

static int compare_items(const void *x, const void *y, void *order)
{
    return ((const struct pm_order *)order)->compare(item_of(x), item_of(y));
}

static bool sort_by_comparison(struct pm_radix_item *items, size_t n, const struct pm_order *order)
{
    qsort_r(items, n, sizeof *items, compare_items, (void *)order);
    return true;
}

/* Sorts each run of items with equal keys. False: no memory. */
static bool sort_equal(struct pm_radix_item *items, size_t n, const struct pm_order *order,
                       bool (*sort)(struct pm_radix_item *items, size_t n,
                                    const struct pm_order *order))
{
    for (size_t begin = 0, end; begin < n; begin = end) {
        for (end = begin + 1; end < n && items[end].key == items[begin].key; end++)
            ;
        if (end - begin > 1 && !sort(items + begin, end - begin, order))
            return false;
    }
    return true;
}

static bool sort_by_prefix(struct pm_radix_item *items, size_t n, const struct pm_order *order)
{
    if (order->prefix == NULL || n <= FEW)
        return sort_by_comparison(items, n, order);
    for (size_t i = 0; i < n; i++)
        items[i].key = order->prefix(item_of(&items[i]));
    return pm_radix_sort(items, n) && sort_equal(items, n, order, sort_by_comparison);
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
    if (pm_radix_sort(sorted->items, sorted->n) &&
        sort_equal(sorted->items, sorted->n, order, sort_by_prefix))
        return true;
    pm_sorted_free(sorted);
    return false;
}

void pm_sorted_free(struct pm_sorted *sorted)
{
    free(sorted->items);
    *sorted = (struct pm_sorted){0};
}
