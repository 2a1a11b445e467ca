/*
 * features: what models of flows are trained on, a row per flow; derived from flows.
 *
 * First the columns of CICFlowMeter in the order of the data set CSE-CIC-IDS2018, whose names stand
 * in the descriptions. What differs: the first packet counts once, directions are by value, lengths
 * are those of payloads (the least segment size too, which is that of headers there), deviations
 * those of the whole population, quotients are no integers and 0 where they divide by 0, the first
 * and the last active period count and so do those of 0 ns, a window that was not seen is 0, and
 * all times are nanoseconds. There is no column for a label. Then lengths on the wire, as NFStream
 * has them.
 */
#include "base/number.h"
#include "table/all_tables.h"
#include "table/flows.h"

enum { MILLION = 1000000 };

static const __int128 SECOND = 1000000000;

struct features {
    const void *flows; /* settled */
};

#define OF(name, unit, what)                                \
    {name "_max", PM_CELL_INTEGER, unit, what " Max"},      \
        {name "_min", PM_CELL_INTEGER, unit, what " Min"},  \
        {name "_mean", PM_CELL_FIXED6, unit, what " Mean"}, \
    {                                                       \
        name "_std", PM_CELL_FIXED6, unit, what " Std"      \
    }
#define TIMES_OF(name, what)                               \
    {name "_mean", PM_CELL_FIXED6, "ns", what " Mean"},    \
        {name "_std", PM_CELL_FIXED6, "ns", what " Std"},  \
        {name "_max", PM_CELL_INTEGER, "ns", what " Max"}, \
    {                                                      \
        name "_min", PM_CELL_INTEGER, "ns", what " Min"    \
    }

static const struct pm_column columns[] = {
    {"flow_id", PM_CELL_INTEGER, "", "Flow ID: as in flows"},
    {"src_ip", PM_CELL_ADDRESS, "", "Src IP: the side that began"},
    {"src_port", PM_CELL_INTEGER, "", "Src Port"},
    {"dst_ip", PM_CELL_ADDRESS, "", "Dst IP: the other side"},
    {"dst_port", PM_CELL_INTEGER, "", "Dst Port"},
    {"protocol", PM_CELL_INTEGER, "", "Protocol: IANA number"},
    {"timestamp", PM_CELL_INTEGER, "ns", "Timestamp: its earliest time since the epoch, UTC"},
    {"flow_duration", PM_CELL_INTEGER, "ns", "Flow Duration: last time - first time"},
    {"tot_fwd_pkts", PM_CELL_INTEGER, "packets", "Tot Fwd Pkts: from src to dst"},
    {"tot_bwd_pkts", PM_CELL_INTEGER, "packets", "Tot Bwd Pkts: from dst to src"},
    {"totlen_fwd_pkts", PM_CELL_INTEGER, "bytes", "TotLen Fwd Pkts: payload from src to dst"},
    {"totlen_bwd_pkts", PM_CELL_INTEGER, "bytes", "TotLen Bwd Pkts: payload from dst to src"},
    OF("fwd_pkt_len", "bytes", "Fwd Pkt Len"),
    OF("bwd_pkt_len", "bytes", "Bwd Pkt Len"),
    {"flow_byts_s", PM_CELL_FIXED6, "bytes/s", "Flow Byts/s: payload per second"},
    {"flow_pkts_s", PM_CELL_FIXED6, "packets/s", "Flow Pkts/s: packets per second"},
    TIMES_OF("flow_iat", "Flow IAT: times between packets,"),
    {"fwd_iat_tot", PM_CELL_INTEGER, "ns", "Fwd IAT Tot: times between packets of src, sum"},
    TIMES_OF("fwd_iat", "Fwd IAT"),
    {"bwd_iat_tot", PM_CELL_INTEGER, "ns", "Bwd IAT Tot: times between packets of dst, sum"},
    TIMES_OF("bwd_iat", "Bwd IAT"),
    {"fwd_psh_flags", PM_CELL_INTEGER, "packets", "Fwd PSH Flags: packets with it"},
    {"bwd_psh_flags", PM_CELL_INTEGER, "packets", "Bwd PSH Flags"},
    {"fwd_urg_flags", PM_CELL_INTEGER, "packets", "Fwd URG Flags"},
    {"bwd_urg_flags", PM_CELL_INTEGER, "packets", "Bwd URG Flags"},
    {"fwd_header_len", PM_CELL_INTEGER, "bytes", "Fwd Header Len: TCP and UDP headers, sum"},
    {"bwd_header_len", PM_CELL_INTEGER, "bytes", "Bwd Header Len"},
    {"fwd_pkts_s", PM_CELL_FIXED6, "packets/s", "Fwd Pkts/s: per second of the flow"},
    {"bwd_pkts_s", PM_CELL_FIXED6, "packets/s", "Bwd Pkts/s"},
    {"pkt_len_min", PM_CELL_INTEGER, "bytes", "Pkt Len Min: of payloads, as what follows"},
    {"pkt_len_max", PM_CELL_INTEGER, "bytes", "Pkt Len Max"},
    {"pkt_len_mean", PM_CELL_FIXED6, "bytes", "Pkt Len Mean"},
    {"pkt_len_std", PM_CELL_FIXED6, "bytes", "Pkt Len Std"},
    {"pkt_len_var", PM_CELL_FIXED6, "bytes^2", "Pkt Len Var"},
    {"fin_flag_cnt", PM_CELL_INTEGER, "packets", "FIN Flag Cnt: packets with it, both directions"},
    {"syn_flag_cnt", PM_CELL_INTEGER, "packets", "SYN Flag Cnt"},
    {"rst_flag_cnt", PM_CELL_INTEGER, "packets", "RST Flag Cnt"},
    {"psh_flag_cnt", PM_CELL_INTEGER, "packets", "PSH Flag Cnt"},
    {"ack_flag_cnt", PM_CELL_INTEGER, "packets", "ACK Flag Cnt"},
    {"urg_flag_cnt", PM_CELL_INTEGER, "packets", "URG Flag Cnt"},
    {"cwe_flag_count", PM_CELL_INTEGER, "packets", "CWE Flag Count: CWR"},
    {"ece_flag_cnt", PM_CELL_INTEGER, "packets", "ECE Flag Cnt"},
    {"down_up_ratio", PM_CELL_FIXED6, "", "Down/Up Ratio: packets of dst / packets of src"},
    {"pkt_size_avg", PM_CELL_FIXED6, "bytes", "Pkt Size Avg: payload per packet"},
    {"fwd_seg_size_avg", PM_CELL_FIXED6, "bytes", "Fwd Seg Size Avg: payload per packet"},
    {"bwd_seg_size_avg", PM_CELL_FIXED6, "bytes", "Bwd Seg Size Avg"},
    {"fwd_byts_b_avg", PM_CELL_FIXED6, "bytes", "Fwd Byts/b Avg: payload per bulk"},
    {"fwd_pkts_b_avg", PM_CELL_FIXED6, "packets", "Fwd Pkts/b Avg"},
    {"fwd_blk_rate_avg", PM_CELL_FIXED6, "bytes/s",
     "Fwd Blk Rate Avg: payload per second of bulks"},
    {"bwd_byts_b_avg", PM_CELL_FIXED6, "bytes", "Bwd Byts/b Avg"},
    {"bwd_pkts_b_avg", PM_CELL_FIXED6, "packets", "Bwd Pkts/b Avg"},
    {"bwd_blk_rate_avg", PM_CELL_FIXED6, "bytes/s", "Bwd Blk Rate Avg"},
    {"subflow_fwd_pkts", PM_CELL_FIXED6, "packets", "Subflow Fwd Pkts: packets per subflow"},
    {"subflow_fwd_byts", PM_CELL_FIXED6, "bytes", "Subflow Fwd Byts: payload per subflow"},
    {"subflow_bwd_pkts", PM_CELL_FIXED6, "packets", "Subflow Bwd Pkts"},
    {"subflow_bwd_byts", PM_CELL_FIXED6, "bytes", "Subflow Bwd Byts"},
    {"init_fwd_win_byts", PM_CELL_INTEGER, "", "Init Fwd Win Byts: the first segment's window"},
    {"init_bwd_win_byts", PM_CELL_INTEGER, "", "Init Bwd Win Byts"},
    {"fwd_act_data_pkts", PM_CELL_INTEGER, "packets", "Fwd Act Data Pkts: with payload"},
    {"fwd_seg_size_min", PM_CELL_INTEGER, "bytes", "Fwd Seg Size Min: the least payload"},
    TIMES_OF("active", "Active: periods between gaps over 5 s,"),
    TIMES_OF("idle", "Idle: gaps over 5 s,"),
    OF("fwd_wire_len", "bytes", "frame lengths on the wire, src to dst:"),
    OF("bwd_wire_len", "bytes", "frame lengths on the wire, dst to src:"),
    OF("wire_len", "bytes", "frame lengths on the wire:"),
};

/* What the columns of a row are made of. */
struct source {
    const struct pm_segment *flow;
    const struct pm_details *details;
    const struct pm_flow_side *fwd;
    const struct pm_flow_side *rev;
    struct pm_moments payload; /* of both directions */
    struct pm_moments wire;
    uint64_t ns; /* its duration */
};

static void put_quotient(struct pm_sink *sink, unsigned __int128 numerator,
                         unsigned __int128 denominator)
{
    pm_put_fixed6(sink, denominator == 0 ? 0
                                         : pm_round_divide((__int128)(numerator * MILLION),
                                                           (__int128)denominator));
}

/* Per second of a time. */
static void put_rate(struct pm_sink *sink, uint64_t count, uint64_t ns)
{
    put_quotient(sink, (unsigned __int128)count * (unsigned __int128)SECOND, ns);
}

static void put_length_moments(struct pm_sink *sink, const struct pm_moments *lengths)
{
    pm_put(sink, lengths->max);
    pm_put(sink, lengths->min);
    pm_put_fixed6(sink, pm_moments_mean(lengths));
    pm_put_fixed6(sink, pm_moments_deviation(lengths));
}

static void put_times(struct pm_sink *sink, const struct pm_moments *times)
{
    pm_put_fixed6(sink, pm_moments_mean(times));
    pm_put_fixed6(sink, pm_moments_deviation(times));
    pm_put(sink, times->max);
    pm_put(sink, times->min);
}

static void put_sum(struct pm_sink *sink, const struct pm_moments *times)
{
    pm_put(sink, times->sum < INT64_MAX ? (uint64_t)times->sum : INT64_MAX);
}

static void emit_identity(const struct source *from, struct pm_sink *sink)
{
    const struct pm_segment *flow = from->flow;

    pm_put(sink, flow->flow + UINT64_C(1));
    pm_put_address(sink, flow->key.ip_version, pm_flow_src(flow));
    pm_put(sink, pm_flow_src_port(flow));
    pm_put_address(sink, flow->key.ip_version, pm_flow_dst(flow));
    pm_put(sink, pm_flow_dst_port(flow));
    pm_put(sink, flow->key.proto);
    pm_put_time(sink, flow->timed ? flow->min_ts : 0);
}

static void emit_volume(const struct source *from, struct pm_sink *sink)
{
    pm_put(sink, from->ns);
    pm_put(sink, from->fwd->wire.n);
    pm_put(sink, from->rev->wire.n);
    put_sum(sink, &from->fwd->payload);
    put_sum(sink, &from->rev->payload);
    put_length_moments(sink, &from->fwd->payload);
    put_length_moments(sink, &from->rev->payload);
    put_rate(sink, (uint64_t)from->payload.sum, from->ns);
    put_rate(sink, from->payload.n, from->ns);
}

static void emit_gaps(const struct source *from, struct pm_sink *sink)
{
    put_times(sink, &from->details->gaps.moments);
    put_sum(sink, &from->fwd->gaps.moments);
    put_times(sink, &from->fwd->gaps.moments);
    put_sum(sink, &from->rev->gaps.moments);
    put_times(sink, &from->rev->gaps.moments);
}

static uint64_t with_flag(const struct pm_flow_side *side, unsigned flag)
{
    return side->tcp_flags[__builtin_ctz(flag)];
}

static void emit_headers(const struct source *from, struct pm_sink *sink)
{
    pm_put(sink, with_flag(from->fwd, PM_TCP_PSH));
    pm_put(sink, with_flag(from->rev, PM_TCP_PSH));
    pm_put(sink, with_flag(from->fwd, PM_TCP_URG));
    pm_put(sink, with_flag(from->rev, PM_TCP_URG));
    pm_put(sink, from->fwd->header_bytes);
    pm_put(sink, from->rev->header_bytes);
    put_rate(sink, from->fwd->wire.n, from->ns);
    put_rate(sink, from->rev->wire.n, from->ns);
}

static void emit_lengths(const struct source *from, struct pm_sink *sink)
{
    pm_put(sink, from->payload.min);
    pm_put(sink, from->payload.max);
    pm_put_fixed6(sink, pm_moments_mean(&from->payload));
    pm_put_fixed6(sink, pm_moments_deviation(&from->payload));
    pm_put_fixed6(sink, pm_moments_variance(&from->payload));
}

static void emit_flags(const struct source *from, struct pm_sink *sink)
{
    static const unsigned flags[] = {PM_TCP_FIN, PM_TCP_SYN, PM_TCP_RST, PM_TCP_PSH,
                                     PM_TCP_ACK, PM_TCP_URG, PM_TCP_CWR, PM_TCP_ECE};

    for (size_t i = 0; i < PM_COUNT(flags); i++)
        pm_put(sink, with_flag(from->fwd, flags[i]) + with_flag(from->rev, flags[i]));
}

static void emit_averages(const struct source *from, struct pm_sink *sink)
{
    put_quotient(sink, from->rev->wire.n, from->fwd->wire.n);
    pm_put_fixed6(sink, pm_moments_mean(&from->payload));
    pm_put_fixed6(sink, pm_moments_mean(&from->fwd->payload));
    pm_put_fixed6(sink, pm_moments_mean(&from->rev->payload));
}

static void emit_bulks(const struct source *from, unsigned direction, struct pm_sink *sink)
{
    struct pm_bulk_counts bulks = pm_bulks_counts(&from->details->bulks, direction);

    put_quotient(sink, bulks.bytes, bulks.bulks);
    put_quotient(sink, bulks.packets, bulks.bulks);
    put_rate(sink, bulks.bytes, bulks.ns);
}

static void emit_subflows(const struct source *from, struct pm_sink *sink)
{
    uint64_t subflows = pm_activity_subflows(&from->details->activity);

    put_quotient(sink, from->fwd->wire.n, subflows);
    put_quotient(sink, from->fwd->payload.sum, subflows);
    put_quotient(sink, from->rev->wire.n, subflows);
    put_quotient(sink, from->rev->payload.sum, subflows);
    pm_put(sink, from->fwd->window);
    pm_put(sink, from->rev->window);
    pm_put(sink, from->fwd->data_packets);
    pm_put(sink, from->fwd->payload.min);
}

static void emit_periods(const struct source *from, struct pm_sink *sink)
{
    struct pm_moments active = pm_activity_active(&from->details->activity);

    put_times(sink, &active);
    put_times(sink, &from->details->activity.idle);
}

static void emit_row(const struct source *from, struct pm_sink *sink)
{
    unsigned src = from->flow->src_direction;

    emit_identity(from, sink);
    emit_volume(from, sink);
    emit_gaps(from, sink);
    emit_headers(from, sink);
    emit_lengths(from, sink);
    emit_flags(from, sink);
    emit_averages(from, sink);
    emit_bulks(from, src, sink);
    emit_bulks(from, !src, sink);
    emit_subflows(from, sink);
    emit_periods(from, sink);
    put_length_moments(sink, &from->fwd->wire);
    put_length_moments(sink, &from->rev->wire);
    put_length_moments(sink, &from->wire);
    pm_end_row(sink);
}

static void features_emit(const void *state, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    const struct features *features = state;

    for (uint64_t row = begin; row < end; row++) {
        const struct pm_segment *flow = pm_flows_get(features->flows, row);
        struct pm_details room;
        const struct pm_details *details = pm_flows_details(features->flows, flow, &room);
        const struct pm_flow_side *fwd = &details->sides[flow->src_direction];
        const struct pm_flow_side *rev = &details->sides[!flow->src_direction];
        struct source from = {.flow = flow,
                              .details = details,
                              .fwd = fwd,
                              .rev = rev,
                              .payload = fwd->payload,
                              .wire = fwd->wire,
                              .ns = pm_flow_duration(flow)};

        pm_moments_join(&from.payload, &rev->payload);
        pm_moments_join(&from.wire, &rev->wire);
        emit_row(&from, sink);
    }
}

static uint64_t features_rows(const void *state)
{
    return pm_flows_count(((const struct features *)state)->flows);
}

static enum pm_status features_settle(void *state, const struct pm_set *set)
{
    ((struct features *)state)->flows = pm_set_state(set, &pm_table_flows);
    return PM_OK;
}

static const struct pm_table *const needs[] = {&pm_table_flows, NULL};

const struct pm_table pm_table_features = {
    .name = "features",
    .description = "one row per flow: the features of CICFlowMeter, and lengths on the wire",
    .columns = columns,
    .n_columns = PM_COUNT(columns),
    .needs = needs,
    .flow_details = PM_FLOW_ALL,
    .on_request = true,
    .state_bytes = sizeof(struct features),
    .settle = features_settle,
    .n_rows = features_rows,
    .emit = features_emit,
};
