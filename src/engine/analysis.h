/* An analysis, as the files of the engine see it: inputs, the plan of runs, and what came of them.
 */
#ifndef PM_ANALYSIS_H
#define PM_ANALYSIS_H

#include "capture/describe.h"
#include "engine/run.h"
#include "write/file.h"

struct pm_analysis {
    _Atomic unsigned holders; /* the caller, and streams of its tables */
    struct pm_options options;
    struct pm_settings settings;
    unsigned threads;
    pm_table_mask wanted; /* tables to hand out */
    pm_table_mask tables; /* those and what they need */

    size_t n_inputs;
    struct pm_input *inputs;             /* their paths are copies */
    struct pm_description *descriptions; /* of each input */
    struct pm_tally tally;               /* of all packets so far */
    uint64_t accounted[PM_N_TABLES];     /* finished: packets that each counted table accounts for */
    struct pm_summary summary;
    struct pm_stopwatch *watches;             /* of each thread; NULL: nothing is measured */
    char sha256[PM_N_TABLES][PM_SHA256_TEXT]; /* of the tables' files; "": not written */
};

/* Reads all captures into analysis->tally (engine.c). */
enum pm_status pm_engine_read(struct pm_analysis *analysis, struct pm_error *error);

/* Settles analysis->tally (settle.c). */
enum pm_status pm_engine_settle(struct pm_analysis *analysis);

/* Table number i of those that are handed out: its position in pm_tables. */
int pm_analysis_table(const struct pm_analysis *analysis, size_t i);

/* The stopwatch of a thread, or NULL. */
struct pm_stopwatch *pm_analysis_watch(const struct pm_analysis *analysis, unsigned thread);

/* Its rows, for a writer. */
struct pm_rows pm_analysis_rows(const struct pm_analysis *analysis, int position);

#endif
