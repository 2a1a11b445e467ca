/*
 * Between the link and IP: VLAN tags (802.1Q, 802.1ad), MPLS (RFC 3032), PPPoE (RFC 2516), PPP
 * (RFC 1661), LLC and SNAP (RFC 1042).
 */
#include "decode/steps.h"

enum {
    ETHERTYPE_ARP = 0x0806,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_MPLS = 0x8847,
    ETHERTYPE_MPLS_MULTICAST = 0x8848,
    ETHERTYPE_PPPOE_DISCOVERY = 0x8863,
    ETHERTYPE_PPPOE_SESSION = 0x8864,
    ETHERTYPE_8021AD = 0x88a8,
    ETHERTYPE_LENGTH_MAX = 1500, /* up to here the field is the length of an 802.3 frame */
    TAGS_MAX = 8,
    LABELS_MAX = 16
};

/* tag control (2), EtherType (2) */
static struct pm_step decode_tag(struct pm_cursor *cursor, enum pm_layer layer)
{
    const uint8_t *tag = pm_cursor_need(cursor, 4);

    if (tag == NULL)
        return pm_step_cut(cursor);
    if (cursor->tags == TAGS_MAX) {
        pm_packet_mark(cursor->packet, PM_ANOMALY_TOO_MANY_TAGS);
        return pm_step_end();
    }
    pm_cursor_enter(cursor, layer);
    if (cursor->tags++ == 0)
        cursor->packet->vlan_id = pm_be16(tag) & 0xfff;
    pm_cursor_skip(cursor, 4);
    return pm_step(PM_STEP_ETHERTYPE, pm_be16(tag + 2));
}

/* A stack of labels, 4 bytes each: label (20 bits), class (3), bottom of the stack (1), TTL (8).
 * Nothing says what lies under it but the version that an IP header begins with. */
static struct pm_step decode_mpls(struct pm_cursor *cursor)
{
    const uint8_t *label, *under;
    int labels = 0;

    pm_cursor_enter(cursor, PM_LAYER_MPLS);
    do {
        label = pm_cursor_need(cursor, 4);
        if (label == NULL)
            return pm_step_cut(cursor);
        if (labels++ == LABELS_MAX) {
            pm_packet_mark(cursor->packet, PM_ANOMALY_TOO_MANY_TAGS);
            return pm_step_end();
        }
        pm_cursor_skip(cursor, 4);
    } while (!(label[2] & 1));
    under = pm_cursor_need(cursor, 1);
    if (under == NULL || (under[0] >> 4 != 4 && under[0] >> 4 != 6))
        return pm_step_end();
    return pm_step(under[0] >> 4 == 4 ? PM_STEP_IP4 : PM_STEP_IP6, 0);
}

/* version and type (1), code (1), session (2), length (2) */
static struct pm_step decode_pppoe_session(struct pm_cursor *cursor)
{
    const uint8_t *pppoe = pm_cursor_need(cursor, 6);

    pm_cursor_enter(cursor, PM_LAYER_PPPOES);
    if (pppoe == NULL)
        return pm_step_cut(cursor);
    pm_cursor_skip(cursor, 6);
    pm_cursor_limit(cursor, pm_be16(pppoe + 4));
    return pm_step(PM_STEP_PPP, 0);
}

/* The protocol field has 2 bytes, or 1 where it was compressed: then its lowest bit is 1. */
struct pm_step pm_decode_ppp(struct pm_cursor *cursor)
{
    enum { PPP_IP = 0x21, PPP_IPV6 = 0x57, PPP_MPLS = 0x281, PPP_MPLS_MULTICAST = 0x283 };
    const uint8_t *ppp = pm_cursor_need(cursor, 1);
    uint16_t protocol;

    pm_cursor_enter(cursor, PM_LAYER_PPP);
    if (ppp == NULL || (!(ppp[0] & 1) && pm_cursor_need(cursor, 2) == NULL))
        return pm_step_cut(cursor);
    protocol = ppp[0] & 1 ? ppp[0] : pm_be16(ppp);
    pm_cursor_skip(cursor, ppp[0] & 1 ? 1 : 2);
    switch (protocol) {
    case PPP_IP:
        return pm_step(PM_STEP_IP, 0);
    case PPP_IPV6:
        return pm_step(PM_STEP_IP6, 0);
    case PPP_MPLS:
    case PPP_MPLS_MULTICAST:
        return pm_step(PM_STEP_ETHERTYPE, ETHERTYPE_MPLS);
    default:
        return pm_step_end();
    }
}

/* DSAP (1), SSAP (1), control (1) */
struct pm_step pm_decode_llc(struct pm_cursor *cursor)
{
    enum { SAP_SNAP = 0xaa, SAP_IP = 0x06, UNNUMBERED = 0x03 };
    const uint8_t *llc = pm_cursor_need(cursor, 3);

    if (llc == NULL)
        return pm_step_cut(cursor);
    pm_cursor_enter(cursor, PM_LAYER_LLC);
    pm_cursor_skip(cursor, 3);
    if (llc[0] == SAP_IP && llc[1] == SAP_IP && llc[2] == UNNUMBERED)
        return pm_step(PM_STEP_IP, 0);
    if (llc[0] != SAP_SNAP || llc[1] != SAP_SNAP || llc[2] != UNNUMBERED)
        return pm_step_end();
    return pm_step(PM_STEP_SNAP, 0);
}

/* OUI (3), type (2). 000000 is encapsulated Ethernet, 0000f8 the same, tunnelled by a bridge. */
struct pm_step pm_decode_snap(struct pm_cursor *cursor)
{
    const uint8_t *snap = pm_cursor_need(cursor, 5);
    uint32_t oui;

    if (snap == NULL)
        return pm_step_cut(cursor);
    oui = pm_be32(snap) >> 8;
    pm_cursor_skip(cursor, 5);
    if ((oui != 0x000000 && oui != 0x0000f8) || pm_be16(snap + 3) <= ETHERTYPE_LENGTH_MAX)
        return pm_step_end();
    return pm_step(PM_STEP_ETHERTYPE, pm_be16(snap + 3));
}

struct pm_step pm_decode_ethertype(struct pm_cursor *cursor, uint16_t type)
{
    switch (type) {
    case ETHERTYPE_IP:
        return pm_step(PM_STEP_IP, 0);
    case ETHERTYPE_IPV6:
        return pm_step(PM_STEP_IP6, 0);
    case ETHERTYPE_ARP:
        pm_cursor_enter(cursor, PM_LAYER_ARP);
        return pm_step_end();
    case ETHERTYPE_VLAN:
        return decode_tag(cursor, PM_LAYER_VLAN);
    case ETHERTYPE_8021AD:
        return decode_tag(cursor, PM_LAYER_IEEE8021AD);
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST:
        return decode_mpls(cursor);
    case ETHERTYPE_PPPOE_DISCOVERY:
        pm_cursor_enter(cursor, PM_LAYER_PPPOED);
        return pm_step_end();
    case ETHERTYPE_PPPOE_SESSION:
        return decode_pppoe_session(cursor);
    default:
        if (type > ETHERTYPE_LENGTH_MAX)
            return pm_step_end();
        pm_cursor_limit(cursor, type);
        return pm_step(PM_STEP_LLC, 0);
    }
}
