#include "capture/unpack.h"

static const struct pm_unpacker *const unpackers[] = {
    &pm_unpacker_gzip, &pm_unpacker_zstd, &pm_unpacker_xz, &pm_unpacker_lz4, &pm_unpacker_bzip2,
};

const struct pm_unpacker *pm_unpacker_for(const uint8_t *bytes, size_t n_bytes)
{
    for (size_t i = 0; i < sizeof unpackers / sizeof *unpackers; i++)
        if (unpackers[i]->claims(bytes, n_bytes))
            return unpackers[i];
    return NULL;
}
