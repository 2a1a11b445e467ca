/*
 * Settling all tables with all threads: each table by one thread, once those that it needs are
 * settled. What is left to finish of a table comes when nothing can be settled, by the same thread,
 * whose caches hold it: another one took nearly twice as long to sort pairs.
 */
#include <pthread.h>

#include "engine/analysis.h"
#include "engine/workers.h"

struct settling {
    struct pm_analysis *analysis;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t moved; /* a table was settled, or the work has failed */
    pm_table_mask all;
    pm_table_mask taken;
    pm_table_mask settled;
    enum pm_status status;
};

/* A table that can be settled now; -1: there is none, and if `wait`, there will be none. */
static int take(struct settling *settling, bool wait)
{
    int table = -1;

    pthread_mutex_lock(&settling->lock);
    while (settling->status == PM_OK && settling->taken != settling->all) {
        pm_table_mask ready =
            pm_set_ready(&settling->analysis->tally.set, settling->settled) & ~settling->taken;

        if (ready != 0) {
            settling->taken |= ready & -ready;
            table = __builtin_ctz(ready);
            break;
        }
        if (!wait)
            break;
        pthread_cond_wait(&settling->moved, &settling->lock);
    }
    pthread_mutex_unlock(&settling->lock);
    return table;
}

static void hand_in(struct settling *settling, pm_table_mask settled, enum pm_status status)
{
    pthread_mutex_lock(&settling->lock);
    settling->settled |= settled;
    if (status != PM_OK)
        settling->status = status;
    pthread_cond_broadcast(&settling->moved);
    pthread_mutex_unlock(&settling->lock);
}

/* A table that is finished is entered in the books. */
static enum pm_status finish(struct pm_analysis *analysis, int table)
{
    PM_TRY(pm_set_finish(&analysis->tally.set, table));
    if (pm_tables[table]->packets != NULL)
        analysis->accounted[table] = pm_tables[table]->packets(analysis->tally.set.states[table]);
    return PM_OK;
}

static void work(void *context, unsigned worker)
{
    struct settling *settling = context;
    struct pm_analysis *analysis = settling->analysis;
    struct pm_stopwatch *watch = pm_analysis_watch(analysis, worker);
    pm_table_mask unfinished = 0; /* of those that this worker has settled */
    enum pm_status status = PM_OK;
    int table;

    while (status == PM_OK && ((table = take(settling, unfinished == 0)) >= 0 || unfinished != 0)) {
        bool settles = table >= 0;

        if (!settles)
            table = __builtin_ctz(unfinished);
        unfinished ^= 1u << table;
        pm_lap_begin(watch);
        status = settles ? pm_set_settle(&analysis->tally.set, table) : finish(analysis, table);
        pm_lap(watch, PM_STAGE_SETTLE + table);
        hand_in(settling, settles ? 1u << table : 0, status);
    }
}

enum pm_status pm_engine_settle(struct pm_analysis *analysis)
{
    struct settling settling = {.analysis = analysis,
                                .lock = PTHREAD_MUTEX_INITIALIZER,
                                .moved = PTHREAD_COND_INITIALIZER,
                                .all = analysis->tables};

    pm_workers_run(analysis->threads < PM_N_TABLES ? analysis->threads : PM_N_TABLES, work,
                   &settling);
    pthread_mutex_destroy(&settling.lock);
    pthread_cond_destroy(&settling.moved);
    return settling.status;
}
