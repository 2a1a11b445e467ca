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
#include <stdlib.h>

#include "table/flow_rule.h"

enum { ORPHAN_SLOTS = 4096 };

/* ---- finding the segment of a packet --------------------------------------------------------- */

/* Both directions of an address pair share a slot; that others may too costs segments, not truth.
 */
static unsigned orphan_slot(struct pm_address a, struct pm_address b, uint8_t proto)
{
    uint64_t mix = a.high ^ b.high ^ (a.low + b.low) ^ proto;

    return (unsigned)(mix * 0x9e3779b97f4a7c15u >> 52);
}

_Static_assert(ORPHAN_SLOTS == 1 << (64 - 52), "orphan_slot shifts by 52");

/* What the first two passes over a batch find out about a packet. */
struct lookup {
    struct pm_flow_key key;
    struct pm_segment *segment; /* the candidate: one that bears the hash, or NULL */
    uint32_t number;            /* of the candidate */
    uint8_t direction;
    bool is_flow;
    bool orphan;
};

static bool has_ports(const struct pm_packet *packet)
{
    return packet->word == PM_WORD_TCP || packet->word == PM_WORD_UDP ||
           packet->word == PM_WORD_SCTP;
}

/* Gives a fragment its ports, or makes it an orphan. Not for packets that are none. */
static __attribute__((noinline)) enum pm_status look_up_fragment(struct pm_segments *segments,
                                                                 const struct pm_packet *packet,
                                                                 struct pm_fragment_ports *ports,
                                                                 bool *orphan)
{
    struct pm_fragment_key key = pm_fragment_key(packet);

    if (packet->fragments)
        return pm_fragments_add(&segments->fragments, packet) ? PM_OK : PM_NO_MEMORY;
    *orphan = pm_fragments_find(&segments->fragments, &key, packet->timed, packet->ts_ns, ports) ==
                  PM_FRAGMENT_UNKNOWN &&
              !segments->leads;
    return PM_OK;
}

/* An orphan's ports are not known, and so neither is the order of its ends; its hash is not used
 * before both are. */
static void leave_unsorted(struct lookup *lookup, const struct pm_packet *packet)
{
    lookup->key.a = packet->src;
    lookup->key.b = packet->dst;
    lookup->direction = 0;
}

static inline enum pm_status look_up(struct pm_segments *segments, const struct pm_packet *packet,
                                     struct lookup *lookup)
{
    const struct pm_settings *settings = segments->settings;
    struct pm_fragment_ports ports = {packet->src_port, packet->dst_port};
    uint32_t tunnel_id;
    uint64_t kind;

    lookup->is_flow = packet->ip_version != 0;
    lookup->orphan = false;
    lookup->key.hash = 0;
    if (!lookup->is_flow)
        return PM_OK;
    if (pm_is_fragment(packet) && has_ports(packet))
        PM_TRY(look_up_fragment(segments, packet, &ports, &lookup->orphan));
    kind = pm_flow_key_kind(ports.src_port, ports.dst_port, packet->proto, packet->ip_version,
                            settings->key_vlan ? packet->vlan_id : 0);
    tunnel_id = settings->key_tunnel && packet->tunnel_both_ways ? packet->tunnel_id : 0;
    lookup->direction = (uint8_t)pm_flow_key_make(&lookup->key, packet->src, packet->dst, kind,
                                                  tunnel_id, &settings->hash_key);
    if (lookup->orphan)
        leave_unsorted(lookup, packet);
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
    if (pm_is_syn(packet) && !(segment->opens_with_syn && segment->first_direction == direction &&
                               segment->opening_seq == packet->tcp_seq))
        return true;
    return segments->orphan_at != NULL &&
           segments->orphan_at[orphan_slot(packet->src, packet->dst, packet->proto)] >
               segment->first_packet;
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
    segment->first_ts = segment->last_ts = packet->ts_ns;
    segment->low_ts = segment->high_ts = packet->ts_ns;
    segment->opens_with_tcp = packet->has_tcp;
    segment->opens_with_fragment = pm_is_fragment(packet);
    segment->opens_with_syn = pm_is_syn(packet);
    segment->opens_with_syn_ack =
        (packet->tcp_flags & (PM_TCP_SYN | PM_TCP_ACK)) == (PM_TCP_SYN | PM_TCP_ACK);
    segment->opening_seq = packet->tcp_seq;
    segment->first_seq[!lookup->direction] = packet->tcp_ack;
    segment->tunnel_id = packet->tunnel_id;
    segment->vlan_id = packet->vlan_id;
    segment->window = packet->tcp_window;
    segment->mss = packet->tcp_mss;
    segment->window_scale = packet->tcp_window_scale;
    segment->ttl = packet->ttl;
    segment->header_words = packet->header_words;
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
    pm_segment_at(segments, number)->flow = PM_NONE;
    pm_segment_at(segments, number)->fragment_id = packet->fragment_id;
    segments->orphan_at[orphan_slot(packet->src, packet->dst, packet->proto)] = packet->number + 1;
    return number;
}

/* What comes between a segment and a packet: where it leads a cut, else anything that may be one.
 */
static inline enum pm_flow_cut cut_between(const struct pm_segments *segments,
                                           const struct pm_segment *segment,
                                           const struct pm_packet *packet, unsigned direction)
{
    struct pm_opening opening = {.timed = packet->timed,
                                 .syn = pm_is_syn(packet),
                                 .sender = (uint8_t)direction,
                                 .ts = packet->ts_ns,
                                 .seq = packet->tcp_seq};

    if (segments->leads)
        return pm_flow_cut(segment, &opening, segments->settings->idle_timeout_ns);
    return begins_segment(segments, segment, packet, direction) ? PM_CUT_IDLE : PM_CUT_NONE;
}

/* Whether the candidate is the latest segment of its five-tuple. Makes it so, or none. */
static inline bool find_latest(const struct pm_segments *segments, struct lookup *lookup)
{
    if (lookup->segment != NULL && pm_flow_key_equal(&lookup->segment->key, &lookup->key))
        return true;
    lookup->number = pm_index_find(&segments->index, lookup->key.hash, pm_segment_has_key,
                                   &segments->store, &lookup->key);
    lookup->segment = lookup->number == PM_NONE ? NULL : pm_segment_at(segments, lookup->number);
    return lookup->segment != NULL;
}

/* A new segment behind `before` (or PM_NONE), the latest of its five-tuple, which `cut` ends. */
static uint32_t begin_behind(struct pm_segments *segments, const struct pm_packet *packet,
                             const struct lookup *lookup, uint32_t before, enum pm_flow_cut cut)
{
    uint32_t number = begin_segment(segments, packet, lookup);

    if (number == PM_NONE)
        return PM_NONE;
    if (before != PM_NONE)
        pm_index_replace(&segments->index, lookup->key.hash, before, number);
    else if (!pm_index_add(&segments->index, lookup->key.hash, number))
        return PM_NONE;
    if (!segments->leads)
        pm_segment_at(segments, number)->flow = before;
    else if (pm_flow_begin(segments, number, before, cut) != PM_OK)
        return PM_NONE;
    return number;
}

/* ---- counting it there ----------------------------------------------------------------------- */

static inline void count_time(struct pm_segment *segment, int64_t ts)
{
    if (!segment->timed) {
        segment->low_ts = segment->high_ts = ts;
        segment->timed = true;
    } else if (ts < segment->last_ts) {
        segment->high_ts = pm_segment_max_ts(segment);
        if (ts < segment->low_ts)
            segment->low_ts = ts;
    }
    segment->last_ts = ts;
}

/* Rare, and one branch: packets with TCP and without come as they like. */
static inline bool tells_first_seq(const struct pm_segment *segment, const struct pm_packet *packet,
                                   unsigned direction)
{
    bool first_syn = (packet->tcp_flags & ~segment->tcp_flags[direction] & PM_TCP_SYN) != 0;

    return first_syn | (packet->has_tcp & !pm_was_heard(segment, direction));
}

static void count_first_seq(struct pm_segment *segment, const struct pm_packet *packet,
                            unsigned direction)
{
    uint8_t side = (uint8_t)(1u << direction) & 3;

    segment->has_seq |= side;
    segment->first_seq[direction] = packet->tcp_seq - 1;
    if (packet->tcp_flags & PM_TCP_SYN)
        segment->first_seq[direction] = packet->tcp_seq;
}

static inline void count_packet(struct pm_segment *segment, const struct pm_packet *packet,
                                unsigned direction)
{
    struct pm_flow_counts *counts = &segment->counts[direction];

    counts->packets++;
    counts->wire_bytes += packet->wire_len;
    counts->ip_bytes += packet->ip_len;
    counts->payload_bytes += packet->payload_len;
    if (packet->timed)
        count_time(segment, packet->ts_ns);
    if (tells_first_seq(segment, packet, direction))
        count_first_seq(segment, packet, direction);
    segment->tcp_flags[direction] |= packet->tcp_flags;
}

/* Counts a packet in a segment that it did not begin. */
static inline enum pm_status count_further(struct pm_segments *segments,
                                           const struct lookup *lookup,
                                           const struct pm_packet *packet)
{
    if (pm_wants_details(segments, packet)) {
        struct pm_details *details = pm_segment_own_details(segments, lookup->number);

        if (details == NULL ||
            !pm_segment_detail(segments, lookup->number, details, packet, lookup->direction))
            return PM_NO_MEMORY;
    }
    count_packet(lookup->segment, packet, lookup->direction);
    return PM_OK;
}

/* A new segment has followed this one, which is no longer the latest of its five-tuple. */
static void forget_candidate(struct lookup *lookup, const struct lookup *end,
                             const struct pm_segment *segment)
{
    for (; lookup < end; lookup++)
        if (lookup->segment == segment)
            lookup->segment = NULL;
}

/* Counts a packet in its segment, and says which one that is. Its lookup is followed, up to `end`,
 * by those of the packets behind it. */
static inline enum pm_status count_one(struct pm_segments *segments, struct lookup *lookup,
                                       const struct lookup *end, const struct pm_packet *packet,
                                       uint32_t *number)
{
    enum pm_flow_cut cut = PM_CUT_NONE;
    uint32_t before = PM_NONE;

    if (lookup->orphan) {
        *number = begin_orphan(segments, packet, lookup);
    } else {
        if (find_latest(segments, lookup)) {
            cut = cut_between(segments, lookup->segment, packet, lookup->direction);
            before = lookup->number;
            if (cut == PM_CUT_NONE) {
                *number = before;
                return count_further(segments, lookup, packet);
            }
            forget_candidate(lookup + 1, end, lookup->segment);
        }
        *number = begin_behind(segments, packet, lookup, before, cut);
    }
    if (*number == PM_NONE)
        return PM_NO_MEMORY;
    count_packet(pm_segment_at(segments, *number), packet, lookup->direction);
    return PM_OK;
}

/* Without a branch, for whether there is a candidate cannot be foreseen: where there is none the
 * first segment is fetched, which must be there. */
static inline void fetch_candidate(const struct pm_segments *segments, struct lookup *lookup)
{
    uint32_t number = pm_index_peek(&segments->index, lookup->key.hash);
    uintptr_t found = -(uintptr_t)(number != PM_NONE); /* all bits, or none */
    struct pm_segment *segment = pm_segment_at(segments, number & (uint32_t)found);

    __builtin_prefetch(segment, 1);
    __builtin_prefetch((const char *)segment + 64, 1);
    lookup->number = number;
    lookup->segment = (struct pm_segment *)((uintptr_t)segment & found);
}

static inline void fetch_candidates(const struct pm_segments *segments, struct lookup *lookup,
                                    const struct lookup *end)
{
    bool none = segments->index.used == 0;

    for (; lookup < end; lookup++)
        if (none)
            lookup->segment = NULL;
        else
            fetch_candidate(segments, lookup);
}

/*
 * Three passes over a batch, so that the two cache misses of a packet (slot, segment) overlap with
 * those of its neighbours:
 *
 *     key and hash of all, prefetch slots ─▶ read slots, prefetch segments ─▶ compare and count
 *
 * Cost: 30 ns a packet where there are 40,000 flows (pcapmill bench: update flows).
 */
enum pm_status pm_segments_update(struct pm_segments *segments, struct pm_batch *batch)
{
    struct lookup lookups[PM_BATCH_MAX], *lookup = lookups, *end = lookups + batch->n;
    uint32_t *number = batch->flow;

    PM_EACH_PACKET (packet, batch)
        PM_TRY(look_up(segments, packet, lookup++));
    fetch_candidates(segments, lookups, end);
    lookup = lookups;
    PM_EACH_PACKET (packet, batch) {
        *number = PM_NONE;
        if (!lookup->is_flow)
            segments->non_flow++;
        else
            PM_TRY(count_one(segments, lookup, end, packet, number));
        lookup++;
        number++;
    }
    return PM_OK;
}
