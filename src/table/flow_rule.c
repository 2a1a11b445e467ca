#include "table/flow_rule.h"

static struct pm_flow *flow_of(const struct pm_segments *segments, const struct pm_segment *head)
{
    return pm_store_at(&segments->flows, head->flow);
}

/* After a silence the same connection goes on under the same source. */
static void continue_behind_silence(struct pm_segments *segments, const struct pm_segment *before,
                                    struct pm_segment *segment)
{
    struct pm_flow *flow = flow_of(segments, segment);

    segment->src_direction = before->src_direction;
    flow->continues = before->flow + 1;
    flow->part = flow_of(segments, before)->part + 1;
}

static unsigned src_direction(const struct pm_segment *segment)
{
    bool of_one_end = pm_address_compare(segment->key.a, segment->key.b) == 0 &&
                      segment->key.a_port == segment->key.b_port;

    return segment->first_direction ^ (segment->opens_with_syn_ack && !of_one_end);
}

enum pm_status pm_flow_begin(struct pm_segments *segments, uint32_t number, uint32_t before,
                             enum pm_flow_cut cut)
{
    struct pm_segment *segment = pm_segment_at(segments, number);
    uint32_t flow = pm_store_add(&segments->flows);

    if (flow == PM_NONE)
        return PM_NO_MEMORY;
    *(struct pm_flow *)pm_store_at(&segments->flows, flow) =
        (struct pm_flow){.head = number, .part = 1};
    segment->flow = flow;
    segment->head = true;
    segment->src_direction = src_direction(segment);
    if (before == PM_NONE)
        return PM_OK;
    flow_of(segments, pm_segment_at(segments, before))->cut = (uint8_t)cut;
    if (cut == PM_CUT_IDLE)
        continue_behind_silence(segments, pm_segment_at(segments, before), segment);
    return PM_OK;
}

enum pm_status pm_flow_place(struct pm_segments *segments, uint32_t number)
{
    struct pm_segment *segment = pm_segment_at(segments, number);
    uint32_t head = pm_index_find(&segments->index, segment->key.hash, pm_segment_has_key,
                                  &segments->store, &segment->key);
    struct pm_opening opening = pm_segment_opening(segment);
    enum pm_flow_cut cut = PM_CUT_NONE;

    if (head == PM_NONE) {
        if (!pm_index_add(&segments->index, segment->key.hash, number))
            return PM_NO_MEMORY;
    } else {
        struct pm_segment *flow = pm_segment_at(segments, head);

        cut = pm_flow_cut(flow, &opening, segments->settings->idle_timeout_ns);
        if (cut == PM_CUT_NONE) {
            segment->flow = head;
            return pm_segment_append(segments, head, number);
        }
        pm_index_replace(&segments->index, segment->key.hash, head, number);
    }
    return pm_flow_begin(segments, number, head, cut);
}
