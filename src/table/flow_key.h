/*
 * What names a flow: the five-tuple with its ends in order, and what options add to it. Compared
 * and hashed as bytes.
 */
#ifndef PM_FLOW_KEY_H
#define PM_FLOW_KEY_H

#include "base/address.h"
#include "base/hash.h"

struct pm_flow_key {
    struct pm_address a; /* (a, a_port) <= (b, b_port) */
    struct pm_address b;
    uint16_t a_port;
    uint16_t b_port;
    uint8_t proto;
    uint8_t ip_version;
    uint16_t vlan_id; /* 0 unless it is part of the key, as the tunnel's */
    uint32_t tunnel_id;
    uint32_t hash; /* of the bytes before */
};

_Static_assert(sizeof(struct pm_flow_key) == 48, "compared as bytes");

/* Puts the two ends of a key that stand as source and destination in order; returns the direction:
 * 0 is a to b, 1 is b to a. */
static inline unsigned pm_flow_key_sort(struct pm_flow_key *key)
{
    int order = pm_address_compare(key->a, key->b);
    struct pm_flow_key given = *key;

    if (order < 0 || (order == 0 && key->a_port <= key->b_port))
        return 0;
    key->a = given.b;
    key->a_port = given.b_port;
    key->b = given.a;
    key->b_port = given.a_port;
    return 1;
}

static inline void pm_flow_key_hash(struct pm_flow_key *key, const struct pm_hash_key *hash_key)
{
    key->hash = pm_hash(hash_key, key, offsetof(struct pm_flow_key, hash));
}

#endif
