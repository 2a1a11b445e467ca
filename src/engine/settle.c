/* Settling all tables with all threads: each table by one thread, once those that it needs are
 * settled. What is left to finish comes when nothing can be settled: nobody waits for that. */
#include <pthread.h>

#include "engine/analysis.h"
#include "engine/workers.h"

struct settling {
    struct pm_analysis *analysis;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t moved; /* a table was settled, or the work has failed */
    pm_table_mask all;
    pm_table_mask taken; /* to be settled, and settled */
    pm_table_mask settled;
    pm_table_mask finished; /* or taken for that */
    enum pm_status status;
};

struct job {
    int table;
    bool finishes; /* else settles */
};

/* Finds something to do; false: there is nothing left. Called under the lock. */
static bool take(struct settling *settling, struct job *job)
{
    while (settling->status == PM_OK && settling->finished != settling->all) {
        pm_table_mask ready =
            pm_set_ready(&settling->analysis->tally.set, settling->settled) & ~settling->taken;
        pm_table_mask unfinished = settling->settled & ~settling->finished;

        if ((ready | unfinished) != 0) {
            *job = (struct job){.table = __builtin_ctz(ready != 0 ? ready : unfinished),
                                .finishes = ready == 0};
            *(job->finishes ? &settling->finished : &settling->taken) |= 1u << job->table;
            return true;
        }
        pthread_cond_wait(&settling->moved, &settling->lock);
    }
    return false;
}

/* Called under the lock. */
static void hand_in(struct settling *settling, struct job job, enum pm_status status)
{
    if (!job.finishes)
        settling->settled |= 1u << job.table;
    if (status != PM_OK)
        settling->status = status;
    pthread_cond_broadcast(&settling->moved);
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
    struct job job;

    pthread_mutex_lock(&settling->lock);
    while (take(settling, &job)) {
        enum pm_status status;

        pthread_mutex_unlock(&settling->lock);
        pm_lap_begin(watch);
        status = job.finishes ? finish(analysis, job.table)
                              : pm_set_settle(&analysis->tally.set, job.table);
        pm_lap(watch, PM_STAGE_SETTLE + job.table);
        pthread_mutex_lock(&settling->lock);
        hand_in(settling, job, status);
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
