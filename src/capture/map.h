/*
 * A file mapped for reading. A page that lost its file, for that was cut, would kill the process by
 * SIGBUS: a handler, which is the program's and calls pm_handle_sigbus() (pcapmill.h), gives the
 * page zeros and the map a mark.
 */
#ifndef PM_MAP_H
#define PM_MAP_H

#include "capture/source.h"

struct pm_map {
    const uint8_t *bytes;
    uint64_t n_bytes;
    int guard; /* the slot that pm_handle_sigbus() looks at, or -1 */
};

/* False: the system does not map this file. */
bool pm_map_begin(struct pm_map *map, const struct pm_source *source);
void pm_map_end(struct pm_map *map);

/* Gives back what the pages of [begin, end) cost this process. They can be read again. */
void pm_map_release(const struct pm_map *map, uint64_t begin, uint64_t end);

/* Whether a page was lost; and to note that one was seen to be, without the signal. */
bool pm_map_lost_page(const struct pm_map *map);
void pm_map_lose_page(const struct pm_map *map);

#endif
