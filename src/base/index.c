#include "base/index.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_MIN = 64, LINE = 64 };

static const uint32_t SLOTS_MOST = UINT32_C(1) << 31;

static uint32_t slots_for(uint64_t n_expected)
{
    uint32_t slots = SLOTS_MIN;

    while (slots / 4 * 3 < n_expected && slots < SLOTS_MOST)
        slots *= 2;
    return slots;
}

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

bool pm_index_init(struct pm_index *index, uint64_t n_expected)
{
    index->used = 0;
    return allocate(index, slots_for(n_expected));
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

/* Moves all entries to new slots. */
static bool resize(struct pm_index *index, uint32_t slots)
{
    struct pm_index old = *index;

    if (!allocate(index, slots)) {
        *index = old;
        return false;
    }
    for (size_t slot = 0; slot <= old.mask; slot++)
        if (old.entries[slot].item != 0)
            place(index, old.entries[slot]);
    pm_index_free(&old);
    return true;
}

bool pm_index_reserve(struct pm_index *index, uint64_t n_expected)
{
    uint32_t slots = slots_for(n_expected);

    return slots <= index->mask + 1 || resize(index, slots);
}

bool pm_index_add(struct pm_index *index, uint32_t hash, uint32_t item)
{
    if (index->used >= index->mask / 4 * 3 &&
        (index->mask >= SLOTS_MOST - 1 || !resize(index, (index->mask + 1) * 2)))
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
