#include "capture/capture.h"

#include <string.h>

static const char *const format_names[] = {
    [PM_FORMAT_PCAP] = "pcap", [PM_FORMAT_PCAPNG] = "pcapng"};

const char *pm_format_name(enum pm_format format)
{
    return format_names[format];
}

/* ---- opening --------------------------------------------------------------------------------- */

/* How many bytes tell the format of a capture that begins so. */
static size_t head_bytes(const uint8_t *bytes, uint64_t n_bytes)
{
    return pm_pcap_is_modified(bytes, n_bytes) ? PM_PCAP_HEAD_MODIFIED : PM_PCAP_HEAD;
}

/* A file that can be mapped is, unless it is compressed. */
static bool open_map(struct pm_capture *capture)
{
    if (!pm_source_mappable(&capture->source) || !pm_map_begin(&capture->map, &capture->source))
        return false;
    if (pm_unpacker_for(capture->map.bytes, capture->map.n_bytes) != NULL) {
        pm_map_end(&capture->map);
        return false;
    }
    capture->n_head = head_bytes(capture->map.bytes, capture->map.n_bytes);
    if (capture->n_head > capture->map.n_bytes)
        capture->n_head = capture->map.n_bytes;
    memcpy(capture->head, capture->map.bytes, capture->n_head);
    return true;
}

static enum pm_status read_head(struct pm_capture *capture)
{
    size_t more;

    PM_TRY(pm_stream_read(&capture->stream, capture->head, PM_PCAP_HEAD, &capture->n_head));
    PM_TRY(pm_stream_read(&capture->stream, capture->head + capture->n_head,
                          head_bytes(capture->head, capture->n_head) - PM_PCAP_HEAD, &more));
    capture->n_head += more;
    return PM_OK;
}

static enum pm_status refuse_empty(const struct pm_capture *capture, struct pm_error *error)
{
    const char *why = capture->stream.damage == PM_CUT_STREAM
                          ? "ends before the first byte of a capture"
                      : capture->stream.damage == PM_BAD_STREAM
                          ? "cannot be unpacked: it is damaged, or wants a window above 128 MiB"
                          : "is empty: it holds no capture";

    return pm_fail(error, PM_NOT_A_CAPTURE, "'%s' %s", capture->source.path, why);
}

static enum pm_status open_stream(struct pm_capture *capture, struct pm_error *error)
{
    const struct pm_unpacker *again;
    enum pm_status status;

    PM_TRY(pm_stream_open(&capture->stream, &capture->source, error));
    status = read_head(capture);
    again = pm_unpacker_for(capture->head, capture->n_head);
    if (status != PM_OK)
        status = pm_stream_fail(&capture->stream, status, error);
    else if (capture->n_head == 0)
        status = refuse_empty(capture, error);
    else if (again != NULL && capture->stream.unpacker != NULL)
        status = pm_fail(error, PM_NOT_A_CAPTURE,
                         "'%s' is compressed twice (%s in %s): unpack it once first",
                         capture->source.path, again->name, capture->stream.unpacker->name);
    if (status != PM_OK)
        pm_stream_close(&capture->stream);
    return status;
}

static enum pm_status open_format(struct pm_capture *capture, struct pm_error *error)
{
    const char *path = capture->source.path;

    if (pm_pcapng_claims(capture->head, capture->n_head)) {
        capture->format = PM_FORMAT_PCAPNG;
        return pm_pcapng_check(capture->head, capture->n_head, path, error);
    }
    capture->format = PM_FORMAT_PCAP;
    PM_TRY(pm_pcap_open(&capture->pcap, capture->head, capture->n_head, path, error));
    capture->header_bytes = capture->pcap.header_bytes;
    return PM_OK;
}

enum pm_status pm_capture_open(struct pm_capture *capture, const char *path,
                               const volatile int *stop, struct pm_error *error)
{
    enum pm_status status;

    memset(capture, 0, sizeof *capture);
    PM_TRY(pm_source_open(&capture->source, path, stop, error));
    capture->mapped = open_map(capture);
    status = capture->mapped ? PM_OK : open_stream(capture, error);
    if (status != PM_OK) {
        pm_source_close(&capture->source);
        return status;
    }
    status = open_format(capture, error);
    if (status != PM_OK)
        pm_capture_close(capture);
    return status;
}

void pm_capture_close(struct pm_capture *capture)
{
    if (capture->windows != NULL)
        pm_windows_end(capture->windows);
    if (capture->mapped)
        pm_map_end(&capture->map);
    else
        pm_stream_close(&capture->stream);
    pm_source_close(&capture->source);
}

/* ---- its bytes ------------------------------------------------------------------------------- */

void pm_capture_start(struct pm_capture *capture, size_t window_bytes)
{
    if (!capture->mapped && capture->windows == NULL)
        capture->windows =
            pm_windows_begin(&capture->stream, window_bytes, capture->head, capture->n_head);
}

enum pm_status pm_capture_next(struct pm_capture *capture, uint64_t keep, struct pm_view *view,
                               struct pm_error *error)
{
    enum pm_status status;

    if (capture->mapped) {
        *view = (struct pm_view){
            .bytes = capture->map.bytes, .end = capture->map.n_bytes, .last = true};
        return PM_OK;
    }
    status =
        capture->windows == NULL ? PM_NO_MEMORY : pm_windows_next(capture->windows, keep, view);
    return status == PM_OK ? PM_OK : pm_stream_fail(&capture->stream, status, error);
}

void pm_capture_release(const struct pm_capture *capture, struct pm_span span)
{
    if (capture->mapped)
        pm_map_release(&capture->map, span.begin, span.end);
}

bool pm_capture_unchanged(const struct pm_capture *capture)
{
    return pm_source_unchanged(&capture->source) &&
           !(capture->mapped && pm_map_lost_page(&capture->map));
}

/* ---- its records ----------------------------------------------------------------------------- */

bool pm_capture_guess(const struct pm_capture *capture, const struct pm_view *view,
                      struct pm_span span, const struct pm_section *section, uint64_t *begin)
{
    return capture->format == PM_FORMAT_PCAP
               ? pm_pcap_guess(&capture->pcap, view, span, begin)
               : pm_pcapng_guess(view, span, section->big_endian, begin);
}

uint64_t pm_capture_glance(const struct pm_capture *capture, const struct pm_view *view,
                           struct pm_span span, const struct pm_section *section)
{
    return capture->format == PM_FORMAT_PCAP ? pm_pcap_glance(&capture->pcap, view, span)
                                             : pm_pcapng_glance(view, span, section->big_endian);
}

bool pm_walk_begin(struct pm_walk *walk, const struct pm_view *view, uint64_t at, uint64_t end,
                   const struct pm_section *section)
{
    *walk = (struct pm_walk){.view = view, .at = at, .end = end};
    return pm_section_copy(&walk->section, section);
}

size_t pm_walk_next(struct pm_walk *walk, const struct pm_capture *capture,
                    struct pm_record *records, size_t max)
{
    return capture->format == PM_FORMAT_PCAP ? pm_pcap_walk(&capture->pcap, walk, records, max)
                                             : pm_pcapng_walk(walk, records, max);
}

void pm_walk_end(struct pm_walk *walk)
{
    pm_section_free(&walk->section);
    pm_marks_free(&walk->marks);
}
