/*
 * Tables of an analysis as Arrow, by its C data interface: without a library of Arrow's here, and
 * with none needed to link. The two structures are those of the specification
 * (arrow.apache.org/docs/format/CDataInterface.html and CStreamInterface.html), which allows every
 * project to define them.
 */
#ifndef PCAPMILL_ARROW_H
#define PCAPMILL_ARROW_H

#include <pcapmill/pcapmill.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE           2
#define ARROW_FLAG_MAP_KEYS_SORTED    4

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

#endif

/* A table, in batches of up to 65,536 rows. Columns and types are those of its CSV: int64, double,
 * and utf8, null where the text is empty. Behind them each time has a column of type
 * timestamp[ns, UTC], named as load.sql names it (first_ts_ns gives first_ts).
 *
 * The stream is the caller's to release. It keeps the analysis: pm_analysis_free() may be called
 * before. Batches belong to whoever took them, and live as long as they are wanted. A stream is for
 * one thread at a time; streams of one analysis may be read at the same time. */
PM_API enum pm_status pm_table_arrow(struct pm_analysis *analysis, size_t table,
                                     struct ArrowArrayStream *stream, struct pm_error *error);

#ifdef __cplusplus
}
#endif

#endif
