/*
 * What names a flow: the five-tuple with its ends in order, and what options add to it. Built and
 * compared as six words of 64 bits: a word that was just written in parts cannot be read as a whole
 * before the parts have left the processor's store buffer, which cost 4 ns a packet. Of most IPv4
 * keys two words say all (short keys), and those alone are sorted and hashed.
 */
#ifndef PM_FLOW_KEY_H
#define PM_FLOW_KEY_H

#include "base/address.h"
#include "base/hash.h"

struct pm_flow_key {
    struct pm_address a; /* (a, a_port) <= (b, b_port) */
    struct pm_address b;
    union {
        struct {
            uint16_t a_port;
            uint16_t b_port;
            uint8_t proto;
            uint8_t ip_version;
            uint16_t vlan_id; /* 0 unless it is part of the key, as the tunnel's */
        };
        uint64_t kind;
    };
    union {
        struct {
            uint32_t tunnel_id;
            uint32_t hash; /* of all before it that may differ */
        };
        uint64_t tail;
    };
};

_Static_assert(sizeof(struct pm_flow_key) == 48, "six words");

/* The word that begins with two ports. */
static inline uint64_t pm_flow_key_kind(uint16_t a_port, uint16_t b_port, uint8_t proto,
                                        uint8_t ip_version, uint16_t vlan_id)
{
    return a_port | (uint64_t)b_port << 16 | (uint64_t)proto << 32 | (uint64_t)ip_version << 40 |
           (uint64_t)vlan_id << 48;
}

static inline bool pm_flow_key_equal(const struct pm_flow_key *x, const struct pm_flow_key *y)
{
    return ((x->a.high ^ y->a.high) | (x->a.low ^ y->a.low) | (x->b.high ^ y->b.high) |
            (x->b.low ^ y->b.low) | (x->kind ^ y->kind) | (x->tail ^ y->tail)) == 0;
}

/* IPv4, and nothing but the five-tuple and a VLAN. The upper half of the tail may hold a hash. */
static inline bool pm_flow_key_is_short(const struct pm_flow_key *key)
{
    return (uint8_t)(key->kind >> 40) == 4 && (uint32_t)key->tail == 0;
}

/* Of a short key the ends are numbers of 48 bits. */
static inline unsigned pm_flow_key_sort_short(struct pm_flow_key *key)
{
    uint64_t a = key->a.low << 16 | (uint16_t)key->kind;
    uint64_t b = key->b.low << 16 | (uint16_t)(key->kind >> 16);
    uint64_t low = a < b ? a : b, high = a < b ? b : a;

    key->a.low = low >> 16;
    key->b.low = high >> 16;
    key->kind = (key->kind >> 32 << 32) | (uint16_t)low | (high & 0xffff) << 16;
    return a > b;
}

static inline unsigned pm_flow_key_sort_long(struct pm_flow_key *key)
{
    unsigned __int128 a = (unsigned __int128)key->a.high << 64 | key->a.low;
    unsigned __int128 b = (unsigned __int128)key->b.high << 64 | key->b.low;
    uint16_t a_port = (uint16_t)key->kind, b_port = (uint16_t)(key->kind >> 16);
    unsigned turned = (a > b) | ((a == b) & (a_port > b_port));
    uint64_t all = -(uint64_t)turned; /* all bits, or none */
    uint64_t high = (key->a.high ^ key->b.high) & all, low = (key->a.low ^ key->b.low) & all;
    uint64_t ports = (uint16_t)(a_port ^ b_port) & all;

    key->a.high ^= high;
    key->a.low ^= low;
    key->b.high ^= high;
    key->b.low ^= low;
    key->kind ^= ports | ports << 16;
    return turned;
}

/* Puts the two ends of a key that stand as source and destination in order; returns the direction:
 * 0 is a to b, 1 is b to a. Without a branch on it, for packets come in both directions. */
static inline unsigned pm_flow_key_sort(struct pm_flow_key *key)
{
    return pm_flow_key_is_short(key) ? pm_flow_key_sort_short(key) : pm_flow_key_sort_long(key);
}

static inline void pm_flow_key_hash(struct pm_flow_key *key, const struct pm_hash_key *hash_key)
{
    uint64_t words[2] = {key->a.low << 32 | key->b.low, key->kind};

    key->tail = (uint32_t)key->tail;
    key->hash = pm_flow_key_is_short(key) ? pm_hash(hash_key, words, sizeof words)
                                          : pm_hash(hash_key, key, sizeof *key);
}

#endif
