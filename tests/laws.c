/*
 * The laws: the same bytes for any number of threads and any cut.
 *
 * usage: laws [--few] CAPTURE-OR-FOLDER...
 *        laws [--few] --every-cut [OPTION-OF-ANALYZE...] CAPTURE...
 *
 *     --few        every fifth cell, for builds that are slow
 *     --every-cut  runs of every length too, for captures of a few packets, with these options
 *
 * Each capture is analyzed once by one thread in one run; every other number of threads, every size
 * of runs and of the pieces that are read, and the same bytes from a pipe in windows of every size
 * must give the same text of every table, and the same books. Batches, hash keys, the idle timeout,
 * a filter and tunnels vary along. Captures that are refused must be refused alike.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

enum { SMALL = 64 << 10, LARGE = 8 << 20, TABLES_MAX = 32, WINDOWS_MOST = 400 };

struct outcome {
    enum pm_status status;
    char *tables[TABLES_MAX];
    size_t n_tables;
    char *summary;
    uint64_t bytes; /* of the capture, unpacked */
};

static struct {
    unsigned long captures, refused, cells, differ;
    unsigned long passed_over;
} tally;

static unsigned every = 1; /* which cells are tried */
static int every_cut;

static struct outcome analyze(const char *path, const struct pm_options *options)
{
    struct outcome outcome = {0};
    struct pm_analysis *analysis;
    struct pm_error error;
    size_t n_bytes;

    outcome.status = pm_analyze(&path, 1, options, &analysis, &error);
    if (outcome.status != PM_OK)
        return outcome;
    outcome.bytes = pm_analysis_summary(analysis)->inputs[0].file_bytes;
    outcome.n_tables = pm_table_count(analysis);
    for (size_t i = 0; i < outcome.n_tables; i++)
        if (pm_table_csv(analysis, i, &outcome.tables[i], &n_bytes, &error) != PM_OK)
            abort();
    outcome.summary = pm_analysis_json(analysis);
    pm_analysis_free(analysis);
    return outcome;
}

/* ---- from a pipe ----------------------------------------------------------------------------- */

struct pipe_end {
    const char *path;
    int fd;
};

/* The thread that writes a file into a pipe. */
static void *pour(void *end_pointer)
{
    struct pipe_end *end = end_pointer;
    int from = open(end->path, O_RDONLY);
    char bytes[5000];
    ssize_t n;

    while (from >= 0 && (n = read(from, bytes, sizeof bytes)) > 0 &&
           write(end->fd, bytes, (size_t)n) == n)
        ;
    if (from >= 0)
        close(from);
    close(end->fd);
    return NULL;
}

/* The summary names the path, which is not the same for a pipe. */
static void forget_path(struct outcome *outcome)
{
    char *at = outcome->summary == NULL ? NULL : strstr(outcome->summary, "\"path\": \"");

    for (; at != NULL; at = strstr(at + 9, "\"path\": \""))
        memmove(at + 9, strchr(at + 9, '"'), strlen(strchr(at + 9, '"')) + 1);
}

static struct outcome analyze_pipe(const char *path, const struct pm_options *options)
{
    int ends[2];
    char name[32];
    pthread_t thread;
    struct pipe_end end;
    struct outcome outcome;

    if (pipe(ends) != 0)
        abort();
    end = (struct pipe_end){path, ends[1]};
    snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    if (pthread_create(&thread, NULL, pour, &end) != 0)
        abort();
    outcome = analyze(name, options);
    close(ends[0]);
    pthread_join(thread, NULL);
    return outcome;
}

/* ---- cells ----------------------------------------------------------------------------------- */

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

/* How the bytes come: from the file, or through a pipe; and in which pieces, or as is usual. */
enum way { AS_FILE, AS_PIPE };

static void try_cell(const char *path, const struct outcome *serial, struct pm_options options,
                     unsigned threads, uint64_t run_bytes, enum way way, uint64_t window_bytes)
{
    static const uint32_t edges[] = {1024, 0, 3, 1, 20};
    struct outcome outcome;

    if ((tally.cells + tally.passed_over) % every != 0) {
        tally.passed_over++;
        return;
    }
    options.threads = threads;
    options.run_bytes = run_bytes;
    options.window_bytes = window_bytes;
    options.batch_packets = 1 + (unsigned)(tally.cells * 37 % 256);
    options.edge_packets = edges[tally.cells % (sizeof edges / sizeof *edges)];
    options.hash_seed = 1 + tally.cells % 3;
    outcome = way == AS_FILE ? analyze(path, &options) : analyze_pipe(path, &options);
    forget_path(&outcome);
    tally.cells++;
    if (!equal(serial, &outcome)) {
        tally.differ++;
        printf("%s%s: %u threads, runs of %llu bytes, pieces of %llu: not what one thread says\n",
               path, way == AS_PIPE ? " from a pipe" : "", threads, (unsigned long long)run_bytes,
               (unsigned long long)window_bytes);
    }
    forget(&outcome);
}

/* Runs of every length that a small capture can be cut into. */
static void try_every_cut(const char *path, const struct outcome *serial, struct pm_options options,
                          uint64_t size)
{
    static const unsigned threads[] = {1, 2, 7, 64};

    for (uint64_t run_bytes = 1; run_bytes <= size; run_bytes++)
        for (size_t i = 0; i < sizeof threads / sizeof *threads; i++)
            try_cell(path, serial, options, threads[i], run_bytes, AS_FILE, 0);
}

/* Options that differ from capture to capture, so that all are tried on some. */
static struct pm_options options_in_turn(int64_t idle_timeout_ns, const char *filter)
{
    struct pm_options options;

    pm_options_init(&options);
    options.packets = true;
    options.tables = tally.captures % 4 == 3 ? "+features,burstiness" : NULL;
    options.splt = tally.captures % 3 * 3;
    options.dedup = tally.captures % 5 * 2;
    options.intervals_ns[1] = tally.captures % 5 == 0 ? 1000000 : 0;
    options.idle_timeout_ns = idle_timeout_ns;
    options.filter = filter;
    options.tunnels = filter == NULL ? PM_TUNNELS_OUTER : PM_TUNNELS_INNER;
    options.flow_columns = (enum pm_flow_columns)((tally.captures + 2) % 3);
    options.key_vlan = tally.captures & 1;
    options.key_tunnel = tally.captures & 2;
    return options;
}

static uint64_t try_capture(const char *path, struct pm_options options)
{
    static const unsigned threads[] = {1, 2, 3, 5, 8, 16, 64};
    static const uint64_t cuts[] = {1, 17, 64, 4096, 1 << 16, 1 << 20, 0};
    static const struct {
        uint64_t bytes, run_bytes;
        unsigned threads;
    } pieces[] = {{1, 0, 1},      {17, 0, 2},         {64, 17, 3},    {257, 0, 5},
                  {4096, 100, 1}, {1 << 16, 4096, 2}, {1 << 20, 0, 3}},
      windows[] = {{1, 0, 1},      {17, 0, 3},          {64, 17, 2},     {257, 64, 8},
                   {4096, 257, 1}, {1 << 16, 4096, 16}, {1 << 20, 0, 2}, {8 << 20, 1 << 16, 5}};
    struct outcome serial;
    uint64_t size;

    options.threads = 1;
    serial = analyze(path, &options);
    forget_path(&serial);
    size = serial.bytes;
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
            try_cell(path, &serial, options, threads[i], cuts[cut], AS_FILE, 0);
        }
    if (every_cut)
        try_every_cut(path, &serial, options, size);
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
        if (windows[i].bytes * WINDOWS_MOST >= size)
            try_cell(path, &serial, options, windows[i].threads, windows[i].run_bytes, AS_PIPE,
                     windows[i].bytes);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        if (pieces[i].bytes * WINDOWS_MOST >= size)
            try_cell(path, &serial, options, pieces[i].threads, pieces[i].run_bytes, AS_FILE,
                     pieces[i].bytes);
    forget(&serial);
    return size;
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
        if (try_capture(path, options_in_turn(INT64_C(120) * 1000000000, NULL)) <= SMALL)
            try_capture(path, options_in_turn(1000000, "ip or arp or less 90"));
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

/* Captures with options of the caller's, as pcapmill analyze takes them; cut everywhere. */
static void try_every_cut_as(int argc, char **argv)
{
    struct cli_request request = cli_parse(argc, argv, CLI_ANALYZE);

    every_cut = 1;
    for (int i = 0; i < request.n_paths; i++)
        try_capture(request.paths[i], request.options);
    cli_free(&request);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* what is refused is not read to its end */
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--few") == 0) {
            every = 5; /* no loop over cells has so many, or a multiple */
        } else if (strcmp(argv[i], "--every-cut") == 0) {
            try_every_cut_as(argc - i, argv + i);
            break;
        } else {
            try_path(argv[i]);
        }
    printf("%lu captures (%lu refused), %lu cells, %lu differ\n", tally.captures, tally.refused,
           tally.cells, tally.differ);
    return tally.differ != 0 || tally.cells == 0;
}
