/*
 * A batch is built in the buffers that Arrow is then given: nothing is copied once more. Its
 * columns are those of the rows, and behind them one more for each time, which is the same numbers
 * under another type.
 */
#include "write/arrow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "write/types.h"

enum { BATCH_ROWS = 1 << 16, BUFFERS_MOST = 3, WORD_MOST = 512 };

struct stream {
    struct pm_rows rows;
    uint64_t next; /* row */
    bool failed;
    void (*done)(void *context);
    void *context;
};

/* ---- names and types ------------------------------------------------------------------------- */

static size_t n_times(const struct pm_rows *rows)
{
    size_t n = 0;

    for (size_t i = 0; i < rows->n_columns; i++)
        n += rows->columns[i].cell == PM_CELL_TIME;
    return n;
}

static bool is_text(enum pm_cell cell)
{
    return cell == PM_CELL_WORD || cell == PM_CELL_ADDRESS;
}

static void release_schema(struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++) {
        if (schema->children[i]->release != NULL)
            schema->children[i]->release(schema->children[i]);
        free(schema->children[i]);
    }
    free(schema->children);
    free((char *)schema->name);
    schema->release = NULL;
}

/* Takes the name; NULL: there was no memory for it. */
static bool put_field(struct ArrowSchema *parent, const char *format, char *name, int64_t flags)
{
    struct ArrowSchema *field = malloc(sizeof *field);

    if (field == NULL || name == NULL) {
        free(field);
        free(name);
        return false;
    }
    *field = (struct ArrowSchema){
        .format = format, .name = name, .flags = flags, .release = release_schema};
    parent->children[parent->n_children++] = field;
    return true;
}

static bool put_fields(struct ArrowSchema *schema, const struct pm_rows *rows)
{
    bool done = true;

    for (size_t i = 0; done && i < rows->n_columns; i++) {
        const struct pm_column *column = &rows->columns[i];

        done = put_field(schema, pm_types[column->cell].arrow_format, strdup(column->name),
                         is_text(column->cell) ? ARROW_FLAG_NULLABLE : 0);
    }
    for (size_t i = 0; done && i < rows->n_columns; i++)
        if (rows->columns[i].cell == PM_CELL_TIME) {
            char name[PM_TIME_NAME];

            pm_time_name(name, rows->columns[i].name);
            done = put_field(schema, "tsn:UTC", strdup(name), 0);
        }
    return done;
}

static int get_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
    struct stream *stream = self->private_data;
    size_t n = stream->rows.n_columns + n_times(&stream->rows);

    *out = (struct ArrowSchema){.format = "+s", .release = release_schema};
    out->children = malloc(n * sizeof *out->children);
    if (out->children != NULL && put_fields(out, &stream->rows))
        return 0;
    release_schema(out);
    stream->failed = true;
    return ENOMEM;
}

/* ---- columns --------------------------------------------------------------------------------- */

/* What an array owns. Of texts: bits of what is there, offsets, bytes; of numbers: nothing, and the
 * numbers. */
struct column {
    const void *buffers[BUFFERS_MOST];
    size_t used; /* bytes of text, */
    size_t room; /* and for how many there is room */
    int64_t nulls;
};

static void release_array(struct ArrowArray *array)
{
    struct column *column = array->private_data;

    for (int64_t i = 0; i < array->n_children; i++) {
        if (array->children[i]->release != NULL)
            array->children[i]->release(array->children[i]);
        free(array->children[i]);
    }
    free(array->children);
    for (int i = 0; i < BUFFERS_MOST; i++)
        free((void *)column->buffers[i]);
    free(column);
    array->release = NULL;
}

static bool make_buffers(struct column *column, bool text, size_t n_rows)
{
    if (!text) {
        column->buffers[1] = malloc((n_rows + 1) * sizeof(int64_t));
        return column->buffers[1] != NULL;
    }
    column->room = n_rows * 8 + WORD_MOST;
    column->buffers[0] = calloc(n_rows / 8 + 1, 1);
    column->buffers[1] = calloc(n_rows + 1, sizeof(int32_t));
    column->buffers[2] = malloc(column->room);
    return column->buffers[0] != NULL && column->buffers[1] != NULL && column->buffers[2] != NULL;
}

static bool put_array(struct ArrowArray *parent, bool text, size_t n_rows)
{
    struct ArrowArray *array = calloc(1, sizeof *array);
    struct column *column = calloc(1, sizeof *column);

    if (array == NULL || column == NULL) {
        free(array);
        free(column);
        return false;
    }
    *array = (struct ArrowArray){.length = (int64_t)n_rows,
                                 .n_buffers = text ? 3 : 2,
                                 .buffers = column->buffers,
                                 .release = release_array,
                                 .private_data = column};
    parent->children[parent->n_children++] = array;
    return make_buffers(column, text, n_rows);
}

/* ---- rows ------------------------------------------------------------------------------------ */

struct batch {
    struct pm_sink sink; /* first: the sink is the batch */
    const struct pm_rows *rows;
    struct ArrowArray *array;
    size_t row;
    bool failed; /* no memory: what comes now is lost */
};

static struct column *column_at(const struct batch *batch, size_t i)
{
    return batch->array->children[i]->private_data;
}

static bool reserve(struct column *column)
{
    void *larger;

    if (column->room - column->used >= WORD_MOST)
        return true;
    larger = realloc((void *)column->buffers[2], 2 * column->room);
    if (larger == NULL)
        return false;
    column->buffers[2] = larger;
    column->room *= 2;
    return true;
}

static void put_text(struct batch *batch, size_t i)
{
    struct column *column = column_at(batch, i);
    char *at;

    if (!reserve(column)) {
        batch->failed = true;
        return;
    }
    at = (char *)column->buffers[2] + column->used;
    if (batch->rows->columns[i].cell == PM_CELL_WORD)
        at = stpcpy(at, batch->sink.values[i].word);
    else
        at = pm_write_address(at, batch->sink.versions[i], batch->sink.values[i].address);
    if (at == (const char *)column->buffers[2] + column->used)
        column->nulls++;
    else
        ((uint8_t *)column->buffers[0])[batch->row / 8] |= (uint8_t)(1 << batch->row % 8);
    column->used = (size_t)(at - (const char *)column->buffers[2]);
    ((int32_t *)column->buffers[1])[batch->row + 1] = (int32_t)column->used;
}

/* The double that is nearest to the decimal, as reading its text gives it: a division of two
 * numbers that doubles hold exactly is rounded once. */
static double to_double(__int128 fixed, int places)
{
    char text[PM_NUMBER_MAX];

    if (fixed < (INT64_C(1) << 53) && fixed > -(INT64_C(1) << 53))
        return (double)fixed / (places == 6 ? 1e6 : 1e9);
    *pm_write_fixed(text, fixed, places) = '\0';
    return strtod(text, NULL);
}

static void take_row(struct pm_sink *sink)
{
    struct batch *batch = (struct batch *)sink;
    size_t time = batch->rows->n_columns;

    for (size_t i = 0; i < batch->rows->n_columns; i++) {
        enum pm_cell cell = batch->rows->columns[i].cell;
        void *numbers = (void *)column_at(batch, i)->buffers[1];

        if (is_text(cell))
            put_text(batch, i);
        else if (cell == PM_CELL_INTEGER || cell == PM_CELL_TIME)
            ((int64_t *)numbers)[batch->row] = sink->values[i].integer;
        else
            ((double *)numbers)[batch->row] =
                to_double(sink->values[i].fixed, cell == PM_CELL_FIXED6 ? 6 : 9);
        if (cell == PM_CELL_TIME)
            ((int64_t *)column_at(batch, time++)->buffers[1])[batch->row] = sink->values[i].integer;
    }
    batch->row++;
}

static bool make_batch(struct ArrowArray *array, const struct pm_rows *rows, size_t n_rows)
{
    size_t n = rows->n_columns + n_times(rows);
    struct column *column = calloc(1, sizeof *column);

    *array = (struct ArrowArray){.length = (int64_t)n_rows,
                                 .n_buffers = 1,
                                 .release = release_array,
                                 .private_data = column};
    if (column == NULL) {
        array->release = NULL;
        return false;
    }
    array->buffers = column->buffers;
    array->children = malloc(n * sizeof *array->children);
    for (size_t i = 0; array->children != NULL && i < n; i++)
        if (!put_array(array, i < rows->n_columns && is_text(rows->columns[i].cell), n_rows))
            return false;
    return array->children != NULL;
}

static int get_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
    struct stream *stream = self->private_data;
    uint64_t left = stream->rows.n_rows - stream->next;
    size_t n = left < BATCH_ROWS ? (size_t)left : BATCH_ROWS;
    struct batch batch;

    *out = (struct ArrowArray){0};
    if (n == 0)
        return 0;
    batch.sink.take_row = take_row;
    batch.sink.n = 0;
    batch.rows = &stream->rows;
    batch.array = out;
    batch.row = 0;
    batch.failed = !make_batch(out, &stream->rows, n);
    if (!batch.failed)
        stream->rows.emit(stream->rows.context, stream->next, stream->next + n, &batch.sink);
    if (batch.failed) {
        if (out->release != NULL)
            out->release(out);
        stream->failed = true;
        return ENOMEM;
    }
    for (int64_t i = 0; i < out->n_children; i++)
        out->children[i]->null_count = ((struct column *)out->children[i]->private_data)->nulls;
    stream->next += n;
    return 0;
}

/* ---- the stream ------------------------------------------------------------------------------ */

static const char *get_last_error(struct ArrowArrayStream *self)
{
    return ((const struct stream *)self->private_data)->failed ? "out of memory" : NULL;
}

static void release_stream(struct ArrowArrayStream *self)
{
    struct stream *stream = self->private_data;

    stream->done(stream->context);
    free(stream);
    self->release = NULL;
}

bool pm_arrow_stream(const struct pm_rows *rows, void (*done)(void *context), void *context,
                     struct ArrowArrayStream *out)
{
    struct stream *stream = malloc(sizeof *stream);

    if (stream == NULL)
        return false;
    *stream = (struct stream){.rows = *rows, .done = done, .context = context};
    *out = (struct ArrowArrayStream){.get_schema = get_schema,
                                     .get_next = get_next,
                                     .get_last_error = get_last_error,
                                     .release = release_stream,
                                     .private_data = stream};
    return true;
}
