/* From settled tables to a folder that appears whole or not at all. */
#include <stdlib.h>
#include <string.h>

#include "engine/analysis.h"
#include "engine/files.h"
#include "report/report.h"
#include "write/datapackage.h"
#include "write/folder.h"
#include "write/render.h"
#include "write/sql.h"

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

/* Takes the text; NULL: there was no memory for it. */
static enum pm_status put_text(int work_fd, const char *name, char *text, struct pm_error *error)
{
    int failed;

    if (text == NULL)
        return pm_fail_memory(error);
    failed = pm_file_put(work_fd, name, text, strlen(text));
    free(text);
    return failed == 0 ? PM_OK : pm_fail_io(error, failed, "cannot write %s", name);
}

static enum pm_status write_summary(const struct pm_analysis *analysis, int work_fd, int summary_fd,
                                    struct pm_error *error)
{
    char *text = pm_analysis_json(analysis);
    int failed = 0;

    if (text == NULL)
        return pm_fail_memory(error);
    if (summary_fd > 0)
        failed = pm_write_all(summary_fd, text, strlen(text));
    if (failed != 0) {
        free(text);
        return pm_fail_io(error, failed, "cannot write the summary to standard output");
    }
    return put_text(work_fd, "summary.json", text, error);
}

/* What tells other programs of the tables. */
static enum pm_status write_sidecars(const struct pm_analysis *analysis, int work_fd,
                                     struct pm_error *error)
{
    struct pm_table_info tables[PM_N_TABLES];
    const char *sha256[PM_N_TABLES];
    size_t n = pm_table_count(analysis);

    for (size_t i = 0; i < n; i++) {
        tables[i] = pm_table_get(analysis, i);
        sha256[i] = analysis->sha256[pm_analysis_table(analysis, i)];
    }
    PM_TRY(put_text(work_fd, "datapackage.json", pm_datapackage(tables, sha256, n), error));
    PM_TRY(put_text(work_fd, "load.sql", pm_sql_load(tables, n), error));
    return put_text(work_fd, "to_parquet.sql", pm_sql_to_parquet(tables, n), error);
}

struct pm_publication {
    const struct pm_output *output;
    const char *format; /* of pictures; NULL: none */
    struct pm_folder folder;
};

enum pm_status pm_publication_begin(const struct pm_output *output, struct pm_publication **result,
                                    struct pm_error *error)
{
    struct pm_publication *publication = calloc(1, sizeof *publication);
    enum pm_status status;

    *result = NULL;
    if (publication == NULL)
        return pm_fail_memory(error);
    publication->output = output;
    status = choose_format(output, &publication->format, error);
    if (status == PM_OK)
        status = pm_folder_begin(&publication->folder, output->folder, output->force,
                                 output->wait_ns, output->stop, error);
    if (status != PM_OK) {
        free(publication);
        return status;
    }
    *result = publication;
    return PM_OK;
}

static enum pm_status fill_and_publish(struct pm_publication *publication,
                                       struct pm_analysis *analysis, struct pm_error *error)
{
    int work_fd = publication->folder.work_fd;

    PM_TRY(pm_files_write(analysis, work_fd, publication->format, error));
    PM_TRY(write_sidecars(analysis, work_fd, error));
    PM_TRY(write_summary(analysis, work_fd, publication->output->summary_fd, error));
    PM_TRY(pm_report(work_fd, publication->output->folder, error));
    return pm_folder_publish(&publication->folder, publication->output->stop, error);
}

/* A signal that asks to stop reaches gnuplot too, which then fails: that is no failure of its own.
 */
enum pm_status pm_publication_publish(struct pm_publication *publication,
                                      struct pm_analysis *analysis, struct pm_error *error)
{
    const volatile int *stop = publication->output->stop;
    enum pm_status status = fill_and_publish(publication, analysis, error);

    if (status != PM_OK && stop != NULL && *stop != 0)
        return pm_fail_status(error, PM_STOPPED);
    return status;
}

void pm_publication_end(struct pm_publication *publication)
{
    if (publication != NULL)
        pm_folder_end(&publication->folder);
    free(publication);
}
