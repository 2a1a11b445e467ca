/*
 * Items found by their key: a store (base/store.h) with an index over it (base/index.h).
 *
 * The first bytes of an item are its key, whole words of 64 bits that are hashed and compared as
 * such: padding in it must be named and zero. How many bytes that are is said at every call, where
 * it is a constant, so that hash and comparison are made for it: half of the instructions. Items
 * never move, so a pointer to one stays good. For tables of which a packet touches at most one
 * item; flows, which look up whole batches, use the two parts themselves. Tried: batches here too,
 * with what they ask for fetched; pairs and hosts took a tenth longer.
 */
#ifndef PM_KEYED_H
#define PM_KEYED_H

#include <assert.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/store.h"

struct pm_keyed {
    const struct pm_hash_key *hash_key;
    struct pm_index index;
    struct pm_store items;
};

/* False: no memory. The hash key must outlive it. */
bool pm_keyed_init(struct pm_keyed *keyed, const struct pm_hash_key *hash_key, size_t item_bytes);
void pm_keyed_free(struct pm_keyed *keyed);

/* A new item of a key that has none yet; zero behind the key. NULL: no memory. */
void *pm_keyed_add(struct pm_keyed *keyed, uint32_t hash, const void *key, size_t key_bytes);

/* For pm_index_find(): among these items, by so many bytes. */
struct pm_keyed_among {
    const struct pm_store *items;
    size_t key_bytes;
};

static inline __attribute__((always_inline)) bool pm_keyed_has_key(const void *among_pointer,
                                                                   uint32_t item, const void *key)
{
    const struct pm_keyed_among *among = among_pointer;
    const uint8_t *there = pm_store_at(among->items, item), *here = key;
    uint64_t differ = 0;

    assert(among->key_bytes % sizeof differ == 0);
    for (size_t at = 0; at < among->key_bytes; at += sizeof differ)
        differ |= pm_le64(there + at) ^ pm_le64(here + at);
    return differ == 0;
}

/* The item of a key that has this hash, or NULL. */
static inline __attribute__((always_inline)) void *
pm_keyed_search(const struct pm_keyed *keyed, uint32_t hash, const void *key, size_t key_bytes)
{
    struct pm_keyed_among among = {&keyed->items, key_bytes};
    uint32_t item = pm_index_find(&keyed->index, hash, pm_keyed_has_key, &among, key);

    return item == PM_NONE ? NULL : pm_store_at(&keyed->items, item);
}

/* The item of a key, or NULL. */
static inline __attribute__((always_inline)) void *pm_keyed_find(const struct pm_keyed *keyed,
                                                                 const void *key, size_t key_bytes)
{
    return pm_keyed_search(keyed, pm_hash(keyed->hash_key, key, key_bytes), key, key_bytes);
}

/* The item of a key; a new one is zero behind its key. NULL: no memory. */
static inline __attribute__((always_inline)) void *pm_keyed_put(struct pm_keyed *keyed,
                                                                const void *key, size_t key_bytes)
{
    uint32_t hash = pm_hash(keyed->hash_key, key, key_bytes);
    void *item = pm_keyed_search(keyed, hash, key, key_bytes);

    return item != NULL ? item : pm_keyed_add(keyed, hash, key, key_bytes);
}

#endif
