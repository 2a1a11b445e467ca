/*
 * Splitting captures into runs, working on all of them at once, and joining them in order.
 *
 *     workers:  take the next run ─▶ guess ─▶ walk ─▶ hand it in ─┐
 *     join:     in capture order: prove ─▶ (walk again) ─▶ merge ◀┘   by whoever handed in the run
 *                                                                     that the join waits for
 *
 * A run is proven where the run before it ended: by induction from the file header every start is
 * the right one, or is made so. Wrong guesses cost at most one further walk of each run.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "engine/analysis.h"
#include "engine/workers.h"

struct engine {
    struct pm_analysis *analysis;
    struct pm_run *runs;
    size_t n_runs;
    _Atomic size_t next; /* run that nobody has taken */
    atomic_int status;   /* the first failure; workers stop */

    pthread_mutex_t lock; /* guards what follows, and the calls of options.progress */
    bool *handed_in;
    size_t joined; /* runs before this one are in the analysis */
    bool joining;  /* some worker is at it, outside the lock */
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
    return capture->map.n_bytes - capture->pcap.header_bytes;
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
    uint64_t n = runs_of(capture, bytes), at = capture->pcap.header_bytes;

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
    engine->handed_in = calloc(n, sizeof *engine->handed_in);
    if (engine->runs == NULL || engine->handed_in == NULL)
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

static enum pm_status prove(struct engine *engine, size_t at, struct pm_walker *walker)
{
    struct pm_run *run = &engine->runs[at];
    uint64_t start = proven_start(engine, at);

    if (run->walked && run->start == start && start < run->span.end)
        return PM_OK;
    if (start < run->span.end)
        return pm_run_walk_from(run, start, walker);
    pm_set_free(&run->set); /* a record of the run before covers all of this one */
    run->totals = (struct pm_totals){0};
    run->damage = PM_WHOLE;
    run->walked = false;
    run->stop = start;
    return PM_OK;
}

static void note_input(struct pm_input *input, const struct pm_run *run)
{
    input->packets += run->totals.packets;
    input->record_bytes = run->stop - input->header_bytes;
    input->left_bytes = input->file_bytes - run->stop;
    input->damage = pm_damage_name(run->damage);
    input->damage_offset = run->damage == PM_WHOLE ? 0 : run->stop;
}

static enum pm_status join_run(struct engine *engine, size_t at, struct pm_walker *walker)
{
    struct pm_analysis *analysis = engine->analysis;
    struct pm_run *run = &engine->runs[at];
    enum pm_status status = PM_OK;

    if (is_lost(engine, at)) {
        run->damage = engine->runs[at - 1].damage;
        run->stop = engine->runs[at - 1].stop;
        pm_set_free(&run->set);
        return PM_OK;
    }
    PM_TRY(prove(engine, at, walker));
    if (run->walked)
        status = pm_set_merge(&analysis->set, &run->set, analysis->totals.packets);
    pm_set_free(&run->set);
    pm_totals_merge(&analysis->totals, &run->totals);
    note_input(&analysis->inputs[run->input], run);
    return status;
}

static void fail(struct engine *engine, enum pm_status status)
{
    int none = PM_OK;

    if (status != PM_OK)
        atomic_compare_exchange_strong(&engine->status, &none, (int)status);
}

/* Joins what can be joined: one worker at a time, which goes on until the next run is missing. */
static void join_ready(struct engine *engine, struct pm_walker *walker)
{
    pthread_mutex_lock(&engine->lock);
    while (!engine->joining && engine->joined < engine->n_runs &&
           engine->handed_in[engine->joined] && atomic_load(&engine->status) == PM_OK) {
        size_t at = engine->joined;

        engine->joining = true;
        pthread_mutex_unlock(&engine->lock);
        fail(engine, join_run(engine, at, walker));
        pthread_mutex_lock(&engine->lock);
        engine->joining = false;
        engine->joined++;
    }
    pthread_mutex_unlock(&engine->lock);
}

/* ---- working --------------------------------------------------------------------------------- */

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
    return atomic_load(&engine->status) == PM_OK;
}

static void hand_in(struct engine *engine, size_t at)
{
    pthread_mutex_lock(&engine->lock);
    engine->handed_in[at] = true;
    pthread_mutex_unlock(&engine->lock);
}

static void work(void *context, unsigned worker)
{
    struct engine *engine = context;
    struct pm_walker *walker = calloc(1, sizeof *walker);
    size_t at;

    (void)worker;
    if (walker == NULL) {
        fail(engine, PM_NO_MEMORY);
        return;
    }
    walker->settings = &engine->analysis->settings;
    walker->tables = engine->analysis->tables;
    walker->batch_packets = engine->analysis->options.batch_packets;
    walker->go_on = go_on;
    walker->context = engine;
    while (atomic_load(&engine->status) == PM_OK &&
           (at = atomic_fetch_add(&engine->next, 1)) < engine->n_runs) {
        fail(engine, pm_run_walk(&engine->runs[at], walker));
        hand_in(engine, at);
        join_ready(engine, walker);
    }
    free(walker);
}

enum pm_status pm_engine_read(struct pm_analysis *analysis, struct pm_error *error)
{
    struct engine engine = {.analysis = analysis, .lock = PTHREAD_MUTEX_INITIALIZER};
    enum pm_status status = plan(&engine);

    if (status == PM_OK) {
        pm_workers_run(analysis->threads, work, &engine);
        status = (enum pm_status)atomic_load(&engine.status);
    }
    for (size_t i = 0; i < engine.n_runs; i++)
        pm_set_free(&engine.runs[i].set);
    free(engine.runs);
    free(engine.handed_in);
    pthread_mutex_destroy(&engine.lock);
    return status == PM_OK ? PM_OK : pm_engine_fail(error, status);
}
