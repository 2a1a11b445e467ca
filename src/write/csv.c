/*
 * The sink that makes CSV text: cells go into one large buffer, which grows when it is nearly full,
 * so that a cell costs a few stores and no check but one: 13 ns on the average of the table of
 * flows (bench: csv/flows).
 */
#include "write/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"

enum { ROOM_LEAST = 1 << 18, WORD_MAX = 256, MARGIN = WORD_MAX + PM_NUMBER_MAX };

struct csv {
    struct pm_sink sink; /* first: the sink is the csv */
    char *at;
    char *end; /* of the buffer */
    char *buffer;
    bool failed; /* no memory: what is written now is lost */
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

static inline struct csv *begin_cell(struct pm_sink *sink)
{
    struct csv *csv = (struct csv *)sink;

    if (csv->end - csv->at < MARGIN)
        grow(csv);
    return csv;
}

static void put_integer(struct pm_sink *sink, int64_t value)
{
    struct csv *csv = begin_cell(sink);

    csv->at = pm_write_integer(csv->at, value);
    *csv->at++ = ',';
}

static void put_fixed(struct pm_sink *sink, __int128 scaled, int places)
{
    struct csv *csv = begin_cell(sink);

    csv->at = pm_write_fixed(csv->at, scaled, places);
    *csv->at++ = ',';
}

static void put_word(struct pm_sink *sink, const char *word)
{
    struct csv *csv = begin_cell(sink);
    size_t length = strnlen(word, WORD_MAX - 1);

    memcpy(csv->at, word, length);
    csv->at += length;
    *csv->at++ = ',';
}

static void put_address(struct pm_sink *sink, unsigned version, struct pm_address address)
{
    struct csv *csv = begin_cell(sink);

    csv->at = pm_write_address(csv->at, version, address);
    *csv->at++ = ',';
}

/* The comma behind the last cell becomes the end of the line. */
static void end_row(struct pm_sink *sink)
{
    ((struct csv *)sink)->at[-1] = '\n';
}

static const struct pm_sink_calls calls = {
    .integer = put_integer,
    .fixed = put_fixed,
    .word = put_word,
    .address = put_address,
    .end_row = end_row,
};

static void put_header(struct csv *csv, const struct pm_rows *rows)
{
    for (size_t i = 0; i < rows->n_columns; i++)
        put_word(&csv->sink, rows->columns[i].name);
    end_row(&csv->sink);
}

enum pm_status pm_csv_format(const struct pm_rows *rows, uint64_t begin, uint64_t end,
                             struct pm_text *text)
{
    struct csv csv = {.sink = {&calls}, .buffer = malloc(ROOM_LEAST)};

    if (csv.buffer == NULL)
        return PM_NO_MEMORY;
    csv.at = csv.buffer;
    csv.end = csv.buffer + ROOM_LEAST;
    if (begin == 0)
        put_header(&csv, rows);
    rows->emit(rows->context, begin, end, &csv.sink);
    if (csv.failed) {
        free(csv.buffer);
        return PM_NO_MEMORY;
    }
    *csv.at = '\0'; /* the margin has room for it */
    *text = (struct pm_text){csv.buffer, (size_t)(csv.at - csv.buffer)};
    return PM_OK;
}
