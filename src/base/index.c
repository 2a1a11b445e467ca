#include "base/index.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_MIN = 64, LINE = 64 };

/* Not calloc, which hands out fresh pages untouched: a look-up would map the page of zeros, and the
 * first entry written after that would stop all other threads of the process for a moment. */
static bool allocate(struct pm_index *index, uint32_t slots)
{
    index->entries = aligned_alloc(LINE, slots * sizeof *index->entries);
    index->mask = slots - 1;
    if (index->entries != NULL)
        memset(index->entries, 0, slots * sizeof *index->entries);
    return index->entries != NULL;
}

bool pm_index_init(struct pm_index *index, uint32_t n_expected)
{
    uint32_t slots = SLOTS_MIN;

    while (slots / 4 * 3 < n_expected && slots < UINT32_C(1) << 31)
        slots *= 2;
    index->used = 0;
    return allocate(index, slots);
}

void pm_index_free(struct pm_index *index)
{
    free(index->entries);
    index->entries = NULL;
}

static void place(struct pm_index *index, struct pm_index_entry entry)
{
    uint32_t slot = entry.hash & index->mask;

    while (index->entries[slot].item != 0)
        slot = (slot + 1) & index->mask;
    index->entries[slot] = entry;
}

static bool grow(struct pm_index *index)
{
    struct pm_index old = *index;

    if (old.mask >= UINT32_MAX / 2 || !allocate(index, (old.mask + 1) * 2)) {
        *index = old;
        return false;
    }
    for (size_t slot = 0; slot <= old.mask; slot++)
        if (old.entries[slot].item != 0)
            place(index, old.entries[slot]);
    pm_index_free(&old);
    return true;
}

bool pm_index_add(struct pm_index *index, uint32_t hash, uint32_t item)
{
    if (index->used >= index->mask / 4 * 3 && !grow(index))
        return false;
    place(index, (struct pm_index_entry){.hash = hash, .item = item + 1});
    index->used++;
    return true;
}

void pm_index_replace(struct pm_index *index, uint32_t hash, uint32_t item, uint32_t other)
{
    uint32_t slot = hash & index->mask;

    while (index->entries[slot].item != item + 1)
        slot = (slot + 1) & index->mask;
    index->entries[slot].item = other + 1;
}
