/* From segments to flows: the one rule of what ends a flow (CONTRACT.md, section 5). */
#ifndef PM_FLOW_RULE_H
#define PM_FLOW_RULE_H

#include "table/segments.h"

/* Goes through all segments in capture order and adds up, in the first segment of each flow, those
 * that continue it: head, src_direction and flow_id (from 1) are set. Says in `n_flows` how many
 * flows there are, and in `heads`, for the caller to free(), which segments they begin with. */
enum pm_status pm_flow_rule(struct pm_segments *segments, uint32_t **heads, uint64_t *n_flows);

#endif
