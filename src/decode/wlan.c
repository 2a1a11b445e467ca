/*
 * IEEE 802.11, alone and behind the headers that drivers put before it: radiotap (radiotap.org),
 * PPI, Prism, and AVS. Their lengths and numbers are little-endian, but those of AVS.
 */
#include "decode/link_types.h"
#include "decode/steps.h"

enum { FCS = 4 };

static void cut_fcs(struct pm_cursor *cursor)
{
    if (cursor->wire >= FCS)
        pm_cursor_limit(cursor, cursor->wire - FCS);
}

/* ---- frames ---------------------------------------------------------------------------------- */

/* The length of the header of a data frame, by its frame control. */
static uint32_t header_length(unsigned control)
{
    enum { QOS = 0x0080, TO_AND_FROM = 0x0300, ORDER = 0x8000 };
    uint32_t length = 24;

    if ((control & TO_AND_FROM) == TO_AND_FROM)
        length += 6; /* a fourth address */
    if (control & QOS)
        length += control & ORDER ? 6 : 2; /* with HT control */
    return length;
}

/* frame control (2), duration (2), addresses (6 each), sequence and fragment number (2), ...; LLC
 * in data frames that bear data, unless that is encrypted or not the first fragment. `padded`: the
 * header was filled up to words of 4 bytes. */
static struct pm_step decode_frame(struct pm_cursor *cursor, bool padded)
{
    enum { TYPE = 0x000c, DATA = 0x0008, NO_DATA = 0x0040, PROTECTED = 0x4000, QOS = 0x0080 };
    enum { FRAGMENT = 0x000f, SEQUENCE_AT = 22, AGGREGATE = 0x80, SUBFRAME = 14 };
    const uint8_t *frame = pm_cursor_need(cursor, 2);
    unsigned control;
    uint32_t header;

    pm_cursor_enter(cursor, PM_LAYER_WLAN);
    if (frame == NULL)
        return pm_step_cut(cursor);
    control = pm_le16(frame);
    if ((control & TYPE) != DATA || control & (NO_DATA | PROTECTED))
        return pm_step_end();
    header = header_length(control);
    if (pm_cursor_need(cursor, header) == NULL)
        return pm_step_cut(cursor);
    pm_cursor_skip(cursor, padded ? (header + 3) / 4 * 4 : header);
    if (pm_le16(frame + SEQUENCE_AT) & FRAGMENT)
        return pm_step_end();
    if (control & QOS && frame[header_length(control & 0x7fff) - 2] & AGGREGATE)
        pm_cursor_skip(cursor, SUBFRAME); /* of the frames in it the first one is told */
    return pm_step(PM_STEP_LLC, 0);
}

/* ---- what drivers say ------------------------------------------------------------------------ */

/* version (1), reserved (1), length (2), words of bits that say which fields follow (4 each, as
 * long as bit 31 is set); of those the clock (8, aligned) comes first and the flags (1) second. */
static struct pm_step decode_radiotap(struct pm_cursor *cursor)
{
    enum { CLOCK = 1, FLAGS = 2, PADDED = 0x20, HAS_FCS = 0x10 };
    const uint8_t *radiotap = pm_cursor_need(cursor, 8);
    uint32_t length, at = 4;
    uint8_t flags = 0;

    pm_cursor_enter(cursor, PM_LAYER_RADIOTAP);
    if (radiotap == NULL)
        return pm_step_cut(cursor);
    length = pm_le16(radiotap + 2);
    if (length < 8 || pm_cursor_need(cursor, length) == NULL)
        return pm_step_cut(cursor);
    while (at + 8 <= length && pm_le32(radiotap + at) >> 31)
        at += 4;
    at += 4;
    if (pm_le32(radiotap + 4) & CLOCK)
        at = (at + 7) / 8 * 8 + 8;
    if (pm_le32(radiotap + 4) & FLAGS && at < length)
        flags = radiotap[at];
    pm_cursor_skip(cursor, length);
    if (flags & HAS_FCS)
        cut_fcs(cursor);
    return decode_frame(cursor, flags & PADDED);
}

/* version (1), flags (1), length (2), link type (4), then fields: type (2), length (2), value. The
 * field 2 tells of 802.11: clock (8), flags (2). */
static struct pm_step decode_ppi(struct pm_cursor *cursor)
{
    enum { WLAN_COMMON = 2, FLAGS_AT = 12, HAS_FCS = 1 };
    const uint8_t *ppi = pm_cursor_need(cursor, 8);
    uint32_t length, at = 8, link_type;
    bool fcs = false;

    link_type = ppi == NULL ? 0 : pm_le32(ppi + 4);
    pm_cursor_enter(cursor, link_type == LINKTYPE_IEEE802_11 ? PM_LAYER_PPI_WLAN : PM_LAYER_PPI);
    if (ppi == NULL)
        return pm_step_cut(cursor);
    length = pm_le16(ppi + 2);
    if (length < 8 || pm_cursor_need(cursor, length) == NULL)
        return pm_step_cut(cursor);
    for (; at + 4 <= length; at += 4u + pm_le16(ppi + at + 2))
        if (pm_le16(ppi + at) == WLAN_COMMON && at + FLAGS_AT + 2 <= length)
            fcs = ppi[at + FLAGS_AT] & HAS_FCS;
    pm_cursor_skip(cursor, length);
    if (fcs)
        cut_fcs(cursor);
    return link_type > UINT16_MAX ? pm_step_end() : pm_step(PM_STEP_LINK, (uint16_t)link_type);
}

/* magic and version (4), length (4), big-endian */
static struct pm_step decode_avs(struct pm_cursor *cursor)
{
    const uint8_t *avs = pm_cursor_need(cursor, 8);

    pm_cursor_enter(cursor, PM_LAYER_WLANCAP);
    if (avs == NULL || pm_be32(avs + 4) < 8 || pm_be32(avs + 4) > cursor->wire)
        return pm_step_cut(cursor);
    pm_cursor_skip(cursor, pm_be32(avs + 4));
    return decode_frame(cursor, false);
}

/* message (4), length (4), in the byte order of the machine; some drivers write AVS instead */
static struct pm_step decode_prism(struct pm_cursor *cursor)
{
    enum { LENGTH_MOST = 4096 };
    const uint8_t *prism = pm_cursor_need(cursor, 8);
    uint32_t length;

    if (prism != NULL && pm_be32(prism) >> 12 == 0x80211)
        return decode_avs(cursor);
    pm_cursor_enter(cursor, PM_LAYER_PRISM);
    if (prism == NULL)
        return pm_step_cut(cursor);
    length = pm_le32(prism + 4);
    if (length > LENGTH_MOST)
        length = pm_be32(prism + 4);
    if (length < 8 || length > cursor->wire)
        return pm_step_cut(cursor);
    pm_cursor_skip(cursor, length);
    return decode_frame(cursor, false);
}

struct pm_step pm_decode_wlan_link(struct pm_cursor *cursor, uint16_t link_type)
{
    switch (link_type) {
    case LINKTYPE_IEEE802_11_RADIOTAP:
        return decode_radiotap(cursor);
    case LINKTYPE_PPI:
        return decode_ppi(cursor);
    case LINKTYPE_PRISM_HEADER:
        return decode_prism(cursor);
    case LINKTYPE_IEEE802_11_AVS:
        return decode_avs(cursor);
    default:
        return decode_frame(cursor, false);
    }
}
