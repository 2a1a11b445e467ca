/* From segments to flows: the one rule of what ends a flow (CONTRACT.md, section 5). */
#ifndef PM_FLOW_RULE_H
#define PM_FLOW_RULE_H

#include "table/segments.h"

/* What cut a flow off from the next one of the same five-tuple. */
enum pm_flow_cut { PM_CUT_NONE, PM_CUT_IDLE, PM_CUT_REUSE };

/* A flow: the segment that it begins with, into which the rest of it was added, and its place among
 * the flows that a connection was cut into by silences. */
struct pm_flow {
    uint32_t head;
    uint32_t part;      /* from 1 */
    uint64_t continues; /* flow_id of the part before; 0: none */
    enum pm_flow_cut cut;
};

/* Goes through all segments in capture order and adds up, in the first segment of each flow, those
 * that continue it: head, flow and src_direction are set. Says in `flows`, for the caller to
 * free(), what flows there are. */
enum pm_status pm_flow_rule(struct pm_segments *segments, struct pm_flow **flows,
                            uint64_t *n_flows);

#endif
