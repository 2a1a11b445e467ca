#include "table/fragments.h"

static const int64_t LIFETIME_NS = INT64_C(30) * 1000000000;

struct first {
    struct pm_fragment_key key;
    int64_t ts_ns;
    uint32_t hash;
    struct pm_fragment_ports ports;
    bool timed;
};

_Static_assert(sizeof(struct pm_fragment_key) == 40, "hashed and compared as bytes");

static bool same_key(const void *firsts, uint32_t item, const void *key)
{
    const struct first *first = pm_store_at(firsts, item);

    return memcmp(&first->key, key, sizeof first->key) == 0;
}

bool pm_fragments_init(struct pm_fragments *fragments, const struct pm_hash_key *hash_key)
{
    fragments->hash_key = hash_key;
    pm_store_init(&fragments->firsts, sizeof(struct first));
    return pm_index_init(&fragments->index, 0);
}

void pm_fragments_free(struct pm_fragments *fragments)
{
    pm_index_free(&fragments->index);
    pm_store_free(&fragments->firsts);
}

struct pm_fragment_key pm_fragment_key(const struct pm_packet *packet)
{
    return (struct pm_fragment_key){.src = packet->src,
                                    .dst = packet->dst,
                                    .id = packet->fragment_id,
                                    .proto = packet->proto,
                                    .ip_version = packet->ip_version};
}

/* Puts a first fragment in the place of an older one of the same key. */
static bool put(struct pm_fragments *fragments, const struct first *first)
{
    uint32_t item =
        pm_index_find(&fragments->index, first->hash, same_key, &fragments->firsts, &first->key);

    if (item == PM_NONE) {
        item = pm_store_add(&fragments->firsts);
        if (item == PM_NONE || !pm_index_add(&fragments->index, first->hash, item))
            return false;
    }
    *(struct first *)pm_store_at(&fragments->firsts, item) = *first;
    return true;
}

bool pm_fragments_add(struct pm_fragments *fragments, const struct pm_packet *packet)
{
    struct first first = {.key = pm_fragment_key(packet),
                          .ts_ns = packet->ts_ns,
                          .ports = {packet->src_port, packet->dst_port},
                          .timed = packet->timed};

    first.hash = pm_hash(fragments->hash_key, &first.key, sizeof first.key);
    return put(fragments, &first);
}

enum pm_fragment_answer pm_fragments_find(const struct pm_fragments *fragments,
                                          const struct pm_fragment_key *key, bool timed,
                                          int64_t ts_ns, struct pm_fragment_ports *ports)
{
    uint32_t hash = pm_hash(fragments->hash_key, key, sizeof *key);
    uint32_t item = pm_index_find(&fragments->index, hash, same_key, &fragments->firsts, key);
    const struct first *first;

    if (item == PM_NONE)
        return PM_FRAGMENT_UNKNOWN;
    first = pm_store_at(&fragments->firsts, item);
    if (timed && first->timed && ts_ns > first->ts_ns &&
        (uint64_t)ts_ns - (uint64_t)first->ts_ns > (uint64_t)LIFETIME_NS)
        return PM_FRAGMENT_EXPIRED;
    *ports = first->ports;
    return PM_FRAGMENT_FOUND;
}

bool pm_fragments_merge(struct pm_fragments *into, const struct pm_fragments *from)
{
    for (uint32_t item = pm_store_first(&from->firsts); item != PM_NONE;
         item = pm_store_next(&from->firsts, item))
        if (!put(into, pm_store_at(&from->firsts, item)))
            return false;
    return true;
}
