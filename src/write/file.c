#include "write/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int pm_file_create(int folder_fd, const char *name)
{
    int fd = openat(folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);

    return fd < 0 ? -errno : fd;
}

int pm_file_write(int fd, const char *bytes, size_t n_bytes)
{
    while (n_bytes != 0) {
        ssize_t written = write(fd, bytes, n_bytes);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno;
        bytes += written;
        n_bytes -= (size_t)written;
    }
    return 0;
}

int pm_file_finish(int fd, int failed)
{
    if (failed == 0 && fsync(fd) != 0)
        failed = errno;
    if (close(fd) != 0 && failed == 0)
        failed = errno;
    return failed;
}

int pm_file_put(int folder_fd, const char *name, const char *text, size_t n_bytes)
{
    int fd = pm_file_create(folder_fd, name);

    return fd < 0 ? -fd : pm_file_finish(fd, pm_file_write(fd, text, n_bytes));
}
