#include "table/bursts.h"

#include "table/clock.h"

enum { BULK_PACKETS = 4 };

static const uint64_t IDLE_NS = 5000000000u, SUBFLOW_NS = 1000000000u, BULK_NS = 1000000000u;

/* ---- active and idle periods, subflows ------------------------------------------------------- */

/* A stretch comes behind, or a packet, which is a short one. */
void pm_activity_join(struct pm_activity *left, const struct pm_activity *right)
{
    uint64_t gap = pm_time_between(left->last_ts, right->first_ts);
    bool idle = gap > IDLE_NS;

    if (!left->timed || !right->timed) {
        if (right->timed)
            *left = *right;
        return;
    }
    left->breaks += right->breaks + (gap > SUBFLOW_NS);
    if (idle) {
        if (left->idle.n == 0)
            left->first_end = left->last_ts;
        else
            pm_moments_add(&left->active, pm_time_between(left->last_begin, left->last_ts));
        pm_moments_add(&left->idle, gap);
        left->last_begin = right->first_ts;
    }
    if (right->idle.n != 0) {
        if (left->idle.n == 0)
            left->first_end = right->first_end;
        else
            pm_moments_add(&left->active, pm_time_between(left->last_begin, right->first_end));
        left->last_begin = right->last_begin;
    }
    pm_moments_join(&left->active, &right->active);
    pm_moments_join(&left->idle, &right->idle);
    left->last_ts = right->last_ts;
}

void pm_activity_add(struct pm_activity *activity, int64_t ts)
{
    uint64_t gap = pm_time_between(activity->last_ts, ts);

    if (activity->timed && gap <= SUBFLOW_NS)
        activity->last_ts = ts;
    else
        pm_activity_join(
            activity,
            &(struct pm_activity){.first_ts = ts, .last_begin = ts, .last_ts = ts, .timed = true});
}

struct pm_moments pm_activity_active(const struct pm_activity *activity)
{
    struct pm_moments active = activity->active;

    if (!activity->timed)
        return active;
    if (activity->idle.n != 0)
        pm_moments_add(&active, pm_time_between(activity->first_ts, activity->first_end));
    pm_moments_add(
        &active, pm_time_between(activity->idle.n != 0 ? activity->last_begin : activity->first_ts,
                                 activity->last_ts));
    return active;
}

uint64_t pm_activity_subflows(const struct pm_activity *activity)
{
    return activity->timed ? activity->breaks + 1 : 0;
}

/* ---- bulks ----------------------------------------------------------------------------------- */

static void count_run(struct pm_bulk_counts counts[2], const struct pm_bulk_run *run)
{
    struct pm_bulk_counts *to = &counts[run->direction];

    if (run->packets < BULK_PACKETS)
        return;
    to->bulks++;
    to->packets += run->packets;
    to->bytes += run->bytes;
    to->ns += pm_time_between(run->first_ts, run->last_ts);
}

/* Puts a run behind: to what goes on with it, or as the last one. */
static void append_run(struct pm_bulks *bulks, const struct pm_bulk_run *run)
{
    struct pm_bulk_run *edge = bulks->last.packets != 0 ? &bulks->last : &bulks->first;

    if (edge->packets == 0) {
        *edge = *run;
    } else if (edge->direction == run->direction &&
               pm_time_between(edge->last_ts, run->first_ts) <= BULK_NS) {
        edge->packets += run->packets;
        edge->bytes += run->bytes;
        edge->last_ts = run->last_ts;
    } else {
        count_run(bulks->counts, &bulks->last);
        bulks->last = *run;
    }
}

void pm_bulks_add(struct pm_bulks *bulks, const struct pm_packet *packet, unsigned direction)
{
    append_run(bulks, &(struct pm_bulk_run){.packets = 1,
                                            .bytes = packet->payload_len,
                                            .first_ts = packet->ts_ns,
                                            .last_ts = packet->ts_ns,
                                            .direction = (uint8_t)direction});
}

void pm_bulks_join(struct pm_bulks *left, const struct pm_bulks *right)
{
    if (right->first.packets == 0)
        return;
    append_run(left, &right->first);
    if (right->last.packets == 0)
        return;
    count_run(left->counts, &left->last);
    left->last = right->last;
    for (unsigned direction = 0; direction < 2; direction++) {
        left->counts[direction].bulks += right->counts[direction].bulks;
        left->counts[direction].packets += right->counts[direction].packets;
        left->counts[direction].bytes += right->counts[direction].bytes;
        left->counts[direction].ns += right->counts[direction].ns;
    }
}

struct pm_bulk_counts pm_bulks_counts(const struct pm_bulks *bulks, unsigned direction)
{
    struct pm_bulk_counts counts[2] = {bulks->counts[0], bulks->counts[1]};

    count_run(counts, &bulks->first);
    count_run(counts, &bulks->last);
    return counts[direction];
}
