/*
 * Link-layer headers, by the LINKTYPE_ numbers of tcpdump.org, which is also where their formats
 * are described. IEEE 802.11 is in wlan.c.
 */
#include "decode/link_types.h"
#include "decode/steps.h"

/* Behind what pm_is_isl() looks at: source (6), length (2), SNAP (3), vendor (3), VLAN (2), index
 * (2), reserved (2); then a frame, and a checksum (4). */
static struct pm_step decode_isl(struct pm_cursor *cursor)
{
    enum { ISL = 26, CHECKSUM = 4 };

    pm_cursor_enter(cursor, PM_LAYER_ISL);
    if (pm_cursor_need(cursor, ISL) == NULL)
        return pm_step_cut(cursor);
    if (cursor->wire >= ISL + CHECKSUM)
        pm_cursor_limit(cursor, cursor->wire - CHECKSUM);
    pm_cursor_skip(cursor, ISL);
    return pm_step(PM_STEP_ETHERNET, 0);
}

/* destination (6), source (6), EtherType or length (2) */
struct pm_step pm_decode_ethernet(struct pm_cursor *cursor)
{
    const uint8_t *ethernet = pm_cursor_need(cursor, 14);

    if (ethernet != NULL && pm_is_isl(ethernet))
        return decode_isl(cursor);
    pm_cursor_enter(cursor, PM_LAYER_ETH);
    if (ethernet == NULL)
        return pm_step_cut(cursor);
    pm_cursor_skip(cursor, 14);
    return pm_step(PM_STEP_ETHERTYPE, pm_be16(ethernet + 12));
}

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
    return pm_step_ethertype(protocol);
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

/* `header` bytes, an EtherType at `type_at`. */
static struct pm_step decode_typed(struct pm_cursor *cursor, enum pm_layer layer, uint32_t header,
                                   uint32_t type_at)
{
    const uint8_t *link = pm_cursor_need(cursor, header);

    pm_cursor_enter(cursor, layer);
    if (link == NULL)
        return pm_step_cut(cursor);
    pm_cursor_skip(cursor, header);
    return pm_step_ethertype(pm_be16(link + type_at));
}

/* Cisco HDLC: address (1), control (1), EtherType (2); the number of RARP is that of keepalives. */
static struct pm_step decode_chdlc(struct pm_cursor *cursor)
{
    enum { SLARP = 0x8035 };
    struct pm_step step = decode_typed(cursor, PM_LAYER_CHDLC, 4, 2);

    return step.type == SLARP ? pm_step_end() : step;
}

/* PPP in HDLC framing, or Cisco's. */
static struct pm_step decode_ppp_hdlc(struct pm_cursor *cursor)
{
    const uint8_t *hdlc = pm_cursor_need(cursor, 2);

    if (hdlc != NULL && (hdlc[0] == 0x0f || hdlc[0] == 0x8f) && hdlc[1] == 0)
        return decode_chdlc(cursor);
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
        return pm_step_ethertype(pm_be16(address + length));
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
 * of the host, which is taken to be little-endian, value, padded to 4. The packet is the value of
 * attribute 9. */
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

/* frame control (1), destination (6), source (6); LLC where frame control says so */
static struct pm_step decode_fddi(struct pm_cursor *cursor)
{
    enum { KIND = 0xf0, LLC_ASYNC = 0x50, LLC_SYNC = 0xd0 };
    const uint8_t *fddi = pm_cursor_need(cursor, 13);

    pm_cursor_enter(cursor, PM_LAYER_FDDI);
    if (fddi == NULL)
        return pm_step_cut(cursor);
    pm_cursor_skip(cursor, 13);
    return (fddi[0] & KIND) == LLC_ASYNC || (fddi[0] & KIND) == LLC_SYNC ? pm_step(PM_STEP_LLC, 0)
                                                                         : pm_step_end();
}

/* source (1), destination (1), on Linux 2 bytes more, protocol (1). RFC 1051: the packet. RFC 1201:
 * flag (1), and sequence (2); flag ff: 3 bytes, then flag and sequence again. A packet may come in
 * frames, the first of which has an odd flag; of later ones the flag is even, and above 0. */
static struct pm_step decode_arcnet(struct pm_cursor *cursor, uint32_t before_protocol)
{
    enum { OLD_IP = 0xf0, OLD_ARP = 0xf1, IP = 0xd4, ARP = 0xd5, EXCEPTION = 0xff };
    const uint8_t *arcnet = pm_cursor_need(cursor, before_protocol + 1), *split;
    uint8_t protocol;

    pm_cursor_enter(cursor, PM_LAYER_ARCNET);
    if (arcnet == NULL)
        return pm_step_cut(cursor);
    protocol = arcnet[before_protocol];
    pm_cursor_skip(cursor, before_protocol + 1);
    if (protocol == OLD_IP || protocol == OLD_ARP)
        return pm_step(PM_STEP_ETHERTYPE, protocol == OLD_IP ? ETHERTYPE_IP : ETHERTYPE_ARP);
    if (protocol != IP && protocol != ARP)
        return pm_step_end();
    split = pm_cursor_need(cursor, 3);
    if (split != NULL && split[0] == EXCEPTION) {
        pm_cursor_skip(cursor, 4);
        split = pm_cursor_need(cursor, 3);
    }
    if (split == NULL)
        return pm_step_cut(cursor);
    pm_cursor_skip(cursor, 3);
    if (split[0] != 0 && !(split[0] & 1))
        return pm_step_end();
    return pm_step(PM_STEP_ETHERTYPE, protocol == IP ? ETHERTYPE_IP : ETHERTYPE_ARP);
}

/* destination (8), source (8), LLC: RFC 2625 */
static struct pm_step decode_ip_over_fc(struct pm_cursor *cursor)
{
    pm_cursor_enter(cursor, PM_LAYER_IPFC);
    if (pm_cursor_need(cursor, 16) == NULL)
        return pm_step_cut(cursor);
    pm_cursor_skip(cursor, 16);
    return pm_step(PM_STEP_LLC, 0);
}

/* Solaris: version 1 (1), family (1), and 22 bytes that tell where it was seen */
static struct pm_step decode_ipnet(struct pm_cursor *cursor)
{
    enum { FAMILY_IP = 2, FAMILY_IP6 = 26 };
    const uint8_t *ipnet = pm_cursor_need(cursor, 24);

    pm_cursor_enter(cursor, PM_LAYER_IPNET);
    if (ipnet == NULL)
        return pm_step_cut(cursor);
    pm_cursor_skip(cursor, 24);
    return ipnet[1] == FAMILY_IP    ? pm_step(PM_STEP_IP, 0)
           : ipnet[1] == FAMILY_IP6 ? pm_step(PM_STEP_IP6, 0)
                                    : pm_step_end();
}

/* Darwin: length of the header (4), kind of record (4), link type (4), in little-endian order */
static struct pm_step decode_pktap(struct pm_cursor *cursor)
{
    enum { PACKET = 1 };
    const uint8_t *pktap = pm_cursor_need(cursor, 12);

    pm_cursor_enter(cursor, PM_LAYER_PKTAP);
    if (pktap == NULL || pm_le32(pktap) < 12 || pm_le32(pktap) > cursor->wire)
        return pm_step_cut(cursor);
    pm_cursor_skip(cursor, pm_le32(pktap));
    return pm_le32(pktap + 4) != PACKET || pm_le32(pktap + 8) > UINT16_MAX
               ? pm_step_end()
               : pm_step(PM_STEP_LINK, (uint16_t)pm_le32(pktap + 8));
}

struct pm_step pm_decode_link(struct pm_cursor *cursor, uint16_t link_type)
{
    switch (link_type) {
    case LINKTYPE_ETHERNET:
        return pm_decode_ethernet(cursor);
    case LINKTYPE_RAW_BSD:
    case LINKTYPE_RAW_OPENBSD:
    case LINKTYPE_RAW:
        pm_cursor_enter(cursor, PM_LAYER_RAW);
        return pm_step(PM_STEP_IP, 0);
    case LINKTYPE_IPV4:
    case LINKTYPE_IPV6:
        return pm_step(PM_STEP_IP, 0);
    case LINKTYPE_ATM_RFC1483:
        return pm_step(PM_STEP_LLC, 0);
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
    case LINKTYPE_FDDI:
        return decode_fddi(cursor);
    case LINKTYPE_ARCNET_BSD:
        return decode_arcnet(cursor, 2);
    case LINKTYPE_ARCNET_LINUX:
        return decode_arcnet(cursor, 4);
    case LINKTYPE_IPOIB: /* global route header (40), EtherType (2), reserved (2) */
        return decode_typed(cursor, PM_LAYER_IPOIB, 44, 40);
    case LINKTYPE_IP_OVER_FC:
        return decode_ip_over_fc(cursor);
    case LINKTYPE_IPNET:
        return decode_ipnet(cursor);
    case LINKTYPE_PKTAP:
        return decode_pktap(cursor);
    case LINKTYPE_IEEE802_11:
    case LINKTYPE_IEEE802_11_RADIOTAP:
    case LINKTYPE_IEEE802_11_AVS:
    case LINKTYPE_PRISM_HEADER:
    case LINKTYPE_PPI:
        return pm_decode_wlan_link(cursor, link_type);
    default:
        pm_cursor_enter(cursor, PM_LAYER_FRAME);
        pm_packet_mark(cursor->packet, PM_ANOMALY_LINK_UNKNOWN);
        return pm_step_end();
    }
}
