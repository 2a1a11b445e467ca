/*
 * Link-layer headers, by the LINKTYPE_ numbers of tcpdump.org, which is also where their formats
 * are described.
 */
#include "decode/steps.h"

enum {
    LINKTYPE_NULL = 0,
    LINKTYPE_ETHERNET = 1,
    LINKTYPE_PPP = 9,
    LINKTYPE_RAW_BSD = 12, /* DLT_RAW of some systems' files, as is 14 */
    LINKTYPE_RAW_OPENBSD = 14,
    LINKTYPE_PPP_HDLC = 50,
    LINKTYPE_RAW = 101,
    LINKTYPE_C_HDLC = 104,
    LINKTYPE_FRELAY = 107,
    LINKTYPE_LOOP = 108,
    LINKTYPE_LINUX_SLL = 113,
    LINKTYPE_IPV4 = 228,
    LINKTYPE_IPV6 = 229,
    LINKTYPE_NFLOG = 239,
    LINKTYPE_LINUX_SLL2 = 276
};

/* destination (6), source (6), EtherType or length (2) */
static struct pm_step decode_ethernet(struct pm_cursor *cursor)
{
    const uint8_t *ethernet = pm_cursor_need(cursor, 14);

    if (ethernet == NULL) {
        pm_cursor_enter(cursor, PM_LAYER_FRAME);
        return pm_step_cut(cursor);
    }
    pm_cursor_enter(cursor, PM_LAYER_ETH);
    pm_cursor_skip(cursor, 14);
    return pm_step(PM_STEP_ETHERTYPE, pm_be16(ethernet + 12));
}

enum { ETHERTYPE_LEAST = 1536 }; /* below are lengths, and numbers of other kinds */

static bool is_ip_type(uint16_t ether_type)
{
    return ether_type == ETHERTYPE_IP || ether_type == ETHERTYPE_IPV6;
}

/* The address family in the byte order of the machine that captured, which may be either; in LOOP
 * always in network order. Each system has a number of its own for IPv6. */
static struct pm_step decode_null(struct pm_cursor *cursor)
{
    enum { AF_IP = 2, AF_IP6_BSD = 24, AF_IP6_FREEBSD = 28, AF_IP6_DARWIN = 30 };
    const uint8_t *family = pm_cursor_need(cursor, 4);
    uint32_t number;

    pm_cursor_enter(cursor, PM_LAYER_NULL);
    if (family == NULL)
        return pm_step_cut(cursor);
    number = pm_le32(family);
    if (number > 0xffff)
        number = pm_be32(family);
    pm_cursor_skip(cursor, 4);
    switch (number) {
    case AF_IP:
        return pm_step(PM_STEP_IP, 0);
    case AF_IP6_BSD:
    case AF_IP6_FREEBSD:
    case AF_IP6_DARWIN:
        return pm_step(PM_STEP_IP6, 0);
    default: /* some write 2 bytes of their own, then an EtherType */
        return number > 0xffff && is_ip_type(pm_be16(family + 2))
                   ? pm_step(PM_STEP_ETHERTYPE, pm_be16(family + 2))
                   : pm_step_end();
    }
}

/* What the protocol field of a cooked capture says: an EtherType, or that LLC follows. */
static struct pm_step leave_cooked(uint16_t arphrd, uint16_t protocol)
{
    enum { ARPHRD_NETLINK = 824, ETH_P_802_3 = 1, ETH_P_802_2 = 4 };

    if (arphrd == ARPHRD_NETLINK)
        return pm_step_end();
    if (protocol == ETH_P_802_2)
        return pm_step(PM_STEP_LLC, 0);
    return protocol < ETHERTYPE_LEAST ? pm_step_end() : pm_step(PM_STEP_ETHERTYPE, protocol);
}

/* packet type (2), ARPHRD (2), address length (2), address (8), protocol (2) */
static struct pm_step decode_sll(struct pm_cursor *cursor)
{
    const uint8_t *sll = pm_cursor_need(cursor, 16);

    pm_cursor_enter(cursor, PM_LAYER_SLL);
    if (sll == NULL)
        return pm_step_cut(cursor);
    pm_cursor_skip(cursor, 16);
    return leave_cooked(pm_be16(sll + 2), pm_be16(sll + 14));
}

/* protocol (2), reserved (2), interface (4), ARPHRD (2), packet type, address length, address (8)
 */
static struct pm_step decode_sll2(struct pm_cursor *cursor)
{
    const uint8_t *sll = pm_cursor_need(cursor, 20);

    pm_cursor_enter(cursor, PM_LAYER_SLL);
    if (sll == NULL)
        return pm_step_cut(cursor);
    pm_cursor_skip(cursor, 20);
    return leave_cooked(pm_be16(sll + 8), pm_be16(sll));
}

/* Cisco HDLC: address (1), control (1), EtherType (2) */
static struct pm_step decode_chdlc(struct pm_cursor *cursor)
{
    const uint8_t *chdlc = pm_cursor_need(cursor, 4);
    uint16_t type;

    pm_cursor_enter(cursor, PM_LAYER_CHDLC);
    if (chdlc == NULL)
        return pm_step_cut(cursor);
    type = pm_be16(chdlc + 2);
    pm_cursor_skip(cursor, 4);
    return type < ETHERTYPE_LEAST ? pm_step_end() : pm_step(PM_STEP_ETHERTYPE, type);
}

/* PPP in HDLC framing: address ff and control 03, which both may be left out; or Cisco's. */
static struct pm_step decode_ppp_hdlc(struct pm_cursor *cursor)
{
    const uint8_t *hdlc = pm_cursor_need(cursor, 2);

    if (hdlc != NULL && (hdlc[0] == 0x0f || hdlc[0] == 0x8f) && hdlc[1] == 0)
        return decode_chdlc(cursor);
    if (hdlc != NULL && hdlc[0] == 0xff && hdlc[1] == 3)
        pm_cursor_skip(cursor, 2);
    return pm_step(PM_STEP_PPP, 0);
}

/* A Q.922 address of 2 to 4 bytes, the last one odd; then (RFC 2427) control 03, maybe a byte of
 * padding, and an NLPID; or, as Cisco has it, an EtherType. */
static struct pm_step decode_frame_relay(struct pm_cursor *cursor)
{
    enum { UNNUMBERED = 3, NLPID_SNAP = 0x80, NLPID_IP6 = 0x8e, NLPID_IP = 0xcc };
    const uint8_t *address;
    uint32_t length = 0;

    pm_cursor_enter(cursor, PM_LAYER_FR);
    do {
        address = pm_cursor_need(cursor, ++length);
        if (address == NULL)
            return pm_step_cut(cursor);
    } while (!(address[length - 1] & 1) && length < 4);
    if (pm_cursor_need(cursor, length + 2) == NULL)
        return pm_step_cut(cursor);
    if (address[length] != UNNUMBERED) {
        pm_cursor_skip(cursor, length + 2);
        return pm_be16(address + length) < ETHERTYPE_LEAST
                   ? pm_step_end()
                   : pm_step(PM_STEP_ETHERTYPE, pm_be16(address + length));
    }
    length += address[length + 1] == 0 ? 2 : 1;
    if (pm_cursor_need(cursor, length + 1) == NULL)
        return pm_step_cut(cursor);
    pm_cursor_skip(cursor, length + 1);
    switch (address[length]) {
    case NLPID_IP:
        return pm_step(PM_STEP_IP, 0);
    case NLPID_IP6:
        return pm_step(PM_STEP_IP6, 0);
    case NLPID_SNAP:
        return pm_step(PM_STEP_SNAP, 0);
    default:
        return pm_step_end();
    }
}

/* family (1), version (1), resource (2), then attributes: length (2) and type (2) in the byte order
 * of the host, value, padded to 4. The packet is the value of attribute 9. */
static struct pm_step decode_nflog(struct pm_cursor *cursor)
{
    enum { FAMILY_IP = 2, FAMILY_IP6 = 10, NFULA_PAYLOAD = 9 };
    const uint8_t *nflog = pm_cursor_need(cursor, 4), *attribute;

    pm_cursor_enter(cursor, PM_LAYER_NFLOG);
    if (nflog == NULL)
        return pm_step_cut(cursor);
    pm_cursor_skip(cursor, 4);
    while ((attribute = pm_cursor_need(cursor, 4)) != NULL) {
        uint32_t length = pm_le16(attribute);

        if (length < 4)
            return pm_step_end();
        if (pm_le16(attribute + 2) == NFULA_PAYLOAD) {
            pm_cursor_limit(cursor, length);
            pm_cursor_skip(cursor, 4);
            return nflog[0] == FAMILY_IP    ? pm_step(PM_STEP_IP, 0)
                   : nflog[0] == FAMILY_IP6 ? pm_step(PM_STEP_IP6, 0)
                                            : pm_step_end();
        }
        pm_cursor_skip(cursor, (length + 3) / 4 * 4);
    }
    return pm_step_end();
}

struct pm_step pm_decode_link(struct pm_cursor *cursor, uint16_t link_type)
{
    switch (link_type) {
    case LINKTYPE_ETHERNET:
        return decode_ethernet(cursor);
    case LINKTYPE_RAW_BSD:
    case LINKTYPE_RAW_OPENBSD:
    case LINKTYPE_RAW:
    case LINKTYPE_IPV4:
    case LINKTYPE_IPV6:
        pm_cursor_enter(cursor, PM_LAYER_RAW);
        return pm_step(PM_STEP_IP, 0);
    case LINKTYPE_LINUX_SLL:
        return decode_sll(cursor);
    case LINKTYPE_LINUX_SLL2:
        return decode_sll2(cursor);
    case LINKTYPE_NULL:
    case LINKTYPE_LOOP:
        return decode_null(cursor);
    case LINKTYPE_PPP:
    case LINKTYPE_PPP_HDLC:
        return decode_ppp_hdlc(cursor);
    case LINKTYPE_C_HDLC:
        return decode_chdlc(cursor);
    case LINKTYPE_FRELAY:
        return decode_frame_relay(cursor);
    case LINKTYPE_NFLOG:
        return decode_nflog(cursor);
    default:
        pm_cursor_enter(cursor, PM_LAYER_FRAME);
        pm_packet_mark(cursor->packet, PM_ANOMALY_LINK_UNKNOWN);
        return pm_step_end();
    }
}
