/*
 * Keyed hashing: XXH3 with a secret drawn once per analysis, so that nobody can craft addresses
 * that fall into one chain. Order never comes from a hash: tables are sorted, or kept in capture
 * order.
 */
#ifndef PM_HASH_H
#define PM_HASH_H

#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct pm_hash_key {
    uint8_t secret[XXH3_SECRET_SIZE_MIN];
};

/* From `seed`, or, where it is 0, from the system's random numbers. */
void pm_hash_key_init(struct pm_hash_key *key, uint64_t seed);

/* 32 bits are enough: they choose a slot and serve as its tag (base/index.h). */
static inline uint32_t pm_hash(const struct pm_hash_key *key, const void *bytes, size_t n_bytes)
{
    uint64_t hash = XXH3_64bits_withSecret(bytes, n_bytes, key->secret, sizeof key->secret);

    return (uint32_t)(hash ^ hash >> 32);
}

#endif
