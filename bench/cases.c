/*
 * The stages of an analysis, one by one and by one thread:
 *
 *     walk               records of the whole capture, from the map
 *     walk_and_decode    the same, and every packet decoded
 *     hash               the keyed hash of a flow key, for each of the first SOME_BATCHES batches
 *     update/TABLE       one table, fed with those batches, decoded before
 *     update_tcp/flows   the same with what --columns tcp counts, and all
 *     update_all/flows
 *     settle/TABLE       what is left to do once at the end, after all packets: settle and finish
 *     csv/TABLE          formatting a settled table
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"
#include "decode/decode.h"
#include "table/segments.h"
#include "table/table.h"
#include "write/csv.h"

enum { SOME_BATCHES = 256, CASES_MAX = 64 };

struct pm_bench_case pm_bench_cases[CASES_MAX];
size_t pm_n_bench_cases;

static struct pm_capture capture;
static struct pm_view view; /* all of it: a mapped file */
static struct pm_settings settings;
static struct pm_batch *batches; /* the first SOME_BATCHES */
static size_t n_batches;
static struct pm_set set; /* of the case that runs now */

static void check(enum pm_status status)
{
    if (status != PM_OK)
        abort();
}

static void count_batch(struct pm_batch *batch)
{
    for (int table = 0; table < PM_N_TABLES; table++)
        check(pm_set_update(&set, table, batch));
}

/* ---- walk and decode ------------------------------------------------------------------------- */

/* Walks all records and hands each batch of them to `take`, until it returns false. */
static uint64_t walk_all(bool (*take)(const struct pm_record *records, size_t n, uint64_t number))
{
    struct pm_walk walk;
    struct pm_record records[PM_BATCH_MAX];
    uint64_t packets = 0;
    size_t n;

    if (!pm_walk_begin(&walk, &view, capture.header_bytes, view.end, &(struct pm_section){0}))
        abort();
    while ((n = pm_walk_next(&walk, &capture, records, PM_BATCH_MAX)) != 0 &&
           take(records, n, packets))
        packets += n;
    pm_walk_end(&walk);
    return packets;
}

static bool only_walk(const struct pm_record *records, size_t n, uint64_t number)
{
    (void)n;
    (void)number;
    __asm__ volatile("" : : "r"(records) : "memory");
    return true;
}

static void decode_into(struct pm_batch *batch, const struct pm_record *records, size_t n,
                        uint64_t number)
{
    batch->n = n;
    pm_decode_all(records, n, number, PM_TUNNELS_OUTER, batch->packets);
    __asm__ volatile("" : : "r"(batch) : "memory");
}

static bool only_decode(const struct pm_record *records, size_t n, uint64_t number)
{
    static struct pm_batch batch;

    decode_into(&batch, records, n, number);
    return true;
}

static bool keep_batch(const struct pm_record *records, size_t n, uint64_t number)
{
    memset(batches[n_batches].flow, 0xff, sizeof batches->flow);
    decode_into(&batches[n_batches++], records, n, number);
    return n_batches < SOME_BATCHES;
}

static bool update_set(const struct pm_record *records, size_t n, uint64_t number)
{
    static struct pm_batch batch;

    decode_into(&batch, records, n, number);
    count_batch(&batch);
    return true;
}

static uint64_t run_walk(int table)
{
    (void)table;
    return walk_all(only_walk);
}

static uint64_t run_walk_and_decode(int table)
{
    (void)table;
    return walk_all(only_decode);
}

/* ---- hash ------------------------------------------------------------------------------------ */

static uint64_t run_hash(int table)
{
    uint64_t n = 0;

    (void)table;
    for (size_t batch = 0; batch < n_batches; batch++)
        for (size_t i = 0; i < batches[batch].n; i++, n++) {
            const struct pm_packet *packet = &batches[batch].packets[i];
            struct pm_flow_key key = {.a = packet->src, .b = packet->dst, .proto = packet->proto};
            uint32_t hash = pm_hash(&settings.hash_key, &key, sizeof key);

            __asm__ volatile("" : : "r"(hash));
        }
    return n;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void prepare_update(int table)
{
    settings.flow_details = PM_FLOW_BASIC;
    pm_set_free(&set);
    check(pm_set_init(&set, &settings, (pm_table_mask)1 << table));
}

static void prepare_update_tcp(int table)
{
    prepare_update(table);
    settings.flow_details = PM_FLOW_TCP;
}

static void prepare_update_all(int table)
{
    prepare_update(table);
    settings.flow_details = PM_FLOW_ALL;
}

static uint64_t run_update(int table)
{
    uint64_t n = 0;

    (void)table;
    for (size_t batch = 0; batch < n_batches; batch++) {
        count_batch(&batches[batch]);
        n += batches[batch].n;
    }
    return n;
}

/* A set of all packets with what `table` needs settled. */
static void prepare_settle(int table)
{
    pm_table_mask all = pm_tables_closure((pm_table_mask)1 << table);

    settings.flow_details = pm_tables_flow_details(all);
    pm_set_free(&set);
    check(pm_set_init(&set, &settings, all));
    walk_all(update_set);
    for (int i = 0; i < table; i++)
        if (all >> i & 1)
            check(pm_set_settle(&set, i));
}

static uint64_t run_settle(int table)
{
    check(pm_set_settle(&set, table));
    check(pm_set_finish(&set, table));
    return pm_tables[table]->n_rows(set.states[table]);
}

static void prepare_csv(int table)
{
    prepare_settle(table);
    run_settle(table);
}

static uint64_t run_csv(int table)
{
    struct pm_rows rows = {.columns = pm_tables[table]->columns,
                           .n_columns = pm_tables[table]->n_columns,
                           .n_rows = pm_tables[table]->n_rows(set.states[table]),
                           .emit = pm_tables[table]->emit,
                           .context = set.states[table]};
    struct pm_text text;

    check(pm_csv_format(&rows, 0, rows.n_rows, &text));
    free(text.bytes);
    return rows.n_rows;
}

/* ---- the list -------------------------------------------------------------------------------- */

static void add_case(const char *stage, int table, int iterations, void (*prepare)(int),
                     uint64_t (*run)(int))
{
    char *name;

    if (asprintf(&name, table < 0 ? "%s" : "%s/%s", stage,
                 table < 0 ? "" : pm_tables[table]->name) < 0)
        abort();
    pm_bench_cases[pm_n_bench_cases++] =
        (struct pm_bench_case){name, table, iterations, prepare, run};
}

static void list_cases(void)
{
    int flows = pm_tables_find("flows", strlen("flows"));

    add_case("walk", -1, 5, NULL, run_walk);
    add_case("walk_and_decode", -1, 5, NULL, run_walk_and_decode);
    add_case("hash", -1, 50, NULL, run_hash);
    for (int table = 0; table < PM_N_TABLES; table++)
        if (pm_tables[table]->update != NULL)
            add_case("update", table, 20, prepare_update, run_update);
    add_case("update_tcp", flows, 20, prepare_update_tcp, run_update);
    add_case("update_all", flows, 20, prepare_update_all, run_update);
    for (int table = 0; table < PM_N_TABLES; table++)
        add_case("settle", table, 5, prepare_settle, run_settle);
    for (int table = 0; table < PM_N_TABLES; table++)
        add_case("csv", table, 5, prepare_csv, run_csv);
}

int pm_bench_open(const char *path)
{
    struct pm_error error;

    if (pm_capture_open(&capture, path, NULL, &error) != PM_OK ||
        pm_capture_next(&capture, 0, &view, &error) != PM_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    if (!capture.mapped) {
        fprintf(stderr, "'%s' is a stream: the stages are measured on files\n", path);
        return 1;
    }
    settings = (struct pm_settings){.intervals_ns = {1000000000, 100000000, 10000000, 1000000},
                                    .idle_timeout_ns = INT64_C(120) * 1000000000};
    pm_hash_key_init(&settings.hash_key, 1);
    batches = calloc(SOME_BATCHES, sizeof *batches);
    if (batches == NULL)
        abort();
    walk_all(keep_batch);
    settings.origin_ns = batches[0].packets[0].ts_ns;
    list_cases();
    return 0;
}
