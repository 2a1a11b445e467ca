#include "capture/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { POLL_MS = 100, PIPE_BYTES = 1 << 20 };

static enum pm_status look(struct pm_source *source, struct pm_error *error)
{
    off_t at;

    if (fstat(source->fd, &source->opened) != 0)
        return pm_fail_io(error, errno, "cannot look at '%s'", source->path);
    if (S_ISDIR(source->opened.st_mode))
        return pm_fail(error, PM_IO, "'%s' is a folder: name the captures in it", source->path);
    source->regular = S_ISREG(source->opened.st_mode);
    if (!source->regular) {
        fcntl(source->fd, F_SETPIPE_SZ, PIPE_BYTES); /* a request, and only for pipes */
        return PM_OK;
    }
    at = lseek(source->fd, 0, SEEK_CUR); /* standard input may have been read from before */
    source->n_bytes = at < source->opened.st_size ? (uint64_t)(source->opened.st_size - at) : 0;
    if (source->n_bytes == 0)
        return pm_fail(error, PM_NOT_A_CAPTURE, "'%s' is empty: it holds no capture", source->path);
    return PM_OK;
}

static bool must_stop(const struct pm_source *source)
{
    return (source->stop != NULL && *source->stop != 0) || atomic_load(&source->abandoned);
}

enum pm_status pm_source_open(struct pm_source *source, const char *path, const volatile int *stop,
                              struct pm_error *error)
{
    enum pm_status status;

    *source = (struct pm_source){.path = path, .stop = stop};
    source->fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                        : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (source->fd < 0)
        return pm_fail_io(error, errno, "cannot open '%s'", path);
    status = look(source, error);
    if (status != PM_OK)
        pm_source_close(source);
    return status;
}

void pm_source_close(struct pm_source *source)
{
    close(source->fd);
}

bool pm_source_mappable(const struct pm_source *source)
{
    return source->regular && source->n_bytes == (uint64_t)source->opened.st_size;
}

bool pm_source_unchanged(const struct pm_source *source)
{
    const struct stat *was = &source->opened;
    struct stat now;

    if (!source->regular)
        return true;
    if (fstat(source->fd, &now) != 0 || now.st_size < was->st_size)
        return false;
    if (now.st_size > was->st_size) /* still being written: its time stamps say nothing */
        return true;
    return now.st_mtim.tv_sec == was->st_mtim.tv_sec && now.st_mtim.tv_nsec == was->st_mtim.tv_nsec;
}

/* A pipe may be silent for long: it is asked now and then whether to go on. */
static enum pm_status wait_for_bytes(const struct pm_source *source)
{
    struct pollfd readable = {.fd = source->fd, .events = POLLIN};
    int ready;

    do {
        if (must_stop(source))
            return PM_STOPPED;
        ready = poll(&readable, 1, POLL_MS);
    } while (ready == 0 || (ready < 0 && errno == EINTR));
    return ready < 0 ? PM_IO : PM_OK;
}

enum pm_status pm_source_read(struct pm_source *source, uint8_t *into, size_t n, size_t *got)
{
    ssize_t count;

    if (source->regular && n > source->n_bytes - source->taken)
        n = source->n_bytes - source->taken;
    do {
        PM_TRY(wait_for_bytes(source));
        count = read(source->fd, into, n);
    } while (count < 0 && (errno == EINTR || errno == EAGAIN));
    *got = count > 0 ? (size_t)count : 0;
    source->taken += *got;
    return count < 0 ? PM_IO : PM_OK;
}

void pm_source_abandon(struct pm_source *source)
{
    atomic_store(&source->abandoned, true);
}
