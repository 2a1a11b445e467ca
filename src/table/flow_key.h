/*
 * What names a flow: the five-tuple with its ends in order, and what options add to it. Built and
 * compared as six words of 64 bits: a word that was just written in parts cannot be read as a whole
 * before the parts have left the processor's store buffer, which cost 4 ns a packet. Of most IPv4
 * keys two words say all, and those alone are put in order and hashed.
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

/* Of IPv4 without a tunnel's number: the ends are numbers of 48 bits. */
static inline unsigned pm_flow_key_make_short(struct pm_flow_key *key, uint64_t src, uint64_t dst,
                                              uint64_t kind, const struct pm_hash_key *hash_key)
{
    uint64_t a = src << 16 | (uint16_t)kind, b = dst << 16 | (uint16_t)(kind >> 16);
    uint64_t low = a < b ? a : b, high = a < b ? b : a;
    uint64_t words[2] = {low >> 16 << 32 | high >> 16,
                         kind >> 32 << 32 | (uint16_t)low | (high & 0xffff) << 16};

    *key = (struct pm_flow_key){.a = {0, low >> 16},
                                .b = {0, high >> 16},
                                .kind = words[1],
                                .tail = (uint64_t)pm_hash(hash_key, words, sizeof words) << 32};
    return a > b;
}

/* Of which end src is, where keys put their ends in order: 0 is a, 1 is b. */
static inline unsigned pm_flow_key_end(struct pm_address src, struct pm_address dst,
                                       uint16_t src_port, uint16_t dst_port)
{
    unsigned __int128 a = (unsigned __int128)src.high << 64 | src.low;
    unsigned __int128 b = (unsigned __int128)dst.high << 64 | dst.low;

    return (a > b) | ((a == b) & (src_port > dst_port));
}

static inline unsigned pm_flow_key_make_long(struct pm_flow_key *key, struct pm_address src,
                                             struct pm_address dst, uint64_t kind,
                                             uint32_t tunnel_id, const struct pm_hash_key *hash_key)
{
    uint16_t a_port = (uint16_t)kind, b_port = (uint16_t)(kind >> 16);
    unsigned turned = pm_flow_key_end(src, dst, a_port, b_port);
    uint64_t all = -(uint64_t)turned; /* all bits, or none */
    uint64_t high = (src.high ^ dst.high) & all, low = (src.low ^ dst.low) & all;
    uint64_t ports = (uint16_t)(a_port ^ b_port) & all;

    *key = (struct pm_flow_key){.a = {src.high ^ high, src.low ^ low},
                                .b = {dst.high ^ high, dst.low ^ low},
                                .kind = kind ^ (ports | ports << 16),
                                .tail = tunnel_id};
    key->hash = pm_hash(hash_key, key, sizeof *key);
    return turned;
}

/* Makes a key of two ends, whose ports stand in `kind` as pm_flow_key_kind() has them; returns the
 * direction from src to dst: 0 is a to b, 1 is b to a. Puts them in order without a branch, for
 * packets come in both directions. */
static inline unsigned pm_flow_key_make(struct pm_flow_key *key, struct pm_address src,
                                        struct pm_address dst, uint64_t kind, uint32_t tunnel_id,
                                        const struct pm_hash_key *hash_key)
{
    return (uint8_t)(kind >> 40) == 4 && tunnel_id == 0
               ? pm_flow_key_make_short(key, src.low, dst.low, kind, hash_key)
               : pm_flow_key_make_long(key, src, dst, kind, tunnel_id, hash_key);
}

#endif
