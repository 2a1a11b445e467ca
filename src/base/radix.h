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

/* The same of keys alone, with room for as many more. */
void pm_radix_sort_keys(uint64_t *keys, uint64_t *room, size_t n);

/* Of keys in rising order: each once, its load how often it occurs. Returns how many items that
 * are, at most n. */
size_t pm_radix_count(const uint64_t *keys, size_t n, struct pm_radix_item *items);

#endif
