/*
 * Segments: what one run knows of flows.
 *
 * A run does not know what came before it, so what it collects are *segments*: packets of one
 * five-tuple that belong together whatever lies to the left. Where a packet might begin a new flow
 * (after a silence, with a SYN, behind a fragment that may join the five-tuple) a new segment
 * begins. Joining two runs puts the segments of one behind those of the other; which of them begin
 * a flow and which continue one is decided once, at the end, by one rule (flow_rule.h).
 */
#ifndef PM_SEGMENTS_H
#define PM_SEGMENTS_H

#include "table/details.h"
#include "table/fragments.h"

/* The five-tuple with its ends in order: (a, a_port) <= (b, b_port), and what options add to it.
 * Compared as bytes. */
struct pm_flow_key {
    struct pm_address a;
    struct pm_address b;
    uint16_t a_port;
    uint16_t b_port;
    uint8_t proto;
    uint8_t ip_version;
    uint16_t vlan_id; /* 0 unless it is part of the key, as the tunnel's */
    uint32_t tunnel_id;
    uint32_t hash; /* of the bytes before */
};

struct pm_flow_counts {
    uint64_t packets;
    uint64_t wire_bytes;
    uint64_t ip_bytes;
    uint64_t payload_bytes;
};

/* Directions: 0 is a to b, 1 is b to a. Three cache lines; a packet touches all but the last one
 * always, and that for TCP. What the first packet was is kept whole enough for details (which a
 * segment of one packet need not have) to be made of it later. */
struct pm_segment {
    struct pm_flow_key key;
    int64_t last_ts;  /* of the last timed packet in capture order */
    uint32_t details; /* item of pm_segments.details, or PM_NONE */
    uint32_t flow;    /* set by settling: of a head the number of its flow, of others their head */

    struct pm_flow_counts counts[2];

    int64_t min_ts;
    int64_t max_ts;
    int64_t first_ts; /* of the first packet in capture order */
    uint64_t first_packet;
    uint32_t first_seq[2]; /* of the sender's first SYN, else of its first segment less 1 */
    union {
        uint32_t opening_seq; /* sequence number of the first packet, with opens_with_syn */
        uint32_t fragment_id; /* of an orphan */
    };
    uint32_t tunnel_id; /* this and what follows: of the first packet */
    uint16_t vlan_id;
    uint16_t window;
    uint16_t mss;
    uint8_t window_scale;
    uint8_t ttl;
    uint8_t dscp;
    uint8_t tcp_flags[2]; /* OR of all */
    uint8_t has_seq;      /* bits by direction: a TCP header was seen */
    uint8_t syn_seen;
    bool first_direction : 1;
    bool timed : 1; /* some packet bears a time; then the first one does */
    bool opens_with_tcp : 1;
    bool opens_with_fragment : 1;
    bool opens_with_syn : 1; /* a SYN without ACK */
    bool opens_with_syn_ack : 1;
    bool orphan : 1;        /* a later fragment whose first one may lie to the left: key unsorted */
    bool head : 1;          /* a flow begins here; set by settling, as the next one */
    bool src_direction : 1; /* of a head: the direction that is forward */
};

/* The segments of a run, or of runs that were joined. */
struct pm_segments {
    const struct pm_settings *settings;
    struct pm_index index;   /* five-tuple -> its latest segment since the last join */
    struct pm_store store;   /* struct pm_segment, in the order of first packets */
    struct pm_store details; /* struct pm_details, of segments that need some */
    struct pm_fragments fragments;
    struct pm_store orphans; /* uint32_t: segments */
    uint64_t *orphan_at;     /* by address pair: number + 1 of the latest orphan; NULL: none yet */
    uint64_t non_flow;       /* packets without IP */
};

static inline struct pm_segment *pm_segment_at(const struct pm_segments *segments, uint32_t number)
{
    return pm_store_at(&segments->store, number);
}

/* For pm_index_find() on pm_segments.store. */
static inline bool pm_segment_has_key(const void *store, uint32_t number, const void *key)
{
    const struct pm_segment *segment = pm_store_at(store, number);

    return memcmp(&segment->key, key, sizeof segment->key) == 0;
}

/* Whether the time from `before` to `now` is a silence; a step back is none. */
static inline bool pm_is_silence(int64_t before, int64_t now, uint64_t idle_timeout)
{
    return now > before && (uint64_t)now - (uint64_t)before > idle_timeout;
}

/* How many packets of a segment are fragments. */
uint64_t pm_segment_fragments(const struct pm_segments *segments, const struct pm_segment *segment);

/* The details of a segment: its own, or made of its only packet in `room`. */
const struct pm_details *pm_segment_details(const struct pm_segments *segments,
                                            const struct pm_segment *segment,
                                            struct pm_details *room);

/* Puts the packets of a segment behind those of another one. */
enum pm_status pm_segment_append(struct pm_segments *segments, struct pm_segment *to,
                                 const struct pm_segment *segment);

enum pm_status pm_segments_init(struct pm_segments *segments, const struct pm_settings *settings);
void pm_segments_free(struct pm_segments *segments);

/* Counts a batch, and writes the segment of each packet to batch->flow. */
enum pm_status pm_segments_update(struct pm_segments *segments, struct pm_batch *batch);

/* Puts from's segments behind into's, and says by how much their numbers rose. */
enum pm_status pm_segments_merge(struct pm_segments *into, struct pm_segments *from,
                                 struct pm_joint *joint);

/* There is nothing further left: later fragments without a first one have no ports. */
void pm_segments_close(struct pm_segments *segments);

#endif
