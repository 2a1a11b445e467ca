/* xz, by liblzma, which checks the integrity check of each block. */
#include <lzma.h>
#include <stdlib.h>
#include <string.h>

#include "capture/unpack.h"

static bool claims(const uint8_t *bytes, size_t n_bytes)
{
    return n_bytes >= 6 && memcmp(bytes,
                                  "\xfd"
                                  "7zXZ\0",
                                  6) == 0;
}

static void *begin(void)
{
    enum { MEMORY_MOST = 1 << 30 }; /* xz -9 needs 65 MiB */
    lzma_stream *state = malloc(sizeof *state);

    if (state == NULL)
        return NULL;
    *state = (lzma_stream)LZMA_STREAM_INIT;
    if (lzma_stream_decoder(state, MEMORY_MOST, 0) != LZMA_OK) {
        free(state);
        return NULL;
    }
    return state;
}

static enum pm_unpacked step(void *state, struct pm_unpack_io *io)
{
    lzma_stream *lzma = state;
    lzma_ret result;

    lzma->next_in = io->in;
    lzma->avail_in = io->n_in;
    lzma->next_out = io->out;
    lzma->avail_out = io->n_out;
    result = lzma_code(lzma, LZMA_RUN);
    io->in = lzma->next_in;
    io->n_in = lzma->avail_in;
    io->out = lzma->next_out;
    io->n_out = lzma->avail_out;
    switch (result) {
    case LZMA_OK:
    case LZMA_BUF_ERROR: /* nothing to do with so little */
        return PM_UNPACKED_SOME;
    case LZMA_STREAM_END:
        return PM_UNPACKED_MEMBER;
    case LZMA_MEM_ERROR:
    case LZMA_MEMLIMIT_ERROR:
        return PM_UNPACKED_NO_MEMORY;
    default:
        return PM_UNPACKED_BAD;
    }
}

static void end(void *state)
{
    lzma_end(state);
    free(state);
}

const struct pm_unpacker pm_unpacker_xz = {"xz", claims, begin, step, end};
