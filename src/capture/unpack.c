#include "capture/unpack.h"

static const struct pm_unpacker *const unpackers[] = {
    &pm_unpacker_gzip, &pm_unpacker_zstd, &pm_unpacker_xz, &pm_unpacker_lz4, &pm_unpacker_bzip2,
};

/* Frames of zstd and of lz4 that hold no data begin alike: magic (4), length (4). They are known by
 * the frame behind them. */
static size_t skippable_bytes(const uint8_t *bytes, size_t n_bytes)
{
    size_t at = 0;

    while (n_bytes - at >= 8 && pm_is_skippable(bytes + at)) {
        size_t length = pm_le32(bytes + at + 4);

        if (length > n_bytes - at - 8)
            return 0;
        at += 8 + length;
    }
    return at;
}

const struct pm_unpacker *pm_unpacker_for(const uint8_t *bytes, size_t n_bytes)
{
    size_t skipped = skippable_bytes(bytes, n_bytes);

    if (skipped < n_bytes) {
        bytes += skipped;
        n_bytes -= skipped;
    }
    for (size_t i = 0; i < sizeof unpackers / sizeof *unpackers; i++)
        if (unpackers[i]->claims(bytes, n_bytes))
            return unpackers[i];
    return NULL;
}
