#include "engine/pass.h"

#include <pthread.h>
#include <stdlib.h>

#include "engine/ordered.h"

enum { HALF_LEAST = 2 << 20 }; /* bytes of a run that another worker takes over */

struct pm_pass {
    struct pm_analysis *analysis;
    struct pm_walker *walkers; /* one per worker */
    bool origin_known;

    struct pm_part *parts; /* of the pass that is under way, and its runs */
    unsigned workers;
    struct pm_run *runs;
    size_t n_runs;
    size_t runs_room;

    pthread_mutex_t lock; /* guards what follows, and the calls of options.progress */
    uint64_t done_bytes;
    uint64_t all_bytes;
};

/* ---- looking ahead --------------------------------------------------------------------------- */

/* Walks up to the first packet of a part and keeps what holds there, for runs to guess by; and
 * further, up to the first packet with a time, where rates still want their origin. */
static enum pm_status look_ahead(struct pm_pass *pass, struct pm_part *part)
{
    struct pm_walk walk;
    struct pm_record record;
    bool found = false;
    enum pm_status status = PM_OK;

    if (!pm_walk_begin(&walk, &part->view, part->frontier.at, part->view.end,
                       &part->frontier.section))
        return PM_NO_MEMORY;
    while (status == PM_OK && !(found && pass->origin_known) &&
           pm_walk_next(&walk, part->capture, &record, 1) == 1) {
        if (!found && !pm_section_copy(&part->opening, &walk.section))
            status = PM_NO_MEMORY;
        found = true;
        if (!pass->origin_known && record.timed) {
            pass->analysis->settings.origin_ns = record.ts_ns;
            pass->origin_known = true;
        }
    }
    if (!found && !pm_section_copy(&part->opening, &walk.section))
        status = PM_NO_MEMORY;
    if (status == PM_OK)
        status = walk.status;
    pm_walk_end(&walk);
    return status;
}

/* Notes the link type of the first interface, for the summary; filters are checked by it before the
 * work. For link types that come later in a pcapng no such sentence can be made. */
static enum pm_status note_link_type(const struct pm_pass *pass, const struct pm_part *part,
                                     struct pm_error *error)
{
    struct pm_input *input = part->input;
    const char *filter = pass->analysis->options.filter;

    if (input->packets != 0)
        return PM_OK; /* a later window */
    if (part->capture->format == PM_FORMAT_PCAP)
        input->link_type = part->capture->pcap.link_type;
    else if (part->opening.n_interfaces != 0)
        input->link_type = part->opening.interfaces[0].link_type;
    else
        return PM_OK;
    return filter == NULL ? PM_OK : pm_filter_check(filter, (uint16_t)input->link_type, error);
}

/* ---- planning -------------------------------------------------------------------------------- */

/* The thread that fills the windows of a stream is one of those that were asked for, as long as
 * another one is left: with two CPUs that is 5 % faster than three threads. */
static unsigned workers_for(const struct pm_analysis *analysis, const struct pm_part *parts)
{
    return parts[0].capture->mapped || analysis->threads == 1 ? analysis->threads
                                                              : analysis->threads - 1;
}

static uint64_t run_bytes(const struct pm_pass *pass, uint64_t all_bytes)
{
    uint64_t bytes = pass->analysis->options.run_bytes;

    if (bytes == 0)
        bytes = (all_bytes + pass->workers - 1) / pass->workers;
    return bytes == 0 ? 1 : bytes;
}

static uint64_t part_bytes(const struct pm_part *part)
{
    return part->view.end - part->fresh;
}

/* How many runs a part is cut into; one where it holds no byte. */
static uint64_t runs_of(const struct pm_part *part, uint64_t bytes)
{
    uint64_t n = (part_bytes(part) + bytes - 1) / bytes;

    return n == 0 ? 1 : n;
}

/* A run that begins behind another one of its part, at a guess. */
static struct pm_run run_behind(const struct pm_part *part, size_t number, struct pm_span span)
{
    return (struct pm_run){.capture = part->capture,
                           .view = &part->view,
                           .part = number,
                           .opening = &part->opening,
                           .left = {part->capture, &part->view, &part->opening, span.begin},
                           .span = span,
                           .at = span.begin,
                           .end = span.end};
}

/* What lies before a part: the end of the one before it, if that is at hand. */
static struct pm_left last_of(const struct pm_pass *pass, const struct pm_part *part)
{
    const struct pm_part *before = part - 1;

    if (part == pass->parts)
        return (struct pm_left){0};
    return (struct pm_left){before->capture, &before->view, &before->opening, before->view.end};
}

static enum pm_status plan_part(struct pm_pass *pass, struct pm_part *part, uint64_t bytes,
                                struct pm_error *error)
{
    uint64_t n = runs_of(part, bytes), at = part->fresh;
    struct pm_run *runs = pass->runs + pass->n_runs;
    enum pm_status status;

    pass->n_runs += n;
    for (uint64_t i = 0; i < n; i++, at += bytes)
        runs[i] = run_behind(part, (size_t)(part - pass->parts),
                             (struct pm_span){.begin = i == 0 ? part->frontier.at : at,
                                              .end = i + 1 == n ? part->view.end : at + bytes});
    runs[0].first = true;
    runs[0].opening = &part->frontier.section;
    runs[0].left = last_of(pass, part);
    status = look_ahead(pass, part);
    if (status != PM_OK)
        return pm_fail_status(error, status);
    return note_link_type(pass, part, error);
}

static enum pm_status make_room(struct pm_pass *pass, uint64_t n_runs)
{
    struct pm_run *runs;

    if (n_runs <= pass->runs_room)
        return PM_OK;
    runs = realloc(pass->runs, n_runs * sizeof *runs);
    if (runs == NULL)
        return PM_NO_MEMORY;
    pass->runs = runs;
    pass->runs_room = n_runs;
    return PM_OK;
}

static enum pm_status plan(struct pm_pass *pass, struct pm_part *parts, size_t n_parts,
                           struct pm_error *error)
{
    uint64_t all_bytes = 0, n_runs = 0, bytes;

    for (size_t i = 0; i < n_parts; i++)
        all_bytes += part_bytes(&parts[i]);
    bytes = run_bytes(pass, all_bytes);
    for (size_t i = 0; i < n_parts; i++)
        n_runs += runs_of(&parts[i], bytes);
    PM_TRY(make_room(pass, n_runs + pass->workers));
    pass->parts = parts;
    for (size_t i = 0; i < n_parts; i++)
        PM_TRY(plan_part(pass, &parts[i], bytes, error));
    return PM_OK;
}

/* ---- joining --------------------------------------------------------------------------------- */

static bool is_proven(const struct pm_run *run, const struct pm_frontier *frontier)
{
    return run->walked && run->start == frontier->at &&
           pm_section_equal(&run->start_section, &frontier->section);
}

void pm_pass_damage(struct pm_input *input, enum pm_damage damage, struct pm_input_damage what)
{
    what.kind = pm_damage_name(damage);
    input->damages[input->n_damages++] = what;
}

/* Packets are skipped in any run, and told of once. */
static void note_skipped(struct pm_input *input, const struct pm_run *run)
{
    if (run->skipped == 0)
        return;
    if (input->n_damages == 0)
        pm_pass_damage(input, PM_NO_INTERFACE,
                       (struct pm_input_damage){.offset = run->first_skipped});
    input->damages[0].skipped_packets += run->skipped;
}

static void move_on(struct pm_frontier *frontier, struct pm_run *run)
{
    pm_section_free(&frontier->section);
    frontier->at = run->stop;
    frontier->section = run->stop_section;
    frontier->damage = run->damage;
    run->stop_section = (struct pm_section){0};
}

static enum pm_status merge_run(struct pm_analysis *analysis, struct pm_run *run,
                                struct pm_stopwatch *watch)
{
    enum pm_status status;

    pm_lap_begin(watch);
    status = pm_tally_merge(&analysis->tally, run->tally);
    pm_lap(watch, PM_STAGE_MERGE);
    return status;
}

/* What lies behind damage, or inside a record of the run before, is not the run's to tell. A run
 * that began at a wrong guess, or that cannot be joined exactly, is walked again from the right
 * place, and counted in what it was to be joined with. */
static enum pm_status join_run(void *context, unsigned worker, size_t at)
{
    struct pm_pass *pass = context;
    struct pm_analysis *analysis = pass->analysis;
    struct pm_run *run = &pass->runs[at];
    struct pm_part *part = &pass->parts[run->part];
    struct pm_frontier *frontier = &part->frontier;
    enum pm_status status = PM_OK;

    if (frontier->damage != PM_WHOLE || (frontier->at >= run->span.end && !run->first)) {
        pm_run_free(run);
        return PM_OK;
    }
    if (run->tally != &analysis->tally && is_proven(run, frontier) &&
        pm_tally_meets(&analysis->tally, run->tally))
        status = merge_run(analysis, run, pass->walkers[worker].watch);
    else if (run->tally != &analysis->tally)
        PM_TRY(pm_run_walk_on(run, &analysis->tally, frontier->at, &frontier->section,
                              &pass->walkers[worker]));
    for (size_t i = 0; status == PM_OK && i < run->marks.n; i++)
        if (!pm_describe(part->description, &part->view, run->marks.at[i]))
            status = PM_NO_MEMORY;
    part->input->packets += run->records;
    note_skipped(part->input, run);
    move_on(frontier, run);
    pm_run_free(run);
    return status;
}

/* ---- walking --------------------------------------------------------------------------------- */

void pm_pass_progress(struct pm_pass *pass, uint64_t bytes)
{
    const struct pm_options *options = &pass->analysis->options;

    if (options->progress == NULL)
        return;
    pthread_mutex_lock(&pass->lock);
    pass->done_bytes += bytes;
    if (pass->done_bytes > pass->all_bytes && pass->all_bytes != 0)
        pass->done_bytes = pass->all_bytes; /* some run was walked twice */
    options->progress(options->progress_context, pass->done_bytes, pass->all_bytes);
    pthread_mutex_unlock(&pass->lock);
}

/* Between two batches: tells progress, and asks whether to go on. */
static bool go_on(void *context, const struct pm_run *run, uint64_t bytes)
{
    struct pm_pass *pass = context;
    const volatile int *stop = pass->analysis->options.stop;

    if (stop != NULL && *stop != 0)
        return false;
    if (run->capture->mapped)
        pm_pass_progress(pass, bytes);
    return true;
}

/* The first run of a pass needs no tables of its own: all that lies to the left of it is joined. In
 * a stream with one worker no run does, and no flow costs a segment per window.
 *
 * From a wrong guess a run may meet link types that are none, and no filter fits those: it is left
 * to the join, which walks it from the right place. */
static enum pm_status walk_run(void *context, unsigned worker, size_t at)
{
    struct pm_pass *pass = context;
    struct pm_run *run = &pass->runs[at];
    struct pm_walker *walker = &pass->walkers[worker];
    enum pm_status status;

    pm_lap_begin(walker->watch);
    status =
        at == 0 ? pm_run_walk_on(run, &pass->analysis->tally, run->span.begin, run->opening, walker)
                : pm_run_walk(run, walker);
    if (status != PM_USAGE || run->first)
        return status;
    pm_run_free(run);
    return PM_OK;
}

/* Where runs are as short as they were asked for, so are parts of them. */
static uint64_t half_least(const struct pm_options *options)
{
    return options->run_bytes == 0 ? HALF_LEAST : options->run_bytes / 4 + 1;
}

static uint64_t left_of(const struct pm_run *run)
{
    uint64_t at = run->at, end = run->end;

    return at < end ? end - at : 0;
}

/* Gives the second half of what is left of the longest run to a worker who has nothing to do. The
 * run may have passed the place meanwhile, with a batch of long packets: then the join will see. So
 * it will where the run found no place to begin at, but its half does. */
static bool split_run(void *context, size_t *of)
{
    struct pm_pass *pass = context;
    struct pm_run *longest = NULL;
    struct pm_span half;
    uint64_t most = 0;

    for (size_t i = 0; i < pass->n_runs; i++) {
        uint64_t left = left_of(&pass->runs[i]);

        if (left > most) {
            most = left;
            longest = &pass->runs[i];
        }
    }
    if (most / 2 < half_least(&pass->analysis->options))
        return false;
    half = (struct pm_span){.begin = longest->end - most / 2, .end = longest->end};
    *of = (size_t)(longest - pass->runs);
    pass->runs[pass->n_runs++] = run_behind(&pass->parts[longest->part], longest->part, half);
    longest->end = half.begin;
    return true;
}

static enum pm_status read_parts(struct pm_pass *pass, struct pm_part *parts, size_t n_parts,
                                 struct pm_error *error)
{
    pass->workers = workers_for(pass->analysis, parts);
    PM_TRY(plan(pass, parts, n_parts, error));
    return pm_ordered_run(pass->workers, &(struct pm_ordered){.n_items = pass->n_runs,
                                                              .context = pass,
                                                              .work = walk_run,
                                                              .finish = join_run,
                                                              .split = split_run,
                                                              .n_more = pass->workers});
}

enum pm_status pm_pass_read(struct pm_pass *pass, struct pm_part *parts, size_t n_parts,
                            struct pm_error *error)
{
    enum pm_status status;

    error->status = PM_OK;
    status = read_parts(pass, parts, n_parts, error);
    for (size_t i = 0; i < pass->n_runs; i++)
        pm_run_free(&pass->runs[i]);
    pass->n_runs = 0;
    for (size_t i = 0; i < n_parts; i++)
        pm_section_free(&parts[i].opening);
    if (status == PM_OK || status == error->status) /* it has its sentence */
        return status;
    if (status == PM_USAGE) /* only filters ask for something that a capture may not have */
        return pm_fail(
            error, PM_USAGE,
            "the filter does not fit every link type of the capture: see pcap-filter(7)");
    return pm_fail_status(error, status);
}

/* ---- for all passes -------------------------------------------------------------------------- */

static bool make_walkers(struct pm_pass *pass)
{
    const struct pm_analysis *analysis = pass->analysis;

    pass->walkers = calloc(analysis->threads, sizeof *pass->walkers);
    if (pass->walkers == NULL)
        return false;
    for (unsigned i = 0; i < analysis->threads; i++) {
        pass->walkers[i].settings = &analysis->settings;
        pass->walkers[i].tables = analysis->tables;
        pass->walkers[i].batch_packets = analysis->options.batch_packets;
        pass->walkers[i].tunnels = analysis->options.tunnels;
        pass->walkers[i].dedup = analysis->options.dedup;
        pass->walkers[i].filter.expression = analysis->options.filter;
        pass->walkers[i].reader.wanted = (size_t)analysis->options.window_bytes;
        pass->walkers[i].go_on = go_on;
        pass->walkers[i].context = pass;
        pass->walkers[i].watch = pm_analysis_watch(analysis, i);
    }
    return true;
}

struct pm_pass *pm_pass_new(struct pm_analysis *analysis, uint64_t all_bytes)
{
    struct pm_pass *pass = calloc(1, sizeof *pass);

    if (pass == NULL)
        return NULL;
    pass->analysis = analysis;
    pass->all_bytes = all_bytes;
    pass->origin_known = analysis->options.origin != PM_ORIGIN_FIRST;
    if (!make_walkers(pass)) {
        free(pass);
        return NULL;
    }
    pthread_mutex_init(&pass->lock, NULL);
    return pass;
}

void pm_pass_free(struct pm_pass *pass)
{
    for (unsigned i = 0; i < pass->analysis->threads; i++) {
        pm_filter_free(&pass->walkers[i].filter);
        pm_reader_free(&pass->walkers[i].reader);
    }
    free(pass->walkers);
    free(pass->runs);
    pthread_mutex_destroy(&pass->lock);
    free(pass);
}
