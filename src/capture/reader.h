/*
 * The bytes of a mapped capture, read into a buffer for a walk, piece by piece.
 *
 * A map costs a page fault every few pages, and all lines of its records come from memory, one by
 * one as the walk asks for them; read() copies a piece at the speed of the memory into a buffer that
 * stays in the caches while the walk goes over it. The map remains for all that looks here and
 * there, for short walks, and for what is odd: whatever a walk cannot settle within a piece, a
 * record that is longer, or damage, it goes on with in the map.
 */
#ifndef PM_READER_H
#define PM_READER_H

#include "capture/capture.h"

/* One worker's; zeroed before its first use. */
struct pm_reader {
    size_t room; /* bytes of a piece; 0: as is good, and only for walks that are worth it */
    uint8_t *buffer;
    int fd; /* of the capture, with a file position and read-ahead of its own; or -1 */
    const struct pm_view *whole;
    struct pm_view piece;
};

/* Gives a walk that has just begun its first piece, if that is worth it. */
void pm_reader_begin(struct pm_reader *reader, const struct pm_capture *capture,
                     struct pm_walk *walk);

/* To be called where pm_walk_next() gave no record. True: the walk was given more, and goes on. */
bool pm_reader_more(struct pm_reader *reader, struct pm_walk *walk);

/* The walk has ended, as it may at any time. */
void pm_reader_end(struct pm_reader *reader);

void pm_reader_free(struct pm_reader *reader);

#endif
