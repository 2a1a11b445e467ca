#include "base/store.h"

#include <stdlib.h>
#include <string.h>

void pm_store_init(struct pm_store *store, size_t item_bytes)
{
    *store =
        (struct pm_store){.item_bytes = (uint32_t)item_bytes, .shift = pm_store_shift(item_bytes)};
}

static uint32_t blocks_most(const struct pm_store *store)
{
    return UINT32_MAX >> store->shift;
}

void pm_store_free(struct pm_store *store)
{
    for (uint32_t block = 0; block < store->n_blocks; block++)
        free(store->blocks[block]);
    free(store->blocks);
    free(store->fill);
    *store = (struct pm_store){.item_bytes = store->item_bytes, .shift = store->shift};
}

/* Room for `more` further blocks in the two arrays. */
static bool reserve(struct pm_store *store, uint32_t more)
{
    uint32_t room = store->room ? store->room : 16;
    char **blocks;
    uint32_t *fill;

    if (more >= blocks_most(store) - store->n_blocks)
        return false;
    while (room < store->n_blocks + more)
        room *= 2;
    if (room == store->room)
        return true;
    blocks = realloc(store->blocks, room * sizeof *blocks);
    if (blocks != NULL)
        store->blocks = blocks;
    fill = realloc(store->fill, room * sizeof *fill);
    if (fill != NULL)
        store->fill = fill;
    if (blocks == NULL || fill == NULL)
        return false;
    store->room = room;
    return true;
}

static bool add_block(struct pm_store *store)
{
    char *block;

    if (!reserve(store, 1))
        return false;
    block = malloc((size_t)pm_store_block(store) * store->item_bytes);
    if (block == NULL)
        return false;
    store->blocks[store->n_blocks] = block;
    store->fill[store->n_blocks++] = 0;
    return true;
}

uint32_t pm_store_add(struct pm_store *store)
{
    uint32_t last, item;

    if ((store->n_blocks == 0 || store->fill[store->n_blocks - 1] == pm_store_block(store)) &&
        !add_block(store))
        return PM_NONE;
    last = store->n_blocks - 1;
    item = (last << store->shift) + store->fill[last]++;
    memset(pm_store_at(store, item), 0, store->item_bytes);
    return item;
}

/* A part of a block is copied where it fits behind the last item: many small arrays, as tests with
 * tiny runs make them, must not become many blocks that are nearly empty. */
static void join_copy(struct pm_store *into, struct pm_store *from, uint32_t *shift)
{
    uint32_t last = into->n_blocks - 1;

    *shift = (last << into->shift) + into->fill[last];
    memcpy(into->blocks[last] + (size_t)into->fill[last] * into->item_bytes, from->blocks[0],
           (size_t)from->fill[0] * from->item_bytes);
    into->fill[last] += from->fill[0];
    pm_store_free(from);
}

bool pm_store_join(struct pm_store *into, struct pm_store *from, uint32_t *shift)
{
    *shift = into->n_blocks << into->shift;
    if (from->n_blocks == 0)
        return true;
    if (into->n_blocks != 0 && from->n_blocks == 1 &&
        from->fill[0] <= pm_store_block(into) - into->fill[into->n_blocks - 1]) {
        join_copy(into, from, shift);
        return true;
    }
    if (!reserve(into, from->n_blocks))
        return false;
    memcpy(into->blocks + into->n_blocks, from->blocks, from->n_blocks * sizeof *from->blocks);
    memcpy(into->fill + into->n_blocks, from->fill, from->n_blocks * sizeof *from->fill);
    into->n_blocks += from->n_blocks;
    from->n_blocks = 0;
    pm_store_free(from);
    return true;
}

uint64_t pm_store_count(const struct pm_store *store)
{
    uint64_t count = 0;

    for (uint32_t block = 0; block < store->n_blocks; block++)
        count += store->fill[block];
    return count;
}
