/*
 * Reading all captures, in the order given: those that are mapped together, a stream window by
 * window. Few are open at once, whatever their number.
 */
#include <stdlib.h>
#include <unistd.h>

#include "engine/pass.h"

enum {
    GROUP = 64,              /* captures that are open at once */
    AHEAD_MOST = 8,          /* streams that are unpacked at once */
    WINDOW_BYTES = 16 << 20, /* larger ones leave the caches, smaller ones cost more joins */
    WINDOW_MOST = 1 << 30
};

struct engine {
    struct pm_analysis *analysis;
    struct pm_pass *pass;
    size_t window_bytes;
    struct pm_capture *captures; /* the group */
    size_t first;                /* its first one's number */
    size_t n;
};

/* ---- the books of an input ------------------------------------------------------------------- */

static void note_opened(struct pm_input *input, const struct pm_capture *capture)
{
    bool packed = !capture->mapped && capture->stream.unpacker != NULL;

    input->format = pm_format_name(capture->format);
    input->compression = packed ? capture->stream.unpacker->name : NULL;
    input->header_bytes = capture->header_bytes;
}

static void note_read(struct pm_input *input, const struct pm_capture *capture,
                      const struct pm_frontier *frontier, uint64_t n_bytes)
{
    input->file_bytes = n_bytes;
    input->packed_bytes = capture->mapped ? n_bytes : capture->source.taken;
    input->record_bytes = frontier->at - input->header_bytes;
    input->left_bytes = n_bytes - frontier->at;
    if (frontier->damage != PM_WHOLE)
        pm_pass_damage(
            input, frontier->damage,
            (struct pm_input_damage){.offset = frontier->at, .left_bytes = input->left_bytes});
    if (!capture->mapped && capture->stream.damage != PM_WHOLE)
        pm_pass_damage(input, capture->stream.damage, (struct pm_input_damage){.offset = n_bytes});
}

/* ---- mapped captures ------------------------------------------------------------------------- */

static void begin_part(struct engine *engine, size_t at, struct pm_part *part)
{
    *part = (struct pm_part){.capture = &engine->captures[at],
                             .input = &engine->analysis->inputs[engine->first + at],
                             .description = &engine->analysis->descriptions[engine->first + at],
                             .fresh = engine->captures[at].header_bytes,
                             .frontier = {.at = engine->captures[at].header_bytes}};
}

static enum pm_status read_mapped(struct engine *engine, size_t begin, size_t n,
                                  struct pm_error *error)
{
    struct pm_part parts[GROUP];
    enum pm_status status = PM_OK;

    for (size_t i = 0; i < n; i++) {
        begin_part(engine, begin + i, &parts[i]);
        if (status == PM_OK)
            status = pm_capture_next(&engine->captures[begin + i], 0, &parts[i].view, error);
    }
    if (status == PM_OK)
        status = pm_pass_read(engine->pass, parts, n, error);
    for (size_t i = 0; i < n; i++) {
        note_read(parts[i].input, parts[i].capture, &parts[i].frontier, parts[i].view.end);
        pm_section_free(&parts[i].frontier.section);
    }
    return status;
}

/* ---- streams --------------------------------------------------------------------------------- */

/* Behind damage there is nothing to read, but all of it is counted, and checksums are checked. */
static enum pm_status skip_rest(struct pm_capture *capture, struct pm_part *part,
                                struct pm_error *error)
{
    struct pm_frontier *frontier = &part->frontier;

    while (!part->view.last) {
        PM_TRY(pm_capture_next(capture, part->view.end, &part->view, error));
        if (frontier->damage == PM_ZERO_TAIL &&
            !pm_all_zero(part->view.bytes, pm_view_at(&part->view, part->view.end)))
            frontier->damage = PM_ZERO_HOLE;
    }
    return PM_OK;
}

static enum pm_status read_windows(struct engine *engine, struct pm_capture *capture,
                                   struct pm_part *part, struct pm_error *error)
{
    uint64_t told = 0;

    do {
        if (part->view.end > part->fresh)
            part->fresh = part->view.end;
        PM_TRY(pm_capture_next(capture, part->frontier.at, &part->view, error));
        PM_TRY(pm_pass_read(engine->pass, part, 1, error));
        pm_pass_progress(engine->pass, capture->source.taken - told);
        told = capture->source.taken;
    } while (!part->view.last && part->frontier.damage == PM_WHOLE);
    return skip_rest(capture, part, error);
}

/* Streams behind this one are unpacked meanwhile, as far as their windows go: one per thread. */
static void start_streams(struct engine *engine, size_t at)
{
    size_t ahead = engine->analysis->threads < AHEAD_MOST ? engine->analysis->threads : AHEAD_MOST;

    for (size_t i = at; i < engine->n && i < at + ahead; i++)
        pm_capture_start(&engine->captures[i], engine->window_bytes);
}

static enum pm_status read_stream(struct engine *engine, size_t at, struct pm_error *error)
{
    struct pm_part part;
    enum pm_status status;

    begin_part(engine, at, &part);
    start_streams(engine, at);
    status = read_windows(engine, &engine->captures[at], &part, error);
    note_read(part.input, part.capture, &part.frontier, part.view.end);
    pm_section_free(&part.frontier.section);
    return status;
}

/* ---- groups ---------------------------------------------------------------------------------- */

static enum pm_status open_group(struct engine *engine, struct pm_error *error)
{
    struct pm_analysis *analysis = engine->analysis;

    while (engine->n < GROUP && engine->first + engine->n < analysis->n_inputs) {
        struct pm_input *input = &analysis->inputs[engine->first + engine->n];
        struct pm_capture *capture = &engine->captures[engine->n];

        PM_TRY(pm_capture_open(capture, input->path, analysis->options.stop, error));
        engine->n++;
        note_opened(input, capture);
    }
    return PM_OK;
}

static enum pm_status read_group(struct engine *engine, struct pm_error *error)
{
    for (size_t at = 0, n; at < engine->n; at += n) {
        for (n = 0; at + n < engine->n && engine->captures[at + n].mapped; n++)
            ;
        if (n != 0) {
            PM_TRY(read_mapped(engine, at, n, error));
        } else {
            n = 1;
            PM_TRY(read_stream(engine, at, error));
        }
    }
    for (size_t i = 0; i < engine->n; i++)
        if (!pm_capture_unchanged(&engine->captures[i]))
            return pm_fail(error, PM_CHANGED,
                           "'%s' shrank or was rewritten while it was read: analyze it again when "
                           "it is at rest",
                           engine->captures[i].source.path);
    return PM_OK;
}

static void close_group(struct engine *engine)
{
    for (size_t i = 0; i < engine->n; i++)
        pm_capture_close(&engine->captures[i]);
    engine->first += engine->n;
    engine->n = 0;
}

/* A file that is missing is told before hours of work, not behind them. What is no file cannot be
 * opened twice. */
static enum pm_status check_rest(struct engine *engine, uint64_t *all_bytes, struct pm_error *error)
{
    struct pm_analysis *analysis = engine->analysis;

    *all_bytes = 0;
    for (size_t i = 0; i < analysis->n_inputs; i++) {
        const char *path = analysis->inputs[i].path;
        struct stat found;
        bool is_file = stat(path, &found) == 0 && S_ISREG(found.st_mode);

        if (is_file)
            *all_bytes += (uint64_t)found.st_size;
        if (i < GROUP || (!is_file && access(path, F_OK) == 0))
            continue;
        PM_TRY(pm_capture_open(&engine->captures[0], path, NULL, error));
        pm_capture_close(&engine->captures[0]);
    }
    return PM_OK;
}

static enum pm_status read_all(struct engine *engine, struct pm_error *error)
{
    uint64_t all_bytes;
    enum pm_status status = PM_OK;

    PM_TRY(check_rest(engine, &all_bytes, error));
    engine->pass = pm_pass_new(engine->analysis, all_bytes);
    if (engine->pass == NULL)
        return pm_fail_memory(error);
    while (status == PM_OK && engine->first < engine->analysis->n_inputs) {
        status = open_group(engine, error);
        if (status == PM_OK)
            status = read_group(engine, error);
        close_group(engine);
    }
    pm_pass_free(engine->pass);
    return status;
}

enum pm_status pm_engine_read(struct pm_analysis *analysis, struct pm_error *error)
{
    struct engine engine = {.analysis = analysis, .window_bytes = WINDOW_BYTES};
    enum pm_status status;

    if (analysis->options.window_bytes != 0)
        engine.window_bytes = analysis->options.window_bytes < WINDOW_MOST
                                  ? (size_t)analysis->options.window_bytes
                                  : WINDOW_MOST;
    engine.captures = calloc(GROUP, sizeof *engine.captures);
    if (engine.captures == NULL)
        return pm_fail_memory(error);
    status = read_all(&engine, error);
    free(engine.captures);
    return status;
}
