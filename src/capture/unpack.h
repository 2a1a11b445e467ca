/*
 * Ways of compression behind one small interface: a function of the library that knows the format,
 * called with bytes in and room out. The one list is in unpack.c; a file may hold several members,
 * one behind the other, and what tells them apart is stream.c's.
 */
#ifndef PM_UNPACK_H
#define PM_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* What is left of the input, and of the room for output, each below 2 GiB; a step moves both on. */
struct pm_unpack_io {
    const uint8_t *in;
    size_t n_in;
    uint8_t *out;
    size_t n_out;
};

enum pm_unpacked {
    PM_UNPACKED_SOME,   /* all it could do with this input and this room */
    PM_UNPACKED_MEMBER, /* the end of a member; its checksums are right */
    PM_UNPACKED_BAD,    /* bytes that the format does not allow, or a wrong checksum */
    PM_UNPACKED_NO_MEMORY
};

struct pm_unpacker {
    const char *name; /* for summary.json and messages */
    bool (*claims)(const uint8_t *bytes, size_t n_bytes);
    void *(*begin)(void); /* one member; NULL: no memory */
    enum pm_unpacked (*step)(void *state, struct pm_unpack_io *io);
    void (*end)(void *state);
};

enum { PM_UNPACK_MAGIC_MAX = 6 };

/* Do 4 bytes begin a frame without data, of zstd or lz4? */
static inline bool pm_is_skippable(const uint8_t *bytes)
{
    return pm_le32(bytes) >> 4 == 0x184d2a5;
}

/* The format that bytes begin as; NULL: none that is known. n_bytes may be less than
 * PM_UNPACK_MAGIC_MAX only at the end of a file. */
const struct pm_unpacker *pm_unpacker_for(const uint8_t *bytes, size_t n_bytes);

extern const struct pm_unpacker pm_unpacker_gzip;
extern const struct pm_unpacker pm_unpacker_zstd;
extern const struct pm_unpacker pm_unpacker_xz;
extern const struct pm_unpacker pm_unpacker_lz4;
extern const struct pm_unpacker pm_unpacker_bzip2;

#endif
