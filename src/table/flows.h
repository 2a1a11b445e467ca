/* Flows, for the tables that are derived from them and for the packet table. A flow is the segment
 * that it begins with, into which the rest of it was added. */
#ifndef PM_FLOWS_H
#define PM_FLOWS_H

#include "table/segments.h"

uint64_t pm_flows_count(const void *flows);

struct pm_flow_survey; /* flow_survey.h */

/* Of flows that are finished. */
const struct pm_flow_survey *pm_flows_survey(const void *flows);

/* Flow number 0 ... count - 1, in the order of flow_id, which starts at 1. */
const struct pm_segment *pm_flows_get(const void *flows, uint64_t flow);

/* What is counted of a flow beyond that, with settings.flow_details; made in `room` where it has
 * one packet. */
const struct pm_details *pm_flows_details(const void *flows, const struct pm_segment *flow,
                                          struct pm_details *room);

/* Its first packets, as many as settings.splt or as it has; in `room` where it has one. */
const struct pm_first_packet *pm_flows_first(const void *flows, const struct pm_segment *flow,
                                             uint32_t *n, struct pm_first_packet *room);

/* The flow_id and the key of a segment that pm_batch.flow named, shifted by the joints since. And:
 * they will soon be asked for. */
uint64_t pm_flows_id(const void *flows, uint32_t segment);
const struct pm_flow_key *pm_flows_key(const void *flows, uint32_t segment);
void pm_flows_fetch(const void *flows, uint32_t segment);

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

static inline uint64_t pm_flow_packets(const struct pm_segment *flow)
{
    return flow->counts[0].packets + flow->counts[1].packets;
}

static inline uint64_t pm_flow_bytes(const struct pm_segment *flow)
{
    return flow->counts[0].wire_bytes + flow->counts[1].wire_bytes;
}

/* 0 where no packet bears a time. */
static inline uint64_t pm_flow_duration(const struct pm_segment *flow)
{
    return flow->timed ? (uint64_t)pm_segment_max_ts(flow) - (uint64_t)pm_segment_min_ts(flow) : 0;
}

#endif
