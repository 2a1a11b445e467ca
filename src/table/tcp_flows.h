/*
 * The TCP connections of many segments, and how they join exactly.
 *
 * A segment that begins in the middle of a connection follows it from a state that knows nothing,
 * while the true one lies in the run to the left. So it keeps the headers of its first packets (its
 * *edge*). At the join they are replayed from the true state; from where that has become equal to
 * the state that knew nothing, which is soon, all that was counted holds. What lies behind the edge
 * and depends on the beginning for ever (tcp_conn.h) is kept as a stretch. Where the states have
 * not become equal by the end of an edge (pm_tcp_flow_meets says so before anything is joined), the
 * packets of the run must be walked again behind the true state.
 */
#ifndef PM_TCP_FLOWS_H
#define PM_TCP_FLOWS_H

#include "base/store.h"
#include "table/tcp_conn.h"

struct pm_tcp_flow {
    struct pm_tcp_conn conn;
    struct pm_tcp_track track;     /* its counts: of what came behind the edge, once that is full */
    struct pm_tcp_counts edged[2]; /* of the packets in the edge, once it is full */
    uint32_t first_chunk;          /* of the edge, and the last one; PM_NONE */
    uint32_t last_chunk;
    uint32_t n_edge;  /* packets in it */
    uint32_t stretch; /* what came behind it; PM_NONE */
    bool full;
};

struct pm_tcp_flows {
    struct pm_store flows;     /* struct pm_tcp_flow */
    struct pm_store chunks;    /* of edges */
    struct pm_store stretches; /* struct pm_tcp_stretch */
    uint32_t edge_packets;     /* that an edge holds */
    bool leads;                /* nothing lies to the left: there are no edges */
};

void pm_tcp_flows_init(struct pm_tcp_flows *flows, uint32_t edge_packets);
void pm_tcp_flows_free(struct pm_tcp_flows *flows);

/* The number of a new flow, or PM_NONE: no memory. */
uint32_t pm_tcp_flows_begin(struct pm_tcp_flows *flows);

static inline struct pm_tcp_flow *pm_tcp_flow_at(const struct pm_tcp_flows *flows, uint32_t number)
{
    return pm_store_at(&flows->flows, number);
}

/* The flow that one packet makes. */
struct pm_tcp_flow pm_tcp_flow_of(const struct pm_tcp_packet *packet);

/* The packet comes next. False: no memory. *filled says that the edge became full with it. */
bool pm_tcp_flow_add(struct pm_tcp_flows *flows, uint32_t number,
                     const struct pm_tcp_packet *packet, bool *filled);

/* What all packets of a flow come to. */
struct pm_tcp_counts pm_tcp_flow_counts(const struct pm_tcp_flow *flow, unsigned direction);

/* Whether `left`, of some other flows, can be joined with `right`, an item of `flows`. */
bool pm_tcp_flow_meets(const struct pm_tcp_flow *left, const struct pm_tcp_flows *flows,
                       uint32_t right);

/* Puts `right` behind `left`, which keeps no edge. */
void pm_tcp_flow_join(struct pm_tcp_flows *flows, uint32_t left, uint32_t right);

/* Moves from's flows behind into's: *shift is what to add to their numbers. False: no memory. */
bool pm_tcp_flows_merge(struct pm_tcp_flows *into, struct pm_tcp_flows *from, uint32_t *shift);

/* Nothing lies to the left any more: no edge is needed. */
void pm_tcp_flows_drop_edges(struct pm_tcp_flows *flows);

#endif
