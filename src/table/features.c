/*
 * features: what models of flows are trained on, a row per flow; derived from flows.
 *
 * First the columns of CICFlowMeter in the order of the data set CSE-CIC-IDS2018, whose names are
 * the titles. What differs: the first packet counts once, directions are by value, lengths
 * are those of payloads (the least segment size too, which is that of headers there), deviations
 * those of the whole population, quotients are no integers and 0 where they divide by 0, the first
 * and the last active period count and so do those of 0 ns, a window that was not seen is 0, and
 * all times are nanoseconds. There is no column for a label. Then what NFStream's statistics have
 * besides.
 */
#include "base/number.h"
#include "table/all_tables.h"
#include "table/flows.h"

enum { MILLION = 1000000 };

static const __int128 SECOND = 1000000000;

struct features {
    const void *flows; /* settled */
};

/* What is told of a distribution, in the orders that CICFlowMeter has for lengths and for times. */
#define LENGTHS(name, title, what)                                                        \
    {name "_max", PM_CELL_INTEGER, "bytes", "greatest " what, title " Max"},              \
        {name "_min", PM_CELL_INTEGER, "bytes", "least " what, title " Min"},             \
        {name "_mean", PM_CELL_FIXED6, "bytes", "mean " what, title " Mean"},             \
    {                                                                                     \
        name "_std", PM_CELL_FIXED6, "bytes", "standard deviation of " what, title " Std" \
    }
#define TIMES(name, title, what)                                                          \
    {name "_mean", PM_CELL_FIXED6, "ns", "mean " what, title " Mean"},                    \
        {name "_std", PM_CELL_FIXED6, "ns", "standard deviation of " what, title " Std"}, \
        {name "_max", PM_CELL_INTEGER, "ns", "greatest " what, title " Max"},             \
    {                                                                                     \
        name "_min", PM_CELL_INTEGER, "ns", "least " what, title " Min"                   \
    }
#define WIRE_LENGTHS(name, title, what)                                                \
    {name "_max_bytes", PM_CELL_INTEGER, "bytes", "greatest " what, title "_max_ps"},  \
        {name "_min_bytes", PM_CELL_INTEGER, "bytes", "least " what, title "_min_ps"}, \
        {name "_mean_bytes", PM_CELL_FIXED6, "bytes", "mean " what, title "_mean_ps"}, \
    {                                                                                  \
        name "_std_bytes", PM_CELL_FIXED6, "bytes", "standard deviation of " what,     \
            title "_stddev_ps"                                                         \
    }
#define FLAG(flag, title)                                                                 \
    {"fwd_" flag "_packets", PM_CELL_INTEGER, "packets", "packets of src with " title,    \
     "src2dst_" flag "_packets"},                                                         \
    {                                                                                     \
        "bwd_" flag "_packets", PM_CELL_INTEGER, "packets", "packets of dst with " title, \
            "dst2src_" flag "_packets"                                                    \
    }

static const struct pm_column columns[] = {
    {"flow_id", PM_CELL_INTEGER, "", "number of the flow, as in flows", "Flow ID"},
    {"src_ip", PM_CELL_ADDRESS, "", "the side that began", "Src IP"},
    {"src_port", PM_CELL_INTEGER, "", "port of src; 0 where there are no ports", "Src Port"},
    {"dst_ip", PM_CELL_ADDRESS, "", "the other side", "Dst IP"},
    {"dst_port", PM_CELL_INTEGER, "", "port of dst; 0 where there are no ports", "Dst Port"},
    {"protocol", PM_CELL_INTEGER, "", "IANA protocol number", "Protocol"},
    {"timestamp", PM_CELL_TIME, "ns", "the earliest time since the epoch, UTC", "Timestamp"},
    {"flow_duration", PM_CELL_INTEGER, "ns", "latest time - earliest time", "Flow Duration"},
    {"tot_fwd_pkts", PM_CELL_INTEGER, "packets", "packets from src to dst", "Tot Fwd Pkts"},
    {"tot_bwd_pkts", PM_CELL_INTEGER, "packets", "packets from dst to src", "Tot Bwd Pkts"},
    {"totlen_fwd_pkts", PM_CELL_INTEGER, "bytes", "payload from src to dst", "TotLen Fwd Pkts"},
    {"totlen_bwd_pkts", PM_CELL_INTEGER, "bytes", "payload from dst to src", "TotLen Bwd Pkts"},
    LENGTHS("fwd_pkt_len", "Fwd Pkt Len", "payload of a packet of src"),
    LENGTHS("bwd_pkt_len", "Bwd Pkt Len", "payload of a packet of dst"),
    {"flow_byts_s", PM_CELL_FIXED6, "bytes/s", "payload / flow_duration", "Flow Byts/s"},
    {"flow_pkts_s", PM_CELL_FIXED6, "packets/s", "packets / flow_duration", "Flow Pkts/s"},
    TIMES("flow_iat", "Flow IAT", "time from a packet to the next"),
    {"fwd_iat_tot", PM_CELL_INTEGER, "ns", "sum of the times from a packet of src to its next",
     "Fwd IAT Tot"},
    TIMES("fwd_iat", "Fwd IAT", "time from a packet of src to its next"),
    {"bwd_iat_tot", PM_CELL_INTEGER, "ns", "sum of the times from a packet of dst to its next",
     "Bwd IAT Tot"},
    TIMES("bwd_iat", "Bwd IAT", "time from a packet of dst to its next"),
    {"fwd_psh_flags", PM_CELL_INTEGER, "packets", "packets of src with PSH", "Fwd PSH Flags"},
    {"bwd_psh_flags", PM_CELL_INTEGER, "packets", "packets of dst with PSH", "Bwd PSH Flags"},
    {"fwd_urg_flags", PM_CELL_INTEGER, "packets", "packets of src with URG", "Fwd URG Flags"},
    {"bwd_urg_flags", PM_CELL_INTEGER, "packets", "packets of dst with URG", "Bwd URG Flags"},
    {"fwd_header_len", PM_CELL_INTEGER, "bytes", "TCP and UDP headers of src, sum",
     "Fwd Header Len"},
    {"bwd_header_len", PM_CELL_INTEGER, "bytes", "TCP and UDP headers of dst, sum",
     "Bwd Header Len"},
    {"fwd_pkts_s", PM_CELL_FIXED6, "packets/s", "packets of src / flow_duration", "Fwd Pkts/s"},
    {"bwd_pkts_s", PM_CELL_FIXED6, "packets/s", "packets of dst / flow_duration", "Bwd Pkts/s"},
    {"pkt_len_min", PM_CELL_INTEGER, "bytes", "least payload of a packet", "Pkt Len Min"},
    {"pkt_len_max", PM_CELL_INTEGER, "bytes", "greatest payload of a packet", "Pkt Len Max"},
    {"pkt_len_mean", PM_CELL_FIXED6, "bytes", "mean payload of a packet", "Pkt Len Mean"},
    {"pkt_len_std", PM_CELL_FIXED6, "bytes", "standard deviation of payload of a packet",
     "Pkt Len Std"},
    {"pkt_len_var", PM_CELL_FIXED6, "bytes^2", "its square, the variance", "Pkt Len Var"},
    {"fin_flag_cnt", PM_CELL_INTEGER, "packets", "packets with FIN", "FIN Flag Cnt"},
    {"syn_flag_cnt", PM_CELL_INTEGER, "packets", "packets with SYN", "SYN Flag Cnt"},
    {"rst_flag_cnt", PM_CELL_INTEGER, "packets", "packets with RST", "RST Flag Cnt"},
    {"psh_flag_cnt", PM_CELL_INTEGER, "packets", "packets with PSH", "PSH Flag Cnt"},
    {"ack_flag_cnt", PM_CELL_INTEGER, "packets", "packets with ACK", "ACK Flag Cnt"},
    {"urg_flag_cnt", PM_CELL_INTEGER, "packets", "packets with URG", "URG Flag Cnt"},
    {"cwe_flag_count", PM_CELL_INTEGER, "packets", "packets with CWR", "CWE Flag Count"},
    {"ece_flag_cnt", PM_CELL_INTEGER, "packets", "packets with ECE", "ECE Flag Cnt"},
    {"down_up_ratio", PM_CELL_FIXED6, "", "packets of dst / packets of src", "Down/Up Ratio"},
    {"pkt_size_avg", PM_CELL_FIXED6, "bytes", "payload / packets: pkt_len_mean", "Pkt Size Avg"},
    {"fwd_seg_size_avg", PM_CELL_FIXED6, "bytes", "the same of src: fwd_pkt_len_mean",
     "Fwd Seg Size Avg"},
    {"bwd_seg_size_avg", PM_CELL_FIXED6, "bytes", "the same of dst: bwd_pkt_len_mean",
     "Bwd Seg Size Avg"},
    {"fwd_byts_b_avg", PM_CELL_FIXED6, "bytes", "payload in bulks of src / bulks",
     "Fwd Byts/b Avg"},
    {"fwd_pkts_b_avg", PM_CELL_FIXED6, "packets", "packets in bulks of src / bulks",
     "Fwd Pkts/b Avg"},
    {"fwd_blk_rate_avg", PM_CELL_FIXED6, "bytes/s", "payload in bulks of src / their durations",
     "Fwd Blk Rate Avg"},
    {"bwd_byts_b_avg", PM_CELL_FIXED6, "bytes", "payload in bulks of dst / bulks",
     "Bwd Byts/b Avg"},
    {"bwd_pkts_b_avg", PM_CELL_FIXED6, "packets", "packets in bulks of dst / bulks",
     "Bwd Pkts/b Avg"},
    {"bwd_blk_rate_avg", PM_CELL_FIXED6, "bytes/s", "payload in bulks of dst / their durations",
     "Bwd Blk Rate Avg"},
    {"subflow_fwd_pkts", PM_CELL_FIXED6, "packets", "packets of src / subflows",
     "Subflow Fwd Pkts"},
    {"subflow_fwd_byts", PM_CELL_FIXED6, "bytes", "payload of src / subflows", "Subflow Fwd Byts"},
    {"subflow_bwd_pkts", PM_CELL_FIXED6, "packets", "packets of dst / subflows",
     "Subflow Bwd Pkts"},
    {"subflow_bwd_byts", PM_CELL_FIXED6, "bytes", "payload of dst / subflows", "Subflow Bwd Byts"},
    {"init_fwd_win_byts", PM_CELL_INTEGER, "", "window of the first TCP segment of src, as sent",
     "Init Fwd Win Byts"},
    {"init_bwd_win_byts", PM_CELL_INTEGER, "", "window of the first TCP segment of dst, as sent",
     "Init Bwd Win Byts"},
    {"fwd_act_data_pkts", PM_CELL_INTEGER, "packets", "packets of src with payload",
     "Fwd Act Data Pkts"},
    {"fwd_seg_size_min", PM_CELL_INTEGER, "bytes", "least payload of a packet of src",
     "Fwd Seg Size Min"},
    TIMES("active", "Active", "time from one gap of more than 5 s to the next"),
    TIMES("idle", "Idle", "gap of more than 5 s"),

    /* NFStream's, whose names for them are the titles */
    WIRE_LENGTHS("fwd_wire", "src2dst", "frame length on the wire, packets of src"),
    WIRE_LENGTHS("bwd_wire", "dst2src", "frame length on the wire, packets of dst"),
    WIRE_LENGTHS("wire", "bidirectional", "frame length on the wire"),
    {"fwd_wire_bytes", PM_CELL_INTEGER, "bytes", "frame lengths on the wire, src to dst, sum",
     "src2dst_bytes"},
    {"bwd_wire_bytes", PM_CELL_INTEGER, "bytes", "frame lengths on the wire, dst to src, sum",
     "dst2src_bytes"},
    FLAG("syn", "SYN"),
    FLAG("cwr", "CWR"),
    FLAG("ece", "ECE"),
    FLAG("ack", "ACK"),
    FLAG("rst", "RST"),
    FLAG("fin", "FIN"),
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
    pm_put_fixed6(sink, pm_moments_deviation(lengths, 1, 1));
}

static void put_times(struct pm_sink *sink, const struct pm_moments *times)
{
    pm_put_fixed6(sink, pm_moments_mean(times));
    pm_put_fixed6(sink, pm_moments_deviation(times, 1, 1));
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
    pm_put_time(sink, flow->timed ? pm_segment_min_ts(flow) : 0);
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
    pm_put_fixed6(sink, pm_moments_deviation(&from->payload, 1, 1));
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

static void emit_sums(const struct source *from, struct pm_sink *sink)
{
    static const unsigned flags[] = {PM_TCP_SYN, PM_TCP_CWR, PM_TCP_ECE,
                                     PM_TCP_ACK, PM_TCP_RST, PM_TCP_FIN};

    put_sum(sink, &from->fwd->wire);
    put_sum(sink, &from->rev->wire);
    for (size_t i = 0; i < PM_COUNT(flags); i++) {
        pm_put(sink, with_flag(from->fwd, flags[i]));
        pm_put(sink, with_flag(from->rev, flags[i]));
    }
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
    emit_sums(from, sink);
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
    .description = "one row per flow: the features of CICFlowMeter, and NFStream's statistics",
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
