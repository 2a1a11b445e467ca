#include "capture/map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The mapped files of this process, for the signal handler: the only mutable globals of the
 * library. A slot is free while its `begin` is 0. With more files than slots the rest go unguarded.
 */
enum { GUARDS = 1024 };

static struct guard {
    _Atomic uintptr_t begin;
    _Atomic uintptr_t end;
    atomic_bool lost_page;
} guards[GUARDS];

static int guard_take(const uint8_t *bytes, uint64_t n_bytes)
{
    for (int slot = 0; slot < GUARDS; slot++) {
        uintptr_t nobody = 0;

        if (atomic_compare_exchange_strong(&guards[slot].begin, &nobody, (uintptr_t)bytes)) {
            atomic_store(&guards[slot].lost_page, false);
            atomic_store(&guards[slot].end, (uintptr_t)bytes + n_bytes);
            return slot;
        }
    }
    return -1;
}

static void guard_release(int slot)
{
    if (slot < 0)
        return;
    atomic_store(&guards[slot].end, 0);
    atomic_store(&guards[slot].begin, 0);
}

bool pm_handle_sigbus(void *address)
{
    uintptr_t at = (uintptr_t)address, page = (uintptr_t)sysconf(_SC_PAGESIZE);
    int saved_errno = errno;

    for (int slot = 0; slot < GUARDS; slot++) {
        uintptr_t begin = atomic_load(&guards[slot].begin);

        if (begin == 0 || at < begin || at >= atomic_load(&guards[slot].end))
            continue;
        atomic_store(&guards[slot].lost_page, true);
        void *zeros = mmap((void *)(at & ~(page - 1)), page, PROT_READ,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        errno = saved_errno;
        return zeros != MAP_FAILED;
    }
    return false;
}

static enum pm_status check_kind(const struct pm_map *map, const char *path, struct pm_error *error)
{
    if (S_ISDIR(map->opened.st_mode))
        return pm_fail(error, PM_IO, "'%s' is a folder: name the captures in it", path);
    if (!S_ISREG(map->opened.st_mode))
        return pm_fail(error, PM_UNSUPPORTED,
                       "'%s' is not a regular file: save it to a file first and analyze that",
                       path);
    if (map->opened.st_size == 0)
        return pm_fail(error, PM_NOT_A_CAPTURE, "'%s' is empty: it holds no capture", path);
    return PM_OK;
}

static enum pm_status map_file(struct pm_map *map, const char *path, struct pm_error *error)
{
    void *bytes;

    if (fstat(map->fd, &map->opened) != 0)
        return pm_fail_io(error, errno, "cannot look at '%s'", path);
    PM_TRY(check_kind(map, path, error));
    map->n_bytes = (uint64_t)map->opened.st_size;
    bytes = mmap(NULL, map->n_bytes, PROT_READ, MAP_PRIVATE, map->fd, 0);
    if (bytes == MAP_FAILED)
        return pm_fail_io(error, errno, "cannot map '%s'", path);
    map->bytes = bytes;
    map->guard = guard_take(bytes, map->n_bytes);
    return PM_OK;
}

enum pm_status pm_map_open(struct pm_map *map, const char *path, struct pm_error *error)
{
    enum pm_status status;

    *map = (struct pm_map){.guard = -1};
    map->fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                     : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (map->fd < 0)
        return pm_fail_io(error, errno, "cannot open '%s'", path);
    status = map_file(map, path, error);
    if (status != PM_OK)
        close(map->fd);
    return status;
}

void pm_map_close(struct pm_map *map)
{
    guard_release(map->guard);
    munmap((void *)map->bytes, map->n_bytes);
    close(map->fd);
}

bool pm_map_unchanged(const struct pm_map *map)
{
    const struct stat *was = &map->opened;
    struct stat now;

    if (map->guard >= 0 && atomic_load(&guards[map->guard].lost_page))
        return false;
    if (fstat(map->fd, &now) != 0 || now.st_size < was->st_size)
        return false;
    if (now.st_size > was->st_size) /* still being written: its time stamps say nothing */
        return true;
    return now.st_mtim.tv_sec == was->st_mtim.tv_sec && now.st_mtim.tv_nsec == was->st_mtim.tv_nsec;
}
