/*
 * The bytes of a mapped capture for a walk, piece by piece: as they lie in the map, where a scout
 * has asked for the headers, or read into a buffer.
 *
 * Either way can be the faster one by half, by how the system's page cache holds the file and what
 * page faults cost on the machine: a map saves the copy, and the payload, which hardly anybody
 * looks at; a buffer saves the faults. So the first pieces are brought in by turns and timed, and
 * the rest the way that was faster. What is found does not depend on it.
 */
#ifndef PM_READER_H
#define PM_READER_H

#include "capture/capture.h"

enum pm_reader_way { PM_READER_READ, PM_READER_MAP, PM_READER_WAYS };

/* One worker's; zeroed before its first use. */
struct pm_reader {
    size_t wanted; /* bytes of a piece; 0: as is good, and only for walks that are worth it */
    size_t room;   /* of the buffer */
    uint8_t *buffer;
    const struct pm_capture *capture; /* of the walk that goes on */
    const struct pm_view *whole;
    int fd; /* of the capture, with read-ahead of its own; or -1: nothing is taken by pieces */
    struct pm_view piece;
    uint64_t held_from;          /* what of the map pieces have brought in begins there */
    uint64_t ns[PM_READER_WAYS]; /* what timed pieces took to bring in */
    unsigned tried;              /* pieces, while they are taken by turns */
};

/* Gives a walk that has just begun its first piece, if that is worth it. */
void pm_reader_begin(struct pm_reader *reader, const struct pm_capture *capture,
                     struct pm_walk *walk);

/* To be called where pm_walk_next() gave no record. True: the walk was given more, and goes on.
 * What it cannot settle within a piece, a record that is longer or damage, it goes on with in all
 * of the map. */
bool pm_reader_more(struct pm_reader *reader, struct pm_walk *walk);

/* The walk has ended, as it may at any time. What it has brought in of the map is still there. */
void pm_reader_end(struct pm_reader *reader);

void pm_reader_free(struct pm_reader *reader);

#endif
