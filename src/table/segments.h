/*
 * Segments: what one run knows of flows.
 *
 * A run does not know what came before it, so what it collects are *segments*: packets of one
 * five-tuple that belong together whatever lies to the left. Where a packet might begin a new flow
 * (after a silence, with a SYN, behind a fragment that may join the five-tuple) a new segment
 * begins. The run that has nothing to its left *leads*: its segments are the flows themselves,
 * which the rule (flow_rule.h) cuts, and those of other runs are put behind them, one by one, where
 * the rule says whether they continue a flow or begin one.
 *
 *     segments.c         one segment, and one behind another
 *     segments_update.c  packets into segments
 *     segments_join.c    runs behind runs
 */
#ifndef PM_SEGMENTS_H
#define PM_SEGMENTS_H

#include "table/details.h"
#include "table/first_packets.h"
#include "table/flow_key.h"
#include "table/fragments.h"
#include "table/tcp_flows.h"

struct pm_flow_counts {
    uint64_t packets;
    uint64_t wire_bytes;
    uint64_t ip_bytes;
    uint64_t payload_bytes;
};

/* Directions: 0 is a to b, 1 is b to a. Three cache lines, of which most packets touch the first
 * two: the last one only those that begin a segment, are a side's first or a SYN, or step back in
 * time. What the first packet was is kept whole enough for details (which a segment of one packet
 * need not have) to be made of it later.
 *
 * Times rise but where the clock steps back: last_ts is the latest since it last did, and low_ts
 * and high_ts are the earliest and the latest of all others (see pm_segment_max_ts()). */
struct pm_segment {
    struct pm_flow_key key;
    int64_t last_ts;      /* of the last timed packet in capture order */
    uint32_t details;     /* item of pm_segments.details, or PM_NONE */
    uint8_t tcp_flags[2]; /* OR of all */
    uint8_t has_seq : 2;  /* bits by direction: a TCP header was seen */
    bool timed : 1; /* some packet bears a time; in a run that does not lead the first one does */

    struct pm_flow_counts counts[2];

    int64_t low_ts;
    int64_t high_ts;
    int64_t first_ts; /* of the first packet in capture order */
    uint64_t first_packet;
    uint32_t first_seq[2]; /* of the sender's first SYN, else of its first segment less 1; of a side
                              that sent none yet the ACK number of the first packet */
    union {
        uint32_t opening_seq; /* sequence number of the first packet */
        uint32_t fragment_id; /* of an orphan */
    };
    uint32_t flow; /* of the first one of a flow its number, of others that first one; where they
                      do not lead the one before it of the same five-tuple, or PM_NONE */
    uint32_t tunnel_id; /* this and what follows: of the first packet */
    uint16_t vlan_id;
    uint16_t window;
    uint16_t mss;
    uint8_t window_scale;
    uint8_t ttl;
    uint8_t dscp;
    uint8_t header_words : 4;
    bool first_direction : 1;
    bool opens_with_tcp : 1;
    bool opens_with_fragment : 1;
    bool opens_with_syn : 1; /* a SYN without ACK */
    bool opens_with_syn_ack : 1;
    bool orphan : 1;        /* a later fragment whose first one may lie to the left: key unsorted */
    bool head : 1;          /* a flow begins here; set by the rule, as the next one */
    bool src_direction : 1; /* of a head: the direction that is forward */
};

/* The earliest and the latest time, of a segment that is timed. */
static inline int64_t pm_segment_min_ts(const struct pm_segment *segment)
{
    return segment->low_ts;
}

static inline int64_t pm_segment_max_ts(const struct pm_segment *segment)
{
    return segment->high_ts > segment->last_ts ? segment->high_ts : segment->last_ts;
}

/* The segments of a run, or of runs that were joined. */
struct pm_segments {
    const struct pm_settings *settings;
    bool leads;
    struct pm_index index; /* five-tuple -> its latest segment since the last join; where they lead
                              -> the first one of its latest flow */
    struct pm_store store; /* struct pm_segment, in the order of first packets */
    struct pm_store flows; /* struct pm_flow (flow_rule.h), where they lead */
    struct pm_store details; /* struct pm_details, of segments that need some; only the first member
                                of it where they are not detailed */
    struct pm_tcp_flows tcp; /* of segments that are followed so far */
    struct pm_first_packets firsts;
    struct pm_store full_edges; /* uint32_t: segments whose edge in `tcp` is full */
    struct pm_fragments fragments;
    struct pm_store orphans; /* uint32_t: segments */
    uint64_t *orphan_at;     /* by address pair: number + 1 of the latest orphan; NULL: none yet */
    uint64_t non_flow;       /* packets without IP */
};

static inline struct pm_segment *pm_segment_at(const struct pm_segments *segments, uint32_t number)
{
    return pm_store_at_sized(&segments->store, number, sizeof(struct pm_segment));
}

/* Asks for a segment that is soon to be used. Always inlined, as all that calls only this: gcc 12
 * takes a function that only prefetches for one that does nothing, and leaves it out. */
static inline __attribute__((always_inline)) void
pm_segment_fetch(const struct pm_segments *segments, uint32_t number)
{
    const char *segment = (const char *)pm_segment_at(segments, number);

    for (size_t at = 0; at < sizeof(struct pm_segment); at += 64)
        __builtin_prefetch(segment + at);
}

/* For pm_index_find() on pm_segments.store. */
static inline bool pm_segment_has_key(const void *store, uint32_t number, const void *key)
{
    const struct pm_segment *segment = pm_store_at_sized(store, number, sizeof *segment);

    return pm_flow_key_equal(&segment->key, key);
}

/* Whether the time from `before` to `now` is a silence; a step back is none. */
static inline bool pm_is_silence(int64_t before, int64_t now, uint64_t idle_timeout)
{
    return now > before && (uint64_t)now - (uint64_t)before > idle_timeout;
}

/* A SYN without ACK; a packet without TCP bears no flags. */
static inline bool pm_is_syn(const struct pm_packet *packet)
{
    return (packet->tcp_flags & (PM_TCP_SYN | PM_TCP_ACK)) == PM_TCP_SYN;
}

/* How many packets of a segment are fragments. */
uint64_t pm_segment_fragments(const struct pm_segments *segments, const struct pm_segment *segment);

/* The details of a segment: its own, or made of its only packet in `room`. */
const struct pm_details *pm_segment_details(const struct pm_segments *segments,
                                            const struct pm_segment *segment,
                                            struct pm_details *room);

/* Gives a segment of one packet details of its own, if it has none. NULL: no memory. */
struct pm_details *pm_segment_own_details(struct pm_segments *segments, uint32_t number);

/* Whether more is kept in details than the number of fragments. */
static inline bool pm_segments_are_detailed(const struct pm_segments *segments)
{
    return segments->settings->flow_details >= PM_FLOW_TCP || segments->firsts.most != 0;
}

/* Whether a further packet of a segment is to be counted in details. Where no column shows them
 * they still count fragments, which are rare. */
static inline bool pm_wants_details(const struct pm_segments *segments,
                                    const struct pm_packet *packet)
{
    enum pm_flow_columns columns = segments->settings->flow_details;

    return columns == PM_FLOW_ALL || segments->firsts.most != 0 ||
           (columns == PM_FLOW_TCP && packet->word == PM_WORD_TCP) || pm_is_fragment(packet);
}

/* Counts a packet in the details of its segment. False: no memory. */
bool pm_segment_detail(struct pm_segments *segments, uint32_t number, struct pm_details *details,
                       const struct pm_packet *packet, unsigned direction);

/* The first packets of a segment, where they are wanted; its only one in `room`. */
const struct pm_first_packet *pm_segment_first(const struct pm_segments *segments,
                                               const struct pm_segment *segment, uint32_t *n,
                                               struct pm_first_packet *room);

/* What is known of TCP in a segment, or made of its only packet in `room`. NULL: it has none. */
const struct pm_tcp_flow *pm_segment_tcp(const struct pm_segments *segments,
                                         const struct pm_segment *segment,
                                         struct pm_tcp_flow *room);

/* Puts the packets of a segment behind those of another one, of segments that lead. */
enum pm_status pm_segment_append(struct pm_segments *segments, uint32_t to, uint32_t number);

enum pm_status pm_segments_init(struct pm_segments *segments, const struct pm_settings *settings);
void pm_segments_free(struct pm_segments *segments);

/* Says that nothing lies to the left. Before the first packet. */
void pm_segments_lead(struct pm_segments *segments);

/* Counts a batch, and writes the segment of each packet to batch->flow. */
enum pm_status pm_segments_update(struct pm_segments *segments, struct pm_batch *batch);

/* Whether from's segments can be put behind into's, which lead, exactly. If not, their packets must
 * be counted again, by update. */
bool pm_segments_meet(const struct pm_segments *into, const struct pm_segments *from);

/* Puts from's segments behind into's, and says by how much their numbers rose. Behind segments that
 * do not lead, what TCP comes to is exact only as long as no edge is full. */
enum pm_status pm_segments_merge(struct pm_segments *into, struct pm_segments *from,
                                 struct pm_joint *joint);

/* Nothing lies to the left after all: what does not lead is put behind nothing. */
enum pm_status pm_segments_settle(struct pm_segments *segments);

#endif
