/*
 * TCP (RFC 9293), UDP (RFC 768), SCTP (RFC 9260): ports, and what the headers leave as payload.
 *
 * Ports need 4 captured bytes, TCP's other fields 16. Lengths are judged by what was on the wire,
 * so a short snap length changes no payload as long as the length field itself was captured;
 * without it a header of the usual length is taken.
 */
#include "decode/steps.h"

enum {
    PORTS = 4,       /* bytes that ports need */
    TCP_OFFSET = 12, /* where the data offset stands */
    TCP_FIELDS = 16, /* bytes that the other fields need */
    TCP_HEADER = 20,
    UDP_LENGTH = 4, /* where the length stands */
    UDP_HEADER = 8,
    SCTP_HEADER = 12
};

static void take_ports(struct pm_cursor *cursor)
{
    const uint8_t *ports = pm_cursor_need(cursor, PORTS);

    if (ports != NULL) {
        cursor->packet->src_port = pm_be16(ports);
        cursor->packet->dst_port = pm_be16(ports + 2);
    }
}

static uint32_t left_behind(const struct pm_cursor *cursor, uint32_t header)
{
    return cursor->wire > header ? cursor->wire - header : 0;
}

/* Options of a SYN (RFC 9293, 3.2; RFC 7323, 2.2): kind (1), length of all (1), value; kinds 0 and
 * 1, the end and padding, are a byte each. */
void pm_decode_tcp_options(struct pm_packet *packet, const uint8_t *tcp, uint32_t end)
{
    enum { END = 0, PADDING = 1, MSS = 2, WINDOW_SCALE = 3 };
    uint32_t at = TCP_HEADER;

    while (at + 1 < end && tcp[at] != END) {
        uint32_t length = tcp[at] == PADDING ? 1 : tcp[at + 1];

        if ((length < 2 && tcp[at] != PADDING) || length > end - at)
            break;
        if (tcp[at] == MSS && length == 4)
            packet->tcp_mss = pm_be16(tcp + at + 2);
        else if (tcp[at] == WINDOW_SCALE && length == 3)
            packet->tcp_window_scale = tcp[at + 2];
        at += length;
    }
}

/*
 *     0: ports  4: sequence number  8: acknowledgment number  12: data offset in words, reserved
 *     13: flags  14: window  16: checksum  18: urgent pointer
 */
static void decode_tcp(struct pm_cursor *cursor)
{
    const uint8_t *offset = pm_cursor_need(cursor, TCP_OFFSET + 1);
    const uint8_t *tcp = pm_cursor_need(cursor, TCP_FIELDS);
    struct pm_packet *packet = cursor->packet;
    uint32_t header = offset == NULL ? TCP_HEADER : (offset[TCP_OFFSET] >> 4) * 4u;

    packet->payload_len = left_behind(cursor, header);
    if (offset != NULL && (header < TCP_HEADER || header > cursor->wire)) {
        pm_packet_mark(packet, PM_ANOMALY_TCP_BAD);
        packet->payload_len = 0;
    }
    if (tcp == NULL) {
        pm_packet_mark(packet, PM_ANOMALY_TCP_CUT);
        return;
    }
    packet->has_tcp = true;
    packet->tcp_seq = pm_be32(tcp + 4);
    packet->tcp_ack = pm_be32(tcp + 8);
    packet->tcp_flags = tcp[13];
    packet->tcp_window = pm_be16(tcp + 14);
    packet->header_words = packet->anomalies & 1u << PM_ANOMALY_TCP_BAD ? 0 : header / 4 & 15;
    if (packet->tcp_flags & PM_TCP_SYN)
        pm_decode_tcp_options(packet, tcp, header < cursor->cap ? header : cursor->cap);
}

/* Into a tunnel, where what it carries is wanted. */
static struct pm_step leave_udp(struct pm_cursor *cursor)
{
    const struct pm_packet *packet = cursor->packet;
    uint16_t port;

    if (!cursor->inner || packet->fragments)
        return pm_step_end();
    port = pm_udp_tunnel(packet->src_port, packet->dst_port);
    if (port == 0)
        return pm_step_end();
    pm_cursor_skip(cursor, UDP_HEADER);
    pm_cursor_limit(cursor, packet->payload_len);
    return pm_step(PM_STEP_UDP_TUNNEL, port);
}

/*
 *     0: ports  4: length of header and data; 0 in jumbograms  6: checksum
 */
static struct pm_step decode_udp(struct pm_cursor *cursor)
{
    const uint8_t *udp = pm_cursor_need(cursor, UDP_LENGTH + 2);
    struct pm_packet *packet = cursor->packet;
    uint32_t length = udp == NULL ? 0 : pm_be16(udp + UDP_LENGTH);

    packet->payload_len = left_behind(cursor, UDP_HEADER);
    packet->header_words = UDP_HEADER / 4;
    if (pm_cursor_need(cursor, UDP_HEADER) == NULL)
        pm_packet_mark(packet, PM_ANOMALY_UDP_CUT);
    if (length != 0 && length < UDP_HEADER) {
        pm_packet_mark(packet, PM_ANOMALY_UDP_BAD);
        packet->payload_len = 0;
        return pm_step_end();
    }
    if (length > cursor->wire && !packet->fragments)
        pm_packet_mark(packet, PM_ANOMALY_UDP_OVER_IP);
    else if (length != 0 && length <= cursor->wire)
        packet->payload_len = length - UDP_HEADER;
    return leave_udp(cursor);
}

static void decode_sctp(struct pm_cursor *cursor)
{
    if (pm_cursor_need(cursor, SCTP_HEADER) == NULL)
        pm_packet_mark(cursor->packet, PM_ANOMALY_SCTP_CUT);
    cursor->packet->payload_len = left_behind(cursor, SCTP_HEADER);
}

struct pm_step pm_decode_transport(struct pm_cursor *cursor)
{
    static const uint8_t layers[PM_N_WORDS] = {[PM_WORD_TCP] = PM_LAYER_TCP,
                                               [PM_WORD_UDP] = PM_LAYER_UDP,
                                               [PM_WORD_SCTP] = PM_LAYER_SCTP,
                                               [PM_WORD_ICMP] = PM_LAYER_ICMP,
                                               [PM_WORD_ICMPV6] = PM_LAYER_ICMPV6};

    pm_cursor_enter(cursor, layers[cursor->packet->word]);
    cursor->path_ended = true;
    switch (cursor->packet->word) {
    case PM_WORD_TCP:
        take_ports(cursor);
        decode_tcp(cursor);
        break;
    case PM_WORD_UDP:
        take_ports(cursor);
        return decode_udp(cursor);
    case PM_WORD_SCTP:
        take_ports(cursor);
        decode_sctp(cursor);
        break;
    default: /* ICMP: what it embeds is no packet of its own */
        break;
    }
    return pm_step_end();
}
