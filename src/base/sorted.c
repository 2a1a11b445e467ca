#include "base/sorted.h"

#include <stdlib.h>

static int compare_items(const void *x, const void *y, void *order)
{
    const struct pm_sorted_item *a = x, *b = y;

    if (a->rank != b->rank)
        return a->rank > b->rank ? -1 : 1;
    return ((const struct pm_order *)order)->compare(a->item, b->item);
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
    qsort_r(sorted->items, sorted->n, sizeof *sorted->items, compare_items, (void *)order);
    return true;
}

void pm_sorted_free(struct pm_sorted *sorted)
{
    free(sorted->items);
    *sorted = (struct pm_sorted){0};
}
