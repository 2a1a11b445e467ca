/*
 * The file or the pipe that a capture comes from, as it was when it was opened: a file's growth
 * after that is ignored, and that it shrank or was rewritten meanwhile is noticed.
 */
#ifndef PM_SOURCE_H
#define PM_SOURCE_H

#include <stdatomic.h>
#include <sys/stat.h>

#include "base/error.h"

struct pm_source {
    const char *path; /* the caller's */
    int fd;
    bool regular;
    uint64_t n_bytes;         /* of a regular file, from where reading begins; 0: not known */
    _Atomic uint64_t taken;   /* bytes read so far; by one thread, and told by another */
    const volatile int *stop; /* the caller's, or NULL */
    atomic_bool abandoned;
    struct stat opened;
};

/* `path` may be "-" for standard input. Reading, which waits for the writer of a FIFO, ends with
 * PM_STOPPED soon after *stop became non-zero. */
enum pm_status pm_source_open(struct pm_source *source, const char *path, const volatile int *stop,
                              struct pm_error *error);
void pm_source_close(struct pm_source *source);

/* Is all of it a file that can be mapped? */
bool pm_source_mappable(const struct pm_source *source);

/* False: the file is no longer what was opened. */
bool pm_source_unchanged(const struct pm_source *source);

/* Reads 1 to n bytes; *got = 0: there are no more. PM_IO: errno says why. */
enum pm_status pm_source_read(struct pm_source *source, uint8_t *into, size_t n, size_t *got);

/* No more will be read: a call that waits for bytes on another thread ends with PM_STOPPED. */
void pm_source_abandon(struct pm_source *source);

#endif
