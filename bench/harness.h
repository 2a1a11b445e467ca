/* Benchmarks are C; Google Benchmark calls them through this. A case prepares itself once, then `run`
 * is timed over and over, and says how many packets it went through. */
#ifndef PM_HARNESS_H
#define PM_HARNESS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pm_bench_case {
    const char *name;
    uint64_t (*run)(void);
};

extern const struct pm_bench_case pm_bench_cases[];
extern const size_t pm_n_bench_cases;

/* Opens the capture that all cases work on; 0, or 1 where it cannot. */
int pm_bench_open(const char *path);

#ifdef __cplusplus
}
#endif

#endif
