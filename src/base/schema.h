/*
 * The sink that tables hand their rows to, cell by cell, in the order of their columns. What
 * becomes of a row (CSV text, later Arrow or a page) is the sink's business; what a cell means is
 * said once, in the table's list of columns (struct pm_column).
 *
 * Cells are only kept until their row ends, and the sink is called once per row: a call for each
 * cell cost as much as writing it.
 */
#ifndef PM_SCHEMA_H
#define PM_SCHEMA_H

#include <pcapmill/pcapmill.h>

#include "base/address.h"

enum { PM_COLUMNS_MAX = 192 };

/* Which of them, the column says. */
union pm_value {
    int64_t integer;
    __int128 fixed;   /* in millionths or billionths */
    const char *word; /* it lives until the row ends, and has fewer than 512 letters */
    struct pm_address address;
};

struct pm_sink {
    void (*take_row)(struct pm_sink *sink); /* n values, in the order of the columns */
    size_t n;
    union pm_value values[PM_COLUMNS_MAX];
    uint8_t versions[PM_COLUMNS_MAX]; /* of addresses: 4, 6, or 0 where there is none */
};

/* Counters are kept without sign and written with one; what passes it (times between clocks that
 * lie) is written as the greatest that fits. */
static inline void pm_put(struct pm_sink *sink, uint64_t value)
{
    sink->values[sink->n++].integer = value < INT64_MAX ? (int64_t)value : INT64_MAX;
}

static inline void pm_put_signed(struct pm_sink *sink, int64_t value)
{
    sink->values[sink->n++].integer = value;
}

static inline void pm_put_time(struct pm_sink *sink, int64_t ns)
{
    pm_put_signed(sink, ns);
}

static inline void pm_put_fixed6(struct pm_sink *sink, __int128 millionths)
{
    sink->values[sink->n++].fixed = millionths;
}

static inline void pm_put_fixed9(struct pm_sink *sink, __int128 billionths)
{
    sink->values[sink->n++].fixed = billionths;
}

static inline void pm_put_word(struct pm_sink *sink, const char *word)
{
    sink->values[sink->n++].word = word;
}

static inline void pm_put_address(struct pm_sink *sink, unsigned version, struct pm_address address)
{
    sink->versions[sink->n] = (uint8_t)version;
    sink->values[sink->n++].address = address;
}

static inline void pm_end_row(struct pm_sink *sink)
{
    sink->take_row(sink);
    sink->n = 0;
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
