/* gzip (RFC 1952), by zlib, which checks the CRC and the length behind each member. */
#include <stdlib.h>
#include <zlib.h>

#include "capture/unpack.h"

static bool claims(const uint8_t *bytes, size_t n_bytes)
{
    return n_bytes >= 3 && bytes[0] == 0x1f && bytes[1] == 0x8b && bytes[2] == Z_DEFLATED;
}

static void *begin(void)
{
    enum { WITH_GZIP_HEADER = 16 };
    z_stream *state = calloc(1, sizeof *state);

    if (state != NULL && inflateInit2(state, MAX_WBITS + WITH_GZIP_HEADER) != Z_OK) {
        free(state);
        return NULL;
    }
    return state;
}

static enum pm_unpacked step(void *state, struct pm_unpack_io *io)
{
    z_stream *z = state;
    int result;

    z->next_in = (Bytef *)io->in;
    z->avail_in = (unsigned)io->n_in;
    z->next_out = io->out;
    z->avail_out = (unsigned)io->n_out;
    result = inflate(z, Z_NO_FLUSH);
    io->n_in -= (size_t)(z->next_in - io->in);
    io->in = z->next_in;
    io->n_out -= (size_t)(z->next_out - io->out);
    io->out = z->next_out;
    switch (result) {
    case Z_OK:
    case Z_BUF_ERROR: /* nothing to do with so little */
        return PM_UNPACKED_SOME;
    case Z_STREAM_END:
        return PM_UNPACKED_MEMBER;
    case Z_MEM_ERROR:
        return PM_UNPACKED_NO_MEMORY;
    default:
        return PM_UNPACKED_BAD;
    }
}

static void end(void *state)
{
    inflateEnd(state);
    free(state);
}

const struct pm_unpacker pm_unpacker_gzip = {"gzip", claims, begin, step, end};
