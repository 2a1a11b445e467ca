#include "capture/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/now.h"
#include "capture/scout.h"

enum {
    ROOM_USUAL = 512 << 10, /* half of a usual cache of the second level */
    ROOM_MOST = 64 << 20,
    WORTH = 4 << 20,     /* bytes of a walk */
    HELD_MOST = 8 << 20, /* bytes of the map that a worker keeps behind it */
    HELD_PIECES = 4,     /* that it keeps where their size was asked for */
    TURN = 8,            /* pieces that are tried one way before the other way has its turn, */
    WARM_UP = 2,         /* of which the first ones are not timed: caches change hands */
    TRIALS = 4 * TURN
};

static enum pm_reader_way choose_way(const struct pm_reader *reader)
{
    if (reader->tried < TRIALS)
        return reader->tried / TURN % PM_READER_WAYS;
    return reader->ns[PM_READER_MAP] < reader->ns[PM_READER_READ] ? PM_READER_MAP : PM_READER_READ;
}

/* A worker takes down its own part of the map, many pieces at once: each time, all other CPUs that
 * the process runs on are stopped to forget the pages. Piece by piece that was a tenth of all, with
 * two threads on bigflows. */
static void release_held(struct pm_reader *reader)
{
    uint64_t most = reader->wanted == 0 ? HELD_MOST : HELD_PIECES * (uint64_t)reader->room;

    if (reader->piece.end - reader->held_from < most)
        return;
    pm_map_release(&reader->capture->map, reader->held_from, reader->piece.end);
    reader->held_from = reader->piece.end;
}

/* A file that ends before the map does has shrunk. What else fails, the map will tell. */
static bool read_piece(struct pm_reader *reader)
{
    size_t n = (size_t)(reader->piece.end - reader->piece.begin), done = 0;
    ssize_t got = 1;

    reader->piece.bytes = reader->buffer;
    for (; done < n && got > 0; done += got > 0 ? (size_t)got : 0)
        got =
            pread(reader->fd, reader->buffer + done, n - done, (off_t)(reader->piece.begin + done));
    if (got == 0)
        pm_map_lose_page(&reader->capture->map);
    return done == n;
}

static bool bring_in(struct pm_reader *reader, const struct pm_walk *walk, enum pm_reader_way way)
{
    if (way == PM_READER_READ)
        return read_piece(reader);
    pm_scout(reader->capture, &walk->section, &reader->piece);
    return true;
}

static bool bring_in_timed(struct pm_reader *reader, const struct pm_walk *walk)
{
    enum pm_reader_way way = choose_way(reader);
    uint64_t begun_ns;
    bool done;

    if (reader->tried == TRIALS)
        return bring_in(reader, walk, way);
    begun_ns = pm_now_ns();
    done = bring_in(reader, walk, way);
    if (reader->tried % TURN >= WARM_UP)
        reader->ns[way] += pm_now_ns() - begun_ns;
    reader->tried++;
    return done;
}

static void use_whole(struct pm_reader *reader, struct pm_walk *walk)
{
    walk->damage = PM_WHOLE;
    walk->view = reader->whole;
    walk->fetched = false;
}

static void take_piece(struct pm_reader *reader, struct pm_walk *walk)
{
    const struct pm_view *whole = reader->whole;
    uint64_t left = whole->end - walk->at;
    uint64_t n = left < reader->room ? left : reader->room;

    reader->piece = (struct pm_view){.bytes = pm_view_at(whole, walk->at),
                                     .begin = walk->at,
                                     .end = walk->at + n,
                                     .last = n == left};
    if (!bring_in_timed(reader, walk)) {
        use_whole(reader, walk);
        return;
    }
    walk->view = &reader->piece;
    walk->fetched = true;
}

static bool make_buffer(struct pm_reader *reader)
{
    if (reader->buffer == NULL) {
        reader->room = reader->wanted == 0          ? ROOM_USUAL
                       : reader->wanted < ROOM_MOST ? reader->wanted
                                                    : ROOM_MOST;
        reader->buffer = malloc(reader->room);
    }
    return reader->buffer != NULL;
}

/* The same file opened once more: threads that share its read-ahead would disturb each other. */
static int open_again(int fd)
{
    char path[32];

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

void pm_reader_begin(struct pm_reader *reader, const struct pm_capture *capture,
                     struct pm_walk *walk)
{
    uint64_t n = walk->at < walk->end ? walk->end - walk->at : 0;
    bool worth_it = n >= WORTH || (reader->wanted != 0 && n != 0);

    reader->capture = capture;
    reader->whole = walk->view;
    reader->fd = -1;
    reader->held_from = walk->at;
    if (!capture->mapped || !worth_it || !make_buffer(reader))
        return;
    reader->fd = open_again(capture->source.fd);
    if (reader->fd >= 0)
        take_piece(reader, walk);
}

bool pm_reader_more(struct pm_reader *reader, struct pm_walk *walk)
{
    if (walk->view == reader->whole || walk->status != PM_OK || walk->at >= walk->end)
        return false;
    release_held(reader);
    if (walk->damage == PM_WHOLE && walk->at != reader->piece.begin)
        take_piece(reader, walk);
    else
        use_whole(reader, walk);
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
