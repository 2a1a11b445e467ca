/*
 * Flows, for the tables that are derived from them and for the packet table.
 *
 * A run does not know what came before it, so what it collects are *segments*: packets of one
 * five-tuple that belong together whatever lies to the left. Where a packet might begin a new flow
 * (after a silence, with a SYN, behind a fragment that may join the five-tuple) a new segment
 * begins. Settling goes through all segments in capture order and decides with one rule, for cuts
 * in the traffic and cuts between runs alike, which of them begin a flow and which continue one.
 */
#ifndef PM_FLOWS_H
#define PM_FLOWS_H

#include "base/store.h"
#include "table/table.h"

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

uint64_t pm_flows_count(const void *flows);

/* Flow number 0 ... count - 1, in the order of flow_id, which starts at 1. */
const struct pm_segment *pm_flows_get(const void *flows, uint64_t flow);

/* The flow_id of a segment that pm_batch.flow named, shifted by the joints since. */
uint64_t pm_flows_id(const void *flows, uint32_t segment);

/* The two ends of a flow as source and destination. */
static inline struct pm_address pm_flow_src(const struct pm_segment *flow)
{
    return flow->src_direction == 0 ? flow->key.a : flow->key.b;
}

static inline struct pm_address pm_flow_dst(const struct pm_segment *flow)
{
    return flow->src_direction == 0 ? flow->key.b : flow->key.a;
}

static inline uint16_t pm_flow_src_port(const struct pm_segment *flow)
{
    return flow->src_direction == 0 ? flow->key.a_port : flow->key.b_port;
}

static inline uint16_t pm_flow_dst_port(const struct pm_segment *flow)
{
    return flow->src_direction == 0 ? flow->key.b_port : flow->key.a_port;
}

#endif
