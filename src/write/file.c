#include "write/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int create(int folder_fd, const char *name)
{
    return openat(folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
}

int pm_file_create(struct pm_file *file, int folder_fd, const char *name)
{
    file->fd = create(folder_fd, name);
    file->n_taken = 0;
    sha256_init(&file->digest);
    return file->fd < 0 ? errno : 0;
}

uint64_t pm_file_take(struct pm_file *file, const char *bytes, size_t n_bytes)
{
    uint64_t at = file->n_taken;

    sha256_update(&file->digest, n_bytes, (const uint8_t *)bytes);
    file->n_taken += n_bytes;
    return at;
}

/* At `at`, or, where that is negative, where the file stands. */
static int write_bytes(int fd, off_t at, const char *bytes, size_t n_bytes)
{
    for (size_t done = 0; done < n_bytes;) {
        ssize_t written = at < 0 ? write(fd, bytes + done, n_bytes - done)
                                 : pwrite(fd, bytes + done, n_bytes - done, at + (off_t)done);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno;
        done += (size_t)written;
    }
    return 0;
}

int pm_file_write(const struct pm_file *file, uint64_t at, const char *bytes, size_t n_bytes)
{
    return write_bytes(file->fd, (off_t)at, bytes, n_bytes);
}

void pm_file_digest(const struct pm_file *file, char sha256[PM_SHA256_TEXT])
{
    struct sha256_ctx so_far = file->digest;
    uint8_t digest[SHA256_DIGEST_SIZE];

    sha256_digest(&so_far, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(sha256 + 2 * i, 3, "%02x", digest[i]);
}

int pm_file_close(struct pm_file *file)
{
    int failed = file->fd >= 0 && close(file->fd) != 0 ? errno : 0;

    file->fd = -1;
    return failed;
}

int pm_write_all(int fd, const char *bytes, size_t n_bytes)
{
    return write_bytes(fd, -1, bytes, n_bytes);
}

int pm_file_put(int folder_fd, const char *name, const char *text, size_t n_bytes)
{
    int fd = create(folder_fd, name), failed;

    if (fd < 0)
        return errno;
    failed = pm_write_all(fd, text, n_bytes);
    if (close(fd) != 0 && failed == 0)
        failed = errno;
    return failed;
}

/* ---- syncing --------------------------------------------------------------------------------- */

enum how { BEGIN, WAIT };

static int sync_open(int fd, enum how how);

static int sync_named(int folder_fd, const char *name, enum how how)
{
    int fd = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), failed;

    if (fd < 0)
        return errno;
    failed = sync_open(fd, how);
    close(fd);
    return failed;
}

/* Names that begin with a dot are left out: the folder's own, and what is not there to stay. */
static int sync_entries(int folder_fd, enum how how)
{
    int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), failed = 0;
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);

    if (listing == NULL) {
        failed = errno;
        if (fd >= 0)
            close(fd);
        return failed;
    }
    for (struct dirent *entry; failed == 0 && (entry = readdir(listing)) != NULL;)
        if (*entry->d_name != '.')
            failed = sync_named(folder_fd, entry->d_name, how);
    closedir(listing);
    return failed;
}

/* A file, or a folder with all that lies in it. What fails at the beginning, waiting will tell. */
static int sync_open(int fd, enum how how)
{
    struct stat file;
    int failed = 0;

    if (fstat(fd, &file) != 0)
        return errno;
    if (S_ISDIR(file.st_mode))
        failed = sync_entries(fd, how);
    else if (how == BEGIN)
        sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    if (failed == 0 && how == WAIT && fsync(fd) != 0)
        failed = errno;
    return failed;
}

int pm_file_sync(int folder_fd, const char *name)
{
    return sync_named(folder_fd, name, WAIT);
}

int pm_folder_sync(int folder_fd)
{
    int failed = sync_open(folder_fd, BEGIN);

    return failed != 0 ? failed : sync_open(folder_fd, WAIT);
}
