/* Settling all tables with all threads: each table by one thread, once those that it needs are
 * settled. */
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

/* A table that can be settled now, or -1 where there is nothing left to take. Called under the
 * lock. */
static int take(struct settling *settling)
{
    while (settling->status == PM_OK && settling->taken != settling->all) {
        pm_table_mask ready =
            pm_set_ready(&settling->analysis->tally.set, settling->settled) & ~settling->taken;

        if (ready != 0) {
            settling->taken |= ready & -ready;
            return __builtin_ctz(ready);
        }
        pthread_cond_wait(&settling->moved, &settling->lock);
    }
    return -1;
}

static void hand_in(struct settling *settling, int table, enum pm_status status)
{
    pthread_mutex_lock(&settling->lock);
    settling->settled |= 1u << table;
    if (status != PM_OK)
        settling->status = status;
    pthread_cond_broadcast(&settling->moved);
    pthread_mutex_unlock(&settling->lock);
}

/* For the books, while others settle what needs this table. */
static void account(struct pm_analysis *analysis, int table)
{
    if (pm_tables[table]->packets != NULL)
        analysis->accounted[table] = pm_tables[table]->packets(analysis->tally.set.states[table]);
}

static void work(void *context, unsigned worker)
{
    struct settling *settling = context;
    struct pm_stopwatch *watch = pm_analysis_watch(settling->analysis, worker);
    int table;

    pthread_mutex_lock(&settling->lock);
    while ((table = take(settling)) >= 0) {
        enum pm_status status;

        pthread_mutex_unlock(&settling->lock);
        pm_lap_begin(watch);
        status = pm_set_settle(&settling->analysis->tally.set, table);
        pm_lap(watch, PM_STAGE_SETTLE + table);
        hand_in(settling, table, status);
        if (status == PM_OK)
            account(settling->analysis, table);
        pthread_mutex_lock(&settling->lock);
    }
    pthread_mutex_unlock(&settling->lock);
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
