#include "engine/workers.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
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

/* cgroup v2: "max 100000" or "QUOTA PERIOD". 0: no limit known. */
static unsigned cgroup_limit(void)
{
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    unsigned long quota, period;
    unsigned limit = 0;

    if (file == NULL)
        return 0;
    if (fscanf(file, "%lu %lu", &quota, &period) == 2 && period != 0)
        limit = (unsigned)((quota + period - 1) / period);
    fclose(file);
    return limit;
}

unsigned pm_workers_default(void)
{
    cpu_set_t set;
    unsigned cpus = 1, limit = cgroup_limit();

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        cpus = (unsigned)CPU_COUNT(&set);
    return limit != 0 && limit < cpus ? limit : cpus;
}
