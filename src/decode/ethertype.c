/*
 * Between the link and IP: tags (802.1Q, 802.1ad, 802.1ah, 802.1BR, VN-Tag, MACsec, Cisco metadata
 * and FabricPath, Arista time stamps), MPLS (RFC 3032) with Ethernet pseudowires (RFC 4448), NSH
 * (RFC 8300), PPPoE (RFC 2516), PPP (RFC 1661), LLC and SNAP (RFC 1042).
 */
#include "decode/steps.h"

enum {
    ETHERTYPE_RARP = 0x8035,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_MPLS = 0x8847,
    ETHERTYPE_MPLS_MULTICAST = 0x8848,
    ETHERTYPE_PPPOE_DISCOVERY = 0x8863,
    ETHERTYPE_PPPOE_SESSION = 0x8864,
    ETHERTYPE_8021AD = 0x88a8,
    ETHERTYPE_MACSEC = 0x88e5,
    ETHERTYPE_8021AH = 0x88e7,
    ETHERTYPE_FABRICPATH = 0x8903,
    ETHERTYPE_CISCO_METADATA = 0x8909,
    ETHERTYPE_VN_TAG = 0x8926,
    ETHERTYPE_8021BR = 0x893f,
    ETHERTYPE_NSH = 0x894f,
    ETHERTYPE_ARISTA = 0xd28b,
    ETHERTYPE_TAG_9100 = 0x9100, /* before 802.1ad */
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

/* Is an Ethernet frame at `offset`, by its EtherType? */
static bool looks_like_ethernet(const struct pm_cursor *cursor, uint32_t offset)
{
    const uint8_t *frame = pm_cursor_need(cursor, offset + 14);

    if (frame == NULL)
        return false;
    switch (pm_be16(frame + offset + 12)) {
    case ETHERTYPE_IP:
    case ETHERTYPE_IPV6:
    case ETHERTYPE_ARP:
    case ETHERTYPE_VLAN:
    case ETHERTYPE_8021AD:
    case ETHERTYPE_MPLS:
        return true;
    default:
        return false;
    }
}

/* An Ethernet pseudowire, with a control word of 4 bytes that begins with a nibble of 0, or with
 * none. */
static struct pm_step decode_pseudowire(struct pm_cursor *cursor)
{
    const uint8_t *word = pm_cursor_need(cursor, 4);

    if (word != NULL && word[0] >> 4 == 0 && looks_like_ethernet(cursor, 4)) {
        pm_cursor_enter(cursor, PM_LAYER_PW_CONTROL_WORD);
        pm_cursor_skip(cursor, 4);
        return pm_step(PM_STEP_ETHERNET, 0);
    }
    if (!looks_like_ethernet(cursor, 0))
        return pm_step_end();
    pm_cursor_enter(cursor, PM_LAYER_PW_NO_CONTROL_WORD);
    return pm_step(PM_STEP_ETHERNET, 0);
}

/* A stack of labels, 4 bytes each: label (20 bits), class (3), bottom of the stack (1), TTL (8).
 * Nothing says what lies under it but how that begins. */
static struct pm_step decode_mpls(struct pm_cursor *cursor)
{
    const uint8_t *label;
    struct pm_step step;
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
    step = pm_step_by_version(cursor);
    return step.kind != PM_STEP_END ? step : decode_pseudowire(cursor);
}

/* `header` bytes, the last 2 of which are an EtherType. */
static struct pm_step decode_marker(struct pm_cursor *cursor, enum pm_layer layer, uint32_t header)
{
    const uint8_t *marker = pm_cursor_need(cursor, header);

    if (marker == NULL)
        return pm_step_cut(cursor);
    pm_cursor_enter(cursor, layer);
    pm_cursor_skip(cursor, header);
    return pm_step(PM_STEP_ETHERTYPE, pm_be16(marker + header - 2));
}

/* tree and TTL (2), then a frame */
static struct pm_step decode_fabricpath(struct pm_cursor *cursor)
{
    if (pm_cursor_need(cursor, 2) == NULL)
        return pm_step_cut(cursor);
    pm_cursor_enter(cursor, PM_LAYER_CFP);
    pm_cursor_skip(cursor, 2);
    return pm_step(PM_STEP_ETHERNET, 0);
}

/* control (1), length of the data where that is short (1), packet number (4), channel (8) if there;
 * then the data, which begins with an EtherType (2) where it is as it was, and an integrity check
 * (16). */
static struct pm_step decode_macsec(struct pm_cursor *cursor)
{
    enum { CHANNEL = 0x20, ENCRYPTED = 0x08, CHANGED = 0x04, CHECK = 16 };
    const uint8_t *macsec = pm_cursor_need(cursor, 2);
    uint32_t header, data;

    if (macsec == NULL)
        return pm_step_cut(cursor);
    header = macsec[0] & CHANNEL ? 14 : 6;
    data = macsec[1] & 63;
    if (macsec[0] & (ENCRYPTED | CHANGED)) {
        pm_cursor_enter(cursor, PM_LAYER_MACSEC);
        return pm_step_end();
    }
    if (data != 0)
        pm_cursor_limit(cursor, header + data);
    else if (cursor->wire >= header + CHECK)
        pm_cursor_limit(cursor, cursor->wire - CHECK);
    return decode_marker(cursor, PM_LAYER_MACSEC, header + 2);
}

/* subtype (2), version (2), time stamp: 6 bytes in versions x2x, 8 in x1x; EtherType (2) */
static struct pm_step decode_arista(struct pm_cursor *cursor)
{
    const uint8_t *arista = pm_cursor_need(cursor, 4);

    if (arista == NULL)
        return pm_step_cut(cursor);
    return decode_marker(cursor, PM_LAYER_AVSP, (arista[3] & 0xf0) == 0x20 ? 12 : 14);
}

/* version, flags, length in words of 4 bytes (2, its last 6 bits), type (1), next protocol (1) */
static struct pm_step decode_nsh(struct pm_cursor *cursor)
{
    enum { NEXT_IP = 1, NEXT_IPV6 = 2, NEXT_ETHERNET = 3, NEXT_NSH = 4, NEXT_MPLS = 5 };
    const uint8_t *nsh = pm_cursor_need(cursor, 8);

    pm_cursor_enter(cursor, PM_LAYER_NSH);
    if (nsh == NULL || (nsh[1] & 63) < 2)
        return pm_step_cut(cursor);
    pm_cursor_skip(cursor, (nsh[1] & 63u) * 4);
    switch (nsh[3]) {
    case NEXT_IP:
        return pm_step(PM_STEP_IP, 0);
    case NEXT_IPV6:
        return pm_step(PM_STEP_IP6, 0);
    case NEXT_ETHERNET:
        return pm_step(PM_STEP_ETHERNET, 0);
    case NEXT_NSH:
        return pm_step(PM_STEP_ETHERTYPE, ETHERTYPE_NSH);
    case NEXT_MPLS:
        return pm_step(PM_STEP_ETHERTYPE, ETHERTYPE_MPLS);
    default:
        return pm_step_end();
    }
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

/* Address ff and control 03 may stand before it. The protocol field has 2 bytes, or 1 where it was
 * compressed: then its lowest bit is 1. */
struct pm_step pm_decode_ppp(struct pm_cursor *cursor)
{
    enum { PPP_IP = 0x21, PPP_IPV6 = 0x57, PPP_MPLS = 0x281, PPP_MPLS_MULTICAST = 0x283 };
    const uint8_t *ppp = pm_cursor_need(cursor, 2);
    uint16_t protocol;

    pm_cursor_enter(cursor, PM_LAYER_PPP);
    if (ppp != NULL && ppp[0] == 0xff && ppp[1] == 3)
        pm_cursor_skip(cursor, 2);
    ppp = pm_cursor_need(cursor, 1);
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

/* OUI (3), type (2). 000000 is encapsulated Ethernet, 0000f8 the same, tunnelled by a bridge;
 * 0080c2 with type 1 or 7 an Ethernet frame (RFC 2684, 2427). */
struct pm_step pm_decode_snap(struct pm_cursor *cursor)
{
    const uint8_t *snap = pm_cursor_need(cursor, 5);
    uint32_t oui;

    if (snap == NULL)
        return pm_step_cut(cursor);
    oui = pm_be32(snap) >> 8;
    pm_cursor_skip(cursor, 5);
    if (oui == 0x0080c2 && (pm_be16(snap + 3) == 1 || pm_be16(snap + 3) == 7))
        return pm_step(PM_STEP_ETHERNET, 0);
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
    case ETHERTYPE_RARP:
        pm_cursor_enter(cursor, PM_LAYER_ARP);
        return pm_step_end();
    case ETHERTYPE_VLAN:
    case ETHERTYPE_TAG_9100:
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
    case ETHERTYPE_MACSEC:
        return decode_macsec(cursor);
    case ETHERTYPE_8021AH: /* priorities and service (4), destination (6), source (6) */
        return decode_marker(cursor, PM_LAYER_IEEE8021AH, 18);
    case ETHERTYPE_FABRICPATH:
        return decode_fabricpath(cursor);
    case ETHERTYPE_CISCO_METADATA:
        return decode_marker(cursor, PM_LAYER_CMD, 8);
    case ETHERTYPE_VN_TAG:
        return decode_marker(cursor, PM_LAYER_VNTAG, 6);
    case ETHERTYPE_8021BR:
        return decode_marker(cursor, PM_LAYER_ETAG, 8);
    case ETHERTYPE_ARISTA:
        return decode_arista(cursor);
    case ETHERTYPE_NSH:
        return decode_nsh(cursor);
    default:
        if (type > ETHERTYPE_LENGTH_MAX)
            return pm_step_end();
        pm_cursor_limit(cursor, type);
        return pm_step(PM_STEP_LLC, 0);
    }
}
