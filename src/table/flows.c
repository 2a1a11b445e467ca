/*
 * flows: one row per bidirectional flow. CONTRACT.md, section 5, is the law; flows.h tells how runs
 * and joins keep it.
 *
 * Why segments join exactly: whether a packet ends a flow depends on the packet, on the time of the
 * flow's packet before it, and on the sequence numbers its sender began with. The first two are
 * known in a segment. The third may lie to the left only for a SYN without ACK, so each of those
 * begins a segment (unless it repeats the SYN that the segment began with). Later fragments whose
 * first fragment is not in the run have no ports yet: each is a segment of one packet, and whatever
 * five-tuple it might join begins a new segment behind it, so that it can be put between two.
 *
 * What was tried: one list of segments per flow, linked at the join. It needs the same lookups and
 * a second rule for orphans.
 */
#include "table/flows.h"

#include <stdlib.h>

#include "base/loglinear.h"
#include "base/number.h"
#include "table/all_tables.h"
#include "table/fragments.h"

enum { FLAG_SYN = 0x02, FLAG_ACK = 0x10, ORPHAN_SLOTS = 4096 };

struct flows {
    const struct pm_settings *settings;
    struct pm_index index; /* five-tuple -> its latest segment in this run */
    struct pm_store segments;
    struct pm_fragments fragments;
    struct pm_store orphans; /* uint32_t: segments */
    uint64_t *orphan_at;     /* by address pair: number + 1 of the latest orphan; NULL: none yet */
    uint64_t non_flow;       /* packets without IP */

    uint32_t *heads; /* settled: the flows */
    uint64_t n_flows;
};

_Static_assert(sizeof(struct pm_flow_key) == 40, "hashed and compared as bytes");
_Static_assert(sizeof(struct pm_segment) == 192, "three cache lines");

/* ---- keys ------------------------------------------------------------------------------------ */

static bool same_key(const void *segments, uint32_t item, const void *key)
{
    const struct pm_segment *segment = pm_store_at(segments, item);

    return memcmp(&segment->key, key, sizeof segment->key) == 0;
}

static inline struct pm_segment *segment_at(const struct flows *flows, uint32_t segment)
{
    return pm_store_at(&flows->segments, segment);
}

/* Sorts the two ends of a key that stand as source and destination; returns the direction. */
static inline unsigned sort_ends(struct pm_flow_key *key)
{
    int order = pm_address_compare(key->a, key->b);
    struct pm_flow_key given = *key;

    if (order < 0 || (order == 0 && key->a_port <= key->b_port))
        return 0;
    key->a = given.b;
    key->a_port = given.b_port;
    key->b = given.a;
    key->b_port = given.a_port;
    return 1;
}

/* Both directions of an address pair share a slot; that others may too costs segments, not truth.
 */
static unsigned orphan_slot(struct pm_address a, struct pm_address b, uint8_t proto)
{
    uint64_t mix = a.high ^ b.high ^ (a.low + b.low) ^ proto;

    return (unsigned)(mix * 0x9e3779b97f4a7c15u >> 52);
}

_Static_assert(ORPHAN_SLOTS == 1 << (64 - 52), "orphan_slot shifts by 52");

/* ---- one packet ------------------------------------------------------------------------------ */

/* What the first pass over a batch finds out about a packet. */
struct lookup {
    struct pm_flow_key key;
    uint32_t hash;
    uint8_t direction;
    bool is_flow;
    bool orphan;
};

static bool has_ports(const struct pm_packet *packet)
{
    return packet->word == PM_WORD_TCP || packet->word == PM_WORD_UDP ||
           packet->word == PM_WORD_SCTP;
}

static inline bool is_syn(const struct pm_packet *packet)
{
    return packet->has_tcp && (packet->tcp_flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN;
}

/* Gives a fragment its ports, or makes it an orphan. Not for packets that are none. */
static __attribute__((noinline)) enum pm_status
look_up_fragment(struct flows *flows, const struct pm_packet *packet, struct lookup *lookup)
{
    struct pm_fragment_key key = pm_fragment_key(packet);
    struct pm_fragment_ports ports = {packet->src_port, packet->dst_port};

    if (packet->fragments)
        return pm_fragments_add(&flows->fragments, packet) ? PM_OK : PM_NO_MEMORY;
    lookup->orphan = pm_fragments_find(&flows->fragments, &key, packet->timed, packet->ts_ns,
                                       &ports) == PM_FRAGMENT_UNKNOWN;
    lookup->key.a_port = ports.src_port;
    lookup->key.b_port = ports.dst_port;
    return PM_OK;
}

static inline enum pm_status look_up(struct flows *flows, const struct pm_packet *packet,
                                     struct lookup *lookup)
{
    lookup->is_flow = packet->ip_version != 0;
    lookup->orphan = false;
    if (!lookup->is_flow)
        return PM_OK;
    lookup->key = (struct pm_flow_key){.a = packet->src,
                                       .b = packet->dst,
                                       .a_port = packet->src_port,
                                       .b_port = packet->dst_port,
                                       .proto = packet->proto,
                                       .ip_version = packet->ip_version};
    if ((packet->fragments || packet->fragment_offset != 0) && has_ports(packet))
        PM_TRY(look_up_fragment(flows, packet, lookup));
    lookup->direction = lookup->orphan ? 0 : (uint8_t)sort_ends(&lookup->key);
    lookup->hash = pm_hash(&flows->settings->hash_key, &lookup->key, sizeof lookup->key);
    pm_index_prefetch(&flows->index, lookup->hash);
    return PM_OK;
}

static inline bool is_silence(int64_t before, int64_t now, int64_t idle_timeout)
{
    return now > before && (uint64_t)now - (uint64_t)before > (uint64_t)idle_timeout;
}

/* Whether a packet may begin a flow, so that its segment must not be the one before. */
static inline bool begins_segment(const struct flows *flows, const struct pm_segment *segment,
                                  const struct pm_packet *packet, unsigned direction)
{
    if (packet->timed && (!segment->timed || is_silence(segment->last_ts, packet->ts_ns,
                                                        flows->settings->idle_timeout_ns)))
        return true;
    if (is_syn(packet) && !(segment->opens_with_syn && segment->first_direction == direction &&
                            segment->opening_seq == packet->tcp_seq))
        return true;
    return flows->orphan_at != NULL &&
           flows->orphan_at[orphan_slot(packet->src, packet->dst, packet->proto)] >
               segment->first_packet;
}

static inline void count_packet(struct pm_segment *segment, const struct pm_packet *packet,
                                unsigned direction)
{
    struct pm_flow_counts *counts = &segment->counts[direction];

    counts->packets++;
    counts->wire_bytes += packet->wire_len;
    counts->ip_bytes += packet->ip_len;
    counts->payload_bytes += packet->payload_len;
    if (packet->timed) {
        segment->last_ts = packet->ts_ns;
        if (packet->ts_ns < segment->min_ts)
            segment->min_ts = packet->ts_ns;
        if (packet->ts_ns > segment->max_ts)
            segment->max_ts = packet->ts_ns;
    }
    if (!packet->has_tcp)
        return;
    segment->tcp_flags[direction] |= packet->tcp_flags;
    if (packet->tcp_flags & FLAG_SYN && !segment->syn_seen[direction]) {
        segment->syn_seen[direction] = true;
        segment->first_seq[direction] = packet->tcp_seq;
    } else if (!segment->has_seq[direction]) {
        segment->first_seq[direction] = packet->tcp_seq - 1;
    }
    segment->has_seq[direction] = true;
}

static uint32_t begin_segment(struct flows *flows, const struct pm_packet *packet,
                              const struct lookup *lookup)
{
    uint32_t number = pm_store_add(&flows->segments);
    struct pm_segment *segment;

    if (number == PM_NONE)
        return PM_NONE;
    segment = segment_at(flows, number);
    segment->key = lookup->key;
    segment->hash = lookup->hash;
    segment->first_packet = packet->number;
    segment->first_direction = lookup->direction;
    segment->timed = packet->timed;
    segment->first_ts = segment->min_ts = segment->max_ts = packet->ts_ns;
    segment->opens_with_syn = is_syn(packet);
    segment->opening_seq = packet->tcp_seq;
    segment->opens_with_syn_ack =
        packet->has_tcp && (packet->tcp_flags & (FLAG_SYN | FLAG_ACK)) == (FLAG_SYN | FLAG_ACK);
    return number;
}

static uint32_t begin_orphan(struct flows *flows, const struct pm_packet *packet,
                             const struct lookup *lookup)
{
    uint32_t number = begin_segment(flows, packet, lookup), orphan;

    if (flows->orphan_at == NULL)
        flows->orphan_at = calloc(ORPHAN_SLOTS, sizeof *flows->orphan_at);
    orphan = pm_store_add(&flows->orphans);
    if (number == PM_NONE || orphan == PM_NONE || flows->orphan_at == NULL)
        return PM_NONE;
    *(uint32_t *)pm_store_at(&flows->orphans, orphan) = number;
    segment_at(flows, number)->orphan = true;
    segment_at(flows, number)->fragment_id = packet->fragment_id;
    flows->orphan_at[orphan_slot(packet->src, packet->dst, packet->proto)] = packet->number + 1;
    return number;
}

/* The segment that a packet belongs to, or PM_NONE: no memory. */
static inline uint32_t find_segment(struct flows *flows, const struct pm_packet *packet,
                                    const struct lookup *lookup)
{
    uint32_t found, number;

    if (lookup->orphan)
        return begin_orphan(flows, packet, lookup);
    found = pm_index_find(&flows->index, lookup->hash, same_key, &flows->segments, &lookup->key);
    if (found != PM_NONE &&
        !begins_segment(flows, segment_at(flows, found), packet, lookup->direction))
        return found;
    number = begin_segment(flows, packet, lookup);
    if (number == PM_NONE)
        return PM_NONE;
    if (found != PM_NONE)
        pm_index_replace(&flows->index, lookup->hash, found, number);
    else if (!pm_index_add(&flows->index, lookup->hash, number))
        return PM_NONE;
    return number;
}

/*
 * Three passes over a batch, so that the two cache misses of a packet (slot, segment) overlap with
 * those of its neighbours:
 *
 *     key and hash of all, prefetch slots ─▶ read slots, prefetch segments ─▶ compare and count
 */
static enum pm_status flows_update(void *state, struct pm_batch *batch)
{
    struct flows *flows = state;
    struct lookup lookups[PM_BATCH_MAX];

    for (size_t i = 0; i < batch->n; i++)
        PM_TRY(look_up(flows, &batch->packets[i], &lookups[i]));
    for (size_t i = 0; i < batch->n; i++) {
        uint32_t segment =
            lookups[i].is_flow ? pm_index_peek(&flows->index, lookups[i].hash) : PM_NONE;

        if (segment != PM_NONE) {
            const char *lines = (const char *)segment_at(flows, segment);

            __builtin_prefetch(lines, 1);
            __builtin_prefetch(lines + 64, 1);
            __builtin_prefetch(lines + 128, 1);
        }
    }
    for (size_t i = 0; i < batch->n; i++) {
        batch->flow[i] = PM_NONE;
        if (!lookups[i].is_flow) {
            flows->non_flow++;
            continue;
        }
        batch->flow[i] = find_segment(flows, &batch->packets[i], &lookups[i]);
        if (batch->flow[i] == PM_NONE)
            return PM_NO_MEMORY;
        count_packet(segment_at(flows, batch->flow[i]), &batch->packets[i], lookups[i].direction);
    }
    return PM_OK;
}

/* ---- joining runs ---------------------------------------------------------------------------- */

/* An orphan has found its place: ports (or none), ends in order, direction, hash. */
static void adopt(struct flows *flows, struct pm_segment *orphan, struct pm_fragment_ports ports)
{
    orphan->orphan = false;
    orphan->key.a_port = ports.src_port;
    orphan->key.b_port = ports.dst_port;
    if (sort_ends(&orphan->key) == 1) {
        orphan->counts[1] = orphan->counts[0];
        orphan->counts[0] = (struct pm_flow_counts){0};
        orphan->first_direction = 1;
    }
    orphan->hash = pm_hash(&flows->settings->hash_key, &orphan->key, sizeof orphan->key);
}

/* Asks the first fragments of `left` about an orphan; false: they do not know either. */
static bool try_to_adopt(struct flows *left, struct pm_segment *orphan)
{
    struct pm_fragment_ports ports = {0, 0};
    struct pm_fragment_key key = {.src = orphan->key.a,
                                  .dst = orphan->key.b,
                                  .id = orphan->fragment_id,
                                  .proto = orphan->key.proto,
                                  .ip_version = orphan->key.ip_version};

    if (pm_fragments_find(&left->fragments, &key, orphan->timed, orphan->first_ts, &ports) ==
        PM_FRAGMENT_UNKNOWN)
        return false;
    adopt(left, orphan, ports);
    return true;
}

static enum pm_status join_orphans(struct flows *into, struct flows *from, uint32_t shift)
{
    for (uint32_t i = pm_store_first(&from->orphans); i != PM_NONE;
         i = pm_store_next(&from->orphans, i)) {
        uint32_t number = *(uint32_t *)pm_store_at(&from->orphans, i) + shift, kept;

        if (try_to_adopt(into, segment_at(into, number)))
            continue;
        kept = pm_store_add(&into->orphans);
        if (kept == PM_NONE)
            return PM_NO_MEMORY;
        *(uint32_t *)pm_store_at(&into->orphans, kept) = number;
    }
    return PM_OK;
}

static enum pm_status flows_merge(void *into_state, void *from_state, struct pm_joint *joint)
{
    struct flows *into = into_state, *from = from_state;
    uint32_t shift;

    for (uint32_t i = pm_store_first(&from->segments); i != PM_NONE;
         i = pm_store_next(&from->segments, i))
        segment_at(from, i)->first_packet += joint->packets_before;
    if (!pm_store_join(&into->segments, &from->segments, &shift))
        return PM_NO_MEMORY;
    joint->segments_before = shift;
    into->non_flow += from->non_flow;
    PM_TRY(join_orphans(into, from, shift));
    return pm_fragments_merge(&into->fragments, &from->fragments) ? PM_OK : PM_NO_MEMORY;
}

/* ---- settling: from segments to flows -------------------------------------------------------- */

static bool is_new_connection(const struct pm_segment *flow, const struct pm_segment *segment)
{
    unsigned sender = segment->first_direction;

    return segment->opens_with_syn && flow->has_seq[sender] &&
           flow->first_seq[sender] != segment->opening_seq;
}

static void add_segment(struct pm_segment *flow, const struct pm_segment *segment)
{
    for (unsigned i = 0; i < 2; i++) {
        flow->counts[i].packets += segment->counts[i].packets;
        flow->counts[i].wire_bytes += segment->counts[i].wire_bytes;
        flow->counts[i].ip_bytes += segment->counts[i].ip_bytes;
        flow->counts[i].payload_bytes += segment->counts[i].payload_bytes;
        flow->tcp_flags[i] |= segment->tcp_flags[i];
        if (!flow->has_seq[i] || (!flow->syn_seen[i] && segment->syn_seen[i]))
            flow->first_seq[i] = segment->first_seq[i];
        flow->has_seq[i] |= segment->has_seq[i];
        flow->syn_seen[i] |= segment->syn_seen[i];
    }
    if (!segment->timed)
        return;
    if (!flow->timed || segment->min_ts < flow->min_ts)
        flow->min_ts = segment->min_ts;
    if (!flow->timed || segment->max_ts > flow->max_ts)
        flow->max_ts = segment->max_ts;
    flow->last_ts = segment->last_ts;
    flow->timed = true;
}

static void begin_flow(struct flows *flows, uint32_t number)
{
    struct pm_segment *segment = segment_at(flows, number);
    bool one_ended = pm_address_compare(segment->key.a, segment->key.b) == 0 &&
                     segment->key.a_port == segment->key.b_port;

    segment->head = number;
    segment->src_direction = segment->first_direction;
    if (segment->opens_with_syn_ack && !one_ended)
        segment->src_direction ^= 1;
    segment->flow_id = ++flows->n_flows;
}

/* The one rule: `segment` comes behind the flow that begins with `head`, which it continues (true)
 * or ends. After a silence the same connection goes on under the same source. */
static bool continues_flow(struct flows *flows, uint32_t head, uint32_t number)
{
    struct pm_segment *flow = segment_at(flows, head), *segment = segment_at(flows, number);
    bool silence = flow->timed && segment->timed &&
                   is_silence(flow->last_ts, segment->first_ts, flows->settings->idle_timeout_ns);
    bool new_connection = is_new_connection(flow, segment);

    if (!silence && !new_connection) {
        add_segment(flow, segment);
        segment->head = head;
        return true;
    }
    begin_flow(flows, number);
    if (!new_connection)
        segment->src_direction = flow->src_direction;
    return false;
}

static enum pm_status settle_segment(struct flows *flows, struct pm_index *latest, uint32_t number)
{
    const struct pm_segment *segment = segment_at(flows, number);
    uint32_t head = pm_index_find(latest, segment->hash, same_key, &flows->segments, &segment->key);

    if (head == PM_NONE) {
        begin_flow(flows, number);
        return pm_index_add(latest, segment->hash, number) ? PM_OK : PM_NO_MEMORY;
    }
    if (!continues_flow(flows, head, number))
        pm_index_replace(latest, segment->hash, head, number);
    return PM_OK;
}

static enum pm_status settle_segments(struct flows *flows, struct pm_index *latest)
{
    for (uint32_t i = pm_store_first(&flows->orphans); i != PM_NONE;
         i = pm_store_next(&flows->orphans, i)) {
        uint32_t number = *(uint32_t *)pm_store_at(&flows->orphans, i);

        adopt(flows, segment_at(flows, number), (struct pm_fragment_ports){0, 0});
    }
    for (uint32_t i = pm_store_first(&flows->segments); i != PM_NONE;
         i = pm_store_next(&flows->segments, i))
        PM_TRY(settle_segment(flows, latest, i));
    return PM_OK;
}

static enum pm_status list_heads(struct flows *flows)
{
    uint64_t n = 0;

    flows->heads = malloc((flows->n_flows + 1) * sizeof *flows->heads);
    if (flows->heads == NULL)
        return PM_NO_MEMORY;
    for (uint32_t i = pm_store_first(&flows->segments); i != PM_NONE;
         i = pm_store_next(&flows->segments, i))
        if (segment_at(flows, i)->head == i)
            flows->heads[n++] = i;
    return PM_OK;
}

static enum pm_status flows_settle(void *state, const struct pm_set *set)
{
    struct flows *flows = state;
    struct pm_index latest;
    enum pm_status status;

    (void)set;
    pm_index_free(&flows->index);
    if (!pm_index_init(&latest, (uint32_t)pm_store_count(&flows->segments)))
        return PM_NO_MEMORY;
    status = settle_segments(flows, &latest);
    pm_index_free(&latest);
    return status == PM_OK ? list_heads(flows) : status;
}

/* ---- for tables derived from flows ----------------------------------------------------------- */

uint64_t pm_flows_count(const void *flows)
{
    return ((const struct flows *)flows)->n_flows;
}

const struct pm_segment *pm_flows_get(const void *state, uint64_t flow)
{
    const struct flows *flows = state;

    return segment_at(flows, flows->heads[flow]);
}

uint64_t pm_flows_id(const void *state, uint32_t segment)
{
    const struct flows *flows = state;

    return segment_at(flows, segment_at(flows, segment)->head)->flow_id;
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
    uint64_t packets = flows->non_flow;

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

/* The complementary distribution, a row per log-linear bin that holds a flow: its lower edge (times
 * `scale`, in billionths) and the share of flows at or above it. */
static void emit_distribution(const struct flows *flows, struct pm_sink *sink,
                              uint64_t (*measure)(const struct pm_segment *), __int128 scale)
{
    uint64_t bins[PM_LOGLINEAR_BINS] = {0}, above = flows->n_flows;

    for (uint64_t i = 0; i < flows->n_flows; i++)
        bins[pm_loglinear_bin(measure(pm_flows_get(flows, i)))]++;
    for (unsigned bin = 0; bin < PM_LOGLINEAR_BINS; bin++) {
        if (bins[bin] == 0)
            continue;
        pm_put_fixed9(sink, pm_loglinear_low(bin) * scale);
        pm_put(sink, above);
        pm_put_fixed9(sink, pm_round_divide((__int128)above * 1000000000, flows->n_flows));
        pm_end_row(sink);
        above -= bins[bin];
    }
}

static void emit_sizes(const void *state, struct pm_sink *sink)
{
    emit_distribution(state, sink, flow_bytes, 1000000000);
}

static void emit_durations(const void *state, struct pm_sink *sink)
{
    emit_distribution(state, sink, flow_duration, 1);
}

static const struct pm_column size_columns[] = {
    {"wire_bytes", PM_CELL_FIXED9, "bytes", "a size"},
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
    struct flows *flows = state;

    flows->settings = settings;
    pm_store_init(&flows->segments, sizeof(struct pm_segment));
    pm_store_init(&flows->orphans, sizeof(uint32_t));
    if (!pm_index_init(&flows->index, 0) ||
        !pm_fragments_init(&flows->fragments, &settings->hash_key))
        return PM_NO_MEMORY;
    return PM_OK;
}

static void flows_free(void *state)
{
    struct flows *flows = state;

    pm_index_free(&flows->index);
    pm_store_free(&flows->segments);
    pm_fragments_free(&flows->fragments);
    pm_store_free(&flows->orphans);
    free(flows->orphan_at);
    free(flows->heads);
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
