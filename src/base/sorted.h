/*
 * The items of a store in an order of their own: an array of pointers, sorted once.
 *
 * An order has up to three parts: a rank, the highest first; for equal ranks a number that rises
 * with the order; and for equal numbers a comparison. The first two are computed once per item, and
 * leave few to the third.
 */
#ifndef PM_SORTED_H
#define PM_SORTED_H

#include "base/radix.h"
#include "base/store.h"

enum { PM_SORTED_AHEAD = 8 };

struct pm_sorted {
    struct pm_radix_item *items; /* their loads: where an item lies; so many more hold nothing */
    uint64_t n;
};

struct pm_order {
    uint64_t (*rank)(const void *item);           /* NULL: all are equal */
    uint64_t (*prefix)(const void *item);         /* NULL: all are equal */
    int (*compare)(const void *a, const void *b); /* as for qsort; no two items are equal */
};

/* False: no memory, and nothing is held. The store must not grow or go while the order is in use.
 */
bool pm_sorted_init(struct pm_sorted *sorted, const struct pm_store *store,
                    const struct pm_order *order);
void pm_sorted_free(struct pm_sorted *sorted);

/* Rows are mostly asked for one after the other, and each lies somewhere else: one that is soon
 * to come is fetched meanwhile. */
static inline const void *pm_sorted_at(const struct pm_sorted *sorted, uint64_t at)
{
    uint64_t soon = sorted->items[at + PM_SORTED_AHEAD].load; /* 0 behind the last */

    __builtin_prefetch((const void *)(uintptr_t)soon);
    __builtin_prefetch((const void *)(uintptr_t)(soon + 64));
    return (const void *)(uintptr_t)sorted->items[at].load;
}

#endif
