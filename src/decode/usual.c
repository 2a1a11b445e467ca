/*
 * The packets that nearly all packets are: Ethernet, IPv4 or IPv6 without options and fragments,
 * TCP or UDP, captured as far as their headers go and with lengths that fit. They are decoded in
 * one straight line for each of the four; whatever is odd is declined and goes the whole way
 * (pm_decode_any), which gives the same answer for usual packets too: tests hold the two against
 * each other.
 *
 * Tried: TCP and UDP in one line without a branch, by masks: a third slower. The general way alone,
 * its steps inlined by link-time optimization: half as fast.
 */
#include "decode/usual.h"

#include <string.h>

#include "decode/link_types.h"
#include "decode/steps.h"

enum { ETHERNET = 14, IP4_HEADER = 20, IP6_HEADER = 40, TCP_HEADER = 20, UDP_HEADER = 8 };

/* A frame that was found usual so far. The version is a constant wherever one is taken, and with it
 * where everything stands. */
struct usual {
    const struct pm_record *record;
    uint64_t number; /* of the packet */
    const uint8_t *ip;
    uint32_t ip_len;
    uint8_t proto;
};

static inline uint32_t header_of(unsigned version)
{
    return version == 4 ? IP4_HEADER : IP6_HEADER;
}

static inline __attribute__((always_inline)) void fill(struct pm_packet *packet,
                                                       const struct usual *usual, unsigned version,
                                                       enum pm_word word, enum pm_layer transport)
{
    const uint8_t *ip = usual->ip, *ports = ip + header_of(version);
    const uint8_t path[PM_PATH_MAX] = {PM_LAYER_ETH, version == 4 ? PM_LAYER_IP : PM_LAYER_IPV6,
                                       (uint8_t)transport};

    pm_packet_begin(packet, usual->record, usual->number);
    packet->ip_len = usual->ip_len;
    packet->src = version == 4 ? pm_address_v4(ip + 12) : pm_address_v6(ip + 8);
    packet->dst = version == 4 ? pm_address_v4(ip + 16) : pm_address_v6(ip + 24);
    packet->src_port = pm_be16(ports);
    packet->dst_port = pm_be16(ports + 2);
    packet->ip_version = version & 15;
    packet->word = (unsigned)word & 15;
    packet->proto = usual->proto;
    packet->ttl = version == 4 ? ip[8] : ip[7];
    packet->dscp = version == 4 ? ip[1] >> 2 : (uint8_t)(pm_be16(ip) >> 6 & 0x3f);
    packet->n_path = 3;
    memcpy(packet->path, path, sizeof packet->path);
}

static void take_options(struct pm_packet *packet, const struct usual *usual, unsigned version,
                         uint32_t header)
{
    uint32_t captured = usual->record->cap_len - ETHERNET - header_of(version);

    pm_decode_tcp_options(packet, usual->ip + header_of(version),
                          header < captured ? header : captured);
}

static inline __attribute__((always_inline)) bool
take_tcp(struct pm_packet *packet, const struct usual *usual, unsigned version)
{
    const uint8_t *tcp = usual->ip + header_of(version);
    uint32_t left = usual->ip_len - header_of(version), header = (tcp[12] >> 4) * 4u;

    if (header < TCP_HEADER || header > left)
        return false;
    fill(packet, usual, version, PM_WORD_TCP, PM_LAYER_TCP);
    packet->payload_len = left - header;
    packet->has_tcp = true;
    packet->header_words = header / 4 & 15;
    packet->tcp_flags = tcp[13];
    packet->tcp_seq = pm_be32(tcp + 4);
    packet->tcp_ack = pm_be32(tcp + 8);
    packet->tcp_window = pm_be16(tcp + 14);
    if (packet->tcp_flags & PM_TCP_SYN)
        take_options(packet, usual, version, header);
    return true;
}

static inline __attribute__((always_inline)) bool
take_udp(struct pm_packet *packet, const struct usual *usual, unsigned version)
{
    uint32_t left = usual->ip_len - header_of(version);
    uint32_t length = pm_be16(usual->ip + header_of(version) + 4);

    if (length < UDP_HEADER || length > left)
        return false;
    fill(packet, usual, version, PM_WORD_UDP, PM_LAYER_UDP);
    packet->payload_len = length - UDP_HEADER;
    packet->header_words = UDP_HEADER / 4;
    return true;
}

/* What UDP carries may be a tunnel, whose inside is not looked for here. */
static inline __attribute__((always_inline)) bool
take(struct pm_packet *packet, const struct usual *usual, unsigned version, bool inner)
{
    if (usual->ip_len < header_of(version) || usual->ip_len > usual->record->wire_len - ETHERNET)
        return false;
    if (usual->proto == PM_IPPROTO_TCP)
        return take_tcp(packet, usual, version);
    return usual->proto == PM_IPPROTO_UDP && !inner && take_udp(packet, usual, version);
}

static inline bool take_ip4(struct pm_packet *packet, const struct pm_record *record,
                            uint64_t number, bool inner)
{
    const uint8_t *ip = record->data + ETHERNET;
    struct usual usual = {record, number, ip, pm_be16(ip + 2), ip[9]};

    return ip[0] == 0x45 && (pm_be16(ip + 6) & 0x3fff) == 0 && take(packet, &usual, 4, inner);
}

static inline bool take_ip6(struct pm_packet *packet, const struct pm_record *record,
                            uint64_t number, bool inner)
{
    const uint8_t *ip = record->data + ETHERNET;
    struct usual usual = {record, number, ip, pm_be16(ip + 4) + (uint32_t)IP6_HEADER, ip[6]};

    return record->cap_len >= ETHERNET + IP6_HEADER + TCP_HEADER && ip[0] >> 4 == 6 &&
           usual.ip_len != IP6_HEADER && take(packet, &usual, 6, inner);
}

bool pm_decode_usual(const struct pm_record *record, uint64_t number, enum pm_tunnels tunnels,
                     struct pm_packet *packet)
{
    enum { LEAST = ETHERNET + IP4_HEADER + TCP_HEADER };
    const uint8_t *frame = record->data;

    if (record->link_type != LINKTYPE_ETHERNET || record->oddities != 0 || record->fcs_bytes != 0 ||
        record->cap_len < LEAST || pm_is_isl(frame))
        return false;
    switch (pm_be16(frame + 12)) {
    case ETHERTYPE_IP:
        return take_ip4(packet, record, number, tunnels == PM_TUNNELS_INNER);
    case ETHERTYPE_IPV6:
        return take_ip6(packet, record, number, tunnels == PM_TUNNELS_INNER);
    default:
        return false;
    }
}

struct pm_ip_bytes pm_usual_ip(const struct pm_record *record, const struct pm_packet *packet)
{
    uint32_t captured = record->cap_len - ETHERNET;

    return (struct pm_ip_bytes){record->data + ETHERNET,
                                packet->ip_len < captured ? packet->ip_len : captured};
}
