/*
 * Placing the segments of a run behind those that lead: the rule is applied to each, in capture
 * order, by several threads where there are many.
 *
 * The rule compares a segment with the latest flow of its five-tuple only, which the index names.
 * So each thread takes a part of the index, and of the segments those whose five-tuples belong
 * there; then what is left: the few whose search has left their part, and the numbers of flows,
 * which are those of their first packets' order.
 */
#ifndef PM_SEGMENTS_PLACE_H
#define PM_SEGMENTS_PLACE_H

#include "table/flow_rule.h"

/* What to add to numbers that a run's segments bear. */
struct pm_shift {
    uint64_t packets;
    uint32_t details;
};

static inline void pm_segment_renumber(struct pm_segment *segment, const struct pm_shift *shift)
{
    segment->first_packet += shift->packets;
    if (segment->details != PM_NONE)
        segment->details += shift->details;
}

/* Renumbers and places the n segments from number `begin` on; the index has room for them. Uses up
 * to settings->threads threads. */
enum pm_status pm_segments_place(struct pm_segments *segments, uint32_t begin, uint64_t n,
                                 const struct pm_shift *shift);

#endif
