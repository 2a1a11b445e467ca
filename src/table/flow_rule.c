#include "table/flow_rule.h"

#include <stdlib.h>

enum { LOOK_AHEAD = 8 }; /* segments whose slot in the index is on its way from memory */

struct rule {
    struct pm_segments *segments;
    struct pm_index latest; /* five-tuple -> the head of its latest flow */
    struct pm_flow *flows;
    uint64_t n_flows;
};

static bool is_new_connection(const struct pm_segment *flow, const struct pm_segment *segment)
{
    unsigned sender = segment->first_direction;

    return segment->opens_with_syn && flow->has_seq >> sender & 1 &&
           flow->first_seq[sender] != segment->opening_seq;
}

static void begin_flow(struct rule *rule, struct pm_segment *segment, uint32_t number)
{
    bool of_one_end = pm_address_compare(segment->key.a, segment->key.b) == 0 &&
                      segment->key.a_port == segment->key.b_port;

    segment->head = true;
    segment->src_direction = segment->first_direction;
    if (segment->opens_with_syn_ack && !of_one_end)
        segment->src_direction ^= 1;
    segment->flow = (uint32_t)rule->n_flows;
    rule->flows[rule->n_flows++] = (struct pm_flow){.head = number, .part = 1};
}

/* After a silence the same connection goes on under the same source. */
static void continue_behind_silence(struct rule *rule, const struct pm_segment *before,
                                    struct pm_segment *segment)
{
    struct pm_flow *flow = &rule->flows[segment->flow];

    segment->src_direction = before->src_direction;
    flow->continues = before->flow + UINT64_C(1);
    flow->part = rule->flows[before->flow].part + 1;
}

/* The rule: `segment` comes behind the flow that begins with `head`, which it continues (it is
 * added to it) or ends (a flow begins). */
static enum pm_status apply_behind(struct rule *rule, uint32_t head, uint32_t number)
{
    struct pm_segments *segments = rule->segments;
    struct pm_segment *flow = pm_segment_at(segments, head);
    struct pm_segment *segment = pm_segment_at(segments, number);
    bool silence =
        flow->timed && segment->timed &&
        pm_is_silence(flow->last_ts, segment->first_ts, segments->settings->idle_timeout_ns);
    bool new_connection = is_new_connection(flow, segment);

    if (!silence && !new_connection) {
        segment->flow = head;
        return pm_segment_append(segments, flow, segment);
    }
    begin_flow(rule, segment, number);
    rule->flows[flow->flow].cut = new_connection ? PM_CUT_REUSE : PM_CUT_IDLE;
    if (!new_connection)
        continue_behind_silence(rule, flow, segment);
    pm_index_replace(&rule->latest, segment->key.hash, head, number);
    return PM_OK;
}

static enum pm_status apply_to(struct rule *rule, uint32_t number)
{
    const struct pm_store *store = &rule->segments->store;
    struct pm_segment *segment = pm_store_at(store, number);
    uint32_t head =
        pm_index_find(&rule->latest, segment->key.hash, pm_segment_has_key, store, &segment->key);

    if (head != PM_NONE)
        return apply_behind(rule, head, number);
    begin_flow(rule, segment, number);
    return pm_index_add(&rule->latest, segment->key.hash, number) ? PM_OK : PM_NO_MEMORY;
}

/* Cost: 26 ns a segment (bench: settle/flows). */
static enum pm_status apply_to_all(struct rule *rule)
{
    const struct pm_store *store = &rule->segments->store;

    for (uint32_t i = pm_store_first(store); i != PM_NONE; i = pm_store_next(store, i)) {
        uint32_t ahead = pm_store_seek(store, i + LOOK_AHEAD);

        if (ahead != PM_NONE)
            pm_index_prefetch(&rule->latest, pm_segment_at(rule->segments, ahead)->key.hash);
        PM_TRY(apply_to(rule, i));
    }
    return PM_OK;
}

enum pm_status pm_flow_rule(struct pm_segments *segments, struct pm_flow **flows, uint64_t *n_flows)
{
    struct rule rule = {.segments = segments};
    uint64_t most = pm_store_count(&segments->store);
    enum pm_status status = PM_NO_MEMORY;

    pm_segments_close(segments);
    rule.flows = malloc((most + 1) * sizeof *rule.flows);
    if (pm_index_init(&rule.latest, most) && rule.flows != NULL)
        status = apply_to_all(&rule);
    pm_index_free(&rule.latest);
    *flows = rule.flows;
    *n_flows = rule.n_flows;
    return status;
}
