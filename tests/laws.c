/*
 * DESIGN.md, section 2, laws 1 and 2: the same bytes for any number of threads and any cut.
 *
 * usage: laws CAPTURE-OR-FOLDER...
 *
 * Each capture is analyzed once by one thread in one run; every other number of threads and every
 * size of runs must give the same text of every table, and the same books. Batches, hash keys, the
 * idle timeout and a filter vary along. Captures that are refused must be refused alike.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <pcapmill/pcapmill.h>

enum { SMALL = 64 << 10, LARGE = 8 << 20, TABLES_MAX = 16 };

struct outcome {
    enum pm_status status;
    char *tables[TABLES_MAX];
    size_t n_tables;
    char *summary;
};

static struct {
    unsigned long captures, refused, cells, differ;
} tally;

static struct outcome analyze(const char *path, const struct pm_options *options)
{
    struct outcome outcome = {0};
    struct pm_analysis *analysis;
    struct pm_error error;
    size_t n_bytes;

    outcome.status = pm_analyze(&path, 1, options, &analysis, &error);
    if (outcome.status != PM_OK)
        return outcome;
    outcome.n_tables = pm_table_count(analysis);
    for (size_t i = 0; i < outcome.n_tables; i++)
        if (pm_table_csv(analysis, i, &outcome.tables[i], &n_bytes, &error) != PM_OK)
            abort();
    outcome.summary = pm_analysis_json(analysis);
    pm_analysis_free(analysis);
    return outcome;
}

static void forget(struct outcome *outcome)
{
    for (size_t i = 0; i < outcome->n_tables; i++)
        free(outcome->tables[i]);
    free(outcome->summary);
}

static int equal(const struct outcome *a, const struct outcome *b)
{
    if (a->status != b->status || a->n_tables != b->n_tables)
        return 0;
    for (size_t i = 0; i < a->n_tables; i++)
        if (strcmp(a->tables[i], b->tables[i]) != 0)
            return 0;
    return a->status != PM_OK || strcmp(a->summary, b->summary) == 0;
}

static void try_cell(const char *path, const struct outcome *serial, struct pm_options options,
                     unsigned threads, uint64_t run_bytes)
{
    struct outcome outcome;

    options.threads = threads;
    options.run_bytes = run_bytes;
    options.batch_packets = 1 + (unsigned)(tally.cells * 37 % 256);
    options.hash_seed = 1 + tally.cells % 3;
    outcome = analyze(path, &options);
    tally.cells++;
    if (!equal(serial, &outcome)) {
        tally.differ++;
        printf("%s: %u threads, runs of %llu bytes: not what one thread says\n", path, threads,
               (unsigned long long)run_bytes);
    }
    forget(&outcome);
}

static void try_capture(const char *path, uint64_t size, int64_t idle_timeout_ns,
                        const char *filter)
{
    static const unsigned threads[] = {1, 2, 3, 5, 8, 16, 64};
    static const uint64_t cuts[] = {1, 17, 64, 4096, 1 << 16, 1 << 20, 0};
    struct pm_options options;
    struct outcome serial;

    pm_options_init(&options);
    options.packets = true;
    options.threads = 1;
    options.idle_timeout_ns = idle_timeout_ns;
    options.filter = filter;
    serial = analyze(path, &options);
    tally.captures++;
    tally.refused += serial.status != PM_OK;
    for (size_t cut = 0; cut < sizeof cuts / sizeof *cuts; cut++)
        for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
            int large = size > LARGE;

            if (cuts[cut] != 0 && cuts[cut] < 4096 && size > SMALL)
                continue;
            if (large && ((cuts[cut] != 0 && cuts[cut] < 1 << 16) ||
                          (threads[i] != 1 && threads[i] != 2 && threads[i] != 16)))
                continue;
            try_cell(path, &serial, options, threads[i], cuts[cut]);
        }
    forget(&serial);
}

static void try_path(const char *path)
{
    struct stat status;
    struct dirent **names;
    int n;

    if (stat(path, &status) != 0) {
        printf("%s: cannot be read\n", path);
        tally.differ++;
        return;
    }
    if (!S_ISDIR(status.st_mode)) {
        try_capture(path, (uint64_t)status.st_size, INT64_C(120) * 1000000000, NULL);
        if (status.st_size <= SMALL)
            try_capture(path, (uint64_t)status.st_size, 1000000, "ip or arp or less 90");
        return;
    }
    n = scandir(path, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char inside[4096];

        snprintf(inside, sizeof inside, "%s/%s", path, names[i]->d_name);
        if (names[i]->d_name[0] != '.')
            try_path(inside);
        free(names[i]);
    }
    free(names);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        try_path(argv[i]);
    printf("%lu captures (%lu refused), %lu cells, %lu differ\n", tally.captures, tally.refused,
           tally.cells, tally.differ);
    return tally.differ != 0 || tally.cells == 0;
}
