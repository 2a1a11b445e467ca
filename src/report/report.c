#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "write/file.h"

/* Beside its name first, so that whoever reads meets the old one or the new one. */
static enum pm_status replace(int folder_fd, const char *name, const char *text, size_t n_bytes,
                              struct pm_error *error)
{
    char beside[64];
    int failed;

    snprintf(beside, sizeof beside, ".%s.tmp", name);
    unlinkat(folder_fd, beside, 0); /* of a run that was killed */
    failed = pm_file_put(folder_fd, beside, text, n_bytes);
    if (failed == 0)
        failed = pm_file_sync(folder_fd, beside);
    if (failed == 0 && renameat(folder_fd, beside, folder_fd, name) != 0)
        failed = errno;
    if (failed == 0)
        return PM_OK;
    unlinkat(folder_fd, beside, 0);
    return pm_fail_io(error, failed, "cannot write %s", name);
}

static enum pm_status write_page(int folder_fd, const char *name, const struct pm_content *content,
                                 void (*write)(const struct pm_content *content, FILE *out),
                                 struct pm_error *error)
{
    enum pm_status status;
    char *text = NULL;
    size_t n_bytes;
    FILE *out = open_memstream(&text, &n_bytes);

    if (out == NULL)
        return pm_fail_memory(error);
    write(content, out);
    status =
        fclose(out) == 0 ? replace(folder_fd, name, text, n_bytes, error) : pm_fail_memory(error);
    free(text);
    return status;
}

enum pm_status pm_report(int folder_fd, const char *folder, struct pm_error *error)
{
    struct pm_content content;
    enum pm_status status = pm_content_read(&content, folder_fd, folder, error);

    if (status == PM_OK)
        status = write_page(folder_fd, "report.html", &content, pm_report_html, error);
    if (status == PM_OK)
        status = write_page(folder_fd, "report.txt", &content, pm_report_text, error);
    pm_content_free(&content);
    return status;
}

enum pm_status pm_report_write(const char *folder, struct pm_error *error)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum pm_status status;

    if (fd < 0)
        return pm_fail_io(error, errno, "cannot open the folder '%s'", folder);
    status = pm_report(fd, folder, error);
    close(fd);
    return status;
}
