/*
 * Items found by their key: a store (base/store.h) with an index over it (base/index.h).
 *
 * The first bytes of an item are its key, whole words of 64 bits that are hashed and compared as
 * such: padding in it must be named and zero. Items never move, so a pointer to one stays good. For
 * tables of which a packet touches at most one item; flows, which look up whole batches, use the
 * two parts themselves.
 */
#ifndef PM_KEYED_H
#define PM_KEYED_H

#include "base/hash.h"
#include "base/store.h"

struct pm_keyed {
    const struct pm_hash_key *hash_key;
    struct pm_index index;
    struct pm_store items;
    uint32_t key_bytes;
};

/* False: no memory. The hash key must outlive it. */
bool pm_keyed_init(struct pm_keyed *keyed, const struct pm_hash_key *hash_key, size_t item_bytes,
                   size_t key_bytes);
void pm_keyed_free(struct pm_keyed *keyed);

/* The item of a key, or NULL. */
void *pm_keyed_find(const struct pm_keyed *keyed, const void *key);

/* The item of a key; a new one is zero behind its key. NULL: no memory. */
void *pm_keyed_put(struct pm_keyed *keyed, const void *key);

#endif
