/* From segments to flows: the one rule of what ends a flow (pcapmill-tables(5)). */
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
    uint32_t continues; /* flow_id of the part before; 0: none */
    uint8_t cut;        /* enum pm_flow_cut */
};

_Static_assert(sizeof(struct pm_flow) == 16, "flows are many");

/* A packet, as far as it may begin a flow. */
struct pm_opening {
    bool timed;
    bool syn; /* without ACK */
    uint8_t sender;
    int64_t ts;
    uint32_t seq;
};

static inline struct pm_opening pm_segment_opening(const struct pm_segment *segment)
{
    return (struct pm_opening){.timed = segment->timed,
                               .syn = segment->opens_with_syn,
                               .sender = segment->first_direction,
                               .ts = segment->first_ts,
                               .seq = segment->opening_seq};
}

static inline bool pm_was_heard(const struct pm_segment *flow, unsigned sender)
{
    return flow->has_seq >> sender & 1;
}

static inline bool pm_is_new_connection(const struct pm_segment *flow,
                                        const struct pm_opening *opening)
{
    return opening->syn && pm_was_heard(flow, opening->sender) &&
           flow->first_seq[opening->sender] != opening->seq;
}

/* Whether a packet that comes next ends a flow, and by what. */
static inline enum pm_flow_cut pm_flow_cut(const struct pm_segment *flow,
                                           const struct pm_opening *opening, uint64_t idle_timeout)
{
    if (pm_is_new_connection(flow, opening))
        return PM_CUT_REUSE;
    return flow->timed && opening->timed && pm_is_silence(flow->last_ts, opening->ts, idle_timeout)
               ? PM_CUT_IDLE
               : PM_CUT_NONE;
}

/* For segments that lead. A flow begins with segment `number`; the one with head `before` (or
 * PM_NONE) was cut off by it. */
enum pm_status pm_flow_begin(struct pm_segments *segments, uint32_t number, uint32_t before,
                             enum pm_flow_cut cut);

/* For segments that lead. The next segment in capture order is added to the flow that it continues,
 * or begins one. */
enum pm_status pm_flow_place(struct pm_segments *segments, uint32_t number);

#endif
