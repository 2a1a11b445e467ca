/*
 * pcapmill bench: what each stage of an analysis costs, with one thread, two, four and so on.
 *
 * Every number of threads runs once per round, in turn, so that what disturbs the machine disturbs
 * all. No time is printed before the answers are checked: every run must write the same tables, and
 * so must a run with one thread that takes packets one by one and joins many small runs.
 */
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/now.h"
#include "cli/cli.h"

enum { STAGES_MOST = 128, COUNTS_MOST = 16, CHECK_RUNS = 61 };

/* The times of one stage in every round, in ns. The first two are of the clock on the wall. */
enum { WALL_READ, WALL_WRITE, WALLS };

struct series {
    const char *stage;
    const char *table;
    bool wall;
    uint64_t *ns; /* a round each, sorted once all are there */
};

struct measure {
    unsigned threads;
    size_t n_series;
    struct series series[WALLS + STAGES_MOST];
};

struct bench {
    struct cli_request *request;
    bool damaged;
    char folder[PATH_MAX]; /* of our own, and in it the one that is written */
    char output[PATH_MAX + 8];
    char *answers; /* summary.json, with the digests of all tables */
    uint64_t packets;
    uint64_t bytes;
    size_t n_counts;
    struct measure measures[COUNTS_MOST]; /* of each number of threads */
};

/* Captures are read over and over, which a pipe cannot be. */
static void check_paths(const struct cli_request *request)
{
    struct stat found;

    for (int i = 0; i < request->n_paths; i++) {
        if (strcmp(request->paths[i], "-") != 0 &&
            (stat(request->paths[i], &found) != 0 || S_ISREG(found.st_mode) ||
             S_ISDIR(found.st_mode)))
            continue; /* what is missing, or no capture, is told by the analysis */
        cli_begin(CLI_ERROR);
        fputc('\'', stderr);
        cli_print_text(request->paths[i], stderr);
        fputs("' can be read only once: save it to a file first\n", stderr);
        exit(EXIT_BAD_USAGE);
    }
}

/* ---- the folder that is written -------------------------------------------------------------- */

static bool make_folder(struct bench *bench)
{
    const char *parent = getenv("TMPDIR");

    if (parent == NULL || *parent == '\0')
        parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(bench->folder, sizeof bench->folder, "%s/pcapmill-bench.XXXXXX", parent);
    if (mkdtemp(bench->folder) == NULL)
        return false;
    snprintf(bench->output, sizeof bench->output, "%s/out", bench->folder);
    return true;
}

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *at)
{
    (void)found;
    (void)kind;
    (void)at;
    return remove(path);
}

static void remove_folder(const struct bench *bench)
{
    nftw(bench->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- one run --------------------------------------------------------------------------------- */

static enum pm_status out_of_memory(struct pm_error *error)
{
    error->status = PM_NO_MEMORY;
    strcpy(error->message, "out of memory");
    return error->status;
}

/* The first answers are kept, all others must be the same. */
static enum pm_status check_answers(struct bench *bench, const struct pm_analysis *analysis,
                                    struct pm_error *error)
{
    const struct pm_summary *summary = pm_analysis_summary(analysis);
    char *answers = pm_analysis_json(analysis);
    bool same;

    if (answers == NULL)
        return out_of_memory(error);
    if (bench->answers == NULL) {
        cli_warn_damage(bench->request, summary);
        bench->answers = answers;
        bench->packets = summary->packets;
        bench->damaged = summary->damaged;
        for (size_t i = 0; i < summary->n_inputs; i++)
            bench->bytes += summary->inputs[i].file_bytes;
        return PM_OK;
    }
    same = strcmp(answers, bench->answers) == 0;
    free(answers);
    if (same)
        return PM_OK;
    error->status = PM_CHECK_FAILED;
    strcpy(error->message,
           "two runs wrote different tables, so no time is told; please report this");
    return error->status;
}

/* Analyzes and writes once; the analysis is for the caller to free. */
static enum pm_status run(struct bench *bench, const struct pm_options *options,
                          struct pm_analysis **analysis, uint64_t walls[WALLS],
                          struct pm_error *error)
{
    struct pm_output output = {
        .folder = bench->output, .force = true, .render = "none", .stop = options->stop};
    struct cli_request *request = bench->request;
    struct pm_publication *publication;
    uint64_t begun = pm_now_ns(), read;
    enum pm_status status = pm_publication_begin(&output, &publication, error);

    *analysis = NULL;
    if (status != PM_OK)
        return status;
    status = pm_analyze((const char *const *)request->paths, (size_t)request->n_paths, options,
                        analysis, error);
    read = pm_now_ns();
    if (status == PM_OK)
        status = pm_publication_publish(publication, *analysis, error);
    pm_publication_end(publication);
    walls[WALL_READ] = read - begun;
    walls[WALL_WRITE] = pm_now_ns() - read;
    return status == PM_OK ? check_answers(bench, *analysis, error) : status;
}

/* ---- all runs -------------------------------------------------------------------------------- */

/* Another way to the same answers: packet by packet, in many runs that are joined. It comes behind
 * a run that has told the size of the capture. */
static enum pm_status run_plainly(struct bench *bench, struct pm_error *error)
{
    struct pm_options options = bench->request->options;
    struct pm_analysis *analysis;
    uint64_t walls[WALLS];
    enum pm_status status;

    options.threads = 1;
    options.batch_packets = 1;
    options.run_bytes = bench->bytes / CHECK_RUNS + 1;
    status = run(bench, &options, &analysis, walls, error);
    pm_analysis_free(analysis);
    return status;
}

static enum pm_status measure_once(struct bench *bench, struct measure *measure, unsigned round,
                                   struct pm_error *error)
{
    struct pm_options options = bench->request->options;
    struct pm_analysis *analysis;
    uint64_t walls[WALLS];
    enum pm_status status;

    options.threads = measure->threads;
    options.measure = true;
    status = run(bench, &options, &analysis, walls, error);
    for (size_t i = 0; status == PM_OK && i < measure->n_series; i++)
        measure->series[i].ns[round] = i < WALLS ? walls[i] : pm_stage_get(analysis, i - WALLS).ns;
    pm_analysis_free(analysis);
    return status;
}

static int compare_times(const void *x, const void *y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

    return (a > b) - (a < b);
}

/* Names the series of a number of threads by the stages of an analysis, and makes room for them. */
static bool name_series(struct measure *measure, const struct pm_analysis *analysis,
                        unsigned rounds)
{
    static const char *const walls[WALLS] = {"reading", "writing"};

    measure->n_series = WALLS + pm_stage_count(analysis);
    for (size_t i = 0; i < measure->n_series; i++) {
        struct series *series = &measure->series[i];
        struct pm_stage stage = {.name = i < WALLS ? walls[i] : NULL, .wall = true};

        if (i >= WALLS)
            stage = pm_stage_get(analysis, i - WALLS);
        *series = (struct series){.stage = stage.name,
                                  .table = stage.table,
                                  .wall = stage.wall,
                                  .ns = calloc(rounds, sizeof *series->ns)};
        if (series->ns == NULL)
            return false;
    }
    return true;
}

/* A first run warms the page cache, says what stages there are, and gives the answers. */
static enum pm_status warm_up(struct bench *bench, struct pm_error *error)
{
    struct pm_options options = bench->request->options;
    unsigned rounds = bench->request->rounds, most = options.threads;
    struct pm_analysis *analysis;
    uint64_t walls[WALLS];
    enum pm_status status;

    options.measure = true;
    status = run(bench, &options, &analysis, walls, error);
    for (unsigned threads = 1; status == PM_OK && bench->n_counts < COUNTS_MOST;) {
        bench->measures[bench->n_counts].threads = threads;
        if (!name_series(&bench->measures[bench->n_counts++], analysis, rounds))
            status = out_of_memory(error);
        if (threads == most)
            break;
        threads = 2 * threads < most ? 2 * threads : most;
    }
    pm_analysis_free(analysis);
    return status;
}

static enum pm_status run_all(struct bench *bench, struct pm_error *error)
{
    enum pm_status status = warm_up(bench, error);

    if (status == PM_OK)
        status = run_plainly(bench, error);
    for (unsigned round = 0; round < bench->request->rounds; round++)
        for (size_t i = 0; status == PM_OK && i < bench->n_counts; i++)
            status = measure_once(bench, &bench->measures[i], round, error);
    for (size_t i = 0; status == PM_OK && i < bench->n_counts; i++)
        for (size_t at = 0; at < bench->measures[i].n_series; at++)
            qsort(bench->measures[i].series[at].ns, bench->request->rounds, sizeof(uint64_t),
                  compare_times);
    return status;
}

/* ---- telling it ------------------------------------------------------------------------------ */

static uint64_t median(const struct bench *bench, const struct series *series)
{
    return series->ns[bench->request->rounds / 2];
}

/* Of a stage that all threads share, as if they did nothing else. */
static double per_second(double amount, uint64_t ns, unsigned threads)
{
    return ns == 0 ? 0 : amount * threads / ((double)ns * 1e-9);
}

static void print_series(const struct bench *bench, const struct series *series, unsigned threads)
{
    uint64_t ns = median(bench, series);
    double packets = bench->packets == 0 ? 1 : (double)bench->packets;
    char name[32];

    snprintf(name, sizeof name, "%s%s%s", series->stage, series->table ? " " : "",
             series->table ? series->table : "");
    printf("  %-20s %8.1f %8.1f %8.1f %12.1f %8.2f\n", name, (double)ns / packets,
           (double)series->ns[0] / packets,
           (double)series->ns[bench->request->rounds - 1] / packets,
           per_second((double)bench->packets, ns, threads) / 1e6,
           per_second((double)bench->bytes, ns, threads) / 1e9);
}

/* Those by the clock on the wall, or those of all threads. */
static void print_all_series(const struct bench *bench, const struct measure *measure, bool wall)
{
    for (size_t i = 0; i < measure->n_series; i++) {
        const struct series *series = &measure->series[i];

        if (series->wall == wall && median(bench, series) != 0)
            print_series(bench, series, wall ? 1 : measure->threads);
    }
}

static void print_measure(const struct bench *bench, const struct measure *measure)
{
    printf("\n%u thread%s\n  %-20s %8s %8s %8s %12s %8s\n", measure->threads,
           measure->threads == 1 ? "" : "s", "", "ns/packet", "least", "most", "M packets/s",
           "GB/s");
    print_all_series(bench, measure, true);
    print_all_series(bench, measure, false);
}

static void print_text(const struct bench *bench)
{
    printf("%llu packets, %.1f MB, %u round%s; all runs wrote the same tables\n"
           "reading, writing, merged (part of reading): the clock on the wall;\n"
           "stages: the time of all threads together\n",
           (unsigned long long)bench->packets, (double)bench->bytes / 1e6, bench->request->rounds,
           bench->request->rounds == 1 ? "" : "s");
    for (size_t i = 0; i < bench->n_counts; i++)
        print_measure(bench, &bench->measures[i]);
}

static void print_json_series(const struct bench *bench, const struct series *series)
{
    printf("{\"stage\": \"%s\", ", series->stage);
    if (series->table != NULL)
        printf("\"table\": \"%s\", ", series->table);
    fputs("\"ns\": [", stdout);
    for (unsigned round = 0; round < bench->request->rounds; round++)
        printf("%s%llu", round == 0 ? "" : ", ", (unsigned long long)series->ns[round]);
    fputs("]}", stdout);
}

static void print_json(const struct bench *bench)
{
    printf("{\n \"packets\": %llu,\n \"bytes\": %llu,\n \"rounds\": %u,\n \"runs\": [",
           (unsigned long long)bench->packets, (unsigned long long)bench->bytes,
           bench->request->rounds);
    for (size_t i = 0; i < bench->n_counts; i++) {
        const struct measure *measure = &bench->measures[i];

        printf("%s\n  {\"threads\": %u, \"series\": [", i == 0 ? "" : ",", measure->threads);
        for (size_t at = 0; at < measure->n_series; at++) {
            fputs(at == 0 ? "\n   " : ",\n   ", stdout);
            print_json_series(bench, &measure->series[at]);
        }
        fputs("]}", stdout);
    }
    fputs("]\n}\n", stdout);
}

static void free_bench(struct bench *bench)
{
    for (size_t i = 0; i < bench->n_counts; i++)
        for (size_t at = 0; at < bench->measures[i].n_series; at++)
            free(bench->measures[i].series[at].ns);
    free(bench->answers);
}

int cli_bench(int argc, char **argv)
{
    struct cli_request request = cli_parse(argc, argv, CLI_BENCH);
    struct bench bench = {.request = &request};
    struct pm_error error = {.status = PM_OK};
    int status = EXIT_COMPLETE;

    check_paths(&request);
    cli_catch_signals();
    request.options.stop = cli_stop_flag();
    if (request.options.threads == 0)
        request.options.threads = pm_threads_usual();
    if (!make_folder(&bench)) {
        perror("pcapmill: cannot make a folder to write to");
        status = EXIT_FAILED;
    } else {
        if (run_all(&bench, &error) != PM_OK)
            status = cli_fail(&error);
        else if (request.json)
            print_json(&bench);
        else
            print_text(&bench);
        remove_folder(&bench);
    }
    if (status == EXIT_COMPLETE && bench.damaged && !request.damaged_ok)
        status = EXIT_DAMAGED_INPUT;
    free_bench(&bench);
    cli_free(&request);
    if (error.status == PM_STOPPED)
        cli_raise_caught();
    return status;
}
