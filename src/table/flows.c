/*
 * flows: one row per bidirectional flow. pcapmill-tables(5) says what a flow is; segments.h tells
 * how runs and joins keep to it, flow_rule.c what ends a flow.
 */
#include "table/flows.h"

#include <stdlib.h>

#include "base/number.h"
#include "table/all_tables.h"
#include "table/flow_charts.h"
#include "table/flow_rule.h"
#include "table/flow_survey.h"

struct flows {
    struct pm_segments segments;   /* settled: they lead */
    struct pm_flow_survey *survey; /* finished */
};

/* ---- for tables derived from flows ----------------------------------------------------------- */

uint64_t pm_flows_count(const void *flows)
{
    return pm_store_count(&((const struct flows *)flows)->segments.flows);
}

const struct pm_flow_survey *pm_flows_survey(const void *flows)
{
    return ((const struct flows *)flows)->survey;
}

static const struct pm_flow *flow_at(const struct flows *flows, uint64_t flow)
{
    return pm_store_at_sized(&flows->segments.flows, (uint32_t)flow, sizeof(struct pm_flow));
}

/* Flows are mostly asked for one after the other: one that is soon to come is fetched meanwhile. */
static inline __attribute__((always_inline)) void fetch_ahead(const struct flows *flows,
                                                              uint64_t flow)
{
    enum { AHEAD = 8 };

    if (pm_store_seek(&flows->segments.flows, (uint32_t)flow + AHEAD) == flow + AHEAD)
        pm_segment_fetch(&flows->segments, flow_at(flows, flow + AHEAD)->head);
}

const struct pm_segment *pm_flows_get(const void *state, uint64_t flow)
{
    const struct flows *flows = state;

    fetch_ahead(flows, flow);
    return pm_segment_at(&flows->segments, flow_at(flows, flow)->head);
}

const struct pm_details *pm_flows_details(const void *state, const struct pm_segment *flow,
                                          struct pm_details *room)
{
    return pm_segment_details(&((const struct flows *)state)->segments, flow, room);
}

const struct pm_first_packet *pm_flows_first(const void *state, const struct pm_segment *flow,
                                             uint32_t *n, struct pm_first_packet *room)
{
    return pm_segment_first(&((const struct flows *)state)->segments, flow, n, room);
}

uint64_t pm_flows_id(const void *state, uint32_t segment)
{
    const struct pm_segments *segments = &((const struct flows *)state)->segments;
    const struct pm_segment *found = pm_segment_at(segments, segment);

    return (found->head ? found : pm_segment_at(segments, found->flow))->flow + UINT64_C(1);
}

const struct pm_flow_key *pm_flows_key(const void *state, uint32_t segment)
{
    return &pm_segment_at(&((const struct flows *)state)->segments, segment)->key;
}

void pm_flows_fetch(const void *state, uint32_t segment)
{
    const struct pm_segment *found =
        pm_segment_at(&((const struct flows *)state)->segments, segment);

    __builtin_prefetch(&found->key);
    __builtin_prefetch(&found->flow);
}

/* ---- the table ------------------------------------------------------------------------------- */

/* A column for each direction, and what is told of a distribution: population's deviation. */
#define BOTH(name, unit, text)                                  \
    {"fwd_" name, PM_CELL_INTEGER, unit, text ", src to dst"},  \
    {                                                           \
        "rev_" name, PM_CELL_INTEGER, unit, text ", dst to src" \
    }
#define MOMENTS(name, unit, text)                                                           \
    {name "_min_" unit, PM_CELL_INTEGER, unit, "least " text},                              \
        {name "_max_" unit, PM_CELL_INTEGER, unit, "greatest " text},                       \
        {name "_mean_" unit, PM_CELL_FIXED6, unit, "mean " text},                           \
    {                                                                                       \
        name "_stddev_" unit, PM_CELL_FIXED6, unit, "standard deviation (population) " text \
    }

static const struct pm_column columns[] = {
    {"flow_id", PM_CELL_INTEGER, "", "number of the flow, from 1"},
    {"first_packet", PM_CELL_INTEGER, "", "number of its first packet, from 1"},
    {"first_ts_ns", PM_CELL_TIME, "ns", "its earliest time since the epoch, UTC"},
    {"last_ts_ns", PM_CELL_TIME, "ns", "its latest time"},
    {"duration_s", PM_CELL_FIXED9, "s", "last_ts_ns - first_ts_ns"},
    {"ip_version", PM_CELL_INTEGER, "", "4 or 6"},
    {"proto", PM_CELL_INTEGER, "", "IANA protocol number"},
    {"protocol", PM_CELL_WORD, "", "its word"},
    {"src_ip", PM_CELL_ADDRESS, "", "the side that began"},
    {"src_port", PM_CELL_INTEGER, "", "port of src; 0 where there are no ports"},
    {"dst_ip", PM_CELL_ADDRESS, "", "the other side"},
    {"dst_port", PM_CELL_INTEGER, "", "port of dst; 0 where there are no ports"},
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
    {"end_reason", PM_CELL_WORD, "",
     "reuse: by a new connection; idle: by a silence; else rst: an RST was seen; fin: both sides "
     "sent FIN; end: none of these"},
    {"segment", PM_CELL_INTEGER, "",
     "its place among the flows that silences cut one into, from 1"},
    {"continues", PM_CELL_INTEGER, "", "flow_id of the one before it there; 0: none"},
    {"vlan_id", PM_CELL_INTEGER, "", "of the outermost VLAN tag of its first packet; 0: none"},
    {"tunnel_id", PM_CELL_INTEGER, "",
     "of its first packet: GRE key, ERSPAN session; with --tunnels inner VNI, TEID, L2TP tunnel "
     "and "
     "session too; 0: none"},
    {"fragments", PM_CELL_INTEGER, "packets", "packets that are fragments"},

    /* TCP */
    {"conn_state", PM_CELL_WORD, "",
     "as Zeek's: S0, S1, SF, REJ, S2, S3, RSTO, RSTR, RSTOS0, RSTRH, SH, SHR or OTH"},
    {"history", PM_CELL_WORD, "", "as Zeek's: letters of what happened, src in capitals"},
    BOTH("syn_packets", "packets", "packets with SYN"),
    BOTH("fin_packets", "packets", "packets with FIN"),
    BOTH("rst_packets", "packets", "packets with RST"),
    BOTH("psh_packets", "packets", "packets with PSH"),
    BOTH("urg_packets", "packets", "packets with URG"),
    BOTH("ece_packets", "packets", "packets with ECE"),
    BOTH("cwr_packets", "packets", "packets with CWR"),
    BOTH("init_window", "", "the window of the first TCP segment, as sent"),
    BOTH("window_scale", "", "the shift count of the first SYN (RFC 7323); 0: none, or 0"),
    BOTH("mss_bytes", "bytes", "the maximum segment size of the first SYN; 0: none"),
    BOTH("retransmissions", "packets",
         "segments that begin below the highest end sent, or carry what was acknowledged"),
    BOTH("retransmitted_bytes", "bytes", "their payload"),
    BOTH("out_of_order", "packets",
         "the same, but less than 3 ms behind that end, and ending elsewhere"),
    BOTH("duplicate_acks", "packets",
         "ACKs without payload that repeat number and window of the one before"),
    BOTH("zero_windows", "packets", "packets with a window of 0, but SYN, FIN and RST"),
    BOTH("keep_alives", "packets", "segments of 0 or 1 byte, one byte below the next one expected"),
    BOTH("round_trips", "", "round trips, from a segment with payload to the ACK of its end"),
    BOTH("round_trip_min_ns", "ns", "the shortest of them"),
    {"fwd_round_trip_mean_ns", PM_CELL_FIXED6, "ns", "their mean, of payload from src to dst"},
    {"rev_round_trip_mean_ns", PM_CELL_FIXED6, "ns", "their mean, of payload from dst to src"},
    BOTH("round_trip_max_ns", "ns", "the longest"),
    {"syn_to_syn_ack_ns", PM_CELL_INTEGER, "ns",
     "from the last SYN of src before the last SYN+ACK to that, up to the ACK; 0: none seen"},
    {"syn_ack_to_ack_ns", PM_CELL_INTEGER, "ns", "from there to the first ACK of src; 0: not seen"},

    /* lengths and times */
    BOTH("ttl_min", "", "the least TTL or hop limit"),
    BOTH("ttl_max", "", "the greatest"),
    BOTH("dscp", "", "DSCP of the first packet"),
    MOMENTS("fwd_wire", "bytes", "of frame lengths, src to dst"),
    MOMENTS("rev_wire", "bytes", "of frame lengths, dst to src"),
    MOMENTS("wire", "bytes", "of frame lengths"),
    MOMENTS("fwd_payload", "bytes", "of payload lengths, src to dst"),
    MOMENTS("rev_payload", "bytes", "of payload lengths, dst to src"),
    MOMENTS("payload", "bytes", "of payload lengths"),
    MOMENTS("fwd_gap", "ns", "of times between packets, src to dst"),
    MOMENTS("rev_gap", "ns", "of times between packets, dst to src"),
    MOMENTS("gap", "ns", "of times between packets"),

    /* how it comes and goes */
    BOTH("data_packets", "packets", "packets with payload"),
    BOTH("header_bytes", "bytes", "headers of TCP and UDP"),
    {"subflows", PM_CELL_INTEGER, "", "parts between gaps of more than 1 s"},
    {"active_periods", PM_CELL_INTEGER, "", "parts between gaps of more than 5 s"},
    MOMENTS("active", "ns", "of active periods"),
    {"idle_periods", PM_CELL_INTEGER, "", "gaps of more than 5 s"},
    MOMENTS("idle", "ns", "of idle periods"),
    BOTH(
        "bulks", "",
        "bulks: 4 or more packets with payload, none of the other side's between, no gap over 1 s"),
    BOTH("bulk_packets", "packets", "packets in bulks"),
    BOTH("bulk_bytes", "bytes", "their payload"),
    BOTH("bulk_ns", "ns", "how long the bulks lasted, first to last packet"),
};

enum { BASIC_COLUMNS = 28, TCP_COLUMNS = BASIC_COLUMNS + 44 };

_Static_assert(PM_COUNT(columns) == TCP_COLUMNS + 65, "the groups of columns are counted");

static size_t flows_shown(const void *state)
{
    switch (((const struct flows *)state)->segments.settings->flow_columns) {
    case PM_FLOW_BASIC:
        return BASIC_COLUMNS;
    case PM_FLOW_TCP:
        return TCP_COLUMNS;
    case PM_FLOW_ALL:
        break;
    }
    return PM_COUNT(columns);
}

static const char *end_reason(const struct pm_flow *flow, const struct pm_segment *head)
{
    if (flow->cut != PM_CUT_NONE)
        return flow->cut == PM_CUT_REUSE ? "reuse" : "idle";
    if ((head->tcp_flags[0] | head->tcp_flags[1]) & PM_TCP_RST)
        return "rst";
    return head->tcp_flags[0] & head->tcp_flags[1] & PM_TCP_FIN ? "fin" : "end";
}

static void emit_life(const struct pm_flow *flow, const struct pm_segment *head, uint64_t fragments,
                      struct pm_sink *sink)
{
    pm_put_word(sink, end_reason(flow, head));
    pm_put(sink, flow->part);
    pm_put(sink, flow->continues);
    pm_put(sink, head->vlan_id);
    pm_put(sink, head->tunnel_id);
    pm_put(sink, fragments);
}

/* UDP's state and history are Zeek's too: who sent, and who was first. */
static void emit_udp_conn(const struct pm_segment *head, struct pm_sink *sink)
{
    bool fwd = head->counts[head->src_direction].packets != 0;
    bool rev = head->counts[!head->src_direction].packets != 0;
    bool src_first = head->first_direction == head->src_direction;

    pm_put_word(sink, fwd && rev ? "SF" : fwd ? "S0" : "SHR");
    pm_put_word(sink, fwd && rev ? (src_first ? "Dd" : "dD") : fwd ? "D" : "d");
}

/* The word of the history is put in `history`. */
static void emit_conn(const struct pm_flow *flow, const struct pm_segment *head,
                      const struct pm_tcp_flow *tcp, char history[PM_TCP_HISTORY_TEXT],
                      struct pm_sink *sink)
{
    bool flipped = flow->continues == 0 && head->src_direction != head->first_direction;

    if (head->key.proto == PM_IPPROTO_UDP) {
        emit_udp_conn(head, sink);
    } else if (tcp == NULL) {
        pm_put_word(sink, "OTH");
        pm_put_word(sink, "");
    } else {
        bool payload = head->counts[0].payload_bytes + head->counts[1].payload_bytes != 0;

        pm_tcp_conn_history(&tcp->conn, head->src_direction, flipped, history);
        pm_put_word(sink, pm_tcp_conn_state(&tcp->conn, head->src_direction, payload));
        pm_put_word(sink, history);
    }
}

static void emit_tcp(const struct pm_details *details, unsigned src, struct pm_sink *sink)
{
    static const unsigned flags[] = {PM_TCP_SYN, PM_TCP_FIN, PM_TCP_RST, PM_TCP_PSH,
                                     PM_TCP_URG, PM_TCP_ECE, PM_TCP_CWR};
    const struct pm_flow_side *fwd = &details->sides[src], *rev = &details->sides[!src];

    for (size_t i = 0; i < PM_COUNT(flags); i++) {
        pm_put(sink, fwd->tcp_flags[__builtin_ctz(flags[i])]);
        pm_put(sink, rev->tcp_flags[__builtin_ctz(flags[i])]);
    }
    pm_put(sink, fwd->window);
    pm_put(sink, rev->window);
    pm_put(sink, fwd->window_scale);
    pm_put(sink, rev->window_scale);
    pm_put(sink, fwd->mss);
    pm_put(sink, rev->mss);
}

static void emit_handshake(const struct pm_handshake *handshake, struct pm_sink *sink)
{
    pm_put(sink, pm_handshake_syn_to_syn_ack(handshake));
    pm_put(sink, pm_handshake_syn_ack_to_ack(handshake));
}

static void put_round_trip_mean(struct pm_sink *sink, const struct pm_tcp_counts *counts)
{
    pm_put_fixed6(sink, counts->round_trips == 0
                            ? 0
                            : pm_round_divide((__int128)counts->round_trip_sum * 1000000,
                                              counts->round_trips));
}

static void emit_quality(const struct pm_tcp_flow *tcp, unsigned src, struct pm_sink *sink)
{
    struct pm_tcp_counts sides[2] = {{0}}, *fwd = &sides[src], *rev = &sides[!src];

    for (unsigned direction = 0; direction < 2 && tcp != NULL; direction++)
        sides[direction] = pm_tcp_flow_counts(tcp, direction);
    pm_put(sink, fwd->retransmissions);
    pm_put(sink, rev->retransmissions);
    pm_put(sink, fwd->retransmitted_bytes);
    pm_put(sink, rev->retransmitted_bytes);
    pm_put(sink, fwd->out_of_order);
    pm_put(sink, rev->out_of_order);
    pm_put(sink, fwd->duplicate_acks);
    pm_put(sink, rev->duplicate_acks);
    pm_put(sink, fwd->zero_windows);
    pm_put(sink, rev->zero_windows);
    pm_put(sink, fwd->keep_alives);
    pm_put(sink, rev->keep_alives);
    pm_put(sink, fwd->round_trips);
    pm_put(sink, rev->round_trips);
    pm_put(sink, fwd->round_trip_min);
    pm_put(sink, rev->round_trip_min);
    put_round_trip_mean(sink, fwd);
    put_round_trip_mean(sink, rev);
    pm_put(sink, fwd->round_trip_max);
    pm_put(sink, rev->round_trip_max);
}

static void put_moments(struct pm_sink *sink, const struct pm_moments *moments)
{
    pm_put(sink, moments->min);
    pm_put(sink, moments->max);
    pm_put_fixed6(sink, pm_moments_mean(moments));
    pm_put_fixed6(sink, pm_moments_deviation(moments, 1, 1));
}

/* Of both directions and of the whole. */
static void put_lengths(struct pm_sink *sink, const struct pm_moments *fwd,
                        const struct pm_moments *rev)
{
    struct pm_moments both = *fwd;

    pm_moments_join(&both, rev);
    put_moments(sink, fwd);
    put_moments(sink, rev);
    put_moments(sink, &both);
}

static void emit_lengths_and_times(const struct pm_details *details, unsigned src,
                                   struct pm_sink *sink)
{
    const struct pm_flow_side *fwd = &details->sides[src], *rev = &details->sides[!src];

    pm_put(sink, fwd->ttl_min);
    pm_put(sink, rev->ttl_min);
    pm_put(sink, fwd->ttl_max);
    pm_put(sink, rev->ttl_max);
    pm_put(sink, fwd->dscp);
    pm_put(sink, rev->dscp);
    put_lengths(sink, &fwd->wire, &rev->wire);
    put_lengths(sink, &fwd->payload, &rev->payload);
    put_moments(sink, &fwd->gaps.moments);
    put_moments(sink, &rev->gaps.moments);
    put_moments(sink, &details->gaps.moments);
}

static void emit_bursts(const struct pm_details *details, unsigned src, struct pm_sink *sink)
{
    const struct pm_flow_side *fwd = &details->sides[src], *rev = &details->sides[!src];
    struct pm_bulk_counts fwd_bulks = pm_bulks_counts(&details->bulks, src);
    struct pm_bulk_counts rev_bulks = pm_bulks_counts(&details->bulks, !src);
    struct pm_moments active = pm_activity_active(&details->activity);

    pm_put(sink, fwd->data_packets);
    pm_put(sink, rev->data_packets);
    pm_put(sink, fwd->header_bytes);
    pm_put(sink, rev->header_bytes);
    pm_put(sink, pm_activity_subflows(&details->activity));
    pm_put(sink, active.n);
    put_moments(sink, &active);
    pm_put(sink, details->activity.idle.n);
    put_moments(sink, &details->activity.idle);
    pm_put(sink, fwd_bulks.bulks);
    pm_put(sink, rev_bulks.bulks);
    pm_put(sink, fwd_bulks.packets);
    pm_put(sink, rev_bulks.packets);
    pm_put(sink, fwd_bulks.bytes);
    pm_put(sink, rev_bulks.bytes);
    pm_put(sink, fwd_bulks.ns);
    pm_put(sink, rev_bulks.ns);
}

static void emit_all(const struct pm_details *details, unsigned src, struct pm_sink *sink)
{
    emit_lengths_and_times(details, src, sink);
    emit_bursts(details, src, sink);
}

static void emit_counts(const struct pm_segment *flow, struct pm_sink *sink)
{
    const struct pm_flow_counts *fwd = &flow->counts[flow->src_direction];
    const struct pm_flow_counts *rev = &flow->counts[!flow->src_direction];
    int64_t first = flow->timed ? pm_segment_min_ts(flow) : 0;
    int64_t last = flow->timed ? pm_segment_max_ts(flow) : 0;

    pm_put(sink, flow->flow + UINT64_C(1));
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
}

static void emit_flow(const struct flows *flows, uint64_t flow, struct pm_sink *sink)
{
    const struct pm_segments *segments = &flows->segments;
    const struct pm_segment *head = pm_flows_get(flows, flow);
    enum pm_flow_columns shown = segments->settings->flow_columns;
    const struct pm_details *details;
    struct pm_details room;
    const struct pm_tcp_flow *tcp;
    struct pm_tcp_flow tcp_room;
    char history[PM_TCP_HISTORY_TEXT];

    emit_counts(head, sink);
    emit_life(flow_at(flows, flow), head, pm_segment_fragments(segments, head), sink);
    if (shown >= PM_FLOW_TCP) {
        details = pm_segment_details(segments, head, &room);
        tcp = pm_segment_tcp(segments, head, &tcp_room);
        emit_conn(flow_at(flows, flow), head, tcp, history, sink);
        emit_tcp(details, head->src_direction, sink);
        emit_quality(tcp, head->src_direction, sink);
        emit_handshake(&details->handshakes[head->src_direction], sink);
        if (shown >= PM_FLOW_ALL)
            emit_all(details, head->src_direction, sink);
    }
    pm_end_row(sink);
}

static void flows_emit(const void *state, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    for (uint64_t flow = begin; flow < end; flow++)
        emit_flow(state, flow, sink);
}

static uint64_t flows_packets(const void *state)
{
    const struct flows *flows = state;

    return flows->segments.non_flow + flows->survey->packets;
}

/* ---- life ------------------------------------------------------------------------------------ */

static enum pm_status flows_init(void *state, const struct pm_settings *settings)
{
    return pm_segments_init(&((struct flows *)state)->segments, settings);
}

static void flows_free(void *state)
{
    struct flows *flows = state;

    pm_segments_free(&flows->segments);
    free(flows->survey);
}

static enum pm_status flows_update(void *state, struct pm_batch *batch)
{
    return pm_segments_update(&((struct flows *)state)->segments, batch);
}

static bool flows_meets(const void *into, const void *from)
{
    return pm_segments_meet(&((const struct flows *)into)->segments,
                            &((const struct flows *)from)->segments);
}

static enum pm_status flows_merge(void *into, void *from, struct pm_joint *joint)
{
    return pm_segments_merge(&((struct flows *)into)->segments, &((struct flows *)from)->segments,
                             joint);
}

static void flows_lead(void *state)
{
    pm_segments_lead(&((struct flows *)state)->segments);
}

static enum pm_status flows_settle(void *state, const struct pm_set *set)
{
    (void)set;
    return pm_segments_settle(&((struct flows *)state)->segments);
}

static enum pm_status flows_finish(void *state)
{
    struct flows *flows = state;

    flows->survey = pm_flow_survey_make(flows);
    return flows->survey != NULL ? PM_OK : PM_NO_MEMORY;
}

const struct pm_table pm_table_flows = {
    .name = "flows",
    .description = "one row per bidirectional flow, in the order of first packets",
    .columns = columns,
    .n_columns = PM_COUNT(columns),
    .charts = pm_flow_charts,
    .n_charts = PM_N_FLOW_CHARTS,
    .state_bytes = sizeof(struct flows),
    .init = flows_init,
    .free = flows_free,
    .lead = flows_lead,
    .update = flows_update,
    .merge = flows_merge,
    .meets = flows_meets,
    .settle = flows_settle,
    .finish = flows_finish,
    .packets = flows_packets,
    .n_rows = pm_flows_count,
    .shown = flows_shown,
    .emit = flows_emit,
};
