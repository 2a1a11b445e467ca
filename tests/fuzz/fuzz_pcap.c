/* F1: the pcap reader. Every byte is a header, a record, or left; and a window may end anywhere. */
#include "fuzz.h"

#include "capture/pcap.h"

enum { BATCH = 3 };

/* Walks a view from walk->at on and returns the number of records. */
static size_t walk_view(const struct pm_pcap *pcap, const struct pm_view *view,
                        struct pm_walk *walk)
{
    struct pm_record records[BATCH];
    size_t n, all = 0;
    uint64_t at = walk->at, bytes = 0;

    walk->view = view;
    walk->end = view->end;
    while ((n = pm_pcap_walk(pcap, walk, records, BATCH)) != 0) {
        HOLDS(walk->at > at);
        for (size_t i = 0; i < n; i++) {
            HOLDS(records[i].data >= view->bytes &&
                  records[i].data + records[i].cap_len <= pm_view_at(view, view->end));
            HOLDS(records[i].wire_len >= records[i].cap_len);
            bytes += pcap->record_header_bytes + records[i].cap_len;
        }
        HOLDS(walk->at == at + bytes);
        all += n;
    }
    HOLDS(walk->at <= view->end &&
          (walk->damage != PM_WHOLE || !view->last || walk->at == view->end));
    return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = guarded(data, size);
    struct pm_view whole = {.bytes = bytes, .end = size, .last = true};
    struct pm_pcap pcap;
    struct pm_error error;

    if (pm_pcap_open(&pcap, bytes, size, "fuzz", &error) == PM_OK) {
        struct pm_walk walk = {.at = pcap.header_bytes}, parts = walk;
        uint64_t cut = pcap.header_bytes + (size - pcap.header_bytes) / 2, begin;
        struct pm_view first = {.bytes = bytes, .end = cut};
        size_t all, some;

        begin_work();
        all = walk_view(&pcap, &whole, &walk);
        end_work(size, 1);
        some = walk_view(&pcap, &first, &parts);
        if (parts.damage == PM_WHOLE)
            some += walk_view(&pcap, &whole, &parts);
        HOLDS(parts.damage == PM_ZERO_TAIL || (parts.damage == walk.damage && some == all));
        HOLDS(parts.at == walk.at);
        begin_work();
        if (pm_pcap_guess(&pcap, &whole, (struct pm_span){cut, size}, &begin))
            HOLDS(begin >= cut && begin < size);
        end_work(size, 2);
    }
    free(bytes);
    return 0;
}
