#include "capture/capture.h"

static const char *const format_names[] = {
    [PM_FORMAT_PCAP] = "pcap", [PM_FORMAT_PCAPNG] = "pcapng"};

static enum pm_status open_format(struct pm_capture *capture, const char *path,
                                  struct pm_error *error)
{
    const struct pm_map *map = &capture->map;

    if (pm_pcapng_claims(map->bytes, map->n_bytes)) {
        capture->format = PM_FORMAT_PCAPNG;
        return pm_pcapng_open(&capture->pcapng, map->bytes, map->n_bytes, path, error);
    }
    capture->format = PM_FORMAT_PCAP;
    PM_TRY(pm_pcap_open(&capture->pcap, map->bytes, map->n_bytes, path, error));
    capture->header_bytes = capture->pcap.header_bytes;
    return PM_OK;
}

enum pm_status pm_capture_open(struct pm_capture *capture, const char *path, struct pm_error *error)
{
    enum pm_status status;

    *capture = (struct pm_capture){0};
    PM_TRY(pm_map_open(&capture->map, path, error));
    status = open_format(capture, path, error);
    if (status != PM_OK)
        pm_map_close(&capture->map);
    return status;
}

void pm_capture_close(struct pm_capture *capture)
{
    pm_pcapng_close(&capture->pcapng);
    pm_map_close(&capture->map);
}

const char *pm_format_name(enum pm_format format)
{
    return format_names[format];
}

uint16_t pm_capture_link_type(const struct pm_capture *capture)
{
    const struct pm_section *opening = &capture->pcapng.opening;

    if (capture->format == PM_FORMAT_PCAP)
        return capture->pcap.link_type;
    return opening->n_interfaces == 0 ? 0 : opening->interfaces[0].link_type;
}

bool pm_capture_first_time(const struct pm_capture *capture, int64_t *ts_ns)
{
    struct pm_walk walk;
    struct pm_record record = {.timed = false};

    if (!pm_walk_begin(&walk, capture, capture->header_bytes, capture->map.n_bytes, NULL))
        return false;
    while (!record.timed && pm_walk_next(&walk, capture, &record, 1) == 1)
        ;
    pm_walk_end(&walk);
    *ts_ns = record.ts_ns;
    return record.timed;
}

bool pm_capture_guess(const struct pm_capture *capture, struct pm_span span, uint64_t *begin)
{
    return capture->format == PM_FORMAT_PCAP ? pm_pcap_guess(&capture->pcap, span, begin)
                                             : pm_pcapng_guess(&capture->pcapng, span, begin);
}

bool pm_walk_begin(struct pm_walk *walk, const struct pm_capture *capture, uint64_t at,
                   uint64_t end, const struct pm_section *section)
{
    *walk = (struct pm_walk){.at = at, .end = end};
    if (section == NULL && at != capture->header_bytes)
        section = &capture->pcapng.opening;
    return section == NULL || pm_section_copy(&walk->section, section);
}

size_t pm_walk_next(struct pm_walk *walk, const struct pm_capture *capture,
                    struct pm_record *records, size_t max)
{
    return capture->format == PM_FORMAT_PCAP ? pm_pcap_walk(&capture->pcap, walk, records, max)
                                             : pm_pcapng_walk(&capture->pcapng, walk, records, max);
}

void pm_walk_end(struct pm_walk *walk)
{
    pm_section_free(&walk->section);
}
