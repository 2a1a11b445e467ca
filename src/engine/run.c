#include "engine/run.h"

#include "decode/decode.h"

static void count_packet(struct pm_totals *totals, const struct pm_packet *packet)
{
    totals->packets++;
    totals->wire_bytes += packet->wire_len;
    totals->captured_bytes += packet->cap_len;
    if (!packet->timed)
        return;
    if (totals->timed_packets++ == 0) {
        totals->first_ts = totals->min_ts = totals->max_ts = packet->ts_ns;
    } else {
        totals->disordered |= packet->ts_ns < totals->last_ts;
        if (packet->ts_ns < totals->min_ts)
            totals->min_ts = packet->ts_ns;
        if (packet->ts_ns > totals->max_ts)
            totals->max_ts = packet->ts_ns;
    }
    totals->last_ts = packet->ts_ns;
}

void pm_totals_merge(struct pm_totals *into, const struct pm_totals *from)
{
    struct pm_totals both = *into;

    both.records += from->records;
    both.packets += from->packets;
    both.wire_bytes += from->wire_bytes;
    both.captured_bytes += from->captured_bytes;
    both.timed_packets += from->timed_packets;
    if (from->timed_packets != 0 && into->timed_packets == 0) {
        both.min_ts = from->min_ts;
        both.max_ts = from->max_ts;
        both.first_ts = from->first_ts;
        both.last_ts = from->last_ts;
        both.disordered = from->disordered;
    } else if (from->timed_packets != 0) {
        both.min_ts = from->min_ts < into->min_ts ? from->min_ts : into->min_ts;
        both.max_ts = from->max_ts > into->max_ts ? from->max_ts : into->max_ts;
        both.last_ts = from->last_ts;
        both.disordered |= from->disordered || from->first_ts < into->last_ts;
    }
    *into = both;
}

/* Decodes those of the walker's records that are to be kept into its batch and counts them. */
static enum pm_status count_batch(struct pm_run *run, struct pm_walker *walker, size_t n)
{
    struct pm_batch *batch = &walker->batch;

    batch->n = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t number = run->totals.records++;
        bool matches = true;

        if (walker->filter.expression != NULL)
            PM_TRY(pm_filter_match(&walker->filter, &walker->records[i], &matches));
        if (!matches)
            continue;
        pm_decode(&walker->records[i], number, walker->tunnels, &batch->packets[batch->n]);
        count_packet(&run->totals, &batch->packets[batch->n++]);
    }
    return pm_set_update(&run->set, batch);
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
    pm_set_free(&run->set);
    pm_section_free(&run->start_section);
    pm_section_free(&run->stop_section);
    pm_marks_free(&run->marks);
    run->totals = (struct pm_totals){0};
    run->damage = PM_WHOLE;
    run->skipped = 0;
    run->walked = false;
}

enum pm_status pm_run_walk_from(struct pm_run *run, uint64_t start,
                                const struct pm_section *section, struct pm_walker *walker)
{
    struct pm_walk walk;
    enum pm_status status;

    pm_run_free(run);
    if (!pm_section_copy(&run->start_section, section) ||
        !pm_walk_begin(&walk, run->view, start, run->span.end, section))
        return PM_NO_MEMORY;
    run->walked = true;
    run->start = run->stop = start;
    status = pm_set_init(&run->set, walker->settings, walker->tables);
    if (status == PM_OK)
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
    return pm_run_walk_from(run, start, run->opening, walker);
}
