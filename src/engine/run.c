#include "engine/run.h"

#include "decode/decode.h"

/* Decodes those of the walker's records that are to be kept into its batch and counts them. */
static enum pm_status count_batch(struct pm_run *run, struct pm_walker *walker, size_t n)
{
    struct pm_batch *batch = &walker->batch;

    batch->n = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t number = run->tally->totals.records++;
        bool matches = true;

        run->records++;
        if (walker->filter.expression != NULL)
            PM_TRY(pm_filter_match(&walker->filter, &walker->records[i], &matches));
        if (!matches)
            continue;
        pm_decode(&walker->records[i], number, walker->tunnels, &batch->packets[batch->n++]);
    }
    return pm_tally_update(run->tally, batch);
}

static enum pm_status walk_all(struct pm_run *run, struct pm_walk *walk, struct pm_walker *walker)
{
    size_t n;

    while ((n = pm_walk_next(walk, run->capture, walker->records, walker->batch_packets)) != 0) {
        PM_TRY(count_batch(run, walker, n));
        if (!walker->go_on(walker->context, run, walk->at - run->stop))
            return PM_STOPPED;
        run->stop = walk->at;
    }
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
}

static enum pm_status walk_from(struct pm_run *run, uint64_t start,
                                const struct pm_section *section, struct pm_walker *walker)
{
    struct pm_walk walk;
    enum pm_status status;

    if (!pm_section_copy(&run->start_section, section) ||
        !pm_walk_begin(&walk, run->view, start, run->span.end, section))
        return PM_NO_MEMORY;
    run->walked = true;
    run->start = run->stop = start;
    status = walk_all(run, &walk, walker);
    run->stop = walk.at;
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
    PM_TRY(pm_tally_init(run->tally, walker->settings, walker->tables));
    return walk_from(run, start, run->opening, walker);
}

enum pm_status pm_run_walk_on(struct pm_run *run, struct pm_tally *past, uint64_t start,
                              const struct pm_section *section, struct pm_walker *walker)
{
    pm_run_free(run);
    run->tally = past;
    return walk_from(run, start, section, walker);
}
