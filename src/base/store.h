/*
 * An append-only array in blocks. Items never move, so a table that grows copies nothing, and two
 * arrays are joined by handing over blocks.
 *
 * Items are numbered; numbers rise in the order of appending but may skip (a block that was not
 * full when another array was joined behind it stays so). To visit all items in order:
 *
 *     for (uint32_t i = pm_store_first(&s); i != PM_NONE; i = pm_store_next(&s, i))
 */
#ifndef PM_STORE_H
#define PM_STORE_H

#include "base/index.h"

/* A block is as many items as are about so many bytes: the first touch of new memory costs more
 * than what is then done with it, and a run may need one item of a kind. */
enum { PM_STORE_BLOCK_BYTES = 256 << 10, PM_STORE_SHIFT_MOST = 15 };

struct pm_store {
    char **blocks;
    uint32_t *fill; /* items in each block */
    uint32_t n_blocks;
    uint32_t room; /* blocks that the two arrays have room for */
    uint32_t item_bytes;
    uint32_t shift; /* a block has room for 1 << shift items */
};

void pm_store_init(struct pm_store *store, size_t item_bytes);
void pm_store_free(struct pm_store *store);

/* The number of a new, zeroed item, or PM_NONE: no memory (or 2^32 items). */
uint32_t pm_store_add(struct pm_store *store);

/* Moves all items of `from` behind those of `into`, and empties `from`. On success *shift is what
 * to add to the old numbers of from's items. */
bool pm_store_join(struct pm_store *into, struct pm_store *from, uint32_t *shift);

uint64_t pm_store_count(const struct pm_store *store);

/* Of items of so many bytes: the whole part of a logarithm, and a constant where they are. */
static inline __attribute__((always_inline)) uint32_t pm_store_shift(size_t item_bytes)
{
    size_t items = PM_STORE_BLOCK_BYTES / item_bytes;
    uint32_t shift = items == 0 ? 0 : 31 - (uint32_t)__builtin_clz((unsigned)items);

    return shift < PM_STORE_SHIFT_MOST ? shift : PM_STORE_SHIFT_MOST;
}

/* How many items a block has room for. */
static inline uint32_t pm_store_block(const struct pm_store *store)
{
    return UINT32_C(1) << store->shift;
}

static inline void *pm_store_at(const struct pm_store *store, uint32_t item)
{
    return store->blocks[item >> store->shift] +
           (size_t)(item & (pm_store_block(store) - 1)) * store->item_bytes;
}

/* The same, in half of the instructions where item_bytes is a constant. */
static inline __attribute__((always_inline)) void *
pm_store_at_sized(const struct pm_store *store, uint32_t item, size_t item_bytes)
{
    uint32_t shift = pm_store_shift(item_bytes);

    return store->blocks[item >> shift] +
           (size_t)(item & ((UINT32_C(1) << shift) - 1)) * item_bytes;
}

/* The first item at or after number `item`, or PM_NONE. */
static inline uint32_t pm_store_seek(const struct pm_store *store, uint32_t item)
{
    uint32_t block = item >> store->shift;

    if (block < store->n_blocks && (item & (pm_store_block(store) - 1)) < store->fill[block])
        return item;
    for (block++; block < store->n_blocks; block++)
        if (store->fill[block] != 0)
            return block << store->shift;
    return PM_NONE;
}

static inline uint32_t pm_store_first(const struct pm_store *store)
{
    return pm_store_seek(store, 0);
}

static inline uint32_t pm_store_next(const struct pm_store *store, uint32_t item)
{
    return pm_store_seek(store, item + 1);
}

#endif
