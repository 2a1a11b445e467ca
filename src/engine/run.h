/*
 * One run: the records that begin in a span of a capture, walked, decoded and counted into tables
 * of its own by one worker.
 *
 * Where the first run of a part starts is known. Every other run starts at a guess, which the join
 * proves or refutes; a refuted run is walked again from the right offset.
 */
#ifndef PM_RUN_H
#define PM_RUN_H

#include <stdatomic.h>

#include "capture/capture.h"
#include "capture/reader.h"
#include "engine/filter.h"
#include "engine/tally.h"

/* Where the packets that lie before a run are looked for. */
struct pm_left {
    const struct pm_capture *capture; /* NULL: they cannot be found */
    const struct pm_view *view;
    const struct pm_section *section; /* pcapng: what is taken to hold there */
    uint64_t end;                     /* they begin before it */
};

#define PM_RUN_OVER UINT64_MAX

struct pm_run {
    const struct pm_capture *capture;
    const struct pm_view *view;
    size_t part;         /* number of its part in the pass */
    struct pm_span span; /* records that begin here are this run's, but for those behind `end` */
    bool first;          /* of its part: it starts with the span */
    const struct pm_section *opening; /* pcapng: what is taken to hold where it starts */
    struct pm_left left;

    /* How far it is walked, and up to where it will be, which other threads may lower. */
    _Atomic uint64_t at; /* PM_RUN_OVER: no further */
    _Atomic uint64_t end;

    bool walked;                     /* false: no guess was found, nothing is counted */
    uint64_t start;                  /* where the first record was taken to begin */
    uint64_t stop;                   /* where the next run must start */
    struct pm_section start_section; /* pcapng: what was taken to hold at `start` */
    struct pm_section stop_section;  /* what holds at `stop` */
    enum pm_damage damage;           /* why it stopped before the end of its span, at `stop` */
    struct pm_marks marks;           /* of blocks that describe the capture */
    uint64_t skipped;                /* packets that could not be read, without stopping for them */
    uint64_t first_skipped;
    uint64_t records;       /* packets kept or not */
    struct pm_tally *tally; /* what they are counted in: `own`, or what lies to the left */
    struct pm_tally own;
};

/* What a worker needs to walk any run; its own, and reused from run to run. */
struct pm_walker {
    const struct pm_settings *settings;
    pm_table_mask tables;
    size_t batch_packets;
    enum pm_tunnels tunnels;
    unsigned dedup; /* how many packets back duplicates are looked for; 0: they are kept */
    struct pm_filter filter;
    struct pm_reader reader;
    bool (*go_on)(void *context, const struct pm_run *run, uint64_t bytes); /* per batch; false:
                                                                                stop */
    void *context;
    struct pm_stopwatch *watch; /* NULL: nothing is measured */
    struct pm_record records[PM_BATCH_MAX];
    struct pm_batch batch;
};

/* Walks a run from where it must or may start. */
enum pm_status pm_run_walk(struct pm_run *run, struct pm_walker *walker);

/* Walks a run whose whole past is in `past` from `start`, where `section` holds, and counts on
 * there: nothing is to be merged. What was counted of it before is thrown away. */
enum pm_status pm_run_walk_on(struct pm_run *run, struct pm_tally *past, uint64_t start,
                              const struct pm_section *section, struct pm_walker *walker);

/* Throws away what was counted; it can be walked again. */
void pm_run_free(struct pm_run *run);

#endif
