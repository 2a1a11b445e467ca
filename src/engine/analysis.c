/* The public calls, from captures to settled tables. Publishing them is publish.c's. */
#include "engine/analysis.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "engine/cpus.h"
#include "engine/twins.h"
#include "write/arrow.h"
#include "write/csv.h"

enum { THREADS_MAX = 1024, SPLT_USUAL = 20 };

const char *pm_version(void)
{
    return PCAPMILL_VERSION;
}

unsigned pm_threads_usual(void)
{
    return pm_cpus();
}

void pm_options_init(struct pm_options *options)
{
    *options = (struct pm_options){.intervals_ns = {1000000000},
                                   .origin = PM_ORIGIN_FIRST,
                                   .top = 20,
                                   .idle_timeout_ns = INT64_C(120) * 1000000000,
                                   .flow_columns = PM_FLOW_BASIC,
                                   .edge_packets = 1024};
}

/* ---- options --------------------------------------------------------------------------------- */

static enum pm_status fail_table(const char *name, size_t length, struct pm_error *error)
{
    struct pm_nearest nearest = pm_nearest_to(name, length);

    for (int i = 0; i < PM_N_TABLES; i++)
        if (pm_tables[i]->own_name == NULL)
            pm_nearest_try(&nearest, pm_tables[i]->name);
    if (nearest.word != NULL)
        return pm_fail(error, PM_USAGE, "there is no table '%.*s': did you mean '%s'?", (int)length,
                       name, nearest.word);
    return pm_fail(error, PM_USAGE, "there is no table '%.*s': see --help for their names",
                   (int)length, name);
}

static enum pm_status choose_tables(struct pm_analysis *analysis, struct pm_error *error)
{
    const char *name = analysis->options.tables;
    int packets = pm_tables_find("packets", strlen("packets"));
    int rates = pm_tables_find("rates", strlen("rates"));
    int splt = pm_tables_find("splt", strlen("splt"));

    if (name == NULL || *name == '+')
        analysis->wanted = pm_tables_usual();
    if (name != NULL && *name == '+' && *++name == '\0')
        return pm_fail(error, PM_USAGE, "name tables behind the '+': see --help");
    while (name != NULL && *name != '\0') {
        size_t length = strcspn(name, ",");
        int position = pm_tables_find(name, length);

        if (position < 0 || pm_tables[position]->own_name != NULL)
            return fail_table(name, length, error);
        analysis->wanted |= 1u << position;
        name += length;
        if (*name == ',' && *++name == '\0')
            return pm_fail(error, PM_USAGE, "there is no table '' behind the last ','");
    }
    if (analysis->wanted >> rates & 1)
        for (int i = 1; i < PM_INTERVALS_MOST; i++)
            if (analysis->options.intervals_ns[i] != 0)
                analysis->wanted |= 1u << (rates + i); /* they stand behind it in the list */
    if (analysis->options.packets)
        analysis->wanted |= 1u << packets;
    if (analysis->options.splt != 0)
        analysis->wanted |= 1u << splt;
    else if (analysis->wanted >> splt & 1)
        analysis->options.splt = SPLT_USUAL;
    analysis->settings.splt = analysis->options.splt;
    analysis->tables = pm_tables_closure(analysis->wanted | 1u << pm_tables_find("anomalies", 9));
    analysis->settings.flow_details = pm_tables_flow_details(analysis->tables);
    if (analysis->settings.flow_details < analysis->options.flow_columns)
        analysis->settings.flow_details = analysis->options.flow_columns;
    return PM_OK;
}

static enum pm_status check_intervals(const struct pm_options *options, struct pm_error *error)
{
    const int64_t *intervals = options->intervals_ns;

    for (int i = 0; i < PM_INTERVALS_MOST; i++)
        if (intervals[i] < 0 || (i == 0 && intervals[i] == 0))
            return pm_fail(error, PM_USAGE, "an interval must be above 0");
    for (int i = 1; i < PM_INTERVALS_MOST; i++)
        for (int before = 0; before < i; before++)
            if (intervals[i] != 0 && intervals[i] == intervals[before])
                return pm_fail(error, PM_USAGE, "an interval is named twice");
    return PM_OK;
}

static enum pm_status check_options(struct pm_analysis *analysis, struct pm_error *error)
{
    struct pm_options *options = &analysis->options;

    PM_TRY(check_intervals(options, error));
    if (options->idle_timeout_ns < 0)
        return pm_fail(error, PM_USAGE, "the idle timeout must not be below 0");
    if (options->top == 0 || options->top > PM_CHART_ROWS)
        return pm_fail(error, PM_USAGE, "a top list has 1 to %d rows", PM_CHART_ROWS);
    if (options->splt > PM_SPLT_MOST)
        return pm_fail(error, PM_USAGE, "of a flow at most %d first packets are told",
                       PM_SPLT_MOST);
    if (options->dedup > PM_DEDUP_MOST)
        return pm_fail(error, PM_USAGE, "duplicates are looked for among at most %d packets",
                       PM_DEDUP_MOST);
    if (options->batch_packets > PM_BATCH_MAX)
        return pm_fail(error, PM_USAGE, "a batch holds at most %d packets", PM_BATCH_MAX);
    if (options->batch_packets == 0)
        options->batch_packets = PM_BATCH_MAX;
    analysis->threads = options->threads ? options->threads : pm_cpus();
    if (analysis->threads > THREADS_MAX)
        analysis->threads = THREADS_MAX;
    analysis->settings.origin_ns = options->origin == PM_ORIGIN_TIME ? options->origin_ns : 0;
    memcpy(analysis->settings.intervals_ns, options->intervals_ns, sizeof options->intervals_ns);
    analysis->settings.top = options->top;
    analysis->settings.idle_timeout_ns =
        options->idle_timeout_ns == 0 ? UINT64_MAX : (uint64_t)options->idle_timeout_ns;
    analysis->settings.flow_columns = options->flow_columns;
    analysis->settings.edge_packets = options->edge_packets;
    analysis->settings.key_vlan = options->key_vlan;
    analysis->settings.key_tunnel = options->key_tunnel || options->tunnels == PM_TUNNELS_INNER;
    pm_hash_key_init(&analysis->settings.hash_key, options->hash_seed);
    return choose_tables(analysis, error);
}

/* ---- inputs ---------------------------------------------------------------------------------- */

static enum pm_status name_inputs(struct pm_analysis *analysis, const char *const *paths,
                                  size_t n_paths, struct pm_error *error)
{
    bool from_stdin = false;

    analysis->inputs = calloc(n_paths, sizeof *analysis->inputs);
    analysis->descriptions = calloc(n_paths, sizeof *analysis->descriptions);
    if (analysis->inputs == NULL || analysis->descriptions == NULL)
        return pm_fail_memory(error);
    for (size_t i = 0; i < n_paths; i++) {
        char *path = strdup(paths[i]);

        if (path == NULL)
            return pm_fail_memory(error);
        analysis->inputs[analysis->n_inputs++].path = path;
        if (strcmp(path, "-") == 0 && from_stdin)
            return pm_fail(error, PM_USAGE, "standard input ('-') can be read only once");
        from_stdin |= strcmp(path, "-") == 0;
    }
    return PM_OK;
}

/* ---- measuring ------------------------------------------------------------------------------- */

static bool make_watches(struct pm_analysis *analysis)
{
    if (!analysis->options.measure)
        return true;
    analysis->watches = calloc(analysis->threads, sizeof *analysis->watches);
    return analysis->watches != NULL;
}

struct pm_stopwatch *pm_analysis_watch(const struct pm_analysis *analysis, unsigned thread)
{
    return analysis->watches == NULL ? NULL : &analysis->watches[thread];
}

static enum pm_status read_watched(struct pm_analysis *analysis, struct pm_error *error)
{
    uint64_t begun = pm_now_ns();
    enum pm_status status = pm_engine_read(analysis, error);

    if (analysis->watches != NULL)
        analysis->watches[0].ns[PM_STAGE_MERGED] = pm_now_ns() - begun;
    return status;
}

/* ---- the books ------------------------------------------------------------------------------- */

static enum pm_status check_damage(const struct pm_analysis *analysis, struct pm_error *error)
{
    for (size_t i = 0; i < analysis->n_inputs; i++) {
        const struct pm_input *input = &analysis->inputs[i];

        if (input->n_damages != 0 && analysis->options.strict)
            return pm_fail(
                error, PM_DAMAGED,
                "'%s' is damaged at byte %llu (%s): run without --strict to analyze what "
                "can be read",
                input->path, (unsigned long long)input->damages[0].offset, input->damages[0].kind);
    }
    return PM_OK;
}

/* Every byte and every packet is somewhere. */
static enum pm_status check_books(const struct pm_analysis *analysis, struct pm_error *error)
{
    uint64_t packets = 0;

    for (size_t i = 0; i < analysis->n_inputs; i++) {
        const struct pm_input *input = &analysis->inputs[i];

        packets += input->packets;
        if (input->header_bytes + input->record_bytes + input->left_bytes != input->file_bytes)
            return pm_fail(error, PM_CHECK_FAILED,
                           "internal check failed: bytes of '%s' are missing; please report this",
                           input->path);
    }
    if (packets != analysis->tally.totals.records)
        return pm_fail(error, PM_CHECK_FAILED,
                       "internal check failed: packets of inputs; please report this");
    for (int i = 0; i < PM_N_TABLES; i++)
        if (analysis->tally.set.states[i] != NULL && pm_tables[i]->packets != NULL &&
            analysis->accounted[i] != analysis->tally.totals.packets)
            return pm_fail(error, PM_CHECK_FAILED,
                           "internal check failed: packets of table %s; please report this",
                           pm_tables[i]->name);
    return PM_OK;
}

static void sum_up(struct pm_analysis *analysis)
{
    const struct pm_totals *totals = &analysis->tally.totals;

    analysis->summary = (struct pm_summary){
        .packets = totals->packets,
        .filtered_packets = totals->records - totals->packets - totals->duplicates,
        .duplicate_packets = totals->duplicates,
        .wire_bytes = totals->wire_bytes,
        .captured_bytes = totals->captured_bytes,
        .timed_packets = totals->timed_packets,
        .first_ts_ns = totals->min_ts,
        .last_ts_ns = totals->max_ts,
        .origin_ns = analysis->settings.origin_ns,
        .ordered = !totals->disordered,
        .n_inputs = analysis->n_inputs,
        .inputs = analysis->inputs,
    };
    for (size_t i = 0; i < analysis->n_inputs; i++) {
        struct pm_input *input = &analysis->inputs[i];
        const struct pm_description *description = &analysis->descriptions[i];

        analysis->summary.damaged |= input->n_damages != 0;
        input->sections = description->sections;
        input->n_sections = description->n_sections;
        input->interfaces = description->interfaces;
        input->n_interfaces = description->n_interfaces;
    }
}

static enum pm_status read_and_settle(struct pm_analysis *analysis, const char *const *paths,
                                      size_t n_paths, struct pm_error *error)
{
    enum pm_status status;

    PM_TRY(check_options(analysis, error));
    PM_TRY(name_inputs(analysis, paths, n_paths, error));
    if (!make_watches(analysis))
        return pm_fail_memory(error);
    status = pm_tally_init(&analysis->tally, &analysis->settings, analysis->tables,
                           analysis->options.dedup);
    if (status != PM_OK)
        return pm_fail_status(error, status);
    pm_tally_lead(&analysis->tally);
    PM_TRY(read_watched(analysis, error));
    status = n_paths > 1 ? pm_engine_find_twins(analysis) : PM_OK;
    if (status != PM_OK)
        return pm_fail_status(error, status);
    status = pm_engine_settle(analysis);
    if (status != PM_OK)
        return pm_fail_status(error, status);
    PM_TRY(check_books(analysis, error));
    sum_up(analysis);
    return check_damage(analysis, error);
}

enum pm_status pm_analyze(const char *const *paths, size_t n_paths,
                          const struct pm_options *options, struct pm_analysis **result,
                          struct pm_error *error)
{
    struct pm_analysis *analysis = calloc(1, sizeof *analysis);
    enum pm_status status;

    *result = NULL;
    if (analysis == NULL)
        return pm_fail_memory(error);
    if (n_paths == 0) {
        free(analysis);
        return pm_fail(error, PM_USAGE, "name a capture to analyze");
    }
    analysis->holders = 1;
    analysis->options = *options;
    status = read_and_settle(analysis, paths, n_paths, error);
    if (status != PM_OK) {
        pm_analysis_free(analysis);
        return status;
    }
    *result = analysis;
    return PM_OK;
}

void pm_analysis_free(struct pm_analysis *analysis)
{
    if (analysis == NULL || --analysis->holders != 0)
        return;
    pm_tally_free(&analysis->tally);
    for (size_t i = 0; i < analysis->n_inputs; i++) {
        pm_description_free(&analysis->descriptions[i]);
        free((char *)analysis->inputs[i].path);
    }
    free(analysis->descriptions);
    free(analysis->inputs);
    free(analysis->watches);
    free(analysis);
}

const struct pm_summary *pm_analysis_summary(const struct pm_analysis *analysis)
{
    return &analysis->summary;
}

/* ---- tables ---------------------------------------------------------------------------------- */

size_t pm_table_count(const struct pm_analysis *analysis)
{
    return (size_t)__builtin_popcount(analysis->wanted);
}

int pm_analysis_table(const struct pm_analysis *analysis, size_t i)
{
    pm_table_mask left = analysis->wanted;

    while (i-- > 0)
        left &= left - 1;
    return __builtin_ctz(left);
}

struct pm_rows pm_analysis_rows(const struct pm_analysis *analysis, int position)
{
    const struct pm_table *table = pm_tables[position];
    const void *state = analysis->tally.set.states[position];

    return (struct pm_rows){.columns = table->columns,
                            .n_columns =
                                table->shown != NULL ? table->shown(state) : table->n_columns,
                            .n_rows = table->n_rows(state),
                            .emit = table->emit,
                            .context = state};
}

struct pm_table_info pm_table_get(const struct pm_analysis *analysis, size_t i)
{
    int position = pm_analysis_table(analysis, i);
    struct pm_rows rows = pm_analysis_rows(analysis, position);

    return (struct pm_table_info){.name = pm_set_name(&analysis->tally.set, position),
                                  .description = pm_tables[position]->description,
                                  .columns = rows.columns,
                                  .n_columns = rows.n_columns,
                                  .rows = rows.n_rows};
}

enum pm_status pm_table_csv(const struct pm_analysis *analysis, size_t i, char **text,
                            size_t *n_bytes, struct pm_error *error)
{
    struct pm_rows rows = pm_analysis_rows(analysis, pm_analysis_table(analysis, i));
    struct pm_text formatted;

    if (pm_csv_format(&rows, 0, rows.n_rows, &formatted) != PM_OK)
        return pm_fail_memory(error);
    *text = formatted.bytes;
    *n_bytes = formatted.n_bytes;
    return PM_OK;
}

static void let_go(void *analysis)
{
    pm_analysis_free(analysis);
}

enum pm_status pm_table_arrow(struct pm_analysis *analysis, size_t i,
                              struct ArrowArrayStream *stream, struct pm_error *error)
{
    struct pm_rows rows = pm_analysis_rows(analysis, pm_analysis_table(analysis, i));

    if (!pm_arrow_stream(&rows, let_go, analysis, stream))
        return pm_fail_memory(error);
    analysis->holders++;
    return PM_OK;
}
