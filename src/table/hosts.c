/* hosts: one row per address, derived from the pairs. */
#include "base/keyed.h"
#include "base/sorted.h"
#include "table/all_tables.h"
#include "table/clock.h"
#include "table/pairs.h"

struct host_key {
    struct pm_address ip;
    uint64_t ip_version;
};

struct host {
    struct host_key key;
    struct pm_pair_counts sent;
    struct pm_pair_counts received;
    uint64_t flows;
    uint64_t peers;
    int64_t first_ts;
    int64_t last_ts;
    bool timed;
};

struct hosts {
    const struct pm_settings *settings;
    struct pm_keyed hosts;
    struct pm_sorted sorted; /* settled */
};

static void add_counts(struct pm_pair_counts *into, const struct pm_pair_counts *counts)
{
    into->packets += counts->packets;
    into->wire_bytes += counts->wire_bytes;
    into->ip_bytes += counts->ip_bytes;
}

static enum pm_status add_pair(struct hosts *hosts, const struct pm_pair *pair,
                               struct pm_address ip, unsigned sends)
{
    struct host_key key = {ip, pair->key.ip_version};
    struct host *host = pm_keyed_put(&hosts->hosts, &key, sizeof key);

    if (host == NULL)
        return PM_NO_MEMORY;
    add_counts(&host->sent, &pair->counts[sends]);
    add_counts(&host->received, &pair->counts[pm_pair_of_one(pair) ? sends : !sends]);
    host->flows += pair->flows;
    host->peers++;
    if (pair->timed)
        pm_widen_times(&host->timed, &host->first_ts, &host->last_ts, pair->first_ts,
                       pair->last_ts);
    return PM_OK;
}

static uint64_t host_bytes(const void *item)
{
    const struct host *host = item;

    return host->sent.wire_bytes + host->received.wire_bytes;
}

static int compare_hosts(const void *x, const void *y)
{
    const struct host_key *a = x, *b = y;

    if (a->ip_version != b->ip_version)
        return a->ip_version < b->ip_version ? -1 : 1;
    return pm_address_compare(a->ip, b->ip);
}

static uint64_t host_prefix(const void *item)
{
    const struct host_key *key = item;

    return pm_address_prefix((unsigned)key->ip_version, key->ip);
}

static const struct pm_order most_bytes_first = {host_bytes, host_prefix, compare_hosts};

static enum pm_status hosts_settle(void *state, const struct pm_set *set)
{
    const struct pm_store *pairs = pm_pairs_all(pm_set_state(set, &pm_table_pairs));
    struct hosts *hosts = state;

    if (!pm_index_reserve(&hosts->hosts.index, pm_store_count(pairs)))
        return PM_NO_MEMORY;
    for (uint32_t i = pm_store_first(pairs); i != PM_NONE; i = pm_store_next(pairs, i)) {
        const struct pm_pair *pair = pm_store_at(pairs, i);

        PM_TRY(add_pair(hosts, pair, pair->key.a, 0));
        if (!pm_pair_of_one(pair))
            PM_TRY(add_pair(hosts, pair, pair->key.b, 1));
    }
    return pm_sorted_init(&hosts->sorted, &hosts->hosts.items, &most_bytes_first) ? PM_OK
                                                                                  : PM_NO_MEMORY;
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct pm_column columns[] = {
    {"ip", PM_CELL_ADDRESS, "", "the address"},
    {"sent_packets", PM_CELL_INTEGER, "packets", "packets it sent"},
    {"received_packets", PM_CELL_INTEGER, "packets", "packets sent to it"},
    {"sent_wire_bytes", PM_CELL_INTEGER, "bytes", "frame lengths on the wire, sent"},
    {"received_wire_bytes", PM_CELL_INTEGER, "bytes", "frame lengths on the wire, received"},
    {"sent_ip_bytes", PM_CELL_INTEGER, "bytes", "IP lengths, sent"},
    {"received_ip_bytes", PM_CELL_INTEGER, "bytes", "IP lengths, received"},
    {"flows", PM_CELL_INTEGER, "", "flows that it is an end of"},
    {"peers", PM_CELL_INTEGER, "", "addresses at the other end, itself included where it was one"},
    {"first_ts_ns", PM_CELL_TIME, "ns", "its earliest time since the epoch, UTC"},
    {"last_ts_ns", PM_CELL_TIME, "ns", "its latest time"},
};

static uint64_t hosts_rows(const void *state)
{
    return ((const struct hosts *)state)->sorted.n;
}

static void hosts_emit(const void *state, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    const struct hosts *hosts = state;

    for (uint64_t row = begin; row < end; row++) {
        const struct host *host = pm_sorted_at(&hosts->sorted, row);

        pm_put_address(sink, (unsigned)host->key.ip_version, host->key.ip);
        pm_put(sink, host->sent.packets);
        pm_put(sink, host->received.packets);
        pm_put(sink, host->sent.wire_bytes);
        pm_put(sink, host->received.wire_bytes);
        pm_put(sink, host->sent.ip_bytes);
        pm_put(sink, host->received.ip_bytes);
        pm_put(sink, host->flows);
        pm_put(sink, host->peers);
        pm_put_time(sink, host->first_ts);
        pm_put_time(sink, host->last_ts);
        pm_end_row(sink);
    }
}

/* ---- chart: the hosts with the most bytes ---------------------------------------------------- */

static const struct pm_column top_columns[] = {
    {"ip", PM_CELL_ADDRESS, "", "the address"},
    {"sent_wire_bytes", PM_CELL_INTEGER, "bytes", "sent"},
    {"received_wire_bytes", PM_CELL_INTEGER, "bytes", "received"},
};

static void emit_top(const void *state, struct pm_sink *sink)
{
    const struct hosts *hosts = state;

    for (uint64_t row = 0; row < hosts->sorted.n && row < hosts->settings->top; row++) {
        const struct host *host = pm_sorted_at(&hosts->sorted, row);

        pm_put_address(sink, (unsigned)host->key.ip_version, host->key.ip);
        pm_put(sink, host->sent.wire_bytes);
        pm_put(sink, host->received.wire_bytes);
        pm_end_row(sink);
    }
}

static const struct pm_chart charts[] = {
    {"top_hosts", top_columns, PM_COUNT(top_columns), emit_top, pm_script_top_hosts},
};

static enum pm_status hosts_init(void *state, const struct pm_settings *settings)
{
    struct hosts *hosts = state;

    hosts->settings = settings;
    return pm_keyed_init(&hosts->hosts, &settings->hash_key, sizeof(struct host)) ? PM_OK
                                                                                  : PM_NO_MEMORY;
}

static void hosts_free(void *state)
{
    struct hosts *hosts = state;

    pm_keyed_free(&hosts->hosts);
    pm_sorted_free(&hosts->sorted);
}

static const struct pm_table *const needs[] = {&pm_table_pairs, NULL};

const struct pm_table pm_table_hosts = {
    .name = "hosts",
    .description = "one row per address, the most bytes first",
    .columns = columns,
    .n_columns = PM_COUNT(columns),
    .charts = charts,
    .n_charts = PM_COUNT(charts),
    .needs = needs,
    .state_bytes = sizeof(struct hosts),
    .init = hosts_init,
    .free = hosts_free,
    .settle = hosts_settle,
    .n_rows = hosts_rows,
    .emit = hosts_emit,
};
