/* Threads that all do the same: a function called once per worker, with its number. */
#ifndef PM_WORKERS_H
#define PM_WORKERS_H

typedef void (*pm_work)(void *context, unsigned worker);

/* Calls work(context, 0 ... n - 1), each on a thread of its own, worker 0 on the caller's, and
 * returns when all have. Where the system gives fewer threads, the work goes on with those there
 * are: workers take what there is to do from a common list, so none may be waited for by number. */
void pm_workers_run(unsigned n, pm_work work, void *context);

#endif
