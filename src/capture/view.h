/*
 * The part of a capture that lies in memory: all of a mapped file, one window of a stream. Offsets
 * are always those of the capture, unpacked.
 */
#ifndef PM_VIEW_H
#define PM_VIEW_H

#include <stdbool.h>
#include <stdint.h>

struct pm_view {
    const uint8_t *bytes; /* the one at `begin` */
    uint64_t begin;
    uint64_t end;
    bool last; /* the capture ends at `end`; else more follows */
};

static inline const uint8_t *pm_view_at(const struct pm_view *view, uint64_t offset)
{
    return view->bytes + (offset - view->begin);
}

#endif
