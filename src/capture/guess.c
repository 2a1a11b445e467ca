/*
 * Guessing where a record begins in the middle of a pcap file.
 *
 * An offset is a candidate where a chain of CHAIN plausible headers starts, or a shorter one that
 * ends with the view. That is a guess and no more: payload that holds another capture has such
 * chains too (in one such file 8 headers chose a wrong start in 157 of 243 chunks). The engine
 * compares it with where the run before really ended, so a wrong guess costs time and never a
 * packet.
 *
 * Cost: at most CHAIN looks per byte, over at most SEARCH_MOST bytes.
 *
 * A glance looks at two headers only, and only where the highest byte of the seconds is that of a
 * record near by: a tenth of the cost, where a wrong guess does no harm.
 */
#include "capture/pcap.h"

#include <string.h>

#include "base/bytes.h"
#include "base/work.h"

enum {
    CHAIN = 6,
    SEARCH_MOST = 1 << 20,
    SECONDS_APART = 24 * 3600, /* between neighbours in a chain */
    ORIG_OVER_CAP = 1 << 20,   /* no packet is that much longer than its capture */
};

struct header {
    uint32_t seconds, fraction, cap_len, orig_len;
};

static struct header read_header(const struct pm_pcap *pcap, const uint8_t *bytes)
{
    bool big = pcap->big_endian;
    bool swapped = pcap->lengths == PM_LENGTHS_SWAPPED;

    return (struct header){.seconds = pm_read32(bytes, big),
                           .fraction = pm_read32(bytes + 4, big),
                           .cap_len = pm_read32(bytes + (swapped ? 12 : 8), big),
                           .orig_len = pm_read32(bytes + (swapped ? 8 : 12), big)};
}

static bool plausible(const struct pm_pcap *pcap, struct header header)
{
    uint32_t snap_len = pcap->snap_len ? pcap->snap_len : pcap->cap_len_max;

    return header.cap_len != 0 && header.cap_len <= pcap->cap_len_max &&
           header.cap_len <= snap_len && header.orig_len >= header.cap_len &&
           header.orig_len - header.cap_len <= ORIG_OVER_CAP &&
           header.fraction < 1000000000u / pcap->fraction_unit_ns;
}

static bool neighbours(struct header a, struct header b)
{
    uint32_t apart = a.seconds > b.seconds ? a.seconds - b.seconds : b.seconds - a.seconds;

    return apart <= SECONDS_APART;
}

bool pm_pcap_chain_starts(const struct pm_pcap *pcap, const struct pm_view *view, uint64_t at)
{
    struct header before = {0};

    for (int link = 0; link < CHAIN; link++) {
        struct header header;

        PM_WORK();
        if (at == view->end)
            return link > 0;
        if (view->end - at < pcap->record_header_bytes)
            return link > 0 && !view->last;
        header = read_header(pcap, pm_view_at(view, at));
        if (!plausible(pcap, header) || (link > 0 && !neighbours(before, header)))
            return false;
        if (header.cap_len > view->end - at - pcap->record_header_bytes)
            return link > 0 && !view->last;
        at += pcap->record_header_bytes + header.cap_len;
        before = header;
    }
    return true;
}

bool pm_pcap_guess(const struct pm_pcap *pcap, const struct pm_view *view, struct pm_span span,
                   uint64_t *begin)
{
    uint64_t end = span.end - span.begin < SEARCH_MOST ? span.end : span.begin + SEARCH_MOST;

    for (uint64_t at = span.begin; at < end; at++)
        if (pm_pcap_chain_starts(pcap, view, at)) {
            *begin = at;
            return true;
        }
    return false;
}

static bool could_follow(const struct pm_pcap *pcap, struct header before, struct header header)
{
    return neighbours(before, header) && plausible(pcap, header);
}

/* The highest byte of the seconds changes twice a year. In times that are relative it is 0, as are
 * many bytes of packets: nothing is looked for. */
uint64_t pm_pcap_glance(const struct pm_pcap *pcap, const struct pm_view *view, struct pm_span span)
{
    const struct header first = read_header(pcap, view->bytes);
    uint64_t last = view->end - pcap->record_header_bytes;
    uint64_t end = span.end < last ? span.end : last;
    unsigned high_at = pcap->big_endian ? 0 : 3;
    int high_byte = (int)(first.seconds >> 24);

    for (uint64_t at = span.begin; at < end && high_byte != 0; at++) {
        const uint8_t *from = pm_view_at(view, at) + high_at;
        const uint8_t *high = memchr(from, high_byte, end - at);
        struct header header;
        uint64_t next;

        PM_WORK();
        if (high == NULL)
            break;
        at += (uint64_t)(high - from);
        header = read_header(pcap, pm_view_at(view, at));
        if (!could_follow(pcap, first, header))
            continue;
        next = at + pcap->record_header_bytes + header.cap_len;
        if (next >= last || could_follow(pcap, header, read_header(pcap, pm_view_at(view, next))))
            return at;
    }
    return span.end;
}
