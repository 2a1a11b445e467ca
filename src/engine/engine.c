/*
 * Reading all captures, in the order given: those that are mapped together, a stream window by
 * window. Few are open at once, whatever their number; and what is no file is opened when its turn
 * comes, for its writer may still be busy with the one before.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "engine/pass.h"

enum {
    OPEN_MOST = 64,        /* captures that are open at once */
    STREAMS_MOST = 8,      /* streams that are unpacked at once */
    WINDOW_ONE = 1 << 20,  /* for one worker: two of them and the unpacker stay in the caches */
    WINDOW_EACH = 4 << 20, /* for each of several: every window is split, and costs joins */
    WINDOW_USUAL_MOST = 64 << 20,
    WINDOW_MOST = 1 << 30
};

struct engine {
    struct pm_analysis *analysis;
    struct pm_pass *pass;
    size_t window_bytes;
    size_t open_most;
    struct pm_capture *captures[OPEN_MOST]; /* that are open, the next one first */
    size_t n;
    size_t first; /* its number */
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
    *part = (struct pm_part){.capture = engine->captures[at],
                             .input = &engine->analysis->inputs[engine->first + at],
                             .description = &engine->analysis->descriptions[engine->first + at],
                             .fresh = engine->captures[at]->header_bytes,
                             .frontier = {.at = engine->captures[at]->header_bytes}};
}

static enum pm_status read_mapped(struct engine *engine, size_t n, struct pm_error *error)
{
    struct pm_part parts[OPEN_MOST];
    enum pm_status status = PM_OK;

    for (size_t i = 0; i < n; i++) {
        begin_part(engine, i, &parts[i]);
        if (status == PM_OK)
            status = pm_capture_next(engine->captures[i], 0, &parts[i].view, error);
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

static enum pm_status read_stream(struct engine *engine, struct pm_error *error)
{
    struct pm_part part;
    enum pm_status status;

    begin_part(engine, 0, &part);
    status = read_windows(engine, engine->captures[0], &part, error);
    note_read(part.input, part.capture, &part.frontier, part.view.end);
    pm_section_free(&part.frontier.section);
    return status;
}

/* ---- opening and closing --------------------------------------------------------------------- */

static bool is_file(const char *path, struct stat *found)
{
    return strcmp(path, "-") != 0 && stat(path, found) == 0 && S_ISREG(found->st_mode);
}

/* Opens the next capture; a stream is unpacked from then on, as far as its windows go. */
static enum pm_status open_next(struct engine *engine, struct pm_error *error)
{
    struct pm_input *input = &engine->analysis->inputs[engine->first + engine->n];
    struct pm_capture *capture = malloc(sizeof *capture);
    enum pm_status status = PM_NO_MEMORY;

    if (capture == NULL)
        return pm_fail_memory(error);
    status = pm_capture_open(capture, input->path, engine->analysis->options.stop, error);
    if (status != PM_OK) {
        free(capture);
        return status;
    }
    engine->captures[engine->n++] = capture;
    note_opened(input, capture);
    pm_capture_start(capture, engine->window_bytes);
    return PM_OK;
}

/* Opens files ahead of their turn: mapped ones to work on together, streams to unpack meanwhile,
 * one per thread. */
static enum pm_status open_some(struct engine *engine, struct pm_error *error)
{
    const struct pm_analysis *analysis = engine->analysis;
    size_t streams = 0;
    size_t streams_most = analysis->threads < STREAMS_MOST ? analysis->threads : STREAMS_MOST;
    struct stat found;

    for (size_t i = 0; i < engine->n; i++)
        streams += !engine->captures[i]->mapped;
    while (engine->n < engine->open_most && engine->first + engine->n < analysis->n_inputs &&
           streams < streams_most &&
           (engine->n == 0 || is_file(analysis->inputs[engine->first + engine->n].path, &found))) {
        PM_TRY(open_next(engine, error));
        streams += !engine->captures[engine->n - 1]->mapped;
    }
    return PM_OK;
}

/* Closes the first n captures, of which the last look is whether they are what they were. */
static enum pm_status close_some(struct engine *engine, size_t n, struct pm_error *error)
{
    enum pm_status status = PM_OK;

    for (size_t i = 0; i < n; i++) {
        if (status == PM_OK && !pm_capture_unchanged(engine->captures[i]))
            status = pm_fail(error, PM_CHANGED,
                             "'%s' shrank or was rewritten while it was read: analyze it again "
                             "when it is at rest",
                             engine->captures[i]->source.path);
        pm_capture_close(engine->captures[i]);
        free(engine->captures[i]);
    }
    engine->n -= n;
    engine->first += n;
    memmove(engine->captures, engine->captures + n, engine->n * sizeof *engine->captures);
    return status;
}

/* Reads the captures that come next: all that are mapped, or one stream. */
static enum pm_status read_some(struct engine *engine, struct pm_error *error)
{
    size_t n = 0;

    PM_TRY(open_some(engine, error));
    while (n < engine->n && engine->captures[n]->mapped)
        n++;
    if (n != 0) {
        PM_TRY(read_mapped(engine, n, error));
    } else {
        n = 1;
        PM_TRY(read_stream(engine, error));
    }
    return close_some(engine, n, error);
}

/* A file that is missing, or no capture, is told before hours of work, not behind them. What is no
 * file cannot be opened twice, and its size is not known: *all_bytes is 0 then. */
static enum pm_status check_files(const struct pm_analysis *analysis, uint64_t *all_bytes,
                                  struct pm_error *error)
{
    bool all_known = true;

    *all_bytes = 0;
    for (size_t i = 0; i < analysis->n_inputs; i++) {
        const char *path = analysis->inputs[i].path;
        struct pm_capture capture;
        struct stat found;

        if (is_file(path, &found)) {
            *all_bytes += (uint64_t)found.st_size;
        } else if (strcmp(path, "-") == 0 || stat(path, &found) == 0) {
            all_known = false;
            continue;
        }
        if (analysis->n_inputs == 1)
            break; /* it is opened now anyway */
        PM_TRY(pm_capture_open(&capture, path, NULL, error));
        pm_capture_close(&capture);
    }
    if (!all_known)
        *all_bytes = 0;
    return PM_OK;
}

static enum pm_status read_all(struct engine *engine, struct pm_error *error)
{
    uint64_t all_bytes;
    enum pm_status status = PM_OK;

    PM_TRY(check_files(engine->analysis, &all_bytes, error));
    engine->pass = pm_pass_new(engine->analysis, all_bytes);
    if (engine->pass == NULL)
        return pm_fail_memory(error);
    while (status == PM_OK && engine->first < engine->analysis->n_inputs)
        status = read_some(engine, error);
    if (engine->n != 0)
        close_some(engine, engine->n, &(struct pm_error){0}); /* the first sentence stays */
    pm_pass_free(engine->pass);
    return status;
}

/* A part of the files that the process may open; the rest is for the caller. */
static size_t open_most(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur / 4 >= OPEN_MOST)
        return OPEN_MOST;
    return limit.rlim_cur / 4 > 0 ? limit.rlim_cur / 4 : 1;
}

/* One of the threads fills windows (pass.c). */
static size_t usual_window(unsigned threads)
{
    if (threads <= 2)
        return WINDOW_ONE;
    return threads - 1 < WINDOW_USUAL_MOST / WINDOW_EACH ? (threads - 1) * (size_t)WINDOW_EACH
                                                         : WINDOW_USUAL_MOST;
}

enum pm_status pm_engine_read(struct pm_analysis *analysis, struct pm_error *error)
{
    struct engine engine = {.analysis = analysis, .window_bytes = usual_window(analysis->threads)};

    engine.open_most = open_most();
    if (analysis->options.window_bytes != 0)
        engine.window_bytes = analysis->options.window_bytes < WINDOW_MOST
                                  ? (size_t)analysis->options.window_bytes
                                  : WINDOW_MOST;
    return read_all(&engine, error);
}
