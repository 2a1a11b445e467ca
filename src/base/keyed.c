#include "base/keyed.h"

#include <string.h>

bool pm_keyed_init(struct pm_keyed *keyed, const struct pm_hash_key *hash_key, size_t item_bytes)
{
    keyed->hash_key = hash_key;
    pm_store_init(&keyed->items, item_bytes);
    return pm_index_init(&keyed->index, 0);
}

void pm_keyed_free(struct pm_keyed *keyed)
{
    pm_index_free(&keyed->index);
    pm_store_free(&keyed->items);
}

void *pm_keyed_add(struct pm_keyed *keyed, uint32_t hash, const void *key, size_t key_bytes)
{
    uint32_t item = pm_store_add(&keyed->items);

    if (item == PM_NONE || !pm_index_add(&keyed->index, hash, item))
        return NULL;
    return memcpy(pm_store_at(&keyed->items, item), key, key_bytes);
}
