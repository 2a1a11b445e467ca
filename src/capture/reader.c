#include "capture/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    ROOM_USUAL = 512 << 10, /* half of a usual cache of the second level */
    WORTH = 4 << 20         /* bytes of a walk */
};

/* The same file opened once more: threads that share a file position's read-ahead disturb it. */
static int open_again(int fd)
{
    char path[32];

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* Where the file does not give what the map holds, the map will tell why. */
static void fill(struct pm_reader *reader, struct pm_walk *walk)
{
    uint64_t left = reader->whole->end - walk->at;
    size_t n = left < reader->room ? (size_t)left : reader->room;

    walk->view = reader->whole;
    if (pread(reader->fd, reader->buffer, n, (off_t)walk->at) != (ssize_t)n)
        return;
    reader->piece = (struct pm_view){
        .bytes = reader->buffer, .begin = walk->at, .end = walk->at + n, .last = n == left};
    walk->view = &reader->piece;
}

static bool make_buffer(struct pm_reader *reader)
{
    if (reader->buffer == NULL) {
        if (reader->room == 0)
            reader->room = ROOM_USUAL;
        reader->buffer = malloc(reader->room);
    }
    return reader->buffer != NULL;
}

void pm_reader_begin(struct pm_reader *reader, const struct pm_capture *capture,
                     struct pm_walk *walk)
{
    bool asked_for = reader->room != 0 && reader->room != ROOM_USUAL;

    reader->whole = walk->view;
    reader->fd = -1;
    if (!capture->mapped || (!asked_for && walk->end - walk->at < WORTH) || !make_buffer(reader))
        return;
    reader->fd = open_again(capture->source.fd);
    if (reader->fd >= 0)
        fill(reader, walk);
}

bool pm_reader_more(struct pm_reader *reader, struct pm_walk *walk)
{
    if (walk->view == reader->whole || walk->status != PM_OK || walk->at >= walk->end)
        return false;
    if (walk->damage == PM_WHOLE && walk->at != reader->piece.begin) {
        fill(reader, walk);
    } else {
        walk->damage = PM_WHOLE;
        walk->view = reader->whole;
    }
    return true;
}

void pm_reader_end(struct pm_reader *reader)
{
    if (reader->fd >= 0)
        close(reader->fd);
    reader->fd = -1;
}

void pm_reader_free(struct pm_reader *reader)
{
    free(reader->buffer);
}
