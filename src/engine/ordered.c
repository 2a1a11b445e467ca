#include "engine/ordered.h"

#include <pthread.h>
#include <stdlib.h>

#include "engine/workers.h"

enum { AHEAD = 4 }; /* items per worker between the last one finished and the next one taken */

struct run {
    const struct pm_ordered *ordered;
    size_t window;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t moved; /* `finished` or `status` did */
    size_t taken;
    size_t finished;
    bool finishing;  /* some worker is at it, outside the lock */
    bool *handed_in; /* by item, in a ring of `window` */
    enum pm_status status;
};

/* The next item, or n_items where there is nothing more to do. Called under the lock. */
static size_t take(struct run *run)
{
    while (run->status == PM_OK && run->taken < run->ordered->n_items &&
           run->taken >= run->finished + run->window)
        pthread_cond_wait(&run->moved, &run->lock);
    if (run->status != PM_OK || run->taken == run->ordered->n_items)
        return run->ordered->n_items;
    return run->taken++;
}

static void fail(struct run *run, enum pm_status status)
{
    if (run->status == PM_OK)
        run->status = status;
    if (status != PM_OK)
        pthread_cond_broadcast(&run->moved);
}

/* Finishes what can be finished: until the next item is missing. Called under the lock. */
static void finish_ready(struct run *run, unsigned worker)
{
    while (!run->finishing && run->handed_in[run->finished % run->window] && run->status == PM_OK) {
        enum pm_status status;

        run->finishing = true;
        pthread_mutex_unlock(&run->lock);
        status = run->ordered->finish(run->ordered->context, worker, run->finished);
        pthread_mutex_lock(&run->lock);
        run->finishing = false;
        run->handed_in[run->finished++ % run->window] = false;
        fail(run, status);
        pthread_cond_broadcast(&run->moved);
    }
}

static void work(void *context, unsigned worker)
{
    struct run *run = context;
    const struct pm_ordered *ordered = run->ordered;
    size_t item;

    pthread_mutex_lock(&run->lock);
    while ((item = take(run)) < ordered->n_items) {
        enum pm_status status;

        pthread_mutex_unlock(&run->lock);
        status = ordered->work(ordered->context, worker, item);
        pthread_mutex_lock(&run->lock);
        fail(run, status);
        run->handed_in[item % run->window] = true;
        finish_ready(run, worker);
    }
    pthread_mutex_unlock(&run->lock);
}

enum pm_status pm_ordered_run(unsigned workers, const struct pm_ordered *ordered)
{
    struct run run = {.ordered = ordered,
                      .window = (size_t)workers * AHEAD,
                      .lock = PTHREAD_MUTEX_INITIALIZER,
                      .moved = PTHREAD_COND_INITIALIZER};

    run.handed_in = calloc(run.window, sizeof *run.handed_in);
    if (run.handed_in == NULL)
        return PM_NO_MEMORY;
    if (workers > ordered->n_items)
        workers = ordered->n_items ? (unsigned)ordered->n_items : 1;
    pm_workers_run(workers, work, &run);
    free(run.handed_in);
    pthread_mutex_destroy(&run.lock);
    pthread_cond_destroy(&run.moved);
    return run.status;
}
