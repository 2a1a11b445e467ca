/* From settled tables to a folder that appears whole or not at all. */
#include <stdlib.h>
#include <string.h>

#include "engine/analysis.h"
#include "engine/files.h"
#include "engine/summary.h"
#include "write/folder.h"
#include "write/render.h"

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

static enum pm_status write_summary(const struct pm_analysis *analysis, int work_fd,
                                    const char (*sha256)[PM_SHA256_TEXT], struct pm_error *error)
{
    char *text = pm_summary_text(analysis, sha256);
    int failed;

    if (text == NULL)
        return pm_fail_memory(error);
    failed = pm_file_put(work_fd, "summary.json", text, strlen(text));
    free(text);
    return failed == 0 ? PM_OK : pm_fail_io(error, failed, "cannot write summary.json");
}

static enum pm_status fill_folder(const struct pm_analysis *analysis, int work_fd,
                                  const char *format, struct pm_error *error)
{
    char sha256[PM_N_TABLES][PM_SHA256_TEXT];

    PM_TRY(pm_files_write(analysis, work_fd, format, sha256, error));
    PM_TRY(write_summary(analysis, work_fd, (const char(*)[PM_SHA256_TEXT])sha256, error));
    if (analysis->options.stop != NULL && *analysis->options.stop != 0)
        return pm_fail_status(error, PM_STOPPED);
    return PM_OK;
}

enum pm_status pm_analysis_publish(struct pm_analysis *analysis, const struct pm_output *output,
                                   struct pm_error *error)
{
    const char *format;
    struct pm_folder folder;
    enum pm_status status;

    PM_TRY(choose_format(output, &format, error));
    PM_TRY(pm_folder_begin(&folder, output->folder, output->force, output->wait_ns, error));
    status = fill_folder(analysis, folder.work_fd, format, error);
    if (status == PM_OK)
        status = pm_folder_publish(&folder, error);
    pm_folder_end(&folder);
    return status;
}
