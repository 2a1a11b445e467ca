/*
 * Tunnels: GRE (RFC 2784, 2890, 1701; 2637 for version 1) with ERSPAN (draft-foschiano-erspan), and
 * by UDP port VXLAN (RFC 7348), GENEVE (RFC 8926), GTP-U (3GPP TS 29.281), Teredo (RFC 4380) and
 * L2TP (RFC 2661). IP in IP needs no header of its own: ip.c.
 */
#include "decode/steps.h"

enum {
    PORT_L2TP = 1701,
    PORT_GTP_U = 2152,
    PORT_TEREDO = 3544,
    PORT_VXLAN = 4789,
    PORT_GENEVE = 6081
};

enum { ETHERTYPE_BRIDGED = 0x6558 }; /* an Ethernet frame */

/* A number that names the tunnel in both directions, or one that its receiver has drawn. The former
 * is not given up for the latter; where the outermost IP header is wanted, the first one counts. */
static void take_id(struct pm_cursor *cursor, uint32_t id, bool both_ways)
{
    struct pm_packet *packet = cursor->packet;

    if (packet->tunnel_both_ways && !(both_ways && cursor->inner))
        return;
    packet->tunnel_id = id;
    packet->tunnel_both_ways = both_ways;
}

/* ---- GRE ------------------------------------------------------------------------------------- */

/* A list of source routes: family (2), offset (1), length (1), that many bytes; up to one of zeros.
 */
static bool skip_routes(struct pm_cursor *cursor)
{
    const uint8_t *route;

    while ((route = pm_cursor_need(cursor, 4)) != NULL) {
        bool last = pm_be16(route) == 0 && route[3] == 0;

        pm_cursor_skip(cursor, 4u + route[3]);
        if (last)
            return true;
    }
    return false;
}

/* Types II and III: the session is the last 10 bits of the first word. */
static void take_session(struct pm_cursor *cursor, const uint8_t *erspan)
{
    take_id(cursor, pm_be16(erspan + 2) & 0x3ff, true);
}

/* ERSPAN type I has no header and shows by GRE's want of a sequence number, type II has 8 bytes. */
static struct pm_step decode_erspan(struct pm_cursor *cursor, bool sequenced)
{
    const uint8_t *erspan;

    pm_cursor_enter(cursor, PM_LAYER_ERSPAN);
    if (!sequenced)
        return pm_step(PM_STEP_ETHERNET, 0);
    erspan = pm_cursor_need(cursor, 8);
    if (erspan == NULL)
        return pm_step_tunnel_cut(cursor);
    take_session(cursor, erspan);
    pm_cursor_skip(cursor, 8);
    return pm_step(PM_STEP_ETHERNET, 0);
}

/* Type III: 10 bytes, then kind of frame (bits 1 to 5), hardware and granularity, and whether 8
 * more bytes follow (2 in all). */
static struct pm_step decode_erspan_iii(struct pm_cursor *cursor)
{
    enum { ETHERNET = 0, IP = 2 };
    const uint8_t *erspan = pm_cursor_need(cursor, 12);
    unsigned frame;

    pm_cursor_enter(cursor, PM_LAYER_ERSPAN);
    if (erspan == NULL)
        return pm_step_tunnel_cut(cursor);
    take_session(cursor, erspan);
    frame = erspan[10] >> 2 & 31;
    pm_cursor_skip(cursor, 12u + (erspan[11] & 1 ? 8 : 0));
    return frame == ETHERNET ? pm_step(PM_STEP_ETHERNET, 0)
           : frame == IP     ? pm_step_by_version(cursor)
                             : pm_step_end();
}

/* WCCP redirects with a header of 4 bytes, or with none (version 1). */
static struct pm_step decode_wccp(struct pm_cursor *cursor)
{
    const uint8_t *wccp = pm_cursor_need(cursor, 1);

    if (wccp == NULL)
        return pm_step_tunnel_cut(cursor);
    if (wccp[0] >> 4 != 4)
        pm_cursor_skip(cursor, 4);
    return pm_step(PM_STEP_IP4, 0);
}

/* Cisco metadata as on Ethernet, but for the EtherType, which comes first. */
static struct pm_step decode_metadata(struct pm_cursor *cursor)
{
    const uint8_t *metadata = pm_cursor_need(cursor, 8);

    if (metadata == NULL)
        return pm_step_tunnel_cut(cursor);
    pm_cursor_enter(cursor, PM_LAYER_CMD);
    pm_cursor_skip(cursor, 8);
    return pm_step(PM_STEP_ETHERTYPE, pm_be16(metadata));
}

static struct pm_step leave_gre(struct pm_cursor *cursor, uint16_t type, bool sequenced)
{
    enum { PPP = 0x880b, WCCP = 0x883e, ERSPAN = 0x88be, ERSPAN_III = 0x22eb, METADATA = 0x8909 };

    switch (type) {
    case ETHERTYPE_BRIDGED:
        return pm_step(PM_STEP_ETHERNET, 0);
    case ERSPAN:
        return decode_erspan(cursor, sequenced);
    case ERSPAN_III:
        return decode_erspan_iii(cursor);
    case PPP:
        return pm_step(PM_STEP_PPP, 0);
    case METADATA:
        return decode_metadata(cursor);
    case WCCP:
        return decode_wccp(cursor);
    default:
        return pm_step_ethertype(type);
    }
}

/* The key follows the checksum and routing word, where there is one. In version 1 its lower half is
 * the call, which each side names in its own way. */
static void take_gre_key(struct pm_cursor *cursor, uint32_t at, bool version_1)
{
    const uint8_t *gre = pm_cursor_need(cursor, at + 4);

    if (gre != NULL)
        take_id(cursor, pm_be32(gre + at) & (version_1 ? 0xffff : 0xffffffff), !version_1);
}

/* flags and version (2), protocol (2), then what the flags say */
struct pm_step pm_decode_gre(struct pm_cursor *cursor)
{
    enum {
        CHECKSUM = 0x8000,
        ROUTING = 0x4000,
        KEY = 0x2000,
        SEQUENCE = 0x1000,
        ACKNOWLEDGMENT = 0x0080, /* version 1 */
        VERSION = 0x0007
    };
    const uint8_t *gre = pm_cursor_need(cursor, 4);
    uint32_t header = 4;
    unsigned flags;

    pm_cursor_enter(cursor, PM_LAYER_GRE);
    if (gre == NULL)
        return pm_step_tunnel_cut(cursor);
    flags = pm_be16(gre);
    if ((flags & VERSION) > 1)
        return pm_step_end();
    if (flags & (CHECKSUM | ROUTING))
        header += 4;
    if (flags & KEY) {
        take_gre_key(cursor, header, flags & VERSION);
        header += 4;
    }
    if (flags & SEQUENCE)
        header += 4;
    if ((flags & VERSION) == 1 && flags & ACKNOWLEDGMENT)
        header += 4;
    if (header > cursor->wire)
        return pm_step_tunnel_cut(cursor);
    pm_cursor_skip(cursor, header);
    if ((flags & VERSION) == 0 && flags & ROUTING && !skip_routes(cursor))
        return pm_step_tunnel_cut(cursor);
    if (cursor->wire == 0) /* acknowledgments and keepalives */
        return pm_step_end();
    return leave_gre(cursor, pm_be16(gre + 2), flags & SEQUENCE);
}

/* ---- by UDP port ----------------------------------------------------------------------------- */

/* version and length of options in words of 4 bytes (1), flags (1), protocol (2), network (3) */
static struct pm_step decode_geneve(struct pm_cursor *cursor)
{
    const uint8_t *geneve = pm_cursor_need(cursor, 8);
    uint16_t type;

    if (geneve == NULL)
        return pm_step_tunnel_cut(cursor);
    if (geneve[0] >> 6 != 0)
        return pm_step_end();
    take_id(cursor, pm_be32(geneve + 4) >> 8, true);
    type = pm_be16(geneve + 2);
    pm_cursor_skip(cursor, 8u + (geneve[0] & 63u) * 4);
    return type == ETHERTYPE_BRIDGED ? pm_step(PM_STEP_ETHERNET, 0) : pm_step_ethertype(type);
}

/* version and flags (1), message type (1), length (2), tunnel (4); where any of the last three
 * flags is set: sequence (2), N-PDU (1), and the type of a first extension header (1), each of
 * which ends with the type of the next and begins with its length in words of 4 bytes. */
static struct pm_step decode_gtp(struct pm_cursor *cursor)
{
    enum { VERSION_1 = 0x30, VERSION_MASK = 0xf0, OPTIONAL = 7, G_PDU = 255 };
    const uint8_t *gtp = pm_cursor_need(cursor, 8), *optional;

    if (gtp == NULL)
        return pm_step_tunnel_cut(cursor);
    if ((gtp[0] & VERSION_MASK) != VERSION_1 || gtp[1] != G_PDU)
        return pm_step_end();
    take_id(cursor, pm_be32(gtp + 4), false);
    pm_cursor_skip(cursor, 8);
    if (gtp[0] & OPTIONAL) {
        uint8_t next;

        optional = pm_cursor_need(cursor, 4);
        if (optional == NULL)
            return pm_step_tunnel_cut(cursor);
        next = gtp[0] & 4 ? optional[3] : 0;
        pm_cursor_skip(cursor, 4);
        while (next != 0) {
            const uint8_t *extension = pm_cursor_need(cursor, 4);

            if (extension == NULL || extension[0] == 0 ||
                pm_cursor_need(cursor, extension[0] * 4u) == NULL)
                return pm_step_tunnel_cut(cursor);
            next = extension[extension[0] * 4 - 1];
            pm_cursor_skip(cursor, extension[0] * 4u);
        }
    }
    return pm_step_by_version(cursor);
}

/* An authentication header, an origin indication, each or none; then IPv6. */
static struct pm_step decode_teredo(struct pm_cursor *cursor)
{
    const uint8_t *teredo = pm_cursor_need(cursor, 4);

    if (teredo != NULL && pm_be16(teredo) == 1) {
        pm_cursor_skip(cursor, 13u + teredo[2] + teredo[3]);
        teredo = pm_cursor_need(cursor, 2);
    }
    if (teredo != NULL && pm_be16(teredo) == 0) {
        pm_cursor_skip(cursor, 8);
        teredo = pm_cursor_need(cursor, 1);
    }
    return teredo == NULL ? pm_step_tunnel_cut(cursor) : pm_step_by_version(cursor);
}

/* flags and version (2), length (2) if there, tunnel (2), session (2), sequence numbers (4) if
 * there, size of an offset (2) and the offset if there; then PPP. Control messages carry nothing.
 */
static struct pm_step decode_l2tp(struct pm_cursor *cursor)
{
    enum { CONTROL = 0x8000, LENGTH = 0x4000, SEQUENCE = 0x0800, OFFSET = 0x0200, VERSION = 15 };
    const uint8_t *l2tp = pm_cursor_need(cursor, 2), *offset;
    unsigned flags, ids;

    if (l2tp == NULL)
        return pm_step_tunnel_cut(cursor);
    flags = pm_be16(l2tp);
    if (flags & CONTROL || (flags & VERSION) != 2)
        return pm_step_end();
    ids = flags & LENGTH ? 4 : 2;
    if (pm_cursor_need(cursor, ids + 4) != NULL)
        take_id(cursor, pm_be32(l2tp + ids), false);
    pm_cursor_skip(cursor, ids + 4 + (flags & SEQUENCE ? 4 : 0));
    if (flags & OFFSET) {
        offset = pm_cursor_need(cursor, 2);
        if (offset == NULL)
            return pm_step_tunnel_cut(cursor);
        pm_cursor_skip(cursor, 2u + pm_be16(offset));
    }
    return pm_step(PM_STEP_PPP, 0);
}

/* flags (1), reserved (3), network (3), reserved (1) */
static struct pm_step decode_vxlan(struct pm_cursor *cursor)
{
    enum { HAS_NETWORK = 0x08 };
    const uint8_t *vxlan = pm_cursor_need(cursor, 8);

    if (vxlan == NULL)
        return pm_step_tunnel_cut(cursor);
    if (!(vxlan[0] & HAS_NETWORK))
        return pm_step_end();
    take_id(cursor, pm_be32(vxlan + 4) >> 8, true);
    pm_cursor_skip(cursor, 8);
    return pm_step(PM_STEP_ETHERNET, 0);
}

/* VXLAN and GENEVE draw their source ports at random; the others answer from their own port. */
uint16_t pm_udp_tunnel(uint16_t src_port, uint16_t dst_port)
{
    if (dst_port == PORT_VXLAN || dst_port == PORT_GENEVE || dst_port == PORT_L2TP ||
        dst_port == PORT_GTP_U || dst_port == PORT_TEREDO)
        return dst_port;
    return src_port == PORT_L2TP || src_port == PORT_GTP_U || src_port == PORT_TEREDO ? src_port
                                                                                      : 0;
}

struct pm_step pm_decode_udp_tunnel(struct pm_cursor *cursor, uint16_t port)
{
    cursor->layers++;
    switch (port) {
    case PORT_L2TP:
        return decode_l2tp(cursor);
    case PORT_GTP_U:
        return decode_gtp(cursor);
    case PORT_TEREDO:
        return decode_teredo(cursor);
    case PORT_VXLAN:
        return decode_vxlan(cursor);
    default:
        return decode_geneve(cursor);
    }
}
