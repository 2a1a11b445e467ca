/*
 * Settling all tables with all threads: each table by one thread, once those that it needs are
 * settled. What is left to finish of a table comes when nothing can be settled, and as far as it
 * goes by the same thread, whose caches hold it: another one took nearly twice as long to sort
 * pairs.
 */
#include <pthread.h>

#include "engine/analysis.h"
#include "engine/workers.h"

struct settling {
    struct pm_analysis *analysis;
    pthread_mutex_t lock;    /* guards what follows */
    pthread_cond_t moved;    /* a table was settled, or the work has failed */
    pm_table_mask to_settle; /* that no worker has taken yet, as the next one */
    pm_table_mask to_finish;
    pm_table_mask settled;
    enum pm_status status;
};

struct job {
    int table;
    bool finishes; /* else settles */
};

/* False: there is nothing left to do. A worker finishes what it has settled first. Called under the
 * lock. */
static bool take(struct settling *settling, pm_table_mask own, struct job *job)
{
    while (settling->status == PM_OK && (settling->to_settle | settling->to_finish) != 0) {
        pm_table_mask ready =
            settling->to_settle & pm_set_ready(&settling->analysis->tally.set, settling->settled);
        pm_table_mask unfinished = settling->to_finish & settling->settled;

        if (ready != 0) {
            *job = (struct job){.table = __builtin_ctz(ready)};
            settling->to_settle &= ~(1u << job->table);
            return true;
        }
        if (unfinished != 0) {
            pm_table_mask first = unfinished & own ? unfinished & own : unfinished;

            *job = (struct job){.table = __builtin_ctz(first), .finishes = true};
            settling->to_finish &= ~(1u << job->table);
            return true;
        }
        pthread_cond_wait(&settling->moved, &settling->lock);
    }
    return false;
}

/* Nobody waits for what is finished. Called under the lock. */
static void hand_in(struct settling *settling, struct job job, enum pm_status status)
{
    if (!job.finishes)
        settling->settled |= 1u << job.table;
    if (status != PM_OK)
        settling->status = status;
    if (!job.finishes || status != PM_OK)
        pthread_cond_broadcast(&settling->moved);
}

/* What a table's rows alone want is left out where they are not wanted, but for the books. */
static enum pm_status finish(struct pm_analysis *analysis, int table)
{
    bool counted = pm_tables[table]->packets != NULL;

    if (counted || analysis->wanted >> table & 1)
        PM_TRY(pm_set_finish(&analysis->tally.set, table));
    if (counted)
        analysis->accounted[table] = pm_tables[table]->packets(analysis->tally.set.states[table]);
    return PM_OK;
}

static enum pm_status do_job(struct pm_analysis *analysis, struct job job, unsigned worker)
{
    struct pm_stopwatch *watch = pm_analysis_watch(analysis, worker);
    enum pm_status status;

    pm_lap_begin(watch);
    status =
        job.finishes ? finish(analysis, job.table) : pm_set_settle(&analysis->tally.set, job.table);
    pm_lap(watch, PM_STAGE_SETTLE + job.table);
    return status;
}

static void work(void *context, unsigned worker)
{
    struct settling *settling = context;
    pm_table_mask own = 0;
    struct job job;

    pthread_mutex_lock(&settling->lock);
    while (take(settling, own, &job)) {
        enum pm_status status;

        pthread_mutex_unlock(&settling->lock);
        status = do_job(settling->analysis, job, worker);
        pthread_mutex_lock(&settling->lock);
        own |= 1u << job.table;
        hand_in(settling, job, status);
    }
    pthread_mutex_unlock(&settling->lock);
}

enum pm_status pm_engine_settle(struct pm_analysis *analysis)
{
    struct settling settling = {.analysis = analysis,
                                .lock = PTHREAD_MUTEX_INITIALIZER,
                                .moved = PTHREAD_COND_INITIALIZER,
                                .to_settle = analysis->tables,
                                .to_finish = analysis->tables};

    pm_workers_run(analysis->threads < PM_N_TABLES ? analysis->threads : PM_N_TABLES, work,
                   &settling);
    pthread_mutex_destroy(&settling.lock);
    pthread_cond_destroy(&settling.moved);
    return settling.status;
}
