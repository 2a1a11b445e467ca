#include "engine/workers.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

struct worker {
    sem_t *running;
    pm_work work;
    void *context;
    unsigned number;
    pthread_t thread;
};

static void *start(void *worker_pointer)
{
    struct worker *worker = worker_pointer;

    sem_post(worker->running);
    worker->work(worker->context, worker->number);
    return NULL;
}

/* The caller works only once all others run: the system may put a new thread on the caller's CPU,
 * where it would wait for up to 4 ms. */
static void wait_until_running(sem_t *running, unsigned n)
{
    while (n > 0)
        n -= sem_wait(running) == 0; /* a signal may end a wait */
}

void pm_workers_run(unsigned n, pm_work work, void *context)
{
    struct worker *workers = n > 1 ? calloc(n, sizeof *workers) : NULL;
    unsigned started = 1;
    sem_t running;

    sem_init(&running, 0, 0);
    for (; workers != NULL && started < n; started++) {
        workers[started] = (struct worker){
            .running = &running, .work = work, .context = context, .number = started};
        if (pthread_create(&workers[started].thread, NULL, start, &workers[started]) != 0)
            break;
    }
    wait_until_running(&running, started - 1);
    work(context, 0);
    for (unsigned i = 1; workers != NULL && i < started; i++)
        pthread_join(workers[i].thread, NULL);
    sem_destroy(&running);
    free(workers);
}
