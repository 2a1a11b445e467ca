#include "base/sorted.h"

#include <stdlib.h>

struct order {
    pm_sorted_compare compare;
};

static int compare_pointers(const void *a, const void *b, void *order)
{
    return ((const struct order *)order)->compare(*(const void *const *)a, *(const void *const *)b);
}

bool pm_sorted_init(struct pm_sorted *sorted, const struct pm_store *store,
                    pm_sorted_compare compare)
{
    struct order order = {.compare = compare};

    sorted->n = 0;
    sorted->items = malloc((pm_store_count(store) + 1) * sizeof *sorted->items);
    if (sorted->items == NULL)
        return false;
    for (uint32_t i = pm_store_first(store); i != PM_NONE; i = pm_store_next(store, i))
        sorted->items[sorted->n++] = pm_store_at(store, i);
    qsort_r(sorted->items, sorted->n, sizeof *sorted->items, compare_pointers, &order);
    return true;
}

void pm_sorted_free(struct pm_sorted *sorted)
{
    free(sorted->items);
    *sorted = (struct pm_sorted){0};
}
