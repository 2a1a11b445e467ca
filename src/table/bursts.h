/*
 * How a flow comes and goes: active and idle periods, subflows, bulk transfers. Of timed packets in
 * capture order; a step back in time is no gap.
 *
 *     idle period    a gap of more than 5 s
 *     active period  what lies between two of them, from its first packet to its last
 *     subflow        what lies between two gaps of more than 1 s
 *     bulk           4 or more packets with payload in one direction, none of the other side's
 *                    between them and no gap of more than 1 s
 *
 * The thresholds are CICFlowMeter's. All of it joins: what is cut at an edge is kept there as it is
 * until it is known whether it goes on.
 */
#ifndef PM_BURSTS_H
#define PM_BURSTS_H

#include "base/moments.h"
#include "decode/packet.h"

struct pm_activity {
    struct pm_moments active; /* ns; without the first and the last period */
    struct pm_moments idle;   /* ns */
    uint64_t breaks;          /* between subflows */
    int64_t first_ts;
    int64_t first_end;  /* of the first active period, where an idle one follows */
    int64_t last_begin; /* of the last one */
    int64_t last_ts;
    bool timed;
};

void pm_activity_add(struct pm_activity *activity, int64_t ts);
void pm_activity_join(struct pm_activity *left, const struct pm_activity *right);

/* All active periods. */
struct pm_moments pm_activity_active(const struct pm_activity *activity);
uint64_t pm_activity_subflows(const struct pm_activity *activity);

/* Packets with payload in one direction, none of the other side's between them. */
struct pm_bulk_run {
    uint64_t packets; /* 0: none yet */
    uint64_t bytes;   /* of payload */
    int64_t first_ts;
    int64_t last_ts;
    uint8_t direction;
};

struct pm_bulk_counts {
    uint64_t bulks;
    uint64_t packets;
    uint64_t bytes;
    uint64_t ns; /* from first to last packet, of all */
};

struct pm_bulks {
    struct pm_bulk_run first;
    struct pm_bulk_run last;         /* where it is another one */
    struct pm_bulk_counts counts[2]; /* by direction, of the runs between the two */
};

/* A packet with payload. */
void pm_bulks_add(struct pm_bulks *bulks, const struct pm_packet *packet, unsigned direction);
void pm_bulks_join(struct pm_bulks *left, const struct pm_bulks *right);

/* Of all runs. */
struct pm_bulk_counts pm_bulks_counts(const struct pm_bulks *bulks, unsigned direction);

#endif
