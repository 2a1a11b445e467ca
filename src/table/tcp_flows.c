#include "table/tcp_flows.h"

enum { CHUNK_PACKETS = 14 };

struct chunk {
    struct pm_tcp_packet packets[CHUNK_PACKETS];
    uint32_t next; /* or PM_NONE */
};

/* Connections that go on from the left come early in a run. Behind so many edges none is kept any
 * more; where one is missing (a capture that plays another in a loop), the run is walked again. */
enum { EDGE_BLOCKS = 24 }; /* of chunks: about 64 MiB */

void pm_tcp_flows_init(struct pm_tcp_flows *flows, uint32_t edge_packets)
{
    pm_store_init(&flows->flows, sizeof(struct pm_tcp_flow));
    pm_store_init(&flows->chunks, sizeof(struct chunk));
    pm_store_init(&flows->stretches, sizeof(struct pm_tcp_stretch));
    flows->edge_packets = edge_packets;
}

void pm_tcp_flows_free(struct pm_tcp_flows *flows)
{
    pm_store_free(&flows->flows);
    pm_store_free(&flows->chunks);
    pm_store_free(&flows->stretches);
}

static void begin_flow(struct pm_tcp_flow *flow)
{
    *flow = (struct pm_tcp_flow){.first_chunk = PM_NONE, .last_chunk = PM_NONE, .stretch = PM_NONE};
    pm_tcp_track_init(&flow->track);
}

uint32_t pm_tcp_flows_begin(struct pm_tcp_flows *flows)
{
    uint32_t number = pm_store_add(&flows->flows);

    if (number != PM_NONE)
        begin_flow(pm_tcp_flow_at(flows, number));
    return number;
}

static struct pm_tcp_finding follow(struct pm_tcp_flow *flow, const struct pm_tcp_packet *packet)
{
    struct pm_tcp_finding finding = pm_tcp_track_add(&flow->track, packet);

    pm_tcp_conn_add(&flow->conn, packet, finding);
    return finding;
}

struct pm_tcp_flow pm_tcp_flow_of(const struct pm_tcp_packet *packet)
{
    struct pm_tcp_flow flow;

    begin_flow(&flow);
    follow(&flow, packet);
    return flow;
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

/* Puts the edge of a flow behind another one. */
static void replay(struct pm_tcp_flow *behind, const struct pm_tcp_flows *flows,
                   const struct pm_tcp_flow *flow)
{
    uint32_t chunk = flow->first_chunk;

    for (uint32_t i = 0; i < flow->n_edge; i++) {
        if (i != 0 && i % CHUNK_PACKETS == 0)
            chunk = chunk_at(flows, chunk)->next;
        follow(behind, &chunk_at(flows, chunk)->packets[i % CHUNK_PACKETS]);
    }
}

static uint32_t edge_room(const struct pm_tcp_flows *flows)
{
    return flows->leads || flows->chunks.n_blocks > EDGE_BLOCKS ? 0 : flows->edge_packets;
}

/* From here on the track counts what lies behind the edge, and a stretch says what that does to
 * what lies before. */
static bool close_edge(struct pm_tcp_flows *flows, struct pm_tcp_flow *flow)
{
    for (unsigned direction = 0; direction < 2; direction++) {
        flow->edged[direction] = flow->track.counts[direction];
        flow->track.counts[direction] = (struct pm_tcp_counts){0};
        flow->track.touched[direction] = (struct pm_tcp_touched){0};
    }
    flow->full = true;
    if (flows->leads)
        return true;
    flow->stretch = pm_store_add(&flows->stretches);
    if (flow->stretch == PM_NONE)
        return false;
    pm_tcp_stretch_init(pm_store_at(&flows->stretches, flow->stretch));
    return true;
}

/* ---- counting and joining -------------------------------------------------------------------- */

bool pm_tcp_flow_add(struct pm_tcp_flows *flows, uint32_t number,
                     const struct pm_tcp_packet *packet, bool *filled)
{
    struct pm_tcp_flow *flow = pm_tcp_flow_at(flows, number);
    struct pm_tcp_finding finding;

    *filled = !flow->full && flow->n_edge >= edge_room(flows);
    if (*filled && !close_edge(flows, flow))
        return false;
    finding = follow(flow, packet);
    if (!flow->full)
        return keep_packet(flows, flow, packet);
    if (!flows->leads)
        pm_tcp_stretch_add(pm_store_at(&flows->stretches, flow->stretch), packet, finding);
    return true;
}

struct pm_tcp_counts pm_tcp_flow_counts(const struct pm_tcp_flow *flow, unsigned direction)
{
    struct pm_tcp_counts counts = flow->track.counts[direction];

    pm_tcp_counts_join(&counts, &flow->edged[direction]);
    return counts;
}

bool pm_tcp_flow_meets(const struct pm_tcp_flow *left, const struct pm_tcp_flows *flows,
                       uint32_t right)
{
    const struct pm_tcp_flow *flow = pm_tcp_flow_at(flows, right);
    const struct pm_tcp_stretch *stretch;
    struct pm_tcp_flow known = *left, unknown;

    if (!flow->full)
        return true;
    stretch = pm_store_at(&flows->stretches, flow->stretch);
    begin_flow(&unknown);
    replay(&known, flows, flow);
    replay(&unknown, flows, flow);
    return pm_tcp_track_meets(&known.track, &unknown.track, &flow->track) && !stretch->overflowed;
}

void pm_tcp_flow_join(struct pm_tcp_flows *flows, uint32_t left, uint32_t right)
{
    struct pm_tcp_flow *to = pm_tcp_flow_at(flows, left);
    const struct pm_tcp_flow *from = pm_tcp_flow_at(flows, right);

    replay(to, flows, from);
    if (!from->full)
        return;
    pm_tcp_track_join(&to->track, &from->track);
    pm_tcp_conn_join(&to->conn, pm_store_at(&flows->stretches, from->stretch));
}

/* ---- many of them ---------------------------------------------------------------------------- */

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
    uint32_t chunk_shift, stretch_shift;

    if (!pm_store_join(&into->chunks, &from->chunks, &chunk_shift) ||
        !pm_store_join(&into->stretches, &from->stretches, &stretch_shift))
        return false;
    for (uint32_t i = pm_store_first(&from->flows); i != PM_NONE;
         i = pm_store_next(&from->flows, i)) {
        struct pm_tcp_flow *flow = pm_tcp_flow_at(from, i);

        move_edge(into, flow, chunk_shift);
        if (flow->stretch != PM_NONE)
            flow->stretch += stretch_shift;
    }
    return pm_store_join(&into->flows, &from->flows, shift);
}

void pm_tcp_flows_drop_edges(struct pm_tcp_flows *flows)
{
    pm_store_free(&flows->chunks);
    pm_store_free(&flows->stretches);
}
