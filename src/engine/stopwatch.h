/*
 * Where the time of an analysis goes: each thread keeps a stopwatch and takes its lap at the end of
 * every stage of every batch, so what is measured is the work as it is done, with the caches as
 * they are. A lap costs 25 ns, and a batch has a dozen; where there is no stopwatch (NULL) it costs
 * a test.
 */
#ifndef PM_STOPWATCH_H
#define PM_STOPWATCH_H

#include "base/now.h"
#include "table/table.h"

/* Stages that are done for each table have a place for each. */
enum pm_stage_place {
    PM_STAGE_GUESS,
    PM_STAGE_WALK,
    PM_STAGE_DECODE,
    PM_STAGE_COUNT, /* totals */
    PM_STAGE_UPDATE,
    PM_STAGE_MERGE = PM_STAGE_UPDATE + PM_N_TABLES,
    PM_STAGE_RELEASE, /* of the map */
    PM_STAGE_SETTLE,
    PM_STAGE_FORMAT = PM_STAGE_SETTLE + PM_N_TABLES,
    PM_STAGE_WRITE,  /* and digest */
    PM_STAGE_MERGED, /* on the wall: until all packets are in one tally */
    PM_STAGES
};

struct pm_stopwatch {
    uint64_t lap_ns; /* when the lap began */
    uint64_t ns[PM_STAGES];
};

/* Begins a lap, after a time that is no stage's. */
static inline void pm_lap_begin(struct pm_stopwatch *watch)
{
    if (watch != NULL)
        watch->lap_ns = pm_now_ns();
}

/* Ends a lap, which was spent on a stage, and begins the next one. */
static inline void pm_lap(struct pm_stopwatch *watch, int place)
{
    uint64_t now;

    if (watch == NULL)
        return;
    now = pm_now_ns();
    watch->ns[place] += now - watch->lap_ns;
    watch->lap_ns = now;
}

#endif
