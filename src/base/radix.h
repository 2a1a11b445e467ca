/* Sorting by a key of 64 bits: a byte at a time from the lowest, skipping bytes in which all keys
 * agree. It keeps the order of equal keys. */
#ifndef PM_RADIX_H
#define PM_RADIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pm_radix_item {
    uint64_t key;
    uint64_t load; /* goes with the key */
};

/* In rising order. False: no memory, and the items are as they were. */
bool pm_radix_sort(struct pm_radix_item *items, size_t n);

/* Makes one item of all that follow each other with the same key, its load their sum; returns how
 * many are left. */
size_t pm_radix_unite(struct pm_radix_item *items, size_t n);

#endif
