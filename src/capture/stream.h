/*
 * A capture as a sequence of bytes: a pipe, a compressed file, or a file that cannot be mapped,
 * unpacked on the way. Never is all of it in memory or on the disk.
 */
#ifndef PM_STREAM_H
#define PM_STREAM_H

#include "capture/source.h"
#include "capture/unpack.h"
#include "capture/walk.h"

struct pm_stream {
    struct pm_source *source;
    const struct pm_unpacker *unpacker; /* NULL: the bytes are what they are */
    void *member;                       /* the one that is being unpacked; NULL: between two */
    uint8_t *packed; /* read, and not unpacked yet: n_packed bytes at packed_at */
    size_t packed_at;
    size_t n_packed;
    bool source_ended;
    bool ended;
    uint64_t n_bytes;      /* unpacked so far */
    enum pm_damage damage; /* once it has ended: PM_WHOLE, or what is wrong with the packing */
    int code;              /* errno of PM_IO */
};

/* Looks at the first bytes to know the compression. After a failure there is nothing to close. */
enum pm_status pm_stream_open(struct pm_stream *stream, struct pm_source *source,
                              struct pm_error *error);
void pm_stream_close(struct pm_stream *stream);

/* The next n bytes; fewer (*got) only where the stream ends. Works on one thread at a time. */
enum pm_status pm_stream_read(struct pm_stream *stream, uint8_t *out, size_t n, size_t *got);

/* The sentence for a status of pm_stream_read(). */
enum pm_status pm_stream_fail(const struct pm_stream *stream, enum pm_status status,
                              struct pm_error *error);

#endif
