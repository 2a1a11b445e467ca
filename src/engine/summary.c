/* summary.json: what was read and what was written, for programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/analysis.h"
#include "write/json.h"

/* A path, or another text from outside, as JSON text. One that is no UTF-8 stands with its bytes
 * above 0x7f as \xHH. */
static json_t *text_json(const char *given)
{
    json_t *text = json_string(given);
    char *escaped, *at;

    if (text != NULL)
        return text;
    at = escaped = malloc(4 * strlen(given) + 1);
    if (escaped == NULL)
        return NULL;
    for (; *given; given++)
        at += sprintf(at, (unsigned char)*given < 0x80 ? "%c" : "\\x%02x", (unsigned char)*given);
    *at = '\0';
    text = json_string(escaped);
    free(escaped);
    return text;
}

static json_t *intervals_json(const struct pm_options *options)
{
    json_t *list = json_array();

    for (int i = 0; i < PM_INTERVALS_MOST; i++)
        if (options->intervals_ns[i] != 0)
            json_array_append_new(list, json_integer((json_int_t)options->intervals_ns[i]));
    return list;
}

static json_t *options_json(const struct pm_analysis *analysis)
{
    static const char *const origins[] = {"first", "epoch", "time"};
    static const char *const tunnels[] = {"outer", "inner"};
    static const char *const columns[] = {"basic", "tcp", "all"};
    const struct pm_options *options = &analysis->options;
    json_t *json = json_pack("{s:o, s:s, s:I, s:I, s:s, s:b, s:b, s:s, s:i}", "intervals_ns",
                             intervals_json(options), "origin", origins[options->origin],
                             "origin_ns", (json_int_t)analysis->settings.origin_ns,
                             "idle_timeout_ns", (json_int_t)options->idle_timeout_ns, "tunnels",
                             tunnels[options->tunnels], "key_vlan", analysis->settings.key_vlan,
                             "key_tunnel", analysis->settings.key_tunnel, "flow_columns",
                             columns[options->flow_columns], "top", (int)options->top);

    if (options->splt != 0)
        json_object_set_new(json, "splt", json_integer((json_int_t)options->splt));
    if (options->dedup != 0)
        json_object_set_new(json, "dedup", json_integer((json_int_t)options->dedup));
    if (options->filter != NULL)
        json_object_set_new(json, "filter", text_json(options->filter));
    return json;
}

/* A member of an object, unless it is NULL. */
static void put_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL)
        json_object_set_new(object, key, text_json(text));
}

static json_t *interface_json(const struct pm_interface_info *interface)
{
    json_t *json = json_pack("{s:I, s:I}", "link_type", (json_int_t)interface->link_type,
                             "snap_len", (json_int_t)interface->snap_len);

    put_text(json, "name", interface->name);
    put_text(json, "description", interface->description);
    put_text(json, "comment", interface->comment);
    if (interface->counted) {
        json_object_set_new(json, "received_packets",
                            json_integer((json_int_t)interface->received_packets));
        json_object_set_new(json, "dropped_packets",
                            json_integer((json_int_t)interface->dropped_packets));
    }
    return json;
}

static json_t *sections_json(const struct pm_input *input)
{
    json_t *sections = json_array();
    size_t at = 0;

    for (size_t i = 0; i < input->n_sections; i++) {
        const struct pm_section_info *section = &input->sections[i];
        json_t *json = json_object(), *interfaces = json_array();

        put_text(json, "hardware", section->hardware);
        put_text(json, "os", section->os);
        put_text(json, "application", section->application);
        put_text(json, "comment", section->comment);
        for (; at < input->n_interfaces && input->interfaces[at].section == i; at++)
            json_array_append_new(interfaces, interface_json(&input->interfaces[at]));
        json_object_set_new(json, "interfaces", interfaces);
        json_array_append_new(sections, json);
    }
    return sections;
}

static json_t *input_json(const struct pm_input *input)
{
    json_t *json =
        json_pack("{s:o, s:s, s:s*, s:i, s:I, s:I, s:I}", "path", text_json(input->path), "format",
                  input->format, "compression", input->compression, "link_type",
                  (int)input->link_type, "bytes", (json_int_t)input->file_bytes, "packed_bytes",
                  (json_int_t)input->packed_bytes, "packets", (json_int_t)input->packets);

    put_text(json, "same_as", input->same_as);
    if (input->n_sections != 0)
        json_object_set_new(json, "sections", sections_json(input));
    return json;
}

static json_t *inputs_json(const struct pm_summary *summary)
{
    json_t *inputs = json_array();

    for (size_t i = 0; i < summary->n_inputs; i++)
        json_array_append_new(inputs, input_json(&summary->inputs[i]));
    return inputs;
}

static json_t *damage_json(const struct pm_summary *summary)
{
    json_t *damage = json_array();

    for (size_t i = 0; i < summary->n_inputs; i++) {
        const struct pm_input *input = &summary->inputs[i];

        for (size_t at = 0; at < input->n_damages; at++) {
            const struct pm_input_damage *what = &input->damages[at];

            json_array_append_new(
                damage, json_pack("{s:o, s:s, s:I, s:I, s:I}", "path", text_json(input->path),
                                  "kind", what->kind, "offset", (json_int_t)what->offset,
                                  "bytes_left", (json_int_t)what->left_bytes, "packets_skipped",
                                  (json_int_t)what->skipped_packets));
        }
    }
    return damage;
}

/* A sink that makes an object of rows: the word of each row is the key, the number behind it the
 * value. */
struct object_sink {
    struct pm_sink sink;
    json_t *object;
};

static void take_row(struct pm_sink *sink)
{
    json_object_set_new(((struct object_sink *)sink)->object, sink->values[0].word,
                        json_integer(sink->values[1].integer));
}

static json_t *anomalies_json(const struct pm_analysis *analysis)
{
    int position = pm_tables_find("anomalies", strlen("anomalies"));
    struct pm_rows rows = pm_analysis_rows(analysis, position);
    struct object_sink sink = {.sink = {.take_row = take_row}, .object = json_object()};

    rows.emit(rows.context, 0, rows.n_rows, &sink.sink);
    return sink.object;
}

static json_t *table_json(const struct pm_analysis *analysis, int position)
{
    const struct pm_table *table = pm_tables[position];
    const void *state = analysis->tally.set.states[position];
    const char *remark = table->remark == NULL ? NULL : table->remark(state);
    json_t *json =
        json_pack("{s:s, s:I, s:s}", "name", pm_set_name(&analysis->tally.set, position), "rows",
                  (json_int_t)table->n_rows(state), "sha256", analysis->sha256[position]);

    if (remark != NULL)
        json_object_set_new(json, "remark", json_string(remark));
    return json;
}

static json_t *tables_json(const struct pm_analysis *analysis)
{
    json_t *tables = json_array();

    for (size_t i = 0; i < pm_table_count(analysis); i++) {
        int position = pm_analysis_table(analysis, i);

        if (analysis->sha256[position][0] != '\0')
            json_array_append_new(tables, table_json(analysis, position));
    }
    return tables;
}

char *pm_analysis_json(const struct pm_analysis *analysis)
{
    const struct pm_summary *summary = &analysis->summary;
    json_t *json =
        json_pack("{s:s, s:s, s:o, s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "schema", "pcapmill-1",
                  "tool", "pcapmill " PCAPMILL_VERSION, "options", options_json(analysis), "inputs",
                  inputs_json(summary), "packets", (json_int_t)summary->packets, "wire_bytes",
                  (json_int_t)summary->wire_bytes, "first_ts_ns", (json_int_t)summary->first_ts_ns,
                  "last_ts_ns", (json_int_t)summary->last_ts_ns, "damage", damage_json(summary),
                  "anomalies", anomalies_json(analysis), "tables", tables_json(analysis));

    if (analysis->options.filter != NULL)
        json_object_set_new(json, "filtered_packets",
                            json_integer((json_int_t)summary->filtered_packets));
    if (analysis->options.dedup != 0)
        json_object_set_new(json, "duplicate_packets",
                            json_integer((json_int_t)summary->duplicate_packets));
    return pm_json_text(json);
}
