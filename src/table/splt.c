/* splt: the first packets of each flow, in columns of their own, on request: their lengths and
 * times (sequence of packet lengths and times); derived from flows. */
#include "table/all_tables.h"
#include "table/flows.h"

struct splt {
    const struct pm_settings *settings;
    const void *flows; /* settled */
};

#define PACKET(n)                                                                               \
    {"size_" #n "_bytes", PM_CELL_INTEGER, "bytes",                                             \
     "length on the wire of the packet with that number in the flow, below 0 from dst to src"}, \
    {                                                                                           \
        "gap_" #n "_ns", PM_CELL_INTEGER, "ns",                                                 \
            "its time since that of the timed packet before it; 0: none, or a step back"        \
    }

static const struct pm_column columns[] = {
    {"flow_id", PM_CELL_INTEGER, "", "as in flows; all else is 0 behind its last packet"},
    PACKET(1),
    PACKET(2),
    PACKET(3),
    PACKET(4),
    PACKET(5),
    PACKET(6),
    PACKET(7),
    PACKET(8),
    PACKET(9),
    PACKET(10),
    PACKET(11),
    PACKET(12),
    PACKET(13),
    PACKET(14),
    PACKET(15),
    PACKET(16),
    PACKET(17),
    PACKET(18),
    PACKET(19),
    PACKET(20),
    PACKET(21),
    PACKET(22),
    PACKET(23),
    PACKET(24),
    PACKET(25),
    PACKET(26),
    PACKET(27),
    PACKET(28),
    PACKET(29),
    PACKET(30),
    PACKET(31),
    PACKET(32),
    PACKET(33),
    PACKET(34),
    PACKET(35),
    PACKET(36),
    PACKET(37),
    PACKET(38),
    PACKET(39),
    PACKET(40),
    PACKET(41),
    PACKET(42),
    PACKET(43),
    PACKET(44),
    PACKET(45),
    PACKET(46),
    PACKET(47),
    PACKET(48),
    PACKET(49),
    PACKET(50),
};

_Static_assert(PM_COUNT(columns) == 1 + 2 * PM_SPLT_MOST, "two columns per packet");

static size_t splt_shown(const void *state)
{
    return 1 + 2 * (size_t)((const struct splt *)state)->settings->splt;
}

/* `before`: the timed packet before it, or NULL. */
static void emit_packet(const struct pm_first_packet *packet, const struct pm_first_packet *before,
                        unsigned src, struct pm_sink *sink)
{
    int64_t size = packet->wire_len;
    bool gap = packet->timed && before != NULL && packet->ts_ns > before->ts_ns;

    pm_put_signed(sink, packet->direction == src ? size : -size);
    pm_put(sink, gap ? (uint64_t)packet->ts_ns - (uint64_t)before->ts_ns : 0);
}

static void emit_packets(const struct pm_first_packet *packets, uint32_t n, unsigned src,
                         struct pm_sink *sink)
{
    const struct pm_first_packet *before = NULL;

    for (uint32_t i = 0; i < n; i++) {
        emit_packet(&packets[i], before, src, sink);
        if (packets[i].timed)
            before = &packets[i];
    }
}

static void splt_emit(const void *state, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    const struct splt *splt = state;

    for (uint64_t row = begin; row < end; row++) {
        const struct pm_segment *flow = pm_flows_get(splt->flows, row);
        struct pm_first_packet room;
        uint32_t n;
        const struct pm_first_packet *packets = pm_flows_first(splt->flows, flow, &n, &room);

        pm_put(sink, flow->flow + UINT64_C(1));
        emit_packets(packets, n, flow->src_direction, sink);
        for (uint32_t i = 2 * n; i < 2 * splt->settings->splt; i++)
            pm_put(sink, 0);
        pm_end_row(sink);
    }
}

static uint64_t splt_rows(const void *state)
{
    return pm_flows_count(((const struct splt *)state)->flows);
}

static enum pm_status splt_init(void *state, const struct pm_settings *settings)
{
    ((struct splt *)state)->settings = settings;
    return PM_OK;
}

static enum pm_status splt_settle(void *state, const struct pm_set *set)
{
    ((struct splt *)state)->flows = pm_set_state(set, &pm_table_flows);
    return PM_OK;
}

static const struct pm_table *const needs[] = {&pm_table_flows, NULL};

const struct pm_table pm_table_splt = {
    .name = "splt",
    .description = "one row per flow: two columns for each of its first packets",
    .columns = columns,
    .n_columns = PM_COUNT(columns),
    .needs = needs,
    .on_request = true,
    .state_bytes = sizeof(struct splt),
    .init = splt_init,
    .settle = splt_settle,
    .n_rows = splt_rows,
    .shown = splt_shown,
    .emit = splt_emit,
};
