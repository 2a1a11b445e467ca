/* Benchmarks are C; Google Benchmark calls them through this: `prepare`, untimed, then `run`,
 * timed, over and over. */
#ifndef PM_HARNESS_H
#define PM_HARNESS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pm_bench_case {
    const char *name;
    int argument;               /* of both functions: which table */
    int iterations;             /* in one repetition */
    void (*prepare)(int table); /* NULL: nothing */
    uint64_t (*run)(int table); /* says how many packets, or rows, it went through */
};

/* Opens the capture that all cases work on, and lists them; 0, or 1 where it cannot. */
int pm_bench_open(const char *path);

extern struct pm_bench_case pm_bench_cases[];
extern size_t pm_n_bench_cases;

#ifdef __cplusplus
}
#endif

#endif
