// usage: bench CAPTURE [--benchmark_...]
#include <benchmark/benchmark.h>

#include "harness.h"

static void run(benchmark::State &state, const pm_bench_case *one)
{
    uint64_t items = 0;

    for (auto _ : state) {
        if (one->prepare != nullptr) {
            state.PauseTiming();
            one->prepare(one->argument);
            state.ResumeTiming();
        }
        items += one->run(one->argument);
    }
    state.SetItemsProcessed(static_cast<int64_t>(items));
    state.counters["ns_per_item"] =
        benchmark::Counter(static_cast<double>(items) * 1e-9,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

int main(int argc, char **argv)
{
    benchmark::Initialize(&argc, argv);
    if (argc != 2 || pm_bench_open(argv[1]) != 0)
        return 2;
    for (size_t i = 0; i < pm_n_bench_cases; i++)
        benchmark::RegisterBenchmark(pm_bench_cases[i].name, run, &pm_bench_cases[i])
            ->Unit(benchmark::kMillisecond)
            ->Iterations(pm_bench_cases[i].iterations);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
