#include "base/keyed.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"

bool pm_keyed_init(struct pm_keyed *keyed, const struct pm_hash_key *hash_key, size_t item_bytes,
                   size_t key_bytes)
{
    assert(key_bytes % sizeof(uint64_t) == 0);
    keyed->hash_key = hash_key;
    keyed->key_bytes = (uint32_t)key_bytes;
    pm_store_init(&keyed->items, item_bytes);
    return pm_index_init(&keyed->index, 0);
}

void pm_keyed_free(struct pm_keyed *keyed)
{
    pm_index_free(&keyed->index);
    pm_store_free(&keyed->items);
}

static bool same_key(const void *keyed_pointer, uint32_t item, const void *key)
{
    const struct pm_keyed *keyed = keyed_pointer;
    const uint8_t *there = pm_store_at(&keyed->items, item), *here = key;
    uint64_t differ = 0;

    for (uint32_t at = 0; at < keyed->key_bytes; at += sizeof differ)
        differ |= pm_le64(there + at) ^ pm_le64(here + at);
    return differ == 0;
}

static inline uint32_t find(const struct pm_keyed *keyed, uint32_t hash, const void *key)
{
    return pm_index_find(&keyed->index, hash, same_key, keyed, key);
}

void *pm_keyed_find(const struct pm_keyed *keyed, const void *key)
{
    uint32_t item = find(keyed, pm_hash(keyed->hash_key, key, keyed->key_bytes), key);

    return item == PM_NONE ? NULL : pm_store_at(&keyed->items, item);
}

void *pm_keyed_put(struct pm_keyed *keyed, const void *key)
{
    uint32_t hash = pm_hash(keyed->hash_key, key, keyed->key_bytes);
    uint32_t item = find(keyed, hash, key);

    if (item != PM_NONE)
        return pm_store_at(&keyed->items, item);
    item = pm_store_add(&keyed->items);
    if (item == PM_NONE || !pm_index_add(&keyed->index, hash, item))
        return NULL;
    return memcpy(pm_store_at(&keyed->items, item), key, keyed->key_bytes);
}
