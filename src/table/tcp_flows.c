#include "table/tcp_flows.h"

enum { CHUNK_PACKETS = 14 };

struct chunk {
    struct pm_tcp_packet packets[CHUNK_PACKETS];
    uint32_t next; /* or PM_NONE */
};

void pm_tcp_flows_init(struct pm_tcp_flows *flows)
{
    pm_store_init(&flows->flows, sizeof(struct pm_tcp_flow));
    pm_store_init(&flows->chunks, sizeof(struct chunk));
}

void pm_tcp_flows_free(struct pm_tcp_flows *flows)
{
    pm_store_free(&flows->flows);
    pm_store_free(&flows->chunks);
}

uint32_t pm_tcp_flows_begin(struct pm_tcp_flows *flows)
{
    uint32_t number = pm_store_add(&flows->flows);
    struct pm_tcp_flow *flow;

    if (number == PM_NONE)
        return PM_NONE;
    flow = pm_tcp_flow_at(flows, number);
    pm_tcp_track_init(&flow->track);
    flow->first_chunk = flow->last_chunk = PM_NONE;
    return number;
}

/* ---- edges ----------------------------------------------------------------------------------- */

static struct chunk *chunk_at(const struct pm_tcp_flows *flows, uint32_t number)
{
    return pm_store_at(&flows->chunks, number);
}

static bool add_chunk(struct pm_tcp_flows *flows, struct pm_tcp_flow *flow)
{
    uint32_t number = pm_store_add(&flows->chunks);

    if (number == PM_NONE)
        return false;
    chunk_at(flows, number)->next = PM_NONE;
    if (flow->last_chunk != PM_NONE)
        chunk_at(flows, flow->last_chunk)->next = number;
    else
        flow->first_chunk = number;
    flow->last_chunk = number;
    return true;
}

static bool keep_packet(struct pm_tcp_flows *flows, struct pm_tcp_flow *flow,
                        const struct pm_tcp_packet *packet)
{
    uint32_t at = flow->n_edge % CHUNK_PACKETS;

    if (at == 0 && !add_chunk(flows, flow))
        return false;
    chunk_at(flows, flow->last_chunk)->packets[at] = *packet;
    flow->n_edge++;
    return true;
}

static void replay(struct pm_tcp_track *track, const struct pm_tcp_flows *flows,
                   const struct pm_tcp_flow *flow)
{
    uint32_t chunk = flow->first_chunk;

    for (uint32_t i = 0; i < flow->n_edge; i++) {
        if (i != 0 && i % CHUNK_PACKETS == 0)
            chunk = chunk_at(flows, chunk)->next;
        pm_tcp_track_add(track, &chunk_at(flows, chunk)->packets[i % CHUNK_PACKETS]);
    }
}

/* From here on the track counts what lies behind the edge. */
static void close_edge(struct pm_tcp_flow *flow)
{
    for (unsigned direction = 0; direction < 2; direction++) {
        flow->edged[direction] = flow->track.counts[direction];
        flow->track.counts[direction] = (struct pm_tcp_counts){0};
    }
    flow->full = true;
}

/* ---- counting and joining -------------------------------------------------------------------- */

bool pm_tcp_flow_add(struct pm_tcp_flows *flows, uint32_t number,
                     const struct pm_tcp_packet *packet, uint32_t edge_packets, bool *filled)
{
    struct pm_tcp_flow *flow = pm_tcp_flow_at(flows, number);

    *filled = !flow->full && flow->n_edge >= edge_packets;
    if (*filled)
        close_edge(flow);
    pm_tcp_track_add(&flow->track, packet);
    return flow->full || keep_packet(flows, flow, packet);
}

struct pm_tcp_counts pm_tcp_flow_counts(const struct pm_tcp_flow *flow, unsigned direction)
{
    struct pm_tcp_counts counts = flow->track.counts[direction];

    pm_tcp_counts_join(&counts, &flow->edged[direction]);
    return counts;
}

bool pm_tcp_flow_meets(const struct pm_tcp_track *left, const struct pm_tcp_flows *flows,
                       uint32_t right)
{
    const struct pm_tcp_flow *flow = pm_tcp_flow_at(flows, right);
    struct pm_tcp_track known = *left, unknown;

    if (!flow->full)
        return true;
    pm_tcp_track_init(&unknown);
    replay(&known, flows, flow);
    replay(&unknown, flows, flow);
    return pm_tcp_track_meets(&known, &unknown);
}

void pm_tcp_flow_join(struct pm_tcp_flows *flows, uint32_t left, uint32_t right)
{
    struct pm_tcp_flow *to = pm_tcp_flow_at(flows, left);
    const struct pm_tcp_flow *from = pm_tcp_flow_at(flows, right);

    replay(&to->track, flows, from);
    if (!from->full)
        return;
    for (unsigned direction = 0; direction < 2; direction++) {
        to->track.sides[direction] = from->track.sides[direction];
        pm_tcp_counts_join(&to->track.counts[direction], &from->track.counts[direction]);
    }
}

/* The chunks of an edge have moved by `shift`. */
static void move_edge(const struct pm_tcp_flows *moved, struct pm_tcp_flow *flow, uint32_t shift)
{
    if (flow->first_chunk == PM_NONE)
        return;
    flow->first_chunk += shift;
    flow->last_chunk += shift;
    for (uint32_t chunk = flow->first_chunk; chunk != flow->last_chunk;
         chunk = chunk_at(moved, chunk)->next)
        chunk_at(moved, chunk)->next += shift;
}

bool pm_tcp_flows_merge(struct pm_tcp_flows *into, struct pm_tcp_flows *from, uint32_t *shift)
{
    if (!pm_store_join(&into->chunks, &from->chunks, shift))
        return false;
    for (uint32_t i = pm_store_first(&from->flows); i != PM_NONE;
         i = pm_store_next(&from->flows, i))
        move_edge(into, pm_tcp_flow_at(from, i), *shift);
    return pm_store_join(&into->flows, &from->flows, shift);
}

void pm_tcp_flows_drop_edges(struct pm_tcp_flows *flows)
{
    pm_store_free(&flows->chunks);
}
