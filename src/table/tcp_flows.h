/*
 * The TCP tracks of many segments, and how they join exactly.
 *
 * A segment that begins in the middle of a connection follows it from a state that knows nothing,
 * while the true one lies in the run to the left. So it keeps the headers of its first packets (its
 * *edge*). At the join they are replayed from the true state; from where that has become equal to
 * the state that knew nothing, which is soon, all that was counted holds. Where it has not become
 * equal by the end of an edge (pm_tcp_flows_meet says so before anything is joined), the packets of
 * the run must be walked again behind the true state.
 */
#ifndef PM_TCP_FLOWS_H
#define PM_TCP_FLOWS_H

#include "base/store.h"
#include "table/tcp_track.h"

struct pm_tcp_flow {
    struct pm_tcp_track track;     /* its counts: of what came behind the edge, once that is full */
    struct pm_tcp_counts edged[2]; /* of the packets in the edge, once it is full */
    uint32_t first_chunk;          /* of the edge, and the last one; PM_NONE */
    uint32_t last_chunk;
    uint32_t n_edge; /* packets in it */
    bool full;
};

struct pm_tcp_flows {
    struct pm_store flows;  /* struct pm_tcp_flow */
    struct pm_store chunks; /* of edges */
};

void pm_tcp_flows_init(struct pm_tcp_flows *flows);
void pm_tcp_flows_free(struct pm_tcp_flows *flows);

/* The number of a new flow, or PM_NONE: no memory. */
uint32_t pm_tcp_flows_begin(struct pm_tcp_flows *flows);

static inline struct pm_tcp_flow *pm_tcp_flow_at(const struct pm_tcp_flows *flows, uint32_t number)
{
    return pm_store_at(&flows->flows, number);
}

/* The packet comes next; an edge holds up to `edge_packets`. False: no memory. *filled says that
 * the edge became full with it. */
bool pm_tcp_flow_add(struct pm_tcp_flows *flows, uint32_t number,
                     const struct pm_tcp_packet *packet, uint32_t edge_packets, bool *filled);

/* What all packets of a flow come to. */
struct pm_tcp_counts pm_tcp_flow_counts(const struct pm_tcp_flow *flow, unsigned direction);

/* Whether a flow whose state so far is `left` can be joined with `right`, an item of `flows`. */
bool pm_tcp_flow_meets(const struct pm_tcp_track *left, const struct pm_tcp_flows *flows,
                       uint32_t right);

/* Puts `right` behind `left`, which keeps no edge. */
void pm_tcp_flow_join(struct pm_tcp_flows *flows, uint32_t left, uint32_t right);

/* Moves from's flows behind into's: *shift is what to add to their numbers. False: no memory. */
bool pm_tcp_flows_merge(struct pm_tcp_flows *into, struct pm_tcp_flows *from, uint32_t *shift);

/* Nothing lies to the left any more: no edge is needed. */
void pm_tcp_flows_drop_edges(struct pm_tcp_flows *flows);

#endif
