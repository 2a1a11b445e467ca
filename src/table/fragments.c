#include "table/fragments.h"

static const int64_t LIFETIME_NS = INT64_C(30) * 1000000000;

struct first {
    struct pm_fragment_key key;
    int64_t ts_ns;
    struct pm_fragment_ports ports;
    bool timed;
};

_Static_assert(sizeof(struct pm_fragment_key) == 40, "hashed and compared as bytes");

bool pm_fragments_init(struct pm_fragments *fragments, const struct pm_hash_key *hash_key)
{
    return pm_keyed_init(&fragments->firsts, hash_key, sizeof(struct first));
}

void pm_fragments_free(struct pm_fragments *fragments)
{
    pm_keyed_free(&fragments->firsts);
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
    struct first *place = pm_keyed_put(&fragments->firsts, &first->key, sizeof first->key);

    if (place != NULL)
        *place = *first;
    return place != NULL;
}

bool pm_fragments_add(struct pm_fragments *fragments, const struct pm_packet *packet)
{
    struct first first = {.key = pm_fragment_key(packet),
                          .ts_ns = packet->ts_ns,
                          .ports = {packet->src_port, packet->dst_port},
                          .timed = packet->timed};

    return put(fragments, &first);
}

enum pm_fragment_answer pm_fragments_find(const struct pm_fragments *fragments,
                                          const struct pm_fragment_key *key, bool timed,
                                          int64_t ts_ns, struct pm_fragment_ports *ports)
{
    const struct first *first = pm_keyed_find(&fragments->firsts, key, sizeof *key);

    if (first == NULL)
        return PM_FRAGMENT_UNKNOWN;
    if (timed && first->timed && ts_ns > first->ts_ns &&
        (uint64_t)ts_ns - (uint64_t)first->ts_ns > (uint64_t)LIFETIME_NS)
        return PM_FRAGMENT_EXPIRED;
    *ports = first->ports;
    return PM_FRAGMENT_FOUND;
}

bool pm_fragments_merge(struct pm_fragments *into, const struct pm_fragments *from)
{
    const struct pm_store *firsts = &from->firsts.items;

    for (uint32_t i = pm_store_first(firsts); i != PM_NONE; i = pm_store_next(firsts, i))
        if (!put(into, pm_store_at(firsts, i)))
            return false;
    return true;
}
