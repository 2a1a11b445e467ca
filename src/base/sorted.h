/* The items of a store in an order of their own: an array of pointers, sorted once. */
#ifndef PM_SORTED_H
#define PM_SORTED_H

#include "base/store.h"

struct pm_sorted {
    const void **items;
    uint64_t n;
};

/* As for qsort, but on the items themselves. Total: no two items compare equal. */
typedef int (*pm_sorted_compare)(const void *a, const void *b);

/* False: no memory. The store must not grow or go while the order is in use. */
bool pm_sorted_init(struct pm_sorted *sorted, const struct pm_store *store,
                    pm_sorted_compare compare);
void pm_sorted_free(struct pm_sorted *sorted);

#endif
