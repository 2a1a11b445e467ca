/*
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
#include "table/segments.h"

#include <stdlib.h>

enum { ORPHAN_SLOTS = 4096 };

_Static_assert(sizeof(struct pm_flow_key) == 48, "compared as bytes");
_Static_assert(sizeof(struct pm_segment) == 192, "three cache lines");

/* ---- keys ------------------------------------------------------------------------------------ */

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

static uint32_t hash_of(const struct pm_segments *segments, const struct pm_flow_key *key)
{
    return pm_hash(&segments->settings->hash_key, key, offsetof(struct pm_flow_key, hash));
}

/* ---- details --------------------------------------------------------------------------------- */

/* The first packet of a segment that has no other, as far as details go by it. */
static struct pm_packet only_packet(const struct pm_segment *segment)
{
    const struct pm_flow_counts *counts = &segment->counts[segment->first_direction];

    return (struct pm_packet){.ts_ns = segment->first_ts,
                              .timed = segment->timed,
                              .wire_len = (uint32_t)counts->wire_bytes,
                              .payload_len = (uint32_t)counts->payload_bytes,
                              .fragments = segment->opens_with_fragment,
                              .ttl = segment->ttl,
                              .dscp = segment->dscp,
                              .has_tcp = segment->opens_with_tcp,
                              .tcp_flags = segment->tcp_flags[segment->first_direction],
                              .tcp_window = segment->window,
                              .tcp_mss = segment->mss,
                              .tcp_window_scale = segment->window_scale};
}

uint64_t pm_segment_fragments(const struct pm_segments *segments, const struct pm_segment *segment)
{
    const struct pm_details *details;

    if (segment->details == PM_NONE)
        return segment->opens_with_fragment;
    details = pm_store_at(&segments->details, segment->details);
    return details->fragments;
}

const struct pm_details *pm_segment_details(const struct pm_segments *segments,
                                            const struct pm_segment *segment,
                                            struct pm_details *room)
{
    struct pm_packet packet;

    if (segment->details != PM_NONE)
        return pm_store_at(&segments->details, segment->details);
    packet = only_packet(segment);
    *room = (struct pm_details){0};
    pm_details_add(room, &packet, segment->first_direction, segments->settings->flow_columns);
    return room;
}

/* Gives a segment of one packet details of its own. NULL: no memory. */
static struct pm_details *own_details(struct pm_segments *segments, struct pm_segment *segment)
{
    struct pm_packet packet;
    struct pm_details *details;

    if (segment->details != PM_NONE)
        return pm_store_at(&segments->details, segment->details);
    segment->details = pm_store_add(&segments->details);
    if (segment->details == PM_NONE)
        return NULL;
    packet = only_packet(segment);
    details = pm_store_at(&segments->details, segment->details);
    pm_details_add(details, &packet, segment->first_direction, segments->settings->flow_columns);
    return details;
}

/* ---- one packet ------------------------------------------------------------------------------ */

/* What the first pass over a batch finds out about a packet. */
struct lookup {
    struct pm_flow_key key;
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
    return packet->has_tcp && (packet->tcp_flags & (PM_TCP_SYN | PM_TCP_ACK)) == PM_TCP_SYN;
}

/* Gives a fragment its ports, or makes it an orphan. Not for packets that are none. */
static __attribute__((noinline)) enum pm_status look_up_fragment(struct pm_segments *segments,
                                                                 const struct pm_packet *packet,
                                                                 struct lookup *lookup)
{
    struct pm_fragment_key key = pm_fragment_key(packet);
    struct pm_fragment_ports ports = {packet->src_port, packet->dst_port};

    if (packet->fragments)
        return pm_fragments_add(&segments->fragments, packet) ? PM_OK : PM_NO_MEMORY;
    lookup->orphan = pm_fragments_find(&segments->fragments, &key, packet->timed, packet->ts_ns,
                                       &ports) == PM_FRAGMENT_UNKNOWN;
    lookup->key.a_port = ports.src_port;
    lookup->key.b_port = ports.dst_port;
    return PM_OK;
}

static inline enum pm_status look_up(struct pm_segments *segments, const struct pm_packet *packet,
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
    if (segments->settings->key_vlan)
        lookup->key.vlan_id = packet->vlan_id;
    if (segments->settings->key_tunnel && packet->tunnel_both_ways)
        lookup->key.tunnel_id = packet->tunnel_id;
    if (pm_is_fragment(packet) && has_ports(packet))
        PM_TRY(look_up_fragment(segments, packet, lookup));
    lookup->direction = lookup->orphan ? 0 : (uint8_t)sort_ends(&lookup->key);
    lookup->key.hash = hash_of(segments, &lookup->key);
    pm_index_prefetch(&segments->index, lookup->key.hash);
    return PM_OK;
}

/* Whether a packet may begin a flow, so that its segment must not be the one before. */
static inline bool begins_segment(const struct pm_segments *segments,
                                  const struct pm_segment *segment, const struct pm_packet *packet,
                                  unsigned direction)
{
    if (packet->timed && (!segment->timed || pm_is_silence(segment->last_ts, packet->ts_ns,
                                                           segments->settings->idle_timeout_ns)))
        return true;
    if (is_syn(packet) && !(segment->opens_with_syn && segment->first_direction == direction &&
                            segment->opening_seq == packet->tcp_seq))
        return true;
    return segments->orphan_at != NULL &&
           segments->orphan_at[orphan_slot(packet->src, packet->dst, packet->proto)] >
               segment->first_packet;
}

static inline void count_packet(struct pm_segment *segment, const struct pm_packet *packet,
                                unsigned direction)
{
    struct pm_flow_counts *counts = &segment->counts[direction];
    uint8_t side = (uint8_t)(1u << direction);

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
    if (packet->tcp_flags & PM_TCP_SYN && !(segment->syn_seen & side)) {
        segment->syn_seen |= side;
        segment->first_seq[direction] = packet->tcp_seq;
    } else if (!(segment->has_seq & side)) {
        segment->first_seq[direction] = packet->tcp_seq - 1;
    }
    segment->has_seq |= side;
}

/* Whether a further packet of a segment is to be counted in details. Where no column shows them
 * they still count fragments, which are rare. */
static inline bool wants_details(const struct pm_segments *segments, const struct pm_packet *packet)
{
    enum pm_flow_columns columns = segments->settings->flow_columns;

    return columns == PM_FLOW_ALL || (columns == PM_FLOW_TCP && packet->has_tcp) ||
           pm_is_fragment(packet);
}

/* Counts a packet in the segment that it belongs to, which it began or not. */
static inline enum pm_status count_in(struct pm_segments *segments, uint32_t number,
                                      const struct pm_packet *packet, unsigned direction)
{
    struct pm_segment *segment = pm_segment_at(segments, number);

    if (segment->first_packet != packet->number && wants_details(segments, packet)) {
        struct pm_details *details = own_details(segments, segment);

        if (details == NULL)
            return PM_NO_MEMORY;
        pm_details_add(details, packet, direction, segments->settings->flow_columns);
    }
    count_packet(segment, packet, direction);
    return PM_OK;
}

static uint32_t begin_segment(struct pm_segments *segments, const struct pm_packet *packet,
                              const struct lookup *lookup)
{
    uint32_t number = pm_store_add(&segments->store);
    struct pm_segment *segment;

    if (number == PM_NONE)
        return PM_NONE;
    segment = pm_segment_at(segments, number);
    segment->key = lookup->key;
    segment->first_packet = packet->number;
    segment->first_direction = lookup->direction != 0;
    segment->timed = packet->timed;
    segment->first_ts = segment->min_ts = segment->max_ts = packet->ts_ns;
    segment->opens_with_tcp = packet->has_tcp;
    segment->opens_with_fragment = pm_is_fragment(packet);
    segment->opens_with_syn = is_syn(packet);
    segment->opens_with_syn_ack =
        packet->has_tcp &&
        (packet->tcp_flags & (PM_TCP_SYN | PM_TCP_ACK)) == (PM_TCP_SYN | PM_TCP_ACK);
    segment->opening_seq = packet->tcp_seq;
    segment->tunnel_id = packet->tunnel_id;
    segment->vlan_id = packet->vlan_id;
    segment->window = packet->tcp_window;
    segment->mss = packet->tcp_mss;
    segment->window_scale = packet->tcp_window_scale;
    segment->ttl = packet->ttl;
    segment->dscp = packet->dscp;
    segment->details = PM_NONE;
    return number;
}

static uint32_t begin_orphan(struct pm_segments *segments, const struct pm_packet *packet,
                             const struct lookup *lookup)
{
    uint32_t number = begin_segment(segments, packet, lookup), orphan;

    if (segments->orphan_at == NULL)
        segments->orphan_at = calloc(ORPHAN_SLOTS, sizeof *segments->orphan_at);
    orphan = pm_store_add(&segments->orphans);
    if (number == PM_NONE || orphan == PM_NONE || segments->orphan_at == NULL)
        return PM_NONE;
    *(uint32_t *)pm_store_at(&segments->orphans, orphan) = number;
    pm_segment_at(segments, number)->orphan = true;
    pm_segment_at(segments, number)->fragment_id = packet->fragment_id;
    segments->orphan_at[orphan_slot(packet->src, packet->dst, packet->proto)] = packet->number + 1;
    return number;
}

/* The segment that a packet belongs to, or PM_NONE: no memory. */
static inline uint32_t find_segment(struct pm_segments *segments, const struct pm_packet *packet,
                                    const struct lookup *lookup)
{
    uint32_t found, number;

    if (lookup->orphan)
        return begin_orphan(segments, packet, lookup);
    found = pm_index_find(&segments->index, lookup->key.hash, pm_segment_has_key, &segments->store,
                          &lookup->key);
    if (found != PM_NONE &&
        !begins_segment(segments, pm_segment_at(segments, found), packet, lookup->direction))
        return found;
    number = begin_segment(segments, packet, lookup);
    if (number == PM_NONE)
        return PM_NONE;
    if (found != PM_NONE)
        pm_index_replace(&segments->index, lookup->key.hash, found, number);
    else if (!pm_index_add(&segments->index, lookup->key.hash, number))
        return PM_NONE;
    return number;
}

/*
 * Three passes over a batch, so that the two cache misses of a packet (slot, segment) overlap with
 * those of its neighbours:
 *
 *     key and hash of all, prefetch slots ─▶ read slots, prefetch segments ─▶ compare and count
 *
 * Cost: 44 ns a packet, 11 of them for the hash (bench: update/flows, hash).
 */
enum pm_status pm_segments_update(struct pm_segments *segments, struct pm_batch *batch)
{
    struct lookup lookups[PM_BATCH_MAX];

    for (size_t i = 0; i < batch->n; i++)
        PM_TRY(look_up(segments, &batch->packets[i], &lookups[i]));
    for (size_t i = 0; i < batch->n; i++) {
        uint32_t segment =
            lookups[i].is_flow ? pm_index_peek(&segments->index, lookups[i].key.hash) : PM_NONE;

        if (segment != PM_NONE) {
            const char *lines = (const char *)pm_segment_at(segments, segment);

            __builtin_prefetch(lines, 1);
            __builtin_prefetch(lines + 64, 1);
            __builtin_prefetch(lines + 128, 1);
        }
    }
    for (size_t i = 0; i < batch->n; i++) {
        batch->flow[i] = PM_NONE;
        if (!lookups[i].is_flow) {
            segments->non_flow++;
            continue;
        }
        batch->flow[i] = find_segment(segments, &batch->packets[i], &lookups[i]);
        if (batch->flow[i] == PM_NONE)
            return PM_NO_MEMORY;
        PM_TRY(count_in(segments, batch->flow[i], &batch->packets[i], lookups[i].direction));
    }
    return PM_OK;
}

/* ---- joining runs ---------------------------------------------------------------------------- */

/* An orphan has found its place: ports (or none), ends in order, direction, hash. */
static void adopt(struct pm_segments *segments, struct pm_segment *orphan,
                  struct pm_fragment_ports ports)
{
    orphan->orphan = false;
    orphan->key.a_port = ports.src_port;
    orphan->key.b_port = ports.dst_port;
    if (sort_ends(&orphan->key) == 1) { /* it is of one packet, and so without details */
        orphan->counts[1] = orphan->counts[0];
        orphan->counts[0] = (struct pm_flow_counts){0};
        orphan->first_direction = 1;
    }
    orphan->key.hash = hash_of(segments, &orphan->key);
}

/* Asks the first fragments of `left` about an orphan; false: they do not know either. */
static bool try_to_adopt(struct pm_segments *left, struct pm_segment *orphan)
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

static enum pm_status join_orphans(struct pm_segments *into, struct pm_segments *from,
                                   uint32_t shift)
{
    for (uint32_t i = pm_store_first(&from->orphans); i != PM_NONE;
         i = pm_store_next(&from->orphans, i)) {
        uint32_t number = *(uint32_t *)pm_store_at(&from->orphans, i) + shift, kept;

        if (try_to_adopt(into, pm_segment_at(into, number)))
            continue;
        kept = pm_store_add(&into->orphans);
        if (kept == PM_NONE)
            return PM_NO_MEMORY;
        *(uint32_t *)pm_store_at(&into->orphans, kept) = number;
    }
    return PM_OK;
}

enum pm_status pm_segments_merge(struct pm_segments *into, struct pm_segments *from,
                                 struct pm_joint *joint)
{
    uint32_t shift;

    if (!pm_store_join(&into->details, &from->details, &shift))
        return PM_NO_MEMORY;
    for (uint32_t i = pm_store_first(&from->store); i != PM_NONE;
         i = pm_store_next(&from->store, i)) {
        struct pm_segment *segment = pm_segment_at(from, i);

        segment->first_packet += joint->packets_before;
        if (segment->details != PM_NONE)
            segment->details += shift;
    }
    if (!pm_store_join(&into->store, &from->store, &shift))
        return PM_NO_MEMORY;
    joint->segments_before = shift;
    into->non_flow += from->non_flow;
    pm_index_free(&into->index); /* its segments lie no longer at the right edge */
    if (!pm_index_init(&into->index, 0))
        return PM_NO_MEMORY;
    PM_TRY(join_orphans(into, from, shift));
    return pm_fragments_merge(&into->fragments, &from->fragments) ? PM_OK : PM_NO_MEMORY;
}

/* The counts of both, and of TCP what each sender began with. */
static void append_counts(struct pm_segment *to, const struct pm_segment *segment)
{
    for (unsigned i = 0; i < 2; i++) {
        uint8_t side = (uint8_t)(1u << i);

        to->counts[i].packets += segment->counts[i].packets;
        to->counts[i].wire_bytes += segment->counts[i].wire_bytes;
        to->counts[i].ip_bytes += segment->counts[i].ip_bytes;
        to->counts[i].payload_bytes += segment->counts[i].payload_bytes;
        to->tcp_flags[i] |= segment->tcp_flags[i];
        if (!(to->has_seq & side) || (!(to->syn_seen & side) && segment->syn_seen & side))
            to->first_seq[i] = segment->first_seq[i];
    }
    to->has_seq |= segment->has_seq;
    to->syn_seen |= segment->syn_seen;
}

static void append_times(struct pm_segment *to, const struct pm_segment *segment)
{
    if (!segment->timed)
        return;
    if (!to->timed || segment->min_ts < to->min_ts)
        to->min_ts = segment->min_ts;
    if (!to->timed || segment->max_ts > to->max_ts)
        to->max_ts = segment->max_ts;
    to->last_ts = segment->last_ts;
    to->timed = true;
}

enum pm_status pm_segment_append(struct pm_segments *segments, struct pm_segment *to,
                                 const struct pm_segment *segment)
{
    struct pm_packet packet = only_packet(to), other = only_packet(segment);

    if (to->details != PM_NONE || segment->details != PM_NONE || wants_details(segments, &packet) ||
        wants_details(segments, &other)) {
        struct pm_details room, *details = own_details(segments, to);

        if (details == NULL)
            return PM_NO_MEMORY;
        pm_details_join(details, pm_segment_details(segments, segment, &room));
    }
    append_counts(to, segment);
    append_times(to, segment);
    return PM_OK;
}

void pm_segments_close(struct pm_segments *segments)
{
    const struct pm_store *orphans = &segments->orphans;

    pm_index_free(&segments->index);
    for (uint32_t i = pm_store_first(orphans); i != PM_NONE; i = pm_store_next(orphans, i))
        adopt(segments, pm_segment_at(segments, *(uint32_t *)pm_store_at(orphans, i)),
              (struct pm_fragment_ports){0, 0});
}

enum pm_status pm_segments_init(struct pm_segments *segments, const struct pm_settings *settings)
{
    segments->settings = settings;
    pm_store_init(&segments->store, sizeof(struct pm_segment));
    pm_store_init(&segments->details, sizeof(struct pm_details));
    pm_store_init(&segments->orphans, sizeof(uint32_t));
    if (!pm_index_init(&segments->index, 0) ||
        !pm_fragments_init(&segments->fragments, &settings->hash_key))
        return PM_NO_MEMORY;
    return PM_OK;
}

void pm_segments_free(struct pm_segments *segments)
{
    pm_index_free(&segments->index);
    pm_store_free(&segments->store);
    pm_store_free(&segments->details);
    pm_fragments_free(&segments->fragments);
    pm_store_free(&segments->orphans);
    free(segments->orphan_at);
}
