/*
 * Splitting captures into runs, working on all of them at once, and joining them in order
 * (ordered.h): a run is walked from a guess, then proven or walked again, and merged.
 *
 * A run is proven where the run before it ended: by induction from the file header every start is
 * the right one, or is made so. Wrong guesses cost at most one further walk of each run.
 */
#include <pthread.h>
#include <stdlib.h>

#include "engine/analysis.h"
#include "engine/ordered.h"

struct engine {
    struct pm_analysis *analysis;
    struct pm_run *runs;
    size_t n_runs;
    struct pm_walker *walkers; /* one per worker */

    pthread_mutex_t lock; /* guards what follows, and the calls of options.progress */
    uint64_t done_bytes;
    uint64_t all_bytes;
};

/* ---- planning -------------------------------------------------------------------------------- */

static uint64_t run_bytes(const struct pm_analysis *analysis, uint64_t all_bytes)
{
    uint64_t bytes = analysis->options.run_bytes;

    if (bytes == 0)
        bytes = (all_bytes + analysis->threads - 1) / analysis->threads;
    return bytes == 0 ? 1 : bytes;
}

static uint64_t data_bytes(const struct pm_capture *capture)
{
    return capture->map.n_bytes - capture->header_bytes;
}

/* How many runs a capture is cut into; one where it holds no packet. */
static uint64_t runs_of(const struct pm_capture *capture, uint64_t bytes)
{
    uint64_t n = (data_bytes(capture) + bytes - 1) / bytes;

    return n == 0 ? 1 : n;
}

static void plan_capture(struct engine *engine, size_t input, uint64_t bytes)
{
    const struct pm_capture *capture = &engine->analysis->captures[input];
    uint64_t n = runs_of(capture, bytes), at = capture->header_bytes;

    for (uint64_t i = 0; i < n; i++, at += bytes)
        engine->runs[engine->n_runs++] = (struct pm_run){
            .capture = capture,
            .input = input,
            .first = i == 0,
            .span = {.begin = at, .end = i + 1 == n ? capture->map.n_bytes : at + bytes}};
}

static enum pm_status plan(struct engine *engine)
{
    struct pm_analysis *analysis = engine->analysis;
    uint64_t n = 0, bytes;

    for (size_t i = 0; i < analysis->n_captures; i++)
        engine->all_bytes += data_bytes(&analysis->captures[i]);
    bytes = run_bytes(analysis, engine->all_bytes);
    for (size_t i = 0; i < analysis->n_captures; i++)
        n += runs_of(&analysis->captures[i], bytes);
    engine->runs = calloc(n, sizeof *engine->runs);
    if (engine->runs == NULL)
        return PM_NO_MEMORY;
    for (size_t i = 0; i < analysis->n_captures; i++)
        plan_capture(engine, i, bytes);
    return PM_OK;
}

/* ---- joining --------------------------------------------------------------------------------- */

/* Where the run must start: known from the run before, or from the file header. */
static uint64_t proven_start(const struct engine *engine, size_t at)
{
    const struct pm_run *run = &engine->runs[at];

    return run->first ? run->span.begin : engine->runs[at - 1].stop;
}

/* The run lies behind damage: it is not read. */
static bool is_lost(const struct engine *engine, size_t at)
{
    return !engine->runs[at].first && engine->runs[at - 1].damage != PM_WHOLE;
}

/* What must hold there; NULL: nothing is known before. */
static const struct pm_section *proven_section(const struct engine *engine, size_t at)
{
    return engine->runs[at].first ? NULL : &engine->runs[at - 1].stop_section;
}

static bool is_proven(const struct pm_run *run, uint64_t start, const struct pm_section *section)
{
    return run->walked && run->start == start &&
           (section == NULL || pm_section_equal(&run->start_section, section));
}

static enum pm_status prove(struct engine *engine, size_t at, struct pm_walker *walker)
{
    struct pm_run *run = &engine->runs[at];
    uint64_t start = proven_start(engine, at);
    const struct pm_section *section = proven_section(engine, at);

    if (start < run->span.end)
        return is_proven(run, start, section) ? PM_OK
                                              : pm_run_walk_from(run, start, section, walker);
    pm_run_free(run); /* a record of the run before covers all of this one */
    run->stop = start;
    return section == NULL || pm_section_copy(&run->stop_section, section) ? PM_OK : PM_NO_MEMORY;
}

static void add_damage(struct pm_input *input, enum pm_damage damage, struct pm_input_damage what)
{
    what.kind = pm_damage_name(damage);
    input->damages[input->n_damages++] = what;
}

/* Packets are skipped in any run, and reading stops in one: the last that is joined. */
static void note_input(struct pm_input *input, const struct pm_run *run)
{
    input->packets += run->totals.records;
    input->record_bytes = run->stop - input->header_bytes;
    input->left_bytes = input->file_bytes - run->stop;
    if (run->skipped != 0 && input->n_damages == 0)
        add_damage(input, PM_NO_INTERFACE, (struct pm_input_damage){.offset = run->first_skipped});
    if (run->skipped != 0)
        input->damages[0].skipped_packets += run->skipped;
    if (run->damage != PM_WHOLE)
        add_damage(input, run->damage,
                   (struct pm_input_damage){.offset = run->stop, .left_bytes = input->left_bytes});
}

static enum pm_status join_run(void *context, unsigned worker, size_t at)
{
    struct engine *engine = context;
    struct pm_analysis *analysis = engine->analysis;
    struct pm_run *run = &engine->runs[at];
    enum pm_status status = PM_OK;

    if (is_lost(engine, at)) {
        pm_run_free(run);
        run->damage = engine->runs[at - 1].damage;
        run->stop = engine->runs[at - 1].stop;
        return PM_OK;
    }
    PM_TRY(prove(engine, at, &engine->walkers[worker]));
    if (run->walked)
        status = pm_set_merge(&analysis->set, &run->set, analysis->totals.records);
    pm_set_free(&run->set);
    if (!run->first)
        pm_section_free(&engine->runs[at - 1].stop_section);
    pm_totals_merge(&analysis->totals, &run->totals);
    note_input(&analysis->inputs[run->input], run);
    return status;
}

/* ---- walking --------------------------------------------------------------------------------- */

/* Between two batches: tells progress, and asks whether to go on. */
static bool go_on(void *context, uint64_t bytes)
{
    struct engine *engine = context;
    const struct pm_options *options = &engine->analysis->options;

    if (options->stop != NULL && *options->stop != 0)
        return false;
    if (options->progress != NULL) {
        pthread_mutex_lock(&engine->lock);
        engine->done_bytes += bytes;
        if (engine->done_bytes > engine->all_bytes)
            engine->done_bytes = engine->all_bytes; /* some run was walked twice */
        options->progress(options->progress_context, engine->done_bytes, engine->all_bytes);
        pthread_mutex_unlock(&engine->lock);
    }
    return true;
}

/* From a wrong guess a run may meet link types that are none, and no filter fits those: it is left
 * to the join, which walks it from the right place. */
static enum pm_status walk_run(void *context, unsigned worker, size_t at)
{
    struct engine *engine = context;
    struct pm_run *run = &engine->runs[at];
    enum pm_status status = pm_run_walk(run, &engine->walkers[worker]);

    if (status != PM_USAGE || run->first)
        return status;
    pm_run_free(run);
    return PM_OK;
}

static enum pm_status make_walkers(struct engine *engine)
{
    const struct pm_analysis *analysis = engine->analysis;

    engine->walkers = calloc(analysis->threads, sizeof *engine->walkers);
    if (engine->walkers == NULL)
        return PM_NO_MEMORY;
    for (unsigned i = 0; i < analysis->threads; i++) {
        engine->walkers[i].settings = &analysis->settings;
        engine->walkers[i].tables = analysis->tables;
        engine->walkers[i].batch_packets = analysis->options.batch_packets;
        engine->walkers[i].filter.expression = analysis->options.filter;
        engine->walkers[i].go_on = go_on;
        engine->walkers[i].context = engine;
    }
    return PM_OK;
}

static enum pm_status read_all(struct engine *engine)
{
    PM_TRY(plan(engine));
    PM_TRY(make_walkers(engine));
    return pm_ordered_run(engine->analysis->threads, &(struct pm_ordered){.n_items = engine->n_runs,
                                                                          .context = engine,
                                                                          .work = walk_run,
                                                                          .finish = join_run});
}

enum pm_status pm_engine_read(struct pm_analysis *analysis, struct pm_error *error)
{
    struct engine engine = {.analysis = analysis, .lock = PTHREAD_MUTEX_INITIALIZER};
    enum pm_status status = read_all(&engine);

    for (size_t i = 0; i < engine.n_runs; i++)
        pm_run_free(&engine.runs[i]);
    free(engine.runs);
    for (unsigned i = 0; engine.walkers != NULL && i < analysis->threads; i++)
        pm_filter_free(&engine.walkers[i].filter);
    free(engine.walkers);
    pthread_mutex_destroy(&engine.lock);
    if (status == PM_USAGE) /* only filters ask for something that a capture may not have */
        return pm_fail(
            error, PM_USAGE,
            "the filter does not fit every link type of the capture: see pcap-filter(7)");
    return status == PM_OK ? PM_OK : pm_fail_status(error, status);
}
