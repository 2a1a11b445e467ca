#include "capture/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    PACKED_ROOM = 1 << 18,
    BOMB_RATIO = 1000, /* captures rarely pass 50; gzip cannot pass 1,032 */
    BOMB_LEAST = 1 << 30
};

/* Reads until at least `need` packed bytes are there, or no more come. */
static enum pm_status refill(struct pm_stream *stream, size_t need)
{
    if (stream->n_packed >= need)
        return PM_OK;
    memmove(stream->packed, stream->packed + stream->packed_at, stream->n_packed);
    stream->packed_at = 0;
    while (stream->n_packed < need && !stream->source_ended) {
        size_t got;
        enum pm_status status = pm_source_read(stream->source, stream->packed + stream->n_packed,
                                               PACKED_ROOM - stream->n_packed, &got);

        if (status == PM_IO)
            stream->code = errno;
        PM_TRY(status);
        stream->source_ended = got == 0;
        stream->n_packed += got;
    }
    return PM_OK;
}

static void eat(struct pm_stream *stream, size_t n)
{
    stream->packed_at += n;
    stream->n_packed -= n;
}

static enum pm_status end_with(struct pm_stream *stream, enum pm_damage damage)
{
    stream->ended = true;
    stream->damage = damage;
    return PM_OK;
}

/* Zeros between members, or behind the last one, fill a tape or a block and are none of its bytes.
 */
static enum pm_status skip_zeros(struct pm_stream *stream)
{
    PM_TRY(refill(stream, 1));
    while (stream->n_packed != 0 && stream->packed[stream->packed_at] == 0) {
        eat(stream, 1);
        PM_TRY(refill(stream, 1));
    }
    return PM_OK;
}

/* Between two members: another one of the same kind, or the end. */
static enum pm_status begin_member(struct pm_stream *stream)
{
    PM_TRY(skip_zeros(stream));
    PM_TRY(refill(stream, PM_UNPACK_MAGIC_MAX));
    if (stream->n_packed == 0)
        return end_with(stream, PM_WHOLE);
    if (!stream->unpacker->claims(stream->packed + stream->packed_at, stream->n_packed))
        return end_with(stream, PM_TRAILING_GARBAGE);
    stream->member = stream->unpacker->begin();
    return stream->member != NULL ? PM_OK : PM_NO_MEMORY;
}

static void end_member(struct pm_stream *stream)
{
    if (stream->member != NULL)
        stream->unpacker->end(stream->member);
    stream->member = NULL;
}

static enum pm_status unpack_some(struct pm_stream *stream, uint8_t *out, size_t n, size_t *got)
{
    struct pm_unpack_io io = {.out = out, .n_out = n};
    enum pm_unpacked unpacked;
    size_t before;

    PM_TRY(refill(stream, 1));
    before = stream->n_packed;
    io.in = stream->packed + stream->packed_at;
    io.n_in = before;
    unpacked = stream->unpacker->step(stream->member, &io);
    eat(stream, before - io.n_in);
    *got = n - io.n_out;
    if (unpacked == PM_UNPACKED_MEMBER)
        end_member(stream);
    else if (unpacked == PM_UNPACKED_BAD)
        return end_with(stream, PM_BAD_STREAM);
    else if (unpacked == PM_UNPACKED_SOME && before == 0 && *got == 0)
        return end_with(stream, PM_CUT_STREAM);
    return unpacked == PM_UNPACKED_NO_MEMORY ? PM_NO_MEMORY : PM_OK;
}

static enum pm_status read_packed(struct pm_stream *stream, uint8_t *out, size_t n, size_t *got)
{
    *got = 0;
    if (stream->member == NULL)
        return begin_member(stream);
    return unpack_some(stream, out, n, got);
}

static enum pm_status read_plain(struct pm_stream *stream, uint8_t *out, size_t n, size_t *got)
{
    enum pm_status status;

    *got = n < stream->n_packed ? n : stream->n_packed;
    if (*got != 0) { /* what was read to look at it */
        memcpy(out, stream->packed + stream->packed_at, *got);
        eat(stream, *got);
        return PM_OK;
    }
    status = pm_source_read(stream->source, out, n, got);
    if (status == PM_IO)
        stream->code = errno;
    stream->ended = *got == 0;
    return status;
}

/* Far more bytes than a capture packs into so few: a trap, or a capture of nothing but zeros. */
static bool is_bomb(const struct pm_stream *stream)
{
    return stream->unpacker != NULL && stream->n_bytes > BOMB_LEAST &&
           stream->n_bytes / BOMB_RATIO > stream->source->taken;
}

enum pm_status pm_stream_read(struct pm_stream *stream, uint8_t *out, size_t n, size_t *got)
{
    *got = 0;
    while (*got < n && !stream->ended) {
        size_t some;

        PM_TRY(stream->unpacker == NULL ? read_plain(stream, out + *got, n - *got, &some)
                                        : read_packed(stream, out + *got, n - *got, &some));
        *got += some;
        stream->n_bytes += some;
        if (is_bomb(stream))
            return PM_UNSUPPORTED;
    }
    return PM_OK;
}

enum pm_status pm_stream_fail(const struct pm_stream *stream, enum pm_status status,
                              struct pm_error *error)
{
    const char *path = stream->source->path;

    if (status == PM_IO)
        return pm_fail_io(error, stream->code, "cannot read '%s'", path);
    if (status == PM_UNSUPPORTED)
        return pm_fail(error, status,
                       "'%s' unpacks to over %d times its size: unpack it first if you trust it",
                       path, BOMB_RATIO);
    return pm_fail_status(error, status);
}

enum pm_status pm_stream_open(struct pm_stream *stream, struct pm_source *source,
                              struct pm_error *error)
{
    enum pm_status status;

    *stream = (struct pm_stream){.source = source};
    stream->packed = malloc(PACKED_ROOM);
    if (stream->packed == NULL)
        return pm_fail_memory(error);
    status = refill(stream, PM_UNPACK_MAGIC_MAX);
    if (status != PM_OK) {
        free(stream->packed);
        return pm_stream_fail(stream, status, error);
    }
    stream->unpacker = pm_unpacker_for(stream->packed, stream->n_packed);
    return PM_OK;
}

void pm_stream_close(struct pm_stream *stream)
{
    end_member(stream);
    free(stream->packed);
}
