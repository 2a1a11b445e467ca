#include "engine/summary.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A path as JSON text: what is no UTF-8 or no printable character stands as \xHH. */
static json_t *path_json(const char *path)
{
    json_t *text = json_string(path);
    char escaped[8192];

    if (text != NULL)
        return text;
    pm_escape(escaped, sizeof escaped, path);
    for (char *at = escaped; *at; at++)
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    return json_string(escaped);
}

static json_t *options_json(const struct pm_analysis *analysis)
{
    static const char *const origins[] = {"first", "epoch", "time"};

    return json_pack(
        "{s:I, s:s, s:I, s:I}", "interval_ns", (json_int_t)analysis->options.interval_ns, "origin",
        origins[analysis->options.origin], "origin_ns", (json_int_t)analysis->settings.origin_ns,
        "idle_timeout_ns", (json_int_t)analysis->options.idle_timeout_ns);
}

static json_t *inputs_json(const struct pm_summary *summary)
{
    json_t *inputs = json_array();

    for (size_t i = 0; i < summary->n_inputs; i++) {
        const struct pm_input *input = &summary->inputs[i];

        json_array_append_new(inputs,
                              json_pack("{s:o, s:s, s:i, s:I, s:I}", "path", path_json(input->path),
                                        "format", input->format, "link_type", (int)input->link_type,
                                        "bytes", (json_int_t)input->file_bytes, "packets",
                                        (json_int_t)input->packets));
    }
    return inputs;
}

static json_t *damage_json(const struct pm_summary *summary)
{
    json_t *damage = json_array();

    for (size_t i = 0; i < summary->n_inputs; i++) {
        const struct pm_input *input = &summary->inputs[i];

        if (input->damage != NULL)
            json_array_append_new(damage, json_pack("{s:o, s:s, s:I, s:I}", "path",
                                                    path_json(input->path), "kind", input->damage,
                                                    "offset", (json_int_t)input->damage_offset,
                                                    "bytes_left", (json_int_t)input->left_bytes));
    }
    return damage;
}

/* A sink that makes an object of rows: the word of each row is the key, the number behind it the
 * value. */
struct object_sink {
    struct pm_sink sink;
    json_t *object;
    const char *key; /* NULL: its value is taken */
};

static void take_word(struct pm_sink *sink, const char *word)
{
    ((struct object_sink *)sink)->key = word;
}

static void take_integer(struct pm_sink *sink, int64_t value)
{
    struct object_sink *object = (struct object_sink *)sink;

    if (object->key != NULL)
        json_object_set_new(object->object, object->key, json_integer(value));
    object->key = NULL;
}

static void take_row(struct pm_sink *sink)
{
    (void)sink;
}

static json_t *anomalies_json(const struct pm_analysis *analysis)
{
    static const struct pm_sink_calls calls = {
        .integer = take_integer, .word = take_word, .end_row = take_row};
    int position = pm_tables_find("anomalies", strlen("anomalies"));
    struct pm_rows rows = pm_analysis_rows(analysis, position);
    struct object_sink sink = {.sink = {&calls}, .object = json_object()};

    rows.emit(rows.context, 0, rows.n_rows, &sink.sink);
    return sink.object;
}

static json_t *tables_json(const struct pm_analysis *analysis, const char (*sha256)[PM_SHA256_TEXT])
{
    json_t *tables = json_array();

    for (size_t i = 0; sha256 != NULL && i < pm_table_count(analysis); i++) {
        int position = pm_analysis_table(analysis, i);

        json_array_append_new(
            tables, json_pack("{s:s, s:I, s:s}", "name", pm_tables[position]->name, "rows",
                              (json_int_t)pm_analysis_rows(analysis, position).n_rows, "sha256",
                              sha256[position]));
    }
    return tables;
}

char *pm_summary_text(const struct pm_analysis *analysis, const char (*sha256)[PM_SHA256_TEXT])
{
    const struct pm_summary *summary = &analysis->summary;
    json_t *json =
        json_pack("{s:s, s:s, s:o, s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "schema", "pcapmill-1",
                  "tool", "pcapmill " PCAPMILL_VERSION, "options", options_json(analysis), "inputs",
                  inputs_json(summary), "packets", (json_int_t)summary->packets, "wire_bytes",
                  (json_int_t)summary->wire_bytes, "first_ts_ns", (json_int_t)summary->first_ts_ns,
                  "last_ts_ns", (json_int_t)summary->last_ts_ns, "damage", damage_json(summary),
                  "anomalies", anomalies_json(analysis), "tables", tables_json(analysis, sha256));
    char *text = json_dumps(json, JSON_INDENT(2)), *line;

    json_decref(json);
    if (text == NULL)
        return NULL;
    line = realloc(text, strlen(text) + 2);
    if (line != NULL)
        strcat(line, "\n");
    else
        free(text);
    return line;
}

char *pm_analysis_json(const struct pm_analysis *analysis)
{
    return pm_summary_text(analysis, NULL);
}
