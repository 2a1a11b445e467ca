/*
 * The sink that makes CSV text: rows go into one large buffer, which grows when it is nearly full,
 * so that a cell costs a few stores and no check: 7 ns on the average of the table of flows
 * (bench: csv/flows).
 */
#include "write/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"

enum { ROOM_LEAST = 1 << 18, CELL_MAX = 512 }; /* the longest words are stacks of layers, of 400 */

struct csv {
    struct pm_sink sink; /* first: the sink is the csv */
    char *at;
    char *end; /* of the buffer */
    char *buffer;
    bool failed;                   /* no memory: what is written now is lost */
    uint8_t cells[PM_COLUMNS_MAX]; /* enum pm_cell, of each column */
};

static __attribute__((noinline)) void grow(struct csv *csv)
{
    size_t used = (size_t)(csv->at - csv->buffer), room = (size_t)(csv->end - csv->buffer);
    char *larger = csv->failed ? NULL : malloc(2 * room);

    if (larger == NULL) {
        csv->failed = true;
        csv->at = csv->buffer;
        return;
    }
    memcpy(larger, csv->buffer, used);
    free(csv->buffer);
    csv->buffer = larger;
    csv->at = larger + used;
    csv->end = larger + 2 * room;
}

static inline char *write_word(char *out, const char *word)
{
    while (*word)
        *out++ = *word++;
    return out;
}

static inline char *write_cell(char *out, enum pm_cell cell, const union pm_value *value,
                               unsigned version)
{
    switch (cell) {
    case PM_CELL_INTEGER:
    case PM_CELL_TIME:
        return pm_write_integer(out, value->integer);
    case PM_CELL_FIXED6:
        return pm_write_fixed(out, value->fixed, 6);
    case PM_CELL_FIXED9:
        return pm_write_fixed(out, value->fixed, 9);
    case PM_CELL_WORD:
        return write_word(out, value->word);
    case PM_CELL_ADDRESS:
        break;
    }
    return pm_write_address(out, version, value->address);
}

/* The comma behind the last cell becomes the end of the line. */
static void take_row(struct pm_sink *sink)
{
    struct csv *csv = (struct csv *)sink;
    char *at;

    if ((size_t)(csv->end - csv->at) <= sink->n * CELL_MAX)
        grow(csv);
    at = csv->at;
    for (size_t i = 0; i < sink->n; i++) {
        at = write_cell(at, csv->cells[i], &sink->values[i], sink->versions[i]);
        *at++ = ',';
    }
    at[-1] = '\n';
    csv->at = at;
}

_Static_assert(PM_COLUMNS_MAX *CELL_MAX < ROOM_LEAST, "a row always fits into what grew");

static void put_header(struct csv *csv, const struct pm_rows *rows)
{
    for (size_t i = 0; i < rows->n_columns; i++) {
        csv->at = write_word(csv->at, rows->columns[i].name);
        *csv->at++ = i + 1 < rows->n_columns ? ',' : '\n';
    }
}

enum pm_status pm_csv_format(const struct pm_rows *rows, uint64_t begin, uint64_t end,
                             struct pm_text *text)
{
    struct csv csv;

    csv.sink.take_row = take_row;
    csv.sink.n = 0;
    csv.failed = false;
    csv.buffer = malloc(ROOM_LEAST);
    if (csv.buffer == NULL)
        return PM_NO_MEMORY;
    csv.at = csv.buffer;
    csv.end = csv.buffer + ROOM_LEAST;
    for (size_t i = 0; i < rows->n_columns; i++)
        csv.cells[i] = (uint8_t)rows->columns[i].cell;
    if (begin == 0)
        put_header(&csv, rows);
    rows->emit(rows->context, begin, end, &csv.sink);
    if (csv.failed) {
        free(csv.buffer);
        return PM_NO_MEMORY;
    }
    *csv.at = '\0'; /* a row leaves room for it */
    *text = (struct pm_text){csv.buffer, (size_t)(csv.at - csv.buffer)};
    return PM_OK;
}
