/* Zstandard (RFC 8878), by libzstd, which checks content checksums, passes over skippable frames
 * and refuses windows above 128 MiB. */
#include <zstd.h>
#include <zstd_errors.h>

#include "capture/unpack.h"

static bool claims(const uint8_t *bytes, size_t n_bytes)
{
    return n_bytes >= 4 && (pm_le32(bytes) == ZSTD_MAGICNUMBER || pm_is_skippable(bytes));
}

static void *begin(void)
{
    return ZSTD_createDStream();
}

static enum pm_unpacked step(void *state, struct pm_unpack_io *io)
{
    ZSTD_inBuffer in = {.src = io->in, .size = io->n_in};
    ZSTD_outBuffer out = {.dst = io->out, .size = io->n_out};
    size_t result = ZSTD_decompressStream(state, &out, &in);

    io->in += in.pos;
    io->n_in -= in.pos;
    io->out += out.pos;
    io->n_out -= out.pos;
    if (!ZSTD_isError(result))
        return result == 0 ? PM_UNPACKED_MEMBER : PM_UNPACKED_SOME;
    return ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation ? PM_UNPACKED_NO_MEMORY
                                                                     : PM_UNPACKED_BAD;
}

static void end(void *state)
{
    ZSTD_freeDStream(state);
}

const struct pm_unpacker pm_unpacker_zstd = {"zstd", claims, begin, step, end};
