/*
 * IPv4 (RFC 791) and IPv6 (RFC 8200) headers, and AH (RFC 4302). pcapmill-tables(5) says what
 * each length means.
 */
#include "decode/steps.h"

enum { IP4_HEADER = 20, IP6_HEADER = 40, EXTENSIONS_MAX = 16 };

/* An IP header inside a tunnel: nothing of the one outside is left in the packet. */
static void forget_outer(struct pm_packet *packet)
{
    packet->src_port = packet->dst_port = 0;
    packet->tcp_flags = 0;
    packet->tcp_seq = packet->tcp_ack = 0;
    packet->tcp_window = 0;
    packet->has_tcp = false;
    packet->header_words = 0;
    packet->fragment_id = 0;
}

/* Sets ip_len from the header's length field and leaves the cursor on the IP packet alone, without
 * what the link put behind it. A length of 0 is a segment that the network card was to cut (TSO),
 * or a jumbogram. */
static void limit_to_length(struct pm_cursor *cursor, uint32_t length)
{
    struct pm_packet *packet = cursor->packet;

    packet->ip_len = length != 0 ? length : cursor->wire;
    if (length == 0)
        pm_packet_mark(packet, PM_ANOMALY_TSO_LEN0);
    if (length > cursor->wire)
        pm_packet_mark(packet, PM_ANOMALY_IP_OVER_WIRE);
    pm_cursor_limit(cursor, packet->ip_len);
    if (cursor->ip == NULL) {
        cursor->ip = cursor->at;
        cursor->ip_cap = cursor->cap;
    }
}

static void enter_fragment(struct pm_cursor *cursor, uint32_t id, uint16_t offset, bool more)
{
    struct pm_packet *packet = cursor->packet;

    packet->fragment_id = id;
    packet->fragment_offset = offset;
    packet->fragments = more && offset == 0;
    if (offset + cursor->wire > 65535)
        pm_packet_mark(packet, PM_ANOMALY_FRAGMENT_OVER_64K);
}

/* From here on, headers are those of what a tunnel carries. */
static void enter_tunnel(struct pm_cursor *cursor)
{
    if (cursor->inner || cursor->packet == cursor->shadow)
        return;
    *cursor->shadow = *cursor->packet;
    cursor->packet = cursor->shadow;
}

/* Behind the IP headers. Later fragments hold no transport header; and where a tunnel's packet
 * comes in fragments, all of them are told by the header that they share, the outer one. */
static struct pm_step leave_ip(struct pm_cursor *cursor)
{
    struct pm_packet *packet = cursor->packet;
    enum pm_step_kind tunnel;

    packet->word = (uint8_t)pm_word_of(packet->proto);
    packet->payload_len = cursor->wire;
    if (packet->fragment_offset != 0)
        return pm_step_end();
    if (packet->word != PM_WORD_OTHER_IP)
        return pm_decode_transport(cursor);
    tunnel = packet->fragments                      ? PM_STEP_END
             : packet->proto == PM_IPPROTO_IPIP     ? PM_STEP_IP4
             : packet->proto == PM_IPPROTO_IPV6     ? PM_STEP_IP6
             : packet->proto == PM_IPPROTO_GRE      ? PM_STEP_GRE
             : packet->proto == PM_IPPROTO_AH       ? PM_STEP_AH
             : packet->proto == PM_IPPROTO_ETHERNET ? PM_STEP_ETHERNET
                                                    : PM_STEP_END;
    if (tunnel != PM_STEP_END)
        enter_tunnel(cursor);
    return pm_step(tunnel, 0);
}

/*
 *     0: version, header length in words  1: DSCP, ECN  2: total length  4: identification
 *     6: flags, fragment offset  8: TTL  9: protocol  10: checksum  12: source  16: destination
 */
struct pm_step pm_decode_ip4(struct pm_cursor *cursor)
{
    const uint8_t *ip = pm_cursor_need(cursor, IP4_HEADER);
    struct pm_packet *packet = cursor->packet;
    uint32_t header, length;
    uint16_t fragment;

    pm_cursor_enter(cursor, PM_LAYER_IP);
    if (ip == NULL) {
        pm_packet_mark(packet, PM_ANOMALY_IP_CUT);
        return pm_step_end();
    }
    header = (ip[0] & 15u) * 4;
    length = pm_be16(ip + 2);
    if (ip[0] >> 4 != 4 || header < IP4_HEADER || header > cursor->wire ||
        (length != 0 && length < header)) {
        pm_packet_mark(packet, PM_ANOMALY_IP_BAD);
        return pm_step_end();
    }
    if (packet->ip_version != 0)
        forget_outer(packet);
    packet->ip_version = 4;
    packet->dscp = ip[1] >> 2;
    packet->ttl = ip[8];
    packet->proto = ip[9];
    packet->src = pm_address_v4(ip + 12);
    packet->dst = pm_address_v4(ip + 16);
    limit_to_length(cursor, length);
    pm_cursor_skip(cursor, header);
    fragment = pm_be16(ip + 6);
    if ((fragment & 0x3fff) != 0)
        enter_fragment(cursor, pm_be16(ip + 4), (uint16_t)((fragment & 0x1fff) * 8),
                       fragment & 0x2000);
    return leave_ip(cursor);
}

static bool is_extension(uint8_t next_header)
{
    return next_header == PM_IPPROTO_HOPOPT || next_header == PM_IPPROTO_ROUTING ||
           next_header == PM_IPPROTO_FRAGMENT || next_header == PM_IPPROTO_DSTOPTS;
}

/* Walks the extension headers and leaves packet->proto at the first next header that is none, or at
 * the last one read. What follows the header of a later fragment is data, not headers. */
static void walk_extensions(struct pm_cursor *cursor)
{
    struct pm_packet *packet = cursor->packet;

    for (int n = 0; is_extension(packet->proto) && packet->fragment_offset == 0; n++) {
        const uint8_t *extension = pm_cursor_need(cursor, 8);
        uint32_t length;

        if (n == EXTENSIONS_MAX) {
            pm_packet_mark(packet, PM_ANOMALY_TOO_MANY_LAYERS);
            return;
        }
        length = extension == NULL                      ? 8
                 : packet->proto == PM_IPPROTO_FRAGMENT ? 8
                                                        : (extension[1] + 1u) * 8;
        if (extension == NULL || length > cursor->wire) {
            pm_packet_mark(packet, PM_ANOMALY_IP6_EXT_CUT);
            return;
        }
        pm_cursor_skip(cursor, length);
        if (packet->proto == PM_IPPROTO_FRAGMENT)
            enter_fragment(cursor, pm_be32(extension + 4), pm_be16(extension + 2) & 0xfff8,
                           extension[3] & 1);
        packet->proto = extension[0];
    }
}

/*
 *     0: version, traffic class, flow label  4: payload length  6: next header  7: hop limit
 *     8: source  24: destination
 */
struct pm_step pm_decode_ip6(struct pm_cursor *cursor)
{
    const uint8_t *ip = pm_cursor_need(cursor, IP6_HEADER);
    struct pm_packet *packet = cursor->packet;
    uint32_t length;

    pm_cursor_enter(cursor, PM_LAYER_IPV6);
    if (ip == NULL) {
        pm_packet_mark(packet, PM_ANOMALY_IP_CUT);
        return pm_step_end();
    }
    if (ip[0] >> 4 != 6) {
        pm_packet_mark(packet, PM_ANOMALY_IP_BAD);
        return pm_step_end();
    }
    if (packet->ip_version != 0)
        forget_outer(packet);
    packet->ip_version = 6;
    packet->dscp = (uint8_t)(pm_be16(ip) >> 6 & 0x3f);
    packet->proto = ip[6];
    packet->ttl = ip[7];
    packet->src = pm_address_v6(ip + 8);
    packet->dst = pm_address_v6(ip + 24);
    length = pm_be16(ip + 4);
    limit_to_length(cursor, length == 0 ? 0 : length + IP6_HEADER);
    pm_cursor_skip(cursor, IP6_HEADER);
    walk_extensions(cursor);
    return leave_ip(cursor);
}

/* next header (1), length of the header in words of 4 bytes less 2 (1), SPI, sequence, ICV */
struct pm_step pm_decode_ah(struct pm_cursor *cursor)
{
    const uint8_t *ah = pm_cursor_need(cursor, 2);
    struct pm_packet *packet = cursor->packet;

    if (ah == NULL || (ah[1] + 2u) * 4 > cursor->wire)
        return pm_step_tunnel_cut(cursor);
    pm_cursor_enter(cursor, PM_LAYER_AH);
    pm_cursor_skip(cursor, (ah[1] + 2u) * 4);
    packet->proto = ah[0];
    if (packet->ip_version == 6)
        walk_extensions(cursor);
    return leave_ip(cursor);
}
