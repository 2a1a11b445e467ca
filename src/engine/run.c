#include "engine/run.h"

#include "decode/decode.h"

enum { BACK_EACH = 16 << 10 }; /* bytes per packet that is looked for before a run */

/* Decodes a record, if it is to be kept. */
static enum pm_status take_record(struct pm_run *run, struct pm_walker *walker,
                                  const struct pm_record *record, uint64_t number,
                                  struct pm_packet *packet, bool *kept)
{
    struct pm_tally *tally = run->tally;
    struct pm_ip_bytes ip;

    *kept = true;
    if (walker->filter.expression != NULL)
        PM_TRY(pm_filter_match(&walker->filter, record, kept));
    if (!*kept)
        return PM_OK;
    ip = pm_decode(record, number, walker->tunnels, packet);
    if (tally->recent != NULL &&
        pm_recent_add(tally->recent, &walker->settings->hash_key, record, ip)) {
        tally->totals.duplicates++;
        *kept = false;
    }
    return PM_OK;
}

/* Decodes those of the walker's records that are to be kept into its batch. */
static enum pm_status choose(struct pm_run *run, struct pm_walker *walker, size_t n,
                             uint64_t number)
{
    struct pm_batch *batch = &walker->batch;
    bool kept;

    batch->n = 0;
    for (size_t i = 0; i < n; i++) {
        PM_TRY(take_record(run, walker, &walker->records[i], number + i, &batch->packets[batch->n],
                           &kept));
        batch->n += kept;
    }
    return PM_OK;
}

static enum pm_status count_batch(struct pm_run *run, struct pm_walker *walker, size_t n)
{
    struct pm_batch *batch = &walker->batch;
    uint64_t number = run->tally->totals.records;

    run->records += n;
    run->tally->totals.records += n;
    if (walker->filter.expression == NULL && run->tally->recent == NULL) {
        pm_decode_all(walker->records, n, number, walker->tunnels, batch->packets);
        batch->n = n;
    } else {
        PM_TRY(choose(run, walker, n, number));
    }
    pm_lap(walker->watch, PM_STAGE_DECODE);
    return pm_tally_update(run->tally, batch, walker->watch);
}

static enum pm_status walk_left(struct pm_run *run, struct pm_walk *walk, struct pm_walker *walker)
{
    size_t n;
    bool kept;

    while ((n = pm_walk_next(walk, run->left.capture, walker->records, walker->batch_packets)) != 0)
        for (size_t i = 0; i < n; i++)
            PM_TRY(take_record(run, walker, &walker->records[i], 0, walker->batch.packets, &kept));
    return walk->status;
}

/* Finds the packets before a run that may equal one of its own, from a guess some way back. The
 * join compares them with what really lies there: where these are wrong or too few, the run is
 * walked again, as from any wrong guess. */
static enum pm_status look_left(struct pm_run *run, struct pm_walker *walker)
{
    const struct pm_left *left = &run->left;
    uint64_t back = (uint64_t)walker->dedup * BACK_EACH;
    struct pm_span span = {.end = left->end};
    struct pm_walk walk;
    enum pm_status status;

    if (walker->dedup == 0 || left->capture == NULL)
        return PM_OK;
    span.begin = left->end - left->view->begin > back ? left->end - back : left->view->begin;
    if (!pm_capture_guess(left->capture, left->view, span, left->section, &span.begin))
        return PM_OK;
    if (!pm_walk_begin(&walk, left->view, span.begin, span.end, left->section))
        return PM_NO_MEMORY;
    status = walk_left(run, &walk, walker);
    pm_walk_end(&walk);
    run->tally->totals.duplicates = 0;
    *run->tally->before = *run->tally->recent;
    return status == PM_USAGE ? PM_OK : status; /* no filter fits nonsense */
}

/* The next records of a walk, in its next piece if there is one; 0: it has ended. */
static size_t next_records(struct pm_run *run, struct pm_walk *walk, struct pm_walker *walker)
{
    size_t n;

    do
        n = pm_walk_next(walk, run->capture, walker->records, walker->batch_packets);
    while (n == 0 && pm_reader_more(&walker->reader, walk));
    return n;
}

static enum pm_status walk_all(struct pm_run *run, struct pm_walk *walk, struct pm_walker *walker)
{
    size_t n;

    while ((n = next_records(run, walk, walker)) != 0) {
        pm_lap(walker->watch, PM_STAGE_WALK);
        PM_TRY(count_batch(run, walker, n));
        if (!walker->go_on(walker->context, run, walk->at - run->at))
            return PM_STOPPED;
        run->at = walk->at;
        walk->end = run->end;
    }
    pm_lap(walker->watch, PM_STAGE_WALK);
    return walk->status;
}

void pm_run_free(struct pm_run *run)
{
    pm_tally_free(&run->own);
    pm_section_free(&run->start_section);
    pm_section_free(&run->stop_section);
    pm_marks_free(&run->marks);
    run->records = 0;
    run->damage = PM_WHOLE;
    run->skipped = 0;
    run->walked = false;
    run->at = PM_RUN_OVER;
}

static enum pm_status walk_from(struct pm_run *run, uint64_t start,
                                const struct pm_section *section, struct pm_walker *walker)
{
    struct pm_walk walk;
    enum pm_status status;

    if (!pm_section_copy(&run->start_section, section) ||
        !pm_walk_begin(&walk, run->view, start, run->end, section))
        return PM_NO_MEMORY;
    run->walked = true;
    run->start = start;
    run->at = start;
    pm_reader_begin(&walker->reader, run->capture, &walk);
    status = walk_all(run, &walk, walker);
    pm_reader_end(&walker->reader);
    pm_capture_release(run->capture, (struct pm_span){start, run->end});
    pm_lap(walker->watch, PM_STAGE_RELEASE);
    run->stop = walk.at;
    run->at = PM_RUN_OVER;
    run->damage = walk.damage;
    run->skipped = walk.skipped;
    run->first_skipped = walk.first_skipped;
    run->stop_section = walk.section; /* handed over, as are the marks */
    run->marks = walk.marks;
    return status;
}

enum pm_status pm_run_walk(struct pm_run *run, struct pm_walker *walker)
{
    uint64_t start = run->span.begin;

    if (!run->first && !pm_capture_guess(run->capture, run->view, run->span, run->opening, &start))
        return PM_OK;
    run->tally = &run->own;
    PM_TRY(pm_tally_init(run->tally, walker->settings, walker->tables, walker->dedup));
    PM_TRY(look_left(run, walker));
    pm_lap(walker->watch, PM_STAGE_GUESS);
    return walk_from(run, start, run->opening, walker);
}

enum pm_status pm_run_walk_on(struct pm_run *run, struct pm_tally *past, uint64_t start,
                              const struct pm_section *section, struct pm_walker *walker)
{
    pm_run_free(run);
    run->tally = past;
    return walk_from(run, start, section, walker);
}
