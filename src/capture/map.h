/*
 * A file mapped for reading, as it was when it was opened: growth after that is ignored, a file
 * that shrinks or is rewritten meanwhile is noticed.
 *
 * Two nets, for either alone has holes: the file's size, time stamps and identity before and after,
 * and a SIGBUS handler, because a page that lost its file kills the process otherwise. The handler
 * is the program's; pm_handle_sigbus() (pcapmill.h) is what it calls.
 */
#ifndef PM_MAP_H
#define PM_MAP_H

#include <sys/stat.h>

#include "base/error.h"

struct pm_map {
    const uint8_t *bytes;
    uint64_t n_bytes;
    int fd;
    int guard; /* the slot that pm_handle_sigbus() looks at, or -1 */
    struct stat opened;
};

/* `path` may be "-" for standard input, where that is a file. */
enum pm_status pm_map_open(struct pm_map *map, const char *path, struct pm_error *error);
void pm_map_close(struct pm_map *map);

/* False: the file is no longer what was opened, or a page of it was lost. */
bool pm_map_unchanged(const struct pm_map *map);

#endif
