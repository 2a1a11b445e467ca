/*
 * An open-addressing index: from a 32-bit hash to the number of an item that lives elsewhere.
 *
 * A slot is 8 bytes: the hash as a tag, and the item's number plus one (0: free). Linear probing,
 * at most 3/4 full, grown by doubling; nothing is ever removed. Keys stay with their owner, who
 * compares them (pm_index_find). Sibling: base/store.h holds the items.
 */
#ifndef PM_INDEX_H
#define PM_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PM_NONE UINT32_MAX

struct pm_index_entry {
    uint32_t hash;
    uint32_t item; /* number + 1; 0: free */
};

struct pm_index {
    struct pm_index_entry *entries;
    uint32_t mask; /* slots - 1 */
    uint32_t used;
};

/* The equality of a key held by the caller and item number `item` of `items`. */
typedef bool (*pm_index_equal)(const void *items, uint32_t item, const void *key);

bool pm_index_init(struct pm_index *index, uint64_t n_expected);
void pm_index_free(struct pm_index *index);

/* Adds an item that is not there yet. False: no memory. */
bool pm_index_add(struct pm_index *index, uint32_t hash, uint32_t item);

static inline void pm_index_prefetch(const struct pm_index *index, uint32_t hash)
{
    __builtin_prefetch(&index->entries[hash & index->mask]);
}

/* The first item that bears this hash, without comparing keys, as far as few looks show it: what to
 * prefetch; else PM_NONE. Without branches, for where an item is cannot be foreseen. */
static inline uint32_t pm_index_peek(const struct pm_index *index, uint32_t hash)
{
    enum { LOOKS = 4 };
    uint32_t item = 0;

    for (uint32_t look = LOOKS; look-- > 0;) {
        struct pm_index_entry entry = index->entries[(hash + look) & index->mask];

        item = entry.hash == hash ? entry.item : item;
    }
    return item - 1; /* PM_NONE where there is none */
}

/* The item whose key equals `key`, or PM_NONE. `equal` is inlined where it is a constant. */
static inline __attribute__((always_inline)) uint32_t
pm_index_find(const struct pm_index *index, uint32_t hash, pm_index_equal equal, const void *items,
              const void *key)
{
    for (uint32_t slot = hash & index->mask;; slot = (slot + 1) & index->mask) {
        const struct pm_index_entry *entry = &index->entries[slot];

        if (entry->item == 0)
            return PM_NONE;
        if (entry->hash == hash && equal(items, entry->item - 1, key))
            return entry->item - 1;
    }
}

/* Makes room for `n_expected` items at once. False: no memory, and nothing has changed. */
bool pm_index_reserve(struct pm_index *index, uint64_t n_expected);

/* Points the entry of `item` to `other`, which has the same key. */
void pm_index_replace(struct pm_index *index, uint32_t hash, uint32_t item, uint32_t other);

#endif
