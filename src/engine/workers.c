#include "engine/workers.h"

#include <pthread.h>
#include <stdlib.h>

struct worker {
    pm_work work;
    void *context;
    unsigned number;
    pthread_t thread;
};

static void *start(void *worker_pointer)
{
    struct worker *worker = worker_pointer;

    worker->work(worker->context, worker->number);
    return NULL;
}

void pm_workers_run(unsigned n, pm_work work, void *context)
{
    struct worker *workers = n > 1 ? calloc(n, sizeof *workers) : NULL;
    unsigned started = 1;

    for (; workers != NULL && started < n; started++) {
        workers[started] = (struct worker){.work = work, .context = context, .number = started};
        if (pthread_create(&workers[started].thread, NULL, start, &workers[started]) != 0)
            break;
    }
    work(context, 0);
    for (unsigned i = 1; workers != NULL && i < started; i++)
        pthread_join(workers[i].thread, NULL);
    free(workers);
}
