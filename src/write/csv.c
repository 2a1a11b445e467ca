/*
 * The sink that makes CSV text: cells go into one large buffer, which is handed on when it is
 * nearly full, so that a cell costs a few stores and no check but one.
 */
#include "write/csv.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "write/file.h"

enum { BUFFER = 1 << 20, WORD_MAX = 256, MARGIN = WORD_MAX + PM_NUMBER_MAX };

struct csv {
    struct pm_sink sink; /* first: the sink is the csv */
    char *at;
    char *buffer;
    uint64_t rows;
    bool (*hand_on)(struct csv *csv); /* empties the buffer; false: failed */
    bool failed;                      /* nothing more is handed on */

    int fd; /* to a file, with its digest */
    int os_error;
    struct sha256_ctx digest;
    char *text; /* to memory */
    size_t n_text;
};

static void make_room(struct csv *csv)
{
    if (BUFFER - (csv->at - csv->buffer) >= MARGIN)
        return;
    csv->failed = csv->failed || !csv->hand_on(csv);
    csv->at = csv->buffer;
}

static struct csv *begin_cell(struct pm_sink *sink)
{
    struct csv *csv = (struct csv *)sink;

    make_room(csv);
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
    size_t length = strnlen(word, WORD_MAX);

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

/* The comma behind the last cell becomes the end of the line: make_room keeps it in the buffer,
 * because a cell is never handed on before the next one begins. */
static void end_row(struct pm_sink *sink)
{
    struct csv *csv = (struct csv *)sink;

    csv->at[-1] = '\n';
    csv->rows++;
}

static const struct pm_sink_calls calls = {
    .integer = put_integer,
    .fixed = put_fixed,
    .word = put_word,
    .address = put_address,
    .end_row = end_row,
};

static bool to_file(struct csv *csv)
{
    size_t n = (size_t)(csv->at - csv->buffer);

    sha256_update(&csv->digest, n, (const uint8_t *)csv->buffer);
    csv->os_error = pm_file_write(csv->fd, csv->buffer, n);
    return csv->os_error == 0;
}

static bool to_memory(struct csv *csv)
{
    size_t n = (size_t)(csv->at - csv->buffer);
    char *text = realloc(csv->text, csv->n_text + n + 1);

    if (text == NULL)
        return false;
    csv->text = text;
    memcpy(text + csv->n_text, csv->buffer, n);
    csv->n_text += n;
    text[csv->n_text] = '\0';
    return true;
}

/* Header and rows; true: all was handed on. */
static bool write_rows(struct csv *csv, const struct pm_rows *rows)
{
    csv->sink.calls = &calls;
    csv->at = csv->buffer;
    for (size_t i = 0; i < rows->n_columns; i++)
        put_word(&csv->sink, rows->columns[i].name);
    end_row(&csv->sink);
    rows->emit(rows->context, 0, rows->n_rows, &csv->sink);
    csv->rows--; /* the header is none */
    return !csv->failed && csv->hand_on(csv);
}

static void finish_digest(struct csv *csv, struct pm_csv_file *file)
{
    uint8_t digest[SHA256_DIGEST_SIZE];

    sha256_digest(&csv->digest, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(file->sha256 + 2 * i, 3, "%02x", digest[i]);
    file->rows = csv->rows;
}

enum pm_status pm_csv_write(const struct pm_rows *rows, int folder_fd, const char *name,
                            struct pm_csv_file *file, struct pm_error *error)
{
    struct csv csv = {.hand_on = to_file, .fd = -1};
    char path[WORD_MAX];
    int failed;

    snprintf(path, sizeof path, "%s.csv", name);
    csv.buffer = malloc(BUFFER);
    if (csv.buffer == NULL)
        return pm_fail_memory(error);
    sha256_init(&csv.digest);
    csv.fd = pm_file_create(folder_fd, path);
    failed = csv.fd < 0 ? -csv.fd : !write_rows(&csv, rows) ? csv.os_error : 0;
    if (csv.fd >= 0)
        failed = pm_file_finish(csv.fd, failed);
    free(csv.buffer);
    if (failed != 0)
        return pm_fail_io(error, failed, "cannot write %s", path);
    finish_digest(&csv, file);
    return PM_OK;
}

enum pm_status pm_csv_text(const struct pm_rows *rows, char **text, size_t *n_bytes,
                           struct pm_error *error)
{
    struct csv csv = {.hand_on = to_memory};
    bool done;

    csv.buffer = malloc(BUFFER);
    if (csv.buffer == NULL)
        return pm_fail_memory(error);
    done = write_rows(&csv, rows);
    free(csv.buffer);
    if (!done) {
        free(csv.text);
        return pm_fail_memory(error);
    }
    *text = csv.text;
    *n_bytes = csv.n_text;
    return PM_OK;
}
