/* From settled tables to a folder: every table and chart is a piece of work for any worker. */
#include <fcntl.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/analysis.h"
#include "engine/summary.h"
#include "engine/workers.h"
#include "write/csv.h"
#include "write/file.h"
#include "write/folder.h"
#include "write/render.h"

enum { PIECES_MAX = 64 };

/* A file of rows: a table, or the data of a chart (then with a script and maybe a picture). */
struct piece {
    const char *name;
    int folder_fd;
    struct pm_rows rows;
    const struct pm_chart *chart;
    struct pm_csv_file *file; /* what was written of a table */
};

struct publication {
    const struct pm_analysis *analysis;
    const char *format; /* of pictures; NULL: none */
    int plots_fd;
    struct pm_csv_file files[PM_N_TABLES];
    struct piece pieces[PIECES_MAX];
    size_t n_pieces;
    _Atomic size_t next;
    pthread_mutex_t lock;
    enum pm_status status;
    struct pm_error *error;
};

/* A chart's rows are few and come all at once. */
struct chart_context {
    const struct pm_chart *chart;
    const void *state;
};

static void emit_chart(const void *context, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    const struct chart_context *chart = context;

    (void)begin;
    (void)end;
    chart->chart->emit(chart->state, sink);
}

static enum pm_status write_chart(const struct piece *piece, const char *format,
                                  struct pm_error *error)
{
    struct chart_context context = {.chart = piece->chart, .state = piece->rows.context};
    struct pm_rows rows = {.columns = piece->chart->columns,
                           .n_columns = piece->chart->n_columns,
                           .emit = emit_chart,
                           .context = &context};
    struct pm_csv_file file;
    char script[64];
    int failed;

    PM_TRY(pm_csv_write(&rows, piece->folder_fd, piece->name, &file, error));
    snprintf(script, sizeof script, "%s.gp", piece->name);
    failed =
        pm_file_put(piece->folder_fd, script, piece->chart->script, strlen(piece->chart->script));
    if (failed != 0)
        return pm_fail_io(error, failed, "cannot write plots/%s", script);
    if (format == NULL)
        return PM_OK;
    return pm_render(piece->folder_fd, piece->name, format, error);
}

static enum pm_status write_piece(const struct piece *piece, const char *format,
                                  struct pm_error *error)
{
    if (piece->chart != NULL)
        return write_chart(piece, format, error);
    return pm_csv_write(&piece->rows, piece->folder_fd, piece->name, piece->file, error);
}

static void work(void *context, unsigned worker)
{
    struct publication *publication = context;
    size_t at;

    (void)worker;
    while ((at = atomic_fetch_add(&publication->next, 1)) < publication->n_pieces) {
        struct pm_error error;
        enum pm_status status = write_piece(&publication->pieces[at], publication->format, &error);

        pthread_mutex_lock(&publication->lock);
        if (status != PM_OK && publication->status == PM_OK) {
            publication->status = status;
            *publication->error = error;
        }
        pthread_mutex_unlock(&publication->lock);
    }
}

static int compare_pieces(const void *a, const void *b)
{
    uint64_t x = ((const struct piece *)a)->rows.n_rows, y = ((const struct piece *)b)->rows.n_rows;

    return (x < y) - (x > y);
}

/* The largest tables first, so that no worker is left alone with one at the end. */
static void list_pieces(struct publication *publication, int work_fd)
{
    const struct pm_analysis *analysis = publication->analysis;

    for (size_t i = 0; i < pm_table_count(analysis); i++) {
        int position = pm_analysis_table(analysis, i);
        const struct pm_table *table = pm_tables[position];
        struct pm_rows rows = pm_analysis_rows(analysis, position);

        publication->pieces[publication->n_pieces++] =
            (struct piece){.name = table->name,
                           .folder_fd = work_fd,
                           .rows = rows,
                           .file = &publication->files[position]};
        for (size_t chart = 0; chart < table->n_charts; chart++)
            publication->pieces[publication->n_pieces++] =
                (struct piece){.name = table->charts[chart].name,
                               .folder_fd = publication->plots_fd,
                               .rows = rows,
                               .chart = &table->charts[chart]};
    }
    qsort(publication->pieces, publication->n_pieces, sizeof *publication->pieces, compare_pieces);
}

static enum pm_status write_summary(const struct publication *publication, int work_fd,
                                    struct pm_error *error)
{
    char *text = pm_summary_text(publication->analysis, publication->files);
    int failed;

    if (text == NULL)
        return pm_fail_memory(error);
    failed = pm_file_put(work_fd, "summary.json", text, strlen(text));
    free(text);
    return failed == 0 ? PM_OK : pm_fail_io(error, failed, "cannot write summary.json");
}

static enum pm_status write_all(struct publication *publication, int work_fd,
                                struct pm_error *error)
{
    list_pieces(publication, work_fd);
    pm_workers_run(publication->analysis->threads, work, publication);
    if (publication->status != PM_OK)
        return publication->status;
    if (fsync(publication->plots_fd) != 0)
        return pm_fail_io(error, errno, "cannot sync the plots");
    return write_summary(publication, work_fd, error);
}

static enum pm_status choose_format(const struct pm_output *output, const char **format,
                                    struct pm_error *error)
{
    *format = output->render == NULL ? "svg" : output->render;
    if (strcmp(*format, "none") == 0 || (output->render == NULL && !pm_render_possible()))
        *format = NULL;
    else if (strcmp(*format, "svg") != 0 && strcmp(*format, "png") != 0)
        return pm_fail(error, PM_USAGE, "'%s' is no format of pictures: svg, png or none", *format);
    else if (!pm_render_possible())
        return pm_fail(error, PM_RENDER,
                       "gnuplot is not installed: install it, or use --render none");
    return PM_OK;
}

enum pm_status pm_output_check(const struct pm_output *output, struct pm_error *error)
{
    const char *format;

    PM_TRY(choose_format(output, &format, error));
    return pm_folder_check(output->folder, output->force, error);
}

enum pm_status pm_analysis_publish(struct pm_analysis *analysis, const struct pm_output *output,
                                   struct pm_error *error)
{
    struct publication publication = {
        .analysis = analysis, .lock = PTHREAD_MUTEX_INITIALIZER, .error = error, .plots_fd = -1};
    struct pm_folder folder;
    enum pm_status status;

    PM_TRY(choose_format(output, &publication.format, error));
    PM_TRY(pm_folder_begin(&folder, output->folder, output->force, output->wait_ns, error));
    if (mkdirat(folder.work_fd, "plots", 0777) == 0)
        publication.plots_fd = openat(folder.work_fd, "plots", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    status = publication.plots_fd < 0 ? pm_fail_io(error, errno, "cannot make the folder of plots")
                                      : write_all(&publication, folder.work_fd, error);
    if (status == PM_OK && analysis->options.stop != NULL && *analysis->options.stop != 0)
        status = pm_engine_fail(error, PM_STOPPED);
    if (status == PM_OK)
        status = pm_folder_publish(&folder, error);
    if (publication.plots_fd >= 0)
        close(publication.plots_fd);
    pm_folder_end(&folder);
    pthread_mutex_destroy(&publication.lock);
    return status;
}
