/*
 * Where threads begin. Left to itself, Linux 6.18 with two CPUs starts most new threads on their
 * creator's CPU, where one of the two waits for some 4 ms, while the other CPU is idle; and a
 * caller who waits until the others run is woken on their CPU. So where there are as many workers
 * as CPUs, worker n begins on the n-th CPU after the caller's, of those that the caller may use,
 * and round again. From there on the system may move it. Fewer workers are left to the system,
 * which knows what CPUs are busy, or threads of one core.
 */
#include "engine/workers.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

struct crew {
    pm_work work;
    void *context;
    bool placed;
    cpu_set_t cpus; /* of crews that are placed: those that the caller may use, */
    int cpu;        /* and where the latest worker begins */
};

struct worker {
    const struct crew *crew;
    unsigned number;
    pthread_t thread;
};

static void *start(void *worker_pointer)
{
    const struct worker *worker = worker_pointer;
    const struct crew *crew = worker->crew;

    if (crew->placed)
        pthread_setaffinity_np(pthread_self(), sizeof crew->cpus, &crew->cpus);
    crew->work(crew->context, worker->number);
    return NULL;
}

static void find_cpus(struct crew *crew, unsigned n)
{
    crew->cpu = sched_getcpu();
    crew->placed = crew->cpu >= 0 && sched_getaffinity(0, sizeof crew->cpus, &crew->cpus) == 0 &&
                   (unsigned)CPU_COUNT(&crew->cpus) <= n;
}

static void choose_next_cpu(struct crew *crew, pthread_attr_t *attributes)
{
    cpu_set_t one;

    do
        crew->cpu = (crew->cpu + 1) % CPU_SETSIZE;
    while (!CPU_ISSET(crew->cpu, &crew->cpus));
    CPU_ZERO(&one);
    CPU_SET(crew->cpu, &one);
    pthread_attr_setaffinity_np(attributes, sizeof one, &one);
}

/* A CPU may be taken away meanwhile: then the worker begins anywhere. */
static bool start_worker(struct crew *crew, struct worker *worker)
{
    pthread_attr_t attributes;
    bool started;

    if (pthread_attr_init(&attributes) != 0)
        return false;
    if (crew->placed)
        choose_next_cpu(crew, &attributes);
    started = pthread_create(&worker->thread, &attributes, start, worker) == 0 ||
              pthread_create(&worker->thread, NULL, start, worker) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}

void pm_workers_run(unsigned n, pm_work work, void *context)
{
    struct worker *workers = n > 1 ? calloc(n, sizeof *workers) : NULL;
    struct crew crew = {.work = work, .context = context};
    unsigned started = 1;

    if (workers != NULL)
        find_cpus(&crew, n);
    for (; workers != NULL && started < n; started++) {
        workers[started] = (struct worker){.crew = &crew, .number = started};
        if (!start_worker(&crew, &workers[started]))
            break;
    }
    work(context, 0);
    for (unsigned i = 1; workers != NULL && i < started; i++)
        pthread_join(workers[i].thread, NULL);
    free(workers);
}
