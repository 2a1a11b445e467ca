#include "engine/ordered.h"

#include <pthread.h>
#include <stdlib.h>

#include "engine/workers.h"

enum { AHEAD = 4 }; /* items per worker between the last one finished and the next one taken */

struct item {
    size_t next; /* to be finished behind it */
    bool handed_in;
};

struct run {
    const struct pm_ordered *ordered;
    size_t window;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t moved; /* `finished` or `status` did */
    struct item *items;
    size_t n_items;
    size_t taken;
    size_t finished;
    size_t current; /* to be finished next */
    bool finishing; /* some worker is at it, outside the lock */
    enum pm_status status;
};

/* Makes one item more of one that is under way. Called under the lock. */
static bool split(struct run *run)
{
    const struct pm_ordered *ordered = run->ordered;
    size_t of, part = run->n_items;

    if (ordered->split == NULL || run->n_items == ordered->n_items + ordered->n_more ||
        !ordered->split(ordered->context, &of))
        return false;
    run->items[part] = (struct item){.next = run->items[of].next};
    run->items[of].next = part;
    run->n_items++;
    return true;
}

static void fail(struct run *run, enum pm_status status)
{
    if (run->status == PM_OK)
        run->status = status;
    if (status != PM_OK)
        pthread_cond_broadcast(&run->moved);
}

/* Can the next item be finished? Called under the lock. */
static bool is_ready(const struct run *run)
{
    return run->status == PM_OK && !run->finishing && run->finished < run->n_items &&
           run->items[run->current].handed_in;
}

/* Finishes the next item, and leaves it. Called under the lock, which is free meanwhile. */
static void finish_next(struct run *run, unsigned worker)
{
    const struct pm_ordered *ordered = run->ordered;
    size_t item = run->current;
    enum pm_status status;

    run->finishing = true;
    pthread_mutex_unlock(&run->lock);
    status = ordered->finish(ordered->context, worker, item);
    pthread_mutex_lock(&run->lock);
    run->finishing = false;
    run->finished++;
    run->current = run->items[item].next;
    fail(run, status);
    pthread_cond_broadcast(&run->moved);
    if (ordered->leave == NULL || status != PM_OK)
        return;
    pthread_mutex_unlock(&run->lock);
    status = ordered->leave(ordered->context, worker, item);
    pthread_mutex_lock(&run->lock);
    fail(run, status);
}

/* Finds the next item; false: there is nothing more to do. Whoever is too far ahead helps to
 * finish. Called under the lock. */
static bool take(struct run *run, unsigned worker, size_t *item)
{
    while (run->status == PM_OK && run->taken < run->n_items &&
           run->taken >= run->finished + run->window) {
        if (is_ready(run))
            finish_next(run, worker);
        else
            pthread_cond_wait(&run->moved, &run->lock);
    }
    if (run->status != PM_OK || (run->taken == run->n_items && !split(run)))
        return false;
    *item = run->taken++;
    return true;
}

static void work(void *context, unsigned worker)
{
    struct run *run = context;
    const struct pm_ordered *ordered = run->ordered;
    size_t item;

    pthread_mutex_lock(&run->lock);
    while (take(run, worker, &item)) {
        enum pm_status status;

        pthread_mutex_unlock(&run->lock);
        status = ordered->work(ordered->context, worker, item);
        pthread_mutex_lock(&run->lock);
        fail(run, status);
        run->items[item].handed_in = true;
        while (is_ready(run))
            finish_next(run, worker);
    }
    pthread_mutex_unlock(&run->lock);
}

enum pm_status pm_ordered_run(unsigned workers, const struct pm_ordered *ordered)
{
    struct run run = {.ordered = ordered,
                      .window = (size_t)workers * AHEAD,
                      .lock = PTHREAD_MUTEX_INITIALIZER,
                      .moved = PTHREAD_COND_INITIALIZER,
                      .n_items = ordered->n_items};

    run.items = calloc(ordered->n_items + ordered->n_more + 1, sizeof *run.items);
    if (run.items == NULL)
        return PM_NO_MEMORY;
    for (size_t i = 0; i < ordered->n_items; i++)
        run.items[i].next = i + 1;
    if (workers > ordered->n_items)
        workers = ordered->n_items ? (unsigned)ordered->n_items : 1;
    pm_workers_run(workers, work, &run);
    free(run.items);
    pthread_mutex_destroy(&run.lock);
    pthread_cond_destroy(&run.moved);
    return run.status;
}
