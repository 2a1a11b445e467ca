/*
 * An opened capture: a file, its format, and the way to its records. What the formats differ in is
 * told apart once per batch of records, here.
 */
#ifndef PM_CAPTURE_H
#define PM_CAPTURE_H

#include "capture/map.h"
#include "capture/pcap.h"
#include "capture/pcapng.h"

enum pm_format { PM_FORMAT_PCAP, PM_FORMAT_PCAPNG };

struct pm_capture {
    struct pm_map map;
    enum pm_format format;
    uint64_t header_bytes; /* before the first record or block that is walked */
    struct pm_pcap pcap;   /* one of the two */
    struct pm_pcapng pcapng;
};

enum pm_status pm_capture_open(struct pm_capture *capture, const char *path,
                               struct pm_error *error);
void pm_capture_close(struct pm_capture *capture);

const char *pm_format_name(enum pm_format format);

/* The link type of the first interface; 0 where there is none. */
uint16_t pm_capture_link_type(const struct pm_capture *capture);

/* The time of the first packet that bears one. False: there is no such packet. */
bool pm_capture_first_time(const struct pm_capture *capture, int64_t *ts_ns);

/* Guesses where the first record in `span` begins. False: no guess. */
bool pm_capture_guess(const struct pm_capture *capture, struct pm_span span, uint64_t *begin);

/* Starts a walk at `at`, where `section` holds; NULL: at the beginning of the file, or at a guess.
 * False: no memory; there is nothing to end then. */
bool pm_walk_begin(struct pm_walk *walk, const struct pm_capture *capture, uint64_t at,
                   uint64_t end, const struct pm_section *section);

/* The next records of the walk, at most `max`; 0: it has ended, by `end`, by the end of the file,
 * by damage at walk->at, or for want of memory. Where `at` does not begin a record, what is read is
 * nonsense, and harmless. */
size_t pm_walk_next(struct pm_walk *walk, const struct pm_capture *capture,
                    struct pm_record *records, size_t max);

void pm_walk_end(struct pm_walk *walk);

#endif
