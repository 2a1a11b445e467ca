#include "table/flow_rule.h"

#include <stdlib.h>

enum { LOOK_AHEAD = 8 }; /* segments whose slot in the index is on its way from memory */

struct rule {
    struct pm_segments *segments;
    struct pm_index latest; /* five-tuple -> the head of its latest flow */
    uint32_t *heads;
    uint64_t n_flows;
};

static bool is_new_connection(const struct pm_segment *flow, const struct pm_segment *segment)
{
    unsigned sender = segment->first_direction;

    return segment->opens_with_syn && flow->has_seq[sender] &&
           flow->first_seq[sender] != segment->opening_seq;
}

static void add_segment(struct pm_segment *flow, const struct pm_segment *segment)
{
    for (unsigned i = 0; i < 2; i++) {
        flow->counts[i].packets += segment->counts[i].packets;
        flow->counts[i].wire_bytes += segment->counts[i].wire_bytes;
        flow->counts[i].ip_bytes += segment->counts[i].ip_bytes;
        flow->counts[i].payload_bytes += segment->counts[i].payload_bytes;
        flow->tcp_flags[i] |= segment->tcp_flags[i];
        if (!flow->has_seq[i] || (!flow->syn_seen[i] && segment->syn_seen[i]))
            flow->first_seq[i] = segment->first_seq[i];
        flow->has_seq[i] |= segment->has_seq[i];
        flow->syn_seen[i] |= segment->syn_seen[i];
    }
    if (!segment->timed)
        return;
    if (!flow->timed || segment->min_ts < flow->min_ts)
        flow->min_ts = segment->min_ts;
    if (!flow->timed || segment->max_ts > flow->max_ts)
        flow->max_ts = segment->max_ts;
    flow->last_ts = segment->last_ts;
    flow->timed = true;
}

static void begin_flow(struct rule *rule, struct pm_segment *segment, uint32_t number)
{
    bool of_one_end = pm_address_compare(segment->key.a, segment->key.b) == 0 &&
                      segment->key.a_port == segment->key.b_port;

    segment->head = number;
    segment->src_direction = segment->first_direction;
    if (segment->opens_with_syn_ack && !of_one_end)
        segment->src_direction ^= 1;
    rule->heads[rule->n_flows] = number;
    segment->flow_id = ++rule->n_flows;
}

/* The rule: `segment` comes behind `flow`, which it continues (true) or ends. After a silence the
 * same connection goes on under the same source. */
static bool continues_flow(struct rule *rule, struct pm_segment *flow, struct pm_segment *segment,
                           uint32_t number)
{
    int64_t idle_timeout = rule->segments->settings->idle_timeout_ns;
    bool silence = flow->timed && segment->timed &&
                   pm_is_silence(flow->last_ts, segment->first_ts, idle_timeout);
    bool new_connection = is_new_connection(flow, segment);

    if (!silence && !new_connection) {
        add_segment(flow, segment);
        segment->head = flow->head;
        return true;
    }
    begin_flow(rule, segment, number);
    if (!new_connection)
        segment->src_direction = flow->src_direction;
    return false;
}

static enum pm_status apply_to(struct rule *rule, uint32_t number)
{
    const struct pm_store *store = &rule->segments->store;
    struct pm_segment *segment = pm_store_at(store, number);
    uint32_t head =
        pm_index_find(&rule->latest, segment->hash, pm_segment_has_key, store, &segment->key);

    if (head == PM_NONE) {
        begin_flow(rule, segment, number);
        return pm_index_add(&rule->latest, segment->hash, number) ? PM_OK : PM_NO_MEMORY;
    }
    if (!continues_flow(rule, pm_store_at(store, head), segment, number))
        pm_index_replace(&rule->latest, segment->hash, head, number);
    return PM_OK;
}

/* Cost: 26 ns a segment (bench: settle/flows). */
static enum pm_status apply_to_all(struct rule *rule)
{
    const struct pm_store *store = &rule->segments->store;

    for (uint32_t i = pm_store_first(store); i != PM_NONE; i = pm_store_next(store, i)) {
        uint32_t ahead = pm_store_seek(store, i + LOOK_AHEAD);

        if (ahead != PM_NONE)
            pm_index_prefetch(&rule->latest, pm_segment_at(rule->segments, ahead)->hash);
        PM_TRY(apply_to(rule, i));
    }
    return PM_OK;
}

enum pm_status pm_flow_rule(struct pm_segments *segments, uint32_t **heads, uint64_t *n_flows)
{
    struct rule rule = {.segments = segments};
    uint64_t most = pm_store_count(&segments->store);
    enum pm_status status = PM_NO_MEMORY;

    pm_segments_close(segments);
    rule.heads = malloc((most + 1) * sizeof *rule.heads);
    if (pm_index_init(&rule.latest, most) && rule.heads != NULL)
        status = apply_to_all(&rule);
    pm_index_free(&rule.latest);
    *heads = rule.heads;
    *n_flows = rule.n_flows;
    return status;
}
