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

#include "table/fragments.h"

/* The five-tuple with its ends in order: (a, a_port) <= (b, b_port). Hashed as bytes. */
struct pm_flow_key {
    struct pm_address a;
    struct pm_address b;
    uint16_t a_port;
    uint16_t b_port;
    uint8_t proto;
    uint8_t ip_version;
    uint16_t zero;
};

struct pm_flow_counts {
    uint64_t packets;
    uint64_t wire_bytes;
    uint64_t ip_bytes;
    uint64_t payload_bytes;
};

/* Directions: 0 is a to b, 1 is b to a. Three cache lines; a packet touches all but the last one
 * always, and that for TCP. */
struct pm_segment {
    struct pm_flow_key key;
    int64_t last_ts; /* of the last timed packet in capture order */
    int64_t min_ts;
    int64_t max_ts;

    struct pm_flow_counts counts[2];

    uint8_t tcp_flags[2]; /* OR of all */
    bool has_seq[2];      /* a TCP header was seen */
    bool syn_seen[2];
    bool timed;          /* some packet bears a time; then the first one does */
    bool opens_with_syn; /* the first packet is a SYN without ACK */
    bool opens_with_syn_ack;
    uint8_t first_direction;
    uint8_t src_direction; /* of a flow: the direction that is forward; set by settling */
    bool orphan;           /* a later fragment whose first one may lie to the left: key unsorted */
    uint32_t first_seq[2]; /* of the sender's first SYN, else of its first segment less 1 */
    uint32_t opening_seq;  /* sequence number of the first packet, with opens_with_syn */
    uint32_t hash;
    uint32_t fragment_id; /* of an orphan */
    uint32_t head;        /* the segment that this one's flow begins with; set by settling */
    uint64_t first_packet;
    int64_t first_ts; /* of the first packet in capture order */
    uint64_t flow_id; /* of a head; set by settling */
};

/* The segments of a run, or of runs that were joined. */
struct pm_segments {
    const struct pm_settings *settings;
    struct pm_index index; /* five-tuple -> its latest segment since the last join */
    struct pm_store store; /* struct pm_segment, in the order of first packets */
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
static inline bool pm_is_silence(int64_t before, int64_t now, int64_t idle_timeout)
{
    return now > before && (uint64_t)now - (uint64_t)before > (uint64_t)idle_timeout;
}

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
