/* bzip2, by libbz2, which checks the CRC of each block and of the whole. */
#include <bzlib.h>
#include <stdlib.h>
#include <string.h>

#include "capture/unpack.h"

/* "BZh", the size of blocks in 100 kB, then the first block or the end of an empty file. */
static bool claims(const uint8_t *bytes, size_t n_bytes)
{
    return n_bytes >= 6 && memcmp(bytes, "BZh", 3) == 0 && bytes[3] >= '1' && bytes[3] <= '9' &&
           (memcmp(bytes + 4, "\x31\x41", 2) == 0 || memcmp(bytes + 4, "\x17\x72", 2) == 0);
}

static void *begin(void)
{
    bz_stream *state = calloc(1, sizeof *state);

    if (state != NULL && BZ2_bzDecompressInit(state, 0, 0) != BZ_OK) {
        free(state);
        return NULL;
    }
    return state;
}

static enum pm_unpacked step(void *state, struct pm_unpack_io *io)
{
    bz_stream *bz = state;
    int result;

    bz->next_in = (char *)io->in;
    bz->avail_in = (unsigned)io->n_in;
    bz->next_out = (char *)io->out;
    bz->avail_out = (unsigned)io->n_out;
    result = BZ2_bzDecompress(bz);
    io->n_in -= (size_t)((uint8_t *)bz->next_in - io->in);
    io->in = (uint8_t *)bz->next_in;
    io->n_out -= (size_t)((uint8_t *)bz->next_out - io->out);
    io->out = (uint8_t *)bz->next_out;
    switch (result) {
    case BZ_OK:
        return PM_UNPACKED_SOME;
    case BZ_STREAM_END:
        return PM_UNPACKED_MEMBER;
    case BZ_MEM_ERROR:
        return PM_UNPACKED_NO_MEMORY;
    default:
        return PM_UNPACKED_BAD;
    }
}

static void end(void *state)
{
    BZ2_bzDecompressEnd(state);
    free(state);
}

const struct pm_unpacker pm_unpacker_bzip2 = {"bzip2", claims, begin, step, end};
