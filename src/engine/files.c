/*
 * Writing a folder's files with all threads (ordered.h). The items are the charts, each of which is
 * written as a whole, and behind them stretches of rows of all tables, which are formatted in any
 * order, digested in theirs, and written in any again. Pictures are drawn once all files that they
 * are made of are there.
 */
#include "engine/files.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/ordered.h"
#include "write/csv.h"
#include "write/render.h"

/* A stretch of so many cells is some 200 KB of text, which stays in the caches from the formatting
 * to the digest and the file. */
enum { STRETCH_CELLS = 32 << 10, NAME_MAX_BYTES = 64 };

struct table_file {
    const char *name;
    struct pm_rows rows;
    struct pm_file file;
    char *sha256;
};

struct stretch {
    struct table_file *of;
    uint64_t begin;
    uint64_t end;
    struct pm_text text;
    uint64_t at; /* of the text in the file */
};

struct chart_file {
    const struct pm_chart *chart;
    const void *state;
};

struct files {
    const struct pm_analysis *analysis;
    const char *format;
    int plots_fd;
    struct table_file tables[PM_N_TABLES];
    size_t n_tables;
    struct chart_file charts[PM_N_TABLES * PM_CHARTS_MAX];
    size_t n_charts;
    struct stretch *stretches;
    size_t n_stretches;

    pthread_mutex_t lock;   /* guards what follows, while items are worked on */
    struct pm_error *error; /* the first failure that has a sentence; PM_OK: none yet */
};

/* ---- tables ---------------------------------------------------------------------------------- */

static uint64_t stretch_rows(const struct table_file *table)
{
    return STRETCH_CELLS / table->rows.n_columns;
}

static uint64_t stretches_of(const struct table_file *table)
{
    uint64_t rows = stretch_rows(table);

    return table->rows.n_rows == 0 ? 1 : (table->rows.n_rows + rows - 1) / rows;
}

static enum pm_status list_stretches(struct files *files)
{
    uint64_t n = 0;

    for (size_t i = 0; i < files->n_tables; i++)
        n += stretches_of(&files->tables[i]);
    files->stretches = calloc(n, sizeof *files->stretches);
    if (files->stretches == NULL)
        return PM_NO_MEMORY;
    for (size_t i = 0; i < files->n_tables; i++) {
        struct table_file *table = &files->tables[i];
        uint64_t begin = 0, n_rows = table->rows.n_rows, rows = stretch_rows(table);

        for (uint64_t left = stretches_of(table); left > 0; left--, begin += rows)
            files->stretches[files->n_stretches++] = (struct stretch){
                .of = table, .begin = begin, .end = left == 1 ? n_rows : begin + rows};
    }
    return PM_OK;
}

static enum pm_status format_stretch(struct stretch *stretch, struct pm_stopwatch *watch)
{
    enum pm_status status;

    pm_lap_begin(watch);
    status = pm_csv_format(&stretch->of->rows, stretch->begin, stretch->end, &stretch->text);
    pm_lap(watch, PM_STAGE_FORMAT);
    return status;
}

/* In order: the last stretch of a table completes its digest. */
static void digest_stretch(struct stretch *stretch, struct pm_stopwatch *watch)
{
    struct table_file *table = stretch->of;

    pm_lap_begin(watch);
    stretch->at = pm_file_take(&table->file, stretch->text.bytes, stretch->text.n_bytes);
    if (stretch->end == table->rows.n_rows)
        pm_file_digest(&table->file, table->sha256);
    pm_lap(watch, PM_STAGE_WRITE);
}

static int write_stretch(struct stretch *stretch, struct pm_stopwatch *watch)
{
    int failed;

    pm_lap_begin(watch);
    failed =
        pm_file_write(&stretch->of->file, stretch->at, stretch->text.bytes, stretch->text.n_bytes);
    free(stretch->text.bytes);
    stretch->text.bytes = NULL;
    pm_lap(watch, PM_STAGE_WRITE);
    return failed;
}

/* ---- charts ---------------------------------------------------------------------------------- */

/* A chart's rows are few and come all at once. */
static void emit_chart(const void *context, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    const struct chart_file *chart = context;

    (void)begin;
    (void)end;
    chart->chart->emit(chart->state, sink);
}

static enum pm_status put_file(const struct files *files, const char *name, const char *suffix,
                               const char *text, size_t n_bytes, struct pm_error *error)
{
    char path[NAME_MAX_BYTES];
    int failed;

    snprintf(path, sizeof path, "%s.%s", name, suffix);
    failed = pm_file_put(files->plots_fd, path, text, n_bytes);
    return failed == 0 ? PM_OK : pm_fail_io(error, failed, "cannot write plots/%s", path);
}

static enum pm_status write_chart_rows(const struct files *files, const struct chart_file *file,
                                       struct pm_error *error)
{
    const struct pm_chart *chart = file->chart;
    struct pm_rows rows = {.columns = chart->columns,
                           .n_columns = chart->n_columns,
                           .emit = emit_chart,
                           .context = file};
    struct pm_text text;
    enum pm_status status;

    if (chart->columns == NULL)
        return PM_OK;
    if (pm_csv_format(&rows, 0, 0, &text) != PM_OK)
        return pm_fail_memory(error);
    status = put_file(files, chart->name, "csv", text.bytes, text.n_bytes, error);
    free(text.bytes);
    return status;
}

static enum pm_status write_chart(const struct files *files, const struct chart_file *file,
                                  struct pm_error *error)
{
    const struct pm_chart *chart = file->chart;

    PM_TRY(write_chart_rows(files, file, error));
    return put_file(files, chart->name, "gp", chart->script, strlen(chart->script), error);
}

/* ---- both ------------------------------------------------------------------------------------ */

static enum pm_status keep_error(struct files *files, const struct pm_error *error)
{
    pthread_mutex_lock(&files->lock);
    if (files->error->status == PM_OK)
        *files->error = *error;
    pthread_mutex_unlock(&files->lock);
    return error->status;
}

static enum pm_status work_on_item(void *context, unsigned worker, size_t item)
{
    struct files *files = context;
    struct pm_error error;

    if (item >= files->n_charts)
        return format_stretch(&files->stretches[item - files->n_charts],
                              pm_analysis_watch(files->analysis, worker));
    if (write_chart(files, &files->charts[item], &error) == PM_OK)
        return PM_OK;
    return keep_error(files, &error);
}

/* A chart was written as a whole; of a stretch it is known now where it belongs. */
static enum pm_status finish_item(void *context, unsigned worker, size_t item)
{
    struct files *files = context;

    if (item >= files->n_charts)
        digest_stretch(&files->stretches[item - files->n_charts],
                       pm_analysis_watch(files->analysis, worker));
    return PM_OK;
}

static enum pm_status fail_table(struct files *files, const struct table_file *table, int failed)
{
    struct pm_error error;

    if (failed == 0)
        return PM_OK;
    pm_fail_io(&error, failed, "cannot write %s.csv", table->name);
    return keep_error(files, &error);
}

static enum pm_status leave_item(void *context, unsigned worker, size_t item)
{
    struct files *files = context;
    struct stretch *stretch;

    if (item < files->n_charts)
        return PM_OK;
    stretch = &files->stretches[item - files->n_charts];
    return fail_table(files, stretch->of,
                      write_stretch(stretch, pm_analysis_watch(files->analysis, worker)));
}

static enum pm_status draw_chart(void *context, unsigned worker, size_t item)
{
    struct files *files = context;
    struct pm_error error;

    (void)worker;
    if (pm_render(files->plots_fd, files->charts[item].chart->name, files->format, &error) == PM_OK)
        return PM_OK;
    return keep_error(files, &error);
}

static enum pm_status finish_chart(void *context, unsigned worker, size_t item)
{
    (void)context;
    (void)worker;
    (void)item;
    return PM_OK;
}

static enum pm_status create_tables(struct files *files, int work_fd)
{
    for (size_t i = 0; i < files->n_tables; i++) {
        char path[NAME_MAX_BYTES];
        int failed;

        snprintf(path, sizeof path, "%s.csv", files->tables[i].name);
        failed = pm_file_create(&files->tables[i].file, work_fd, path);
        if (failed != 0)
            return pm_fail_io(files->error, failed, "cannot write %s", path);
    }
    return PM_OK;
}

static enum pm_status close_tables(struct files *files)
{
    for (size_t i = 0; i < files->n_tables; i++)
        PM_TRY(fail_table(files, &files->tables[i], pm_file_close(&files->tables[i].file)));
    return PM_OK;
}

static enum pm_status write_all(struct files *files, int work_fd)
{
    if (mkdirat(work_fd, "plots", 0777) == 0)
        files->plots_fd = openat(work_fd, "plots", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (files->plots_fd < 0)
        return pm_fail_io(files->error, errno, "cannot make the folder of plots");
    PM_TRY(create_tables(files, work_fd));
    PM_TRY(list_stretches(files));
    PM_TRY(pm_ordered_run(files->analysis->threads,
                          &(struct pm_ordered){.n_items = files->n_stretches + files->n_charts,
                                               .context = files,
                                               .work = work_on_item,
                                               .finish = finish_item,
                                               .leave = leave_item}));
    PM_TRY(close_tables(files));
    if (files->format != NULL)
        PM_TRY(pm_ordered_run(files->analysis->threads,
                              &(struct pm_ordered){.n_items = files->n_charts,
                                                   .context = files,
                                                   .work = draw_chart,
                                                   .finish = finish_chart}));
    return PM_OK;
}

static void list_files(struct files *files, struct pm_analysis *analysis)
{
    for (size_t i = 0; i < pm_table_count(analysis); i++) {
        int position = pm_analysis_table(analysis, i);
        const struct pm_table *table = pm_tables[position];
        struct pm_rows rows = pm_analysis_rows(analysis, position);

        files->tables[files->n_tables++] =
            (struct table_file){.name = pm_set_name(&analysis->tally.set, position),
                                .rows = rows,
                                .file = {.fd = -1},
                                .sha256 = analysis->sha256[position]};
        for (size_t chart = 0; chart < table->n_charts; chart++)
            if (table->charts[chart].flow_details <= analysis->settings.flow_details)
                files->charts[files->n_charts++] =
                    (struct chart_file){.chart = &table->charts[chart], .state = rows.context};
    }
}

enum pm_status pm_files_write(struct pm_analysis *analysis, int work_fd, const char *format,
                              struct pm_error *error)
{
    struct files files = {.analysis = analysis,
                          .format = format,
                          .plots_fd = -1,
                          .lock = PTHREAD_MUTEX_INITIALIZER,
                          .error = error};
    enum pm_status status;

    error->status = PM_OK;
    list_files(&files, analysis);
    status = write_all(&files, work_fd);
    if (status != PM_OK) /* no memory comes without a sentence */
        status = error->status != PM_OK ? error->status : pm_fail_status(error, status);
    for (size_t i = 0; i < files.n_tables; i++)
        pm_file_close(&files.tables[i].file);
    for (size_t i = 0; i < files.n_stretches; i++)
        free(files.stretches[i].text.bytes);
    free(files.stretches);
    if (files.plots_fd >= 0)
        close(files.plots_fd);
    pthread_mutex_destroy(&files.lock);
    return status;
}
