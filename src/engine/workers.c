/*
 * Where threads begin. Left to itself, Linux 6.18 with two CPUs puts most new threads on their
 * creator's CPU, and there one of the two waits for some 4 ms, while the other CPU is idle; so it
 * does with threads that wake each other. So every thread begins on a CPU of its own, the next ones
 * to the caller's among those that the caller may use, and may be moved from there on.
 *
 * What was tried: a caller who waits until the other threads run, in vain, as it is woken on their
 * CPU.
 */
#include "engine/workers.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

struct crew {
    pm_work work;
    void *context;
    cpu_set_t cpus; /* that the caller may use */
    int n_cpus;     /* 0: not known */
    int cpu;        /* where the latest thread begins */
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

    if (crew->n_cpus != 0)
        pthread_setaffinity_np(pthread_self(), sizeof crew->cpus, &crew->cpus);
    crew->work(crew->context, worker->number);
    return NULL;
}

/* All is left to the system where there is one CPU, or where they cannot be told. */
static void find_cpus(struct crew *crew)
{
    crew->cpu = sched_getcpu();
    if (crew->cpu >= 0 && sched_getaffinity(0, sizeof crew->cpus, &crew->cpus) == 0 &&
        CPU_COUNT(&crew->cpus) > 1)
        crew->n_cpus = CPU_COUNT(&crew->cpus);
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

/* A CPU may be taken away meanwhile: then the thread begins anywhere. */
static bool start_worker(struct crew *crew, struct worker *worker)
{
    pthread_attr_t attributes;
    bool started;

    if (pthread_attr_init(&attributes) != 0)
        return false;
    if (crew->n_cpus != 0)
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
        find_cpus(&crew);
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
