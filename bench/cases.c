/* The stages of reading, one by one, on a capture in memory. */
#include "harness.h"

#include <stdio.h>

#include "decode/decode.h"

static struct pm_capture capture;

int pm_bench_open(const char *path)
{
    struct pm_error error;

    if (pm_capture_open(&capture, path, &error) == PM_OK)
        return 0;
    fprintf(stderr, "%s\n", error.message);
    return 1;
}

/* Walks all records and hands each batch of them to `batch`. */
static uint64_t walk_all(void (*batch)(const struct pm_record *records, size_t n))
{
    struct pm_walk walk = {.at = capture.pcap.header_bytes, .end = capture.map.n_bytes};
    struct pm_record records[PM_BATCH_MAX];
    uint64_t packets = 0;
    size_t n;

    while ((n = pm_pcap_walk(&capture.pcap, &walk, records, PM_BATCH_MAX)) != 0) {
        batch(records, n);
        packets += n;
    }
    return packets;
}

static void only_walk(const struct pm_record *records, size_t n)
{
    (void)n;
    __asm__ volatile("" : : "r"(records) : "memory");
}

static void decode(const struct pm_record *records, size_t n)
{
    static struct pm_batch batch;

    for (size_t i = 0; i < n; i++)
        pm_decode(&records[i], capture.pcap.link_type, capture.pcap.fcs_bytes, i,
                  &batch.packets[i]);
    __asm__ volatile("" : : "r"(&batch) : "memory");
}

static uint64_t run_walk(void)
{
    return walk_all(only_walk);
}

static uint64_t run_walk_and_decode(void)
{
    return walk_all(decode);
}

const struct pm_bench_case pm_bench_cases[] = {
    {"walk", run_walk},
    {"walk_and_decode", run_walk_and_decode},
};
const size_t pm_n_bench_cases = sizeof pm_bench_cases / sizeof *pm_bench_cases;
