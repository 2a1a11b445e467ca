/* lz4 frames, by liblz4, which checks header, block and content checksums. */
#include <lz4frame.h>
#include <string.h>

#include "capture/unpack.h"

static bool claims(const uint8_t *bytes, size_t n_bytes)
{
    return n_bytes >= 4 && (pm_le32(bytes) == 0x184d2204 || pm_is_skippable(bytes));
}

static void *begin(void)
{
    LZ4F_dctx *state;

    return LZ4F_isError(LZ4F_createDecompressionContext(&state, LZ4F_VERSION)) ? NULL : state;
}

static enum pm_unpacked step(void *state, struct pm_unpack_io *io)
{
    size_t in = io->n_in, out = io->n_out;
    size_t result = LZ4F_decompress(state, io->out, &out, io->in, &in, NULL);

    if (LZ4F_isError(result))
        return strcmp(LZ4F_getErrorName(result), "ERROR_allocation_failed") == 0
                   ? PM_UNPACKED_NO_MEMORY
                   : PM_UNPACKED_BAD;
    io->in += in;
    io->n_in -= in;
    io->out += out;
    io->n_out -= out;
    return result == 0 ? PM_UNPACKED_MEMBER : PM_UNPACKED_SOME;
}

static void end(void *state)
{
    LZ4F_freeDecompressionContext(state);
}

const struct pm_unpacker pm_unpacker_lz4 = {"lz4", claims, begin, step, end};
