// usage: bench CAPTURE [--benchmark_...]
#include <benchmark/benchmark.h>

#include "harness.h"

static void run(benchmark::State &state, const pm_bench_case *one)
{
    uint64_t packets = 0;

    for (auto _ : state)
        packets += one->run();
    state.SetItemsProcessed(static_cast<int64_t>(packets));
}

int main(int argc, char **argv)
{
    benchmark::Initialize(&argc, argv);
    if (argc != 2 || pm_bench_open(argv[1]) != 0)
        return 2;
    for (size_t i = 0; i < pm_n_bench_cases; i++)
        benchmark::RegisterBenchmark(pm_bench_cases[i].name, run, &pm_bench_cases[i]);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
