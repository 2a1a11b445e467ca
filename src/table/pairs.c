/* pairs: who talked to whom, derived from the flows. */
#include "table/pairs.h"

#include <stdlib.h>

#include "base/sorted.h"
#include "table/all_tables.h"
#include "table/flows.h"

struct pairs {
    const struct pm_settings *settings;
    struct pm_index index;
    struct pm_store pairs;
    struct pm_sorted sorted; /* settled */
};

struct pair_key {
    struct pm_address a;
    struct pm_address b;
    uint64_t ip_version;
};

static bool same_pair(const void *pairs, uint32_t item, const void *key_bytes)
{
    const struct pm_pair *pair = pm_store_at(pairs, item);
    const struct pair_key *key = key_bytes;

    return pair->ip_version == key->ip_version && pm_address_compare(pair->a, key->a) == 0 &&
           pm_address_compare(pair->b, key->b) == 0;
}

static struct pm_pair *find_pair(struct pairs *pairs, const struct pm_flow_key *flow)
{
    struct pair_key key = {.a = flow->a, .b = flow->b, .ip_version = flow->ip_version};
    uint32_t hash = pm_hash(&pairs->settings->hash_key, &key, sizeof key);
    uint32_t item = pm_index_find(&pairs->index, hash, same_pair, &pairs->pairs, &key);
    struct pm_pair *pair;

    if (item != PM_NONE)
        return pm_store_at(&pairs->pairs, item);
    item = pm_store_add(&pairs->pairs);
    if (item == PM_NONE || !pm_index_add(&pairs->index, hash, item))
        return NULL;
    pair = pm_store_at(&pairs->pairs, item);
    pair->a = flow->a;
    pair->b = flow->b;
    pair->ip_version = flow->ip_version;
    return pair;
}

static void add_flow(struct pm_pair *pair, const struct pm_segment *flow)
{
    bool one_address = pm_address_compare(pair->a, pair->b) == 0;

    for (unsigned direction = 0; direction < 2; direction++) {
        struct pm_pair_counts *counts = &pair->counts[one_address ? 0 : direction];

        counts->packets += flow->counts[direction].packets;
        counts->wire_bytes += flow->counts[direction].wire_bytes;
        counts->ip_bytes += flow->counts[direction].ip_bytes;
    }
    pair->flows++;
    if (flow->timed)
        pm_widen_times(&pair->timed, &pair->first_ts, &pair->last_ts, flow->min_ts, flow->max_ts);
}

static int compare_pairs(const void *x, const void *y)
{
    const struct pm_pair *a = x, *b = y;
    uint64_t a_bytes = a->counts[0].wire_bytes + a->counts[1].wire_bytes;
    uint64_t b_bytes = b->counts[0].wire_bytes + b->counts[1].wire_bytes;
    int order;

    if (a_bytes != b_bytes)
        return a_bytes > b_bytes ? -1 : 1;
    if (a->ip_version != b->ip_version)
        return a->ip_version < b->ip_version ? -1 : 1;
    order = pm_address_compare(a->a, b->a);
    return order != 0 ? order : pm_address_compare(a->b, b->b);
}

static enum pm_status pairs_settle(void *state, const struct pm_set *set)
{
    const void *flows = pm_set_state(set, &pm_table_flows);
    struct pairs *pairs = state;

    for (uint64_t i = 0; i < pm_flows_count(flows); i++) {
        const struct pm_segment *flow = pm_flows_get(flows, i);
        struct pm_pair *pair = find_pair(pairs, &flow->key);

        if (pair == NULL)
            return PM_NO_MEMORY;
        add_flow(pair, flow);
    }
    return pm_sorted_init(&pairs->sorted, &pairs->pairs, compare_pairs) ? PM_OK : PM_NO_MEMORY;
}

const struct pm_store *pm_pairs_all(const void *pairs)
{
    return &((const struct pairs *)pairs)->pairs;
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct pm_column columns[] = {
    {"ip_a", PM_CELL_ADDRESS, "", "the lower address"},
    {"ip_b", PM_CELL_ADDRESS, "", "the higher address"},
    {"a_to_b_packets", PM_CELL_INTEGER, "packets", "packets from a to b"},
    {"b_to_a_packets", PM_CELL_INTEGER, "packets", "packets from b to a"},
    {"a_to_b_wire_bytes", PM_CELL_INTEGER, "bytes", "frame lengths on the wire, a to b"},
    {"b_to_a_wire_bytes", PM_CELL_INTEGER, "bytes", "frame lengths on the wire, b to a"},
    {"a_to_b_ip_bytes", PM_CELL_INTEGER, "bytes", "IP lengths, a to b"},
    {"b_to_a_ip_bytes", PM_CELL_INTEGER, "bytes", "IP lengths, b to a"},
    {"flows", PM_CELL_INTEGER, "", "flows between them"},
    {"first_ts_ns", PM_CELL_INTEGER, "ns", "their earliest time since the epoch, UTC"},
    {"last_ts_ns", PM_CELL_INTEGER, "ns", "their latest time"},
};

static uint64_t pairs_rows(const void *state)
{
    return ((const struct pairs *)state)->sorted.n;
}

static void pairs_emit(const void *state, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    const struct pairs *pairs = state;

    for (uint64_t row = begin; row < end; row++) {
        const struct pm_pair *pair = pairs->sorted.items[row];

        pm_put_address(sink, pair->ip_version, pair->a);
        pm_put_address(sink, pair->ip_version, pair->b);
        pm_put(sink, pair->counts[0].packets);
        pm_put(sink, pair->counts[1].packets);
        pm_put(sink, pair->counts[0].wire_bytes);
        pm_put(sink, pair->counts[1].wire_bytes);
        pm_put(sink, pair->counts[0].ip_bytes);
        pm_put(sink, pair->counts[1].ip_bytes);
        pm_put(sink, pair->flows);
        pm_put_time(sink, pair->first_ts);
        pm_put_time(sink, pair->last_ts);
        pm_end_row(sink);
    }
}

static enum pm_status pairs_init(void *state, const struct pm_settings *settings)
{
    struct pairs *pairs = state;

    pairs->settings = settings;
    pm_store_init(&pairs->pairs, sizeof(struct pm_pair));
    return pm_index_init(&pairs->index, 0) ? PM_OK : PM_NO_MEMORY;
}

static void pairs_free(void *state)
{
    struct pairs *pairs = state;

    pm_index_free(&pairs->index);
    pm_store_free(&pairs->pairs);
    pm_sorted_free(&pairs->sorted);
}

static const struct pm_table *const needs[] = {&pm_table_flows, NULL};

const struct pm_table pm_table_pairs = {
    .name = "pairs",
    .description = "one row per pair of addresses, the most bytes first",
    .columns = columns,
    .n_columns = PM_COUNT(columns),
    .needs = needs,
    .state_bytes = sizeof(struct pairs),
    .init = pairs_init,
    .free = pairs_free,
    .settle = pairs_settle,
    .n_rows = pairs_rows,
    .emit = pairs_emit,
};
