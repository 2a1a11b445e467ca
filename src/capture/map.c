#include "capture/map.h"

#include <errno.h>
#include <stdatomic.h>
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

bool pm_map_begin(struct pm_map *map, const struct pm_source *source)
{
    void *bytes = mmap(NULL, source->n_bytes, PROT_READ, MAP_PRIVATE, source->fd, 0);

    if (bytes == MAP_FAILED)
        return false;
    *map = (struct pm_map){.bytes = bytes, .n_bytes = source->n_bytes};
    map->guard = guard_take(map->bytes, map->n_bytes);
    return true;
}

void pm_map_end(struct pm_map *map)
{
    guard_release(map->guard);
    munmap((void *)map->bytes, map->n_bytes);
}

void pm_map_release(const struct pm_map *map, uint64_t begin, uint64_t end)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), first = (begin + page - 1) / page * page;
    uint64_t last = end / page * page;

    if (first < last)
        madvise((void *)(map->bytes + first), last - first, MADV_DONTNEED); /* a favour */
}

bool pm_map_lost_page(const struct pm_map *map)
{
    return map->guard >= 0 && atomic_load(&guards[map->guard].lost_page);
}

void pm_map_lose_page(const struct pm_map *map)
{
    if (map->guard >= 0)
        atomic_store(&guards[map->guard].lost_page, true);
}
