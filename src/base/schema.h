/*
 * The sink that tables hand their rows to, cell by cell, in the order of their columns. What
 * becomes of a cell (CSV text, later Arrow or a page) is the sink's business; what it means is said
 * once, in the table's list of columns (struct pm_column).
 */
#ifndef PM_SCHEMA_H
#define PM_SCHEMA_H

#include <pcapmill/pcapmill.h>

#include "base/address.h"

struct pm_sink;

struct pm_sink_calls {
    void (*integer)(struct pm_sink *sink, int64_t value);
    void (*fixed)(struct pm_sink *sink, __int128 scaled, int places);
    void (*word)(struct pm_sink *sink, const char *word);
    void (*address)(struct pm_sink *sink, unsigned version, struct pm_address address);
    void (*end_row)(struct pm_sink *sink);
};

struct pm_sink {
    const struct pm_sink_calls *calls;
};

/* Counters are kept without sign and written with one; what passes it (times between clocks that
 * lie) is written as the greatest that fits. */
static inline void pm_put(struct pm_sink *sink, uint64_t value)
{
    sink->calls->integer(sink, value < INT64_MAX ? (int64_t)value : INT64_MAX);
}

static inline void pm_put_time(struct pm_sink *sink, int64_t ns)
{
    sink->calls->integer(sink, ns);
}

static inline void pm_put_fixed6(struct pm_sink *sink, __int128 millionths)
{
    sink->calls->fixed(sink, millionths, 6);
}

static inline void pm_put_fixed9(struct pm_sink *sink, __int128 billionths)
{
    sink->calls->fixed(sink, billionths, 9);
}

static inline void pm_put_word(struct pm_sink *sink, const char *word)
{
    sink->calls->word(sink, word);
}

static inline void pm_put_address(struct pm_sink *sink, unsigned version, struct pm_address address)
{
    sink->calls->address(sink, version, address);
}

static inline void pm_end_row(struct pm_sink *sink)
{
    sink->calls->end_row(sink);
}

/* The rows of something, as writers see them: rows begin ... end - 1 of n into the sink. */
struct pm_rows {
    const struct pm_column *columns;
    size_t n_columns;
    uint64_t n_rows;
    void (*emit)(const void *context, uint64_t begin, uint64_t end, struct pm_sink *sink);
    const void *context;
};

#define PM_COUNT(array) (sizeof(array) / sizeof *(array))

#endif
