#include "write/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int pm_file_create(struct pm_file *file, int folder_fd, const char *name)
{
    file->fd = openat(folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    sha256_init(&file->digest);
    return file->fd < 0 ? errno : 0;
}

int pm_file_append(struct pm_file *file, const char *bytes, size_t n_bytes)
{
    sha256_update(&file->digest, n_bytes, (const uint8_t *)bytes);
    return pm_write_all(file->fd, bytes, n_bytes);
}

int pm_write_all(int fd, const char *bytes, size_t n_bytes)
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

int pm_file_finish(struct pm_file *file, char sha256[PM_SHA256_TEXT])
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    int failed = fsync(file->fd) != 0 ? errno : 0;

    sha256_digest(&file->digest, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(sha256 + 2 * i, 3, "%02x", digest[i]);
    if (close(file->fd) != 0 && failed == 0)
        failed = errno;
    file->fd = -1;
    return failed;
}

void pm_file_abandon(struct pm_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

int pm_file_put(int folder_fd, const char *name, const char *text, size_t n_bytes)
{
    struct pm_file file;
    char sha256[PM_SHA256_TEXT];
    int failed = pm_file_create(&file, folder_fd, name);

    if (failed == 0)
        failed = pm_file_append(&file, text, n_bytes);
    if (failed == 0)
        failed = pm_file_finish(&file, sha256);
    pm_file_abandon(&file);
    return failed;
}
