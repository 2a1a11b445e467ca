/*
 * An opened capture: a file or a pipe, its format, and the way to its records. What the formats
 * differ in is told apart once per batch of records, here.
 */
#ifndef PM_CAPTURE_H
#define PM_CAPTURE_H

#include "capture/map.h"
#include "capture/pcap.h"
#include "capture/pcapng.h"
#include "capture/windows.h"

enum pm_format { PM_FORMAT_PCAP, PM_FORMAT_PCAPNG };

enum { PM_HEAD_MAX = PM_PCAP_HEAD_MODIFIED };

struct pm_capture {
    struct pm_source source;
    bool mapped;       /* else it is a stream */
    struct pm_map map; /* one of the two */
    struct pm_stream stream;
    struct pm_windows *windows; /* of the stream, once they were asked for */
    uint8_t head[PM_HEAD_MAX];  /* the first bytes, which were read to know the format */
    size_t n_head;
    enum pm_format format;
    uint64_t header_bytes; /* before the first record or block that is walked */
    struct pm_pcap pcap;   /* where that is the format */
};

/* `stop`: see source.h. The capture must not be moved after this. */
enum pm_status pm_capture_open(struct pm_capture *capture, const char *path,
                               const volatile int *stop, struct pm_error *error);
void pm_capture_close(struct pm_capture *capture);

const char *pm_format_name(enum pm_format format);

/* Starts reading a stream on a thread of its own, into windows of `window_bytes`; of a mapped file
 * there is nothing to start. What fails is told by pm_capture_next(). */
void pm_capture_start(struct pm_capture *capture, size_t window_bytes);

/* The next part of the capture: at once all of a mapped file, else the next window,
 * which begins at `keep`. There is none behind one that is the last. */
enum pm_status pm_capture_next(struct pm_capture *capture, uint64_t keep, struct pm_view *view,
                               struct pm_error *error);

/* The bytes of a span are hardly needed any more: a map of them costs time to take down, which
 * every worker can do for its own. */
void pm_capture_release(const struct pm_capture *capture, struct pm_span span);

/* False: the file shrank or was rewritten since it was opened. */
bool pm_capture_unchanged(const struct pm_capture *capture);

/* Guesses where the first record in `span` begins; `section`: what may hold there. False: no guess.
 */
bool pm_capture_guess(const struct pm_capture *capture, const struct pm_view *view,
                      struct pm_span span, const struct pm_section *section, uint64_t *begin);

/* A quick guess for what may be wrong: the first offset in `span`, which lies in the view, where a
 * packet seems to begin, or the end of the span. The view begins with a record, header and all. */
uint64_t pm_capture_glance(const struct pm_capture *capture, const struct pm_view *view,
                           struct pm_span span, const struct pm_section *section);

/* Starts a walk at `at`, where `section` holds, over records that begin before `end`. False: no
 * memory; there is nothing to end then. */
bool pm_walk_begin(struct pm_walk *walk, const struct pm_view *view, uint64_t at, uint64_t end,
                   const struct pm_section *section);

/* The next records of the walk, at most `max`; 0: it has ended, by `end`, by the end of the view,
 * by damage at walk->at, or for want of memory. Where `at` does not begin a record, what is read is
 * nonsense, and harmless. */
size_t pm_walk_next(struct pm_walk *walk, const struct pm_capture *capture,
                    struct pm_record *records, size_t max);

void pm_walk_end(struct pm_walk *walk);

#endif
