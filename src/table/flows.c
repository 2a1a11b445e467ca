/*
 * flows: one row per bidirectional flow. CONTRACT.md, section 5, is the law; segments.h tells how
 * runs and joins keep it, flow_rule.c what ends a flow.
 */
#include "table/flows.h"

#include <stdlib.h>

#include "base/loglinear.h"
#include "base/number.h"
#include "table/all_tables.h"
#include "table/flow_rule.h"

struct flows {
    struct pm_segments segments;
    uint32_t *heads; /* settled: the segments that flows begin with */
    uint64_t n_flows;
};

/* ---- for tables derived from flows ----------------------------------------------------------- */

uint64_t pm_flows_count(const void *flows)
{
    return ((const struct flows *)flows)->n_flows;
}

const struct pm_segment *pm_flows_get(const void *state, uint64_t flow)
{
    const struct flows *flows = state;

    return pm_segment_at(&flows->segments, flows->heads[flow]);
}

uint64_t pm_flows_id(const void *state, uint32_t segment)
{
    const struct pm_segments *segments = &((const struct flows *)state)->segments;

    return pm_segment_at(segments, pm_segment_at(segments, segment)->head)->flow_id;
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct pm_column columns[] = {
    {"flow_id", PM_CELL_INTEGER, "", "number of the flow, from 1"},
    {"first_packet", PM_CELL_INTEGER, "", "number of its first packet, from 1"},
    {"first_ts_ns", PM_CELL_INTEGER, "ns", "its earliest time since the epoch, UTC"},
    {"last_ts_ns", PM_CELL_INTEGER, "ns", "its latest time"},
    {"duration_s", PM_CELL_FIXED9, "s", "last_ts_ns - first_ts_ns"},
    {"ip_version", PM_CELL_INTEGER, "", "4 or 6"},
    {"proto", PM_CELL_INTEGER, "", "IANA protocol number"},
    {"protocol", PM_CELL_WORD, "", "its word"},
    {"src_ip", PM_CELL_ADDRESS, "", "the side that began"},
    {"src_port", PM_CELL_INTEGER, "", "0 where there are no ports"},
    {"dst_ip", PM_CELL_ADDRESS, "", "the other side"},
    {"dst_port", PM_CELL_INTEGER, "", "0 where there are no ports"},
    {"fwd_packets", PM_CELL_INTEGER, "packets", "packets from src to dst"},
    {"rev_packets", PM_CELL_INTEGER, "packets", "packets from dst to src"},
    {"fwd_wire_bytes", PM_CELL_INTEGER, "bytes", "frame lengths on the wire, src to dst"},
    {"rev_wire_bytes", PM_CELL_INTEGER, "bytes", "frame lengths on the wire, dst to src"},
    {"fwd_ip_bytes", PM_CELL_INTEGER, "bytes", "IP lengths, src to dst"},
    {"rev_ip_bytes", PM_CELL_INTEGER, "bytes", "IP lengths, dst to src"},
    {"fwd_payload_bytes", PM_CELL_INTEGER, "bytes", "behind the transport header, src to dst"},
    {"rev_payload_bytes", PM_CELL_INTEGER, "bytes", "behind the transport header, dst to src"},
    {"fwd_tcp_flags", PM_CELL_INTEGER, "", "OR of the TCP flags, src to dst"},
    {"rev_tcp_flags", PM_CELL_INTEGER, "", "OR of the TCP flags, dst to src"},
};

static void emit_flow(const struct pm_segment *flow, struct pm_sink *sink)
{
    const struct pm_flow_counts *fwd = &flow->counts[flow->src_direction];
    const struct pm_flow_counts *rev = &flow->counts[!flow->src_direction];
    int64_t first = flow->timed ? flow->min_ts : 0, last = flow->timed ? flow->max_ts : 0;

    pm_put(sink, flow->flow_id);
    pm_put(sink, flow->first_packet + 1);
    pm_put_time(sink, first);
    pm_put_time(sink, last);
    pm_put_fixed9(sink, (__int128)last - first);
    pm_put(sink, flow->key.ip_version);
    pm_put(sink, flow->key.proto);
    pm_put_word(sink, pm_word_names[pm_word_of(flow->key.proto)]);
    pm_put_address(sink, flow->key.ip_version, pm_flow_src(flow));
    pm_put(sink, pm_flow_src_port(flow));
    pm_put_address(sink, flow->key.ip_version, pm_flow_dst(flow));
    pm_put(sink, pm_flow_dst_port(flow));
    pm_put(sink, fwd->packets);
    pm_put(sink, rev->packets);
    pm_put(sink, fwd->wire_bytes);
    pm_put(sink, rev->wire_bytes);
    pm_put(sink, fwd->ip_bytes);
    pm_put(sink, rev->ip_bytes);
    pm_put(sink, fwd->payload_bytes);
    pm_put(sink, rev->payload_bytes);
    pm_put(sink, flow->tcp_flags[flow->src_direction]);
    pm_put(sink, flow->tcp_flags[!flow->src_direction]);
    pm_end_row(sink);
}

static void flows_emit(const void *state, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    for (uint64_t flow = begin; flow < end; flow++)
        emit_flow(pm_flows_get(state, flow), sink);
}

static uint64_t flows_packets(const void *state)
{
    const struct flows *flows = state;
    uint64_t packets = flows->segments.non_flow;

    for (uint64_t i = 0; i < flows->n_flows; i++) {
        const struct pm_segment *flow = pm_flows_get(flows, i);

        packets += flow->counts[0].packets + flow->counts[1].packets;
    }
    return packets;
}

/* ---- charts: how many flows are at least so large, so long ----------------------------------- */

static uint64_t flow_bytes(const struct pm_segment *flow)
{
    return flow->counts[0].wire_bytes + flow->counts[1].wire_bytes;
}

static uint64_t flow_duration(const struct pm_segment *flow)
{
    return flow->timed ? (uint64_t)flow->max_ts - (uint64_t)flow->min_ts : 0;
}

/* The complementary distribution, a row per log-linear bin that holds a flow: its lower edge and
 * the share of flows at or above it. */
static void emit_distribution(const struct flows *flows, struct pm_sink *sink,
                              uint64_t (*measure)(const struct pm_segment *),
                              void (*put_edge)(struct pm_sink *sink, uint64_t edge))
{
    uint64_t bins[PM_LOGLINEAR_BINS] = {0}, above = flows->n_flows;

    for (uint64_t i = 0; i < flows->n_flows; i++)
        bins[pm_loglinear_bin(measure(pm_flows_get(flows, i)))]++;
    for (unsigned bin = 0; bin < PM_LOGLINEAR_BINS; bin++) {
        if (bins[bin] == 0)
            continue;
        put_edge(sink, pm_loglinear_low(bin));
        pm_put(sink, above);
        pm_put_fixed9(sink, pm_round_divide((__int128)above * 1000000000, flows->n_flows));
        pm_end_row(sink);
        above -= bins[bin];
    }
}

static void put_seconds(struct pm_sink *sink, uint64_t ns)
{
    pm_put_fixed9(sink, ns);
}

static void emit_sizes(const void *state, struct pm_sink *sink)
{
    emit_distribution(state, sink, flow_bytes, pm_put);
}

static void emit_durations(const void *state, struct pm_sink *sink)
{
    emit_distribution(state, sink, flow_duration, put_seconds);
}

static const struct pm_column size_columns[] = {
    {"wire_bytes", PM_CELL_INTEGER, "bytes", "a size"},
    {"flows", PM_CELL_INTEGER, "", "flows at least that large"},
    {"share", PM_CELL_FIXED9, "", "their share of all flows"},
};

static const struct pm_column duration_columns[] = {
    {"duration_s", PM_CELL_FIXED9, "s", "a duration"},
    {"flows", PM_CELL_INTEGER, "", "flows that last at least that long"},
    {"share", PM_CELL_FIXED9, "", "their share of all flows"},
};

static const struct pm_chart charts[] = {
    {"flow_sizes", size_columns, PM_COUNT(size_columns), emit_sizes, pm_script_flow_sizes},
    {"flow_durations", duration_columns, PM_COUNT(duration_columns), emit_durations,
     pm_script_flow_durations},
};

/* ---- life ------------------------------------------------------------------------------------ */

static enum pm_status flows_init(void *state, const struct pm_settings *settings)
{
    return pm_segments_init(&((struct flows *)state)->segments, settings);
}

static void flows_free(void *state)
{
    struct flows *flows = state;

    pm_segments_free(&flows->segments);
    free(flows->heads);
}

static enum pm_status flows_update(void *state, struct pm_batch *batch)
{
    return pm_segments_update(&((struct flows *)state)->segments, batch);
}

static enum pm_status flows_merge(void *into, void *from, struct pm_joint *joint)
{
    return pm_segments_merge(&((struct flows *)into)->segments, &((struct flows *)from)->segments,
                             joint);
}

static enum pm_status flows_settle(void *state, const struct pm_set *set)
{
    struct flows *flows = state;

    (void)set;
    return pm_flow_rule(&flows->segments, &flows->heads, &flows->n_flows);
}

const struct pm_table pm_table_flows = {
    .name = "flows",
    .description = "one row per bidirectional flow, in the order of first packets",
    .columns = columns,
    .n_columns = PM_COUNT(columns),
    .charts = charts,
    .n_charts = PM_COUNT(charts),
    .state_bytes = sizeof(struct flows),
    .init = flows_init,
    .free = flows_free,
    .update = flows_update,
    .merge = flows_merge,
    .settle = flows_settle,
    .packets = flows_packets,
    .n_rows = pm_flows_count,
    .emit = flows_emit,
};
