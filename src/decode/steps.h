/*
 * The storeys of a packet, from the link up: each decoder takes its header off the cursor and says
 * what comes next. One loop (decode.c) calls them, with a budget of layers, so that no packet makes
 * the program recurse or run on.
 */
#ifndef PM_STEPS_H
#define PM_STEPS_H

#include "capture/walk.h"
#include "decode/cursor.h"

enum { ETHERTYPE_IP = 0x0800, ETHERTYPE_ARP = 0x0806, ETHERTYPE_IPV6 = 0x86dd };

enum pm_step_kind {
    PM_STEP_END,  /* nothing more that is known */
    PM_STEP_LINK, /* type: link type */
    PM_STEP_ETHERNET,
    PM_STEP_ETHERTYPE, /* type: EtherType, or the length of an 802.3 frame */
    PM_STEP_LLC,
    PM_STEP_SNAP,
    PM_STEP_PPP,
    PM_STEP_IP, /* of the version that its first byte says */
    PM_STEP_IP4,
    PM_STEP_IP6,
    PM_STEP_AH,
    PM_STEP_GRE,
    PM_STEP_UDP_TUNNEL /* type: UDP port */
};

struct pm_step {
    enum pm_step_kind kind;
    uint16_t type;
};

struct pm_step pm_decode_link(struct pm_cursor *cursor, uint16_t link_type);       /* link.c */
struct pm_step pm_decode_ethernet(struct pm_cursor *cursor);                       /* link.c */
struct pm_step pm_decode_wlan_link(struct pm_cursor *cursor, uint16_t link_type);  /* wlan.c */
struct pm_step pm_decode_ethertype(struct pm_cursor *cursor, uint16_t ether_type); /* ethertype.c */
struct pm_step pm_decode_llc(struct pm_cursor *cursor);                            /* ethertype.c */
struct pm_step pm_decode_snap(struct pm_cursor *cursor);                           /* ethertype.c */
struct pm_step pm_decode_ppp(struct pm_cursor *cursor);                            /* ethertype.c */
struct pm_step pm_decode_ip4(struct pm_cursor *cursor);                            /* ip.c */
struct pm_step pm_decode_ip6(struct pm_cursor *cursor);                            /* ip.c */
struct pm_step pm_decode_ah(struct pm_cursor *cursor);                             /* ip.c */
struct pm_step pm_decode_transport(struct pm_cursor *cursor);                      /* transport.c */
struct pm_step pm_decode_gre(struct pm_cursor *cursor);                            /* tunnel.c */
struct pm_step pm_decode_udp_tunnel(struct pm_cursor *cursor, uint16_t port);      /* tunnel.c */

/* Options of a TCP header that begins at `tcp` and of which `end` bytes may be read: transport.c.
 */
void pm_decode_tcp_options(struct pm_packet *packet, const uint8_t *tcp, uint32_t end);

/* The port that tells a tunnel behind UDP; 0: none. */
uint16_t pm_udp_tunnel(uint16_t src_port, uint16_t dst_port); /* tunnel.c */

/* A packet of which nothing is known but its record. Member by member: what compilers make of
 * zeroing so many bytes at once (`rep stos`) takes 10 ns to begin. Inlined, so that what is written
 * again right after it is written once. */
static inline __attribute__((always_inline)) void
pm_packet_begin(struct pm_packet *packet, const struct pm_record *record, uint64_t number)
{
    packet->ts_ns = record->ts_ns;
    packet->number = number;
    packet->wire_len = record->wire_len;
    packet->cap_len = record->cap_len;
    packet->ip_len = packet->payload_len = 0;
    packet->src = packet->dst = (struct pm_address){0, 0};
    packet->src_port = packet->dst_port = 0;
    packet->ip_version = 0;
    packet->word = PM_WORD_NON_IP;
    packet->proto = packet->tcp_flags = 0;
    packet->timed = record->timed;
    packet->has_tcp = packet->fragments = packet->tunnel_both_ways = false;
    packet->header_words = 0;
    packet->tcp_seq = packet->tcp_ack = packet->anomalies = packet->fragment_id = 0;
    packet->fragment_offset = packet->tcp_window = packet->tcp_mss = 0;
    packet->tcp_window_scale = packet->n_path = 0;
    packet->tunnel_id = 0;
    packet->vlan_id = 0;
    packet->ttl = packet->dscp = 0;
    for (size_t i = 0; i < PM_PATH_MAX; i++)
        packet->path[i] = PM_LAYER_END;
}

static inline struct pm_step pm_step(enum pm_step_kind kind, uint16_t type)
{
    return (struct pm_step){.kind = kind, .type = type};
}

static inline struct pm_step pm_step_end(void)
{
    return pm_step(PM_STEP_END, 0);
}

/* Cisco ISL has what looks like a destination, 01000c0000 or 0c000c0000, and a type behind it (1).
 */
static inline bool pm_is_isl(const uint8_t *ethernet)
{
    return (ethernet[0] == 0x01 || ethernet[0] == 0x0c) && pm_be32(ethernet + 1) == 0x000c0000;
}

/* Where a field is an EtherType only: below 1536 are lengths, and numbers of other kinds. */
static inline struct pm_step pm_step_ethertype(uint16_t type)
{
    enum { ETHERTYPE_LEAST = 1536 };

    return type < ETHERTYPE_LEAST ? pm_step_end() : pm_step(PM_STEP_ETHERTYPE, type);
}

/* Nothing says what follows but the version that an IP header begins with. */
static inline struct pm_step pm_step_by_version(const struct pm_cursor *cursor)
{
    const uint8_t *ip = pm_cursor_need(cursor, 1);
    unsigned version = ip == NULL ? 0 : ip[0] >> 4;

    return version == 4   ? pm_step(PM_STEP_IP4, 0)
           : version == 6 ? pm_step(PM_STEP_IP6, 0)
                          : pm_step_end();
}

/* The bytes of a header were not captured, or are not there. */
static inline struct pm_step pm_step_cut(struct pm_cursor *cursor)
{
    pm_packet_mark(cursor->packet, PM_ANOMALY_LINK_CUT);
    return pm_step_end();
}

/* The bytes of a tunnel's header were not captured, or are not there. */
static inline struct pm_step pm_step_tunnel_cut(struct pm_cursor *cursor)
{
    pm_packet_mark(cursor->packet, PM_ANOMALY_TUNNEL_CUT);
    return pm_step_end();
}

#endif
