/* pairs: who talked to whom, derived from the flows. */
#include "table/pairs.h"

#include "base/keyed.h"
#include "base/sorted.h"
#include "table/all_tables.h"
#include "table/clock.h"
#include "table/flows.h"

struct pairs {
    const struct pm_settings *settings;
    struct pm_keyed pairs;
    struct pm_sorted sorted; /* finished */
};

static void add_flow(struct pm_pair *pair, const struct pm_segment *flow)
{
    bool of_one = pm_pair_of_one(pair);

    for (unsigned direction = 0; direction < 2; direction++) {
        struct pm_pair_counts *counts = &pair->counts[of_one ? 0 : direction];

        counts->packets += flow->counts[direction].packets;
        counts->wire_bytes += flow->counts[direction].wire_bytes;
        counts->ip_bytes += flow->counts[direction].ip_bytes;
    }
    pair->flows++;
    if (flow->timed)
        pm_widen_times(&pair->timed, &pair->first_ts, &pair->last_ts, pm_segment_min_ts(flow),
                       pm_segment_max_ts(flow));
}

static uint64_t pair_bytes(const void *item)
{
    const struct pm_pair *pair = item;

    return pair->counts[0].wire_bytes + pair->counts[1].wire_bytes;
}

static int compare_pairs(const void *x, const void *y)
{
    const struct pm_pair_key *a = x, *b = y;
    int order;

    if (a->ip_version != b->ip_version)
        return a->ip_version < b->ip_version ? -1 : 1;
    order = pm_address_compare(a->a, b->a);
    return order != 0 ? order : pm_address_compare(a->b, b->b);
}

/* Of IPv4 both addresses, but for the lowest bit. */
static uint64_t pair_prefix(const void *item)
{
    const struct pm_pair_key *key = item;

    return key->ip_version == 4 ? (key->a.low << 32 | key->b.low) >> 1
                                : pm_address_prefix((unsigned)key->ip_version, key->a);
}

static const struct pm_order most_bytes_first = {pair_bytes, pair_prefix, compare_pairs};

static enum pm_status pairs_settle(void *state, const struct pm_set *set)
{
    const void *flows = pm_set_state(set, &pm_table_flows);
    struct pairs *pairs = state;
    uint64_t n_flows = pm_flows_count(flows);

    if (!pm_index_reserve(&pairs->pairs.index, n_flows / 2)) /* or more: then it grows */
        return PM_NO_MEMORY;
    for (uint64_t i = 0; i < n_flows; i++) {
        const struct pm_segment *flow = pm_flows_get(flows, i);
        struct pm_pair_key key = {flow->key.a, flow->key.b, flow->key.ip_version};
        struct pm_pair *pair = pm_keyed_put(&pairs->pairs, &key, sizeof key);

        if (pair == NULL)
            return PM_NO_MEMORY;
        add_flow(pair, flow);
    }
    return PM_OK;
}

static enum pm_status pairs_finish(void *state)
{
    struct pairs *pairs = state;

    return pm_sorted_init(&pairs->sorted, &pairs->pairs.items, &most_bytes_first) ? PM_OK
                                                                                  : PM_NO_MEMORY;
}

const struct pm_store *pm_pairs_all(const void *pairs)
{
    return &((const struct pairs *)pairs)->pairs.items;
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
    {"first_ts_ns", PM_CELL_TIME, "ns", "their earliest time since the epoch, UTC"},
    {"last_ts_ns", PM_CELL_TIME, "ns", "their latest time"},
};

static uint64_t pairs_rows(const void *state)
{
    return ((const struct pairs *)state)->sorted.n;
}

static void pairs_emit(const void *state, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    const struct pairs *pairs = state;

    for (uint64_t row = begin; row < end; row++) {
        const struct pm_pair *pair = pm_sorted_at(&pairs->sorted, row);

        pm_put_address(sink, (unsigned)pair->key.ip_version, pair->key.a);
        pm_put_address(sink, (unsigned)pair->key.ip_version, pair->key.b);
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

/* ---- chart: who sends how much to whom ------------------------------------------------------- */

enum { MAP_HOSTS = 30 }; /* more names than that cannot be read */

/* The hosts of one side of the map, in the order in which the largest pairs name them. */
struct side {
    struct pm_address ips[MAP_HOSTS];
    unsigned versions[MAP_HOSTS];
    unsigned n;
    unsigned most;
};

/* The number that a host has, or would get; `most` where there is no room for it. */
static unsigned place_of(const struct side *side, struct pm_address ip, unsigned version)
{
    for (unsigned i = 0; i < side->n; i++)
        if (side->versions[i] == version && pm_address_compare(side->ips[i], ip) == 0)
            return i;
    return side->n;
}

static void take_place(struct side *side, unsigned place, struct pm_address ip, unsigned version)
{
    side->ips[place] = ip;
    side->versions[place] = version;
    if (place == side->n)
        side->n++;
}

static void emit_sent(struct side sides[2], const struct pm_pair *pair, bool by_b,
                      struct pm_sink *sink)
{
    unsigned version = (unsigned)pair->key.ip_version;
    struct pm_address from = by_b ? pair->key.b : pair->key.a;
    struct pm_address to = by_b ? pair->key.a : pair->key.b;
    unsigned src = place_of(&sides[0], from, version), dst = place_of(&sides[1], to, version);

    if (pair->counts[by_b].packets == 0 || src == sides[0].most || dst == sides[1].most)
        return;
    take_place(&sides[0], src, from, version);
    take_place(&sides[1], dst, to, version);
    pm_put_address(sink, version, from);
    pm_put_address(sink, version, to);
    pm_put(sink, src);
    pm_put(sink, dst);
    pm_put(sink, pair->counts[by_b].wire_bytes);
    pm_end_row(sink);
}

/* Of the largest pairs alone, which come first: a flood's millions of small ones would not be
 * seen. */
static void emit_map(const void *state, struct pm_sink *sink)
{
    const struct pairs *pairs = state;
    unsigned top = pairs->settings->top, most = top < MAP_HOSTS ? top : MAP_HOSTS;
    struct side sides[2] = {{.most = most}, {.most = most}};

    for (uint64_t row = 0; row < pairs->sorted.n && row < PM_CHART_ROWS / 2; row++) {
        const struct pm_pair *pair = pm_sorted_at(&pairs->sorted, row);

        emit_sent(sides, pair, false, sink);
        emit_sent(sides, pair, true, sink);
    }
}

static const struct pm_column map_columns[] = {
    {"src_ip", PM_CELL_ADDRESS, "", "who sent"},
    {"dst_ip", PM_CELL_ADDRESS, "", "to whom"},
    {"src", PM_CELL_INTEGER, "", "place of src_ip in the map"},
    {"dst", PM_CELL_INTEGER, "", "place of dst_ip in the map"},
    {"wire_bytes", PM_CELL_INTEGER, "bytes", "frame lengths on the wire"},
};

static const struct pm_chart charts[] = {
    {"pair_map", map_columns, PM_COUNT(map_columns), emit_map, pm_script_pair_map},
};

static enum pm_status pairs_init(void *state, const struct pm_settings *settings)
{
    struct pairs *pairs = state;

    pairs->settings = settings;
    return pm_keyed_init(&pairs->pairs, &settings->hash_key, sizeof(struct pm_pair)) ? PM_OK
                                                                                     : PM_NO_MEMORY;
}

static void pairs_free(void *state)
{
    struct pairs *pairs = state;

    pm_keyed_free(&pairs->pairs);
    pm_sorted_free(&pairs->sorted);
}

static const struct pm_table *const needs[] = {&pm_table_flows, NULL};

const struct pm_table pm_table_pairs = {
    .name = "pairs",
    .description = "one row per pair of addresses, the most bytes first",
    .columns = columns,
    .n_columns = PM_COUNT(columns),
    .charts = charts,
    .n_charts = PM_COUNT(charts),
    .needs = needs,
    .state_bytes = sizeof(struct pairs),
    .init = pairs_init,
    .free = pairs_free,
    .settle = pairs_settle,
    .finish = pairs_finish,
    .n_rows = pairs_rows,
    .emit = pairs_emit,
};
