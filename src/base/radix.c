#include "base/radix.h"

#include <stdlib.h>
#include <string.h>

enum { RADIX = 256, BYTES = 8 };

static inline uint64_t key_at(const char *item)
{
    uint64_t key;

    memcpy(&key, item, sizeof key);
    return key;
}

static inline unsigned byte_of(const char *item, unsigned byte)
{
    return key_at(item) >> 8 * byte & (RADIX - 1);
}

static inline uint64_t bits_that_differ(const char *items, size_t n, size_t item_bytes)
{
    uint64_t differ = 0;

    for (size_t i = 1; i < n; i++)
        differ |= key_at(items + i * item_bytes) ^ key_at(items);
    return differ;
}

static inline void sort_by_byte(const char *from, char *to, size_t n, size_t item_bytes,
                                unsigned byte)
{
    size_t at[RADIX] = {0}, begin = 0;

    for (size_t i = 0; i < n; i++)
        at[byte_of(from + i * item_bytes, byte)]++;
    for (int value = 0; value < RADIX; value++) {
        size_t count = at[value];

        at[value] = begin;
        begin += count;
    }
    for (size_t i = 0; i < n; i++) {
        const char *item = from + i * item_bytes;

        memcpy(to + at[byte_of(item, byte)]++ * item_bytes, item, item_bytes);
    }
}

/* Of items that begin with their key. Inlined, so that copying one takes an instruction or two. */
static inline __attribute__((always_inline)) void sort(void *items, void *room, size_t n,
                                                       size_t item_bytes)
{
    uint64_t differ = bits_that_differ(items, n, item_bytes);
    char *from = items, *to = room;

    for (unsigned byte = 0; byte < BYTES; byte++) {
        char *sorted = to;

        if ((differ >> 8 * byte & (RADIX - 1)) == 0)
            continue;
        sort_by_byte(from, to, n, item_bytes, byte);
        to = from;
        from = sorted;
    }
    if (from != items)
        memcpy(items, from, n * item_bytes);
}

bool pm_radix_sort(struct pm_radix_item *items, size_t n)
{
    struct pm_radix_item *room = malloc((n + 1) * sizeof *room);

    if (room == NULL)
        return false;
    sort(items, room, n, sizeof *items);
    free(room);
    return true;
}

void pm_radix_sort_keys(uint64_t *keys, uint64_t *room, size_t n)
{
    sort(keys, room, n, sizeof *keys);
}

size_t pm_radix_count(const uint64_t *keys, size_t n, struct pm_radix_item *items)
{
    size_t n_items = 0;

    for (size_t i = 0; i < n; i++)
        if (n_items != 0 && items[n_items - 1].key == keys[i])
            items[n_items - 1].load++;
        else
            items[n_items++] = (struct pm_radix_item){keys[i], 1};
    return n_items;
}
