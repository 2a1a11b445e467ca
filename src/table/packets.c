/*
 * packets: one row per packet, on request.
 *
 * A row is kept as what is shown of the decoded packet and does not stand in the key of its flow
 * segment; which flow that is stands fast only when all runs are joined. Memory: 56 bytes a packet.
 */
#include <stdlib.h>

#include "base/store.h"
#include "table/all_tables.h"
#include "table/flows.h"

/* Of a packet what its columns show, as struct pm_packet has it. */
struct row {
    int64_t ts_ns;
    uint64_t number;
    uint32_t segment; /* pm_batch.flow */
    uint32_t cap_len;
    uint32_t wire_len;
    uint32_t ip_len;
    uint32_t payload_len;
    uint32_t tcp_seq;
    uint32_t tcp_ack;
    uint16_t vlan_id;
    uint16_t fragment_offset;
    uint16_t tcp_window;
    uint8_t ttl;
    uint8_t dscp;
    uint8_t tcp_flags;
    uint8_t word : 3;
    bool timed : 1;
    bool from_b : 1;    /* its source is end b of the key */
    bool has_ports : 1; /* those of the key; a later fragment has none */
};

_Static_assert(sizeof(struct row) == 56 && PM_N_WORDS <= 8, "rows are many, and so are small");

struct packets {
    const struct pm_settings *settings;
    struct pm_store rows;
    const void *flows; /* settled, as the next one */
    uint64_t *before;  /* rows before each block of the store */
};

/* Field by field: a whole row made first and copied then takes twice as long. */
static void keep(struct row *restrict row, const struct pm_packet *restrict packet)
{
    row->ts_ns = packet->ts_ns;
    row->number = packet->number;
    row->cap_len = packet->cap_len;
    row->wire_len = packet->wire_len;
    row->ip_len = packet->ip_len;
    row->payload_len = packet->payload_len;
    row->tcp_seq = packet->tcp_seq;
    row->tcp_ack = packet->tcp_ack;
    row->vlan_id = packet->vlan_id;
    row->fragment_offset = packet->fragment_offset;
    row->tcp_window = packet->tcp_window;
    row->ttl = packet->ttl;
    row->dscp = packet->dscp;
    row->tcp_flags = packet->tcp_flags;
    row->word = packet->word & 7;
    row->timed = packet->timed;
    row->from_b = pm_flow_key_end(packet->src, packet->dst, packet->src_port, packet->dst_port) & 1;
    row->has_ports = (packet->src_port | packet->dst_port) != 0;
}

/* Cost: 10 ns a packet (bench: update/packets). */
static enum pm_status packets_update(void *state, struct pm_batch *batch)
{
    struct packets *packets = state;

    for (size_t i = 0; i < batch->n; i++) {
        uint32_t item = pm_store_add(&packets->rows);
        struct row *row;

        if (item == PM_NONE)
            return PM_NO_MEMORY;
        row = pm_store_at(&packets->rows, item);
        keep(row, &batch->packets[i]);
        row->segment = batch->flow[i];
    }
    return PM_OK;
}

static enum pm_status packets_merge(void *into_state, void *from_state, struct pm_joint *joint)
{
    struct packets *into = into_state, *from = from_state;
    uint32_t shift;

    for (uint32_t i = pm_store_first(&from->rows); i != PM_NONE;
         i = pm_store_next(&from->rows, i)) {
        struct row *row = pm_store_at(&from->rows, i);

        row->number += joint->packets_before;
        if (row->segment != PM_NONE)
            row->segment += joint->segments_before;
    }
    return pm_store_join(&into->rows, &from->rows, &shift) ? PM_OK : PM_NO_MEMORY;
}

static enum pm_status packets_settle(void *state, const struct pm_set *set)
{
    struct packets *packets = state;
    uint64_t before = 0;

    packets->flows = pm_set_state(set, &pm_table_flows);
    packets->before = malloc((packets->rows.n_blocks + 1) * sizeof *packets->before);
    if (packets->before == NULL)
        return PM_NO_MEMORY;
    for (uint32_t block = 0; block < packets->rows.n_blocks; block++) {
        packets->before[block] = before;
        before += packets->rows.fill[block];
    }
    return PM_OK;
}

static const struct pm_column columns[] = {
    {"packet", PM_CELL_INTEGER, "", "its number in the capture, from 1"},
    {"ts_ns", PM_CELL_TIME, "ns", "its time since the epoch, UTC"},
    {"time_s", PM_CELL_FIXED9, "s", "seconds since the origin"},
    {"flow_id", PM_CELL_INTEGER, "", "its flow; 0: none"},
    {"cap_len", PM_CELL_INTEGER, "bytes", "bytes in the file"},
    {"wire_length", PM_CELL_INTEGER, "bytes", "length on the wire"},
    {"vlan_id", PM_CELL_INTEGER, "", "of the outermost tag"},
    {"ip_version", PM_CELL_INTEGER, "", "4 or 6; 0: no IP"},
    {"src_ip", PM_CELL_ADDRESS, "", "source address"},
    {"dst_ip", PM_CELL_ADDRESS, "", "destination address"},
    {"proto", PM_CELL_INTEGER, "", "IANA protocol number"},
    {"protocol", PM_CELL_WORD, "", "its word"},
    {"src_port", PM_CELL_INTEGER, "", "source port"},
    {"dst_port", PM_CELL_INTEGER, "", "destination port"},
    {"ip_length", PM_CELL_INTEGER, "bytes", "IP header and what it holds"},
    {"ttl", PM_CELL_INTEGER, "", "time to live, or hop limit"},
    {"dscp", PM_CELL_INTEGER, "", "differentiated services code point"},
    {"fragment_offset", PM_CELL_INTEGER, "bytes", "place in the datagram"},
    {"tcp_flags", PM_CELL_INTEGER, "", "CWR to FIN as a number, 0 to 255"},
    {"tcp_seq", PM_CELL_INTEGER, "", "sequence number"},
    {"tcp_ack", PM_CELL_INTEGER, "", "acknowledgment number"},
    {"tcp_window", PM_CELL_INTEGER, "", "window field, unscaled"},
    {"payload_length", PM_CELL_INTEGER, "bytes", "behind the transport header"},
};

static const struct pm_flow_key *key_of(const struct packets *packets, const struct row *row)
{
    static const struct pm_flow_key none;

    return row->segment == PM_NONE ? &none : pm_flows_key(packets->flows, row->segment);
}

static void emit_row(const struct packets *packets, const struct row *row, struct pm_sink *sink)
{
    __int128 since = row->timed ? (__int128)row->ts_ns - packets->settings->origin_ns : 0;
    const struct pm_flow_key *key = key_of(packets, row);
    bool from_b = row->from_b;

    pm_put(sink, row->number + 1);
    pm_put_time(sink, row->ts_ns);
    pm_put_fixed9(sink, since);
    pm_put(sink, row->segment == PM_NONE ? 0 : pm_flows_id(packets->flows, row->segment));
    pm_put(sink, row->cap_len);
    pm_put(sink, row->wire_len);
    pm_put(sink, row->vlan_id);
    pm_put(sink, key->ip_version);
    pm_put_address(sink, key->ip_version, from_b ? key->b : key->a);
    pm_put_address(sink, key->ip_version, from_b ? key->a : key->b);
    pm_put(sink, key->proto);
    pm_put_word(sink, pm_word_names[row->word]);
    pm_put(sink, !row->has_ports ? 0 : from_b ? key->b_port : key->a_port);
    pm_put(sink, !row->has_ports ? 0 : from_b ? key->a_port : key->b_port);
    pm_put(sink, row->ip_len);
    pm_put(sink, row->ttl);
    pm_put(sink, row->dscp);
    pm_put(sink, row->fragment_offset);
    pm_put(sink, row->tcp_flags);
    pm_put(sink, row->tcp_seq);
    pm_put(sink, row->tcp_ack);
    pm_put(sink, row->tcp_window);
    pm_put(sink, row->payload_len);
    pm_end_row(sink);
}

static uint64_t packets_rows(const void *state)
{
    return pm_store_count(&((const struct packets *)state)->rows);
}

/* The item of a row: in the last block that does not begin behind it. */
static uint32_t seek_row(const struct packets *packets, uint64_t row)
{
    uint32_t low = 0, high = packets->rows.n_blocks;

    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;

        if (packets->before[middle] <= row)
            low = middle;
        else
            high = middle;
    }
    return pm_store_seek(&packets->rows,
                         (low << packets->rows.shift) + (uint32_t)(row - packets->before[low]));
}

/* Neighbours belong to any flows: where a row that is soon to come finds its flow's key and number.
 */
static void fetch_flow(const struct packets *packets, uint32_t item)
{
    const struct row *row;

    if (pm_store_seek(&packets->rows, item) != item)
        return;
    row = pm_store_at(&packets->rows, item);
    if (row->segment != PM_NONE)
        pm_flows_fetch(packets->flows, row->segment);
}

static void packets_emit(const void *state, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    enum { AHEAD = 8 };
    const struct packets *packets = state;
    uint32_t item = begin < end ? seek_row(packets, begin) : PM_NONE;

    for (uint64_t row = begin; row < end; row++) {
        fetch_flow(packets, item + AHEAD);
        emit_row(packets, pm_store_at(&packets->rows, item), sink);
        item = pm_store_next(&packets->rows, item);
    }
}

static enum pm_status packets_init(void *state, const struct pm_settings *settings)
{
    struct packets *packets = state;

    packets->settings = settings;
    pm_store_init(&packets->rows, sizeof(struct row));
    return PM_OK;
}

static void packets_free(void *state)
{
    struct packets *packets = state;

    pm_store_free(&packets->rows);
    free(packets->before);
}

static const struct pm_table *const needs[] = {&pm_table_flows, NULL};

const struct pm_table pm_table_packets = {
    .name = "packets",
    .on_request = true,
    .description = "one row per packet",
    .columns = columns,
    .n_columns = PM_COUNT(columns),
    .needs = needs,
    .state_bytes = sizeof(struct packets),
    .init = packets_init,
    .free = packets_free,
    .update = packets_update,
    .merge = packets_merge,
    .settle = packets_settle,
    .packets = packets_rows,
    .n_rows = packets_rows,
    .emit = packets_emit,
};
