/*
 * F4: splitting and proving, without threads. Input: bytes a run (1), bytes a window (1), batch
 * (1), options (1), the capture. However it is cut, mapped or from a stream, the tables are those
 * of one run; and what is done twice is done twice at most.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

#include <pcapmill/pcapmill.h>

enum { TABLES = 10 };

struct outcome {
    enum pm_status status;
    char *tables[TABLES];
};

static struct outcome analyze(const char *path, const struct pm_options *options)
{
    struct outcome outcome = {0};
    struct pm_analysis *analysis;
    struct pm_error error;
    size_t n_bytes;

    outcome.status = pm_analyze(&path, 1, options, &analysis, &error);
    if (outcome.status != PM_OK)
        return outcome;
    for (size_t i = 0; i < TABLES; i++)
        HOLDS(pm_table_csv(analysis, i, &outcome.tables[i], &n_bytes, &error) == PM_OK);
    free(pm_analysis_json(analysis));
    pm_analysis_free(analysis);
    return outcome;
}

static void compare_and_free(const struct outcome *serial, struct outcome *outcome)
{
    HOLDS(outcome->status == serial->status);
    for (size_t i = 0; i < TABLES; i++) {
        if (serial->status == PM_OK)
            HOLDS(strcmp(outcome->tables[i], serial->tables[i]) == 0);
        free(outcome->tables[i]);
    }
}

/* The capture through a pipe, which holds all of it. */
static struct outcome analyze_pipe(const uint8_t *data, size_t size,
                                   const struct pm_options *options)
{
    int ends[2];
    char path[32];
    struct outcome outcome;

    HOLDS(pipe(ends) == 0 && write(ends[1], data, size) == (ssize_t)size);
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    outcome = analyze(path, options);
    close(ends[0]);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { SIZE_MOST = 60000 }; /* what a pipe holds */
    struct pm_options options;
    struct outcome serial, cut;
    unsigned long serial_work;
    char path[32];
    int fd;

    if (size < 5 || size > SIZE_MOST)
        return 0;
    fd = memfd_create("fuzz", 0);
    HOLDS(fd >= 0 && write(fd, data + 4, size - 4) == (ssize_t)size - 4);
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    pm_options_init(&options);
    options.threads = 1;
    options.packets = true;
    options.hash_seed = 1;
    options.tunnels = data[3] & 1 ? PM_TUNNELS_INNER : PM_TUNNELS_OUTER;
    options.idle_timeout_ns = data[3] & 2 ? 1000 : 0;
    options.flow_columns = data[3] & 4 ? PM_FLOW_BASIC : PM_FLOW_ALL;
    begin_work();
    serial = analyze(path, &options);
    serial_work = pm_work;
    options.run_bytes = 1u + data[0];
    options.batch_packets = 1u + data[2];
    options.window_bytes = 64u + 16u * data[1];
    begin_work();
    cut = analyze(path, &options);
    compare_and_free(&serial, &cut);
    HOLDS(pm_work <= 3 * serial_work + 32 * size); /* each run guesses, looking at 6 headers a byte;
                                                      scouts look at each byte once */
    cut = analyze_pipe(data + 4, size - 4, &options);
    compare_and_free(&serial, &cut);
    for (size_t i = 0; i < TABLES; i++)
        free(serial.tables[i]);
    close(fd);
    return 0;
}
