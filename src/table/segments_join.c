#include "base/work.h"
#include "table/flow_rule.h"

/* Segments: a head is fetched so far ahead, the slot that names it twice as far. */
enum { LOOK_AHEAD = 8 };

enum { LOOKS_EACH = 4 }; /* at earlier segments, for each segment of a run */

/* ---- orphans --------------------------------------------------------------------------------- */

/* An orphan has found its place: ports (or none), ends in order, direction, hash. */
static void adopt(struct pm_segments *segments, struct pm_segment *orphan,
                  struct pm_fragment_ports ports)
{
    struct pm_flow_key *key = &orphan->key;
    uint64_t kind =
        pm_flow_key_kind(ports.src_port, ports.dst_port, key->proto, key->ip_version, key->vlan_id);

    orphan->orphan = false;
    if (pm_flow_key_make(key, key->a, key->b, kind, key->tunnel_id,
                         &segments->settings->hash_key) == 1) {
        orphan->counts[1] = orphan->counts[0]; /* it is of one packet, and so without details */
        orphan->counts[0] = (struct pm_flow_counts){0};
        orphan->first_direction = 1;
    }
}

/* Asks the first fragments of `left` about an orphan; false: there may be one further left. */
static bool try_to_adopt(struct pm_segments *left, struct pm_segment *orphan)
{
    struct pm_fragment_ports ports = {0, 0};
    struct pm_fragment_key key = {.src = orphan->key.a,
                                  .dst = orphan->key.b,
                                  .id = orphan->fragment_id,
                                  .proto = orphan->key.proto,
                                  .ip_version = orphan->key.ip_version};

    if (pm_fragments_find(&left->fragments, &key, orphan->timed, orphan->first_ts, &ports) ==
            PM_FRAGMENT_UNKNOWN &&
        !left->leads)
        return false;
    adopt(left, orphan, ports);
    return true;
}

static enum pm_status join_orphans(struct pm_segments *into, const struct pm_store *orphans,
                                   uint32_t shift)
{
    for (uint32_t i = pm_store_first(orphans); i != PM_NONE; i = pm_store_next(orphans, i)) {
        uint32_t number = *(uint32_t *)pm_store_at(orphans, i) + shift, kept;

        if (try_to_adopt(into, pm_segment_at(into, number)))
            continue;
        kept = pm_store_add(&into->orphans);
        if (kept == PM_NONE)
            return PM_NO_MEMORY;
        *(uint32_t *)pm_store_at(&into->orphans, kept) = number;
    }
    return PM_OK;
}

/* ---- runs ------------------------------------------------------------------------------------ */

static inline __attribute__((always_inline)) void fetch_slot(const struct pm_segments *segments,
                                                             uint32_t number)
{
    if (number != PM_NONE)
        pm_index_prefetch(&segments->index, pm_segment_at(segments, number)->key.hash);
}

/* What a segment may continue, and will be compared with and counted in. */
static inline __attribute__((always_inline)) void fetch_head(const struct pm_segments *segments,
                                                             uint32_t number)
{
    uint32_t head = PM_NONE;

    if (number != PM_NONE)
        head = pm_index_peek(&segments->index, pm_segment_at(segments, number)->key.hash);
    if (head != PM_NONE)
        pm_segment_fetch(segments, head);
}

/* What to add to numbers that a run's segments bear. */
struct shift {
    uint64_t packets;
    uint32_t details;
};

static inline void renumber(struct pm_segment *segment, const struct shift *shift)
{
    segment->first_packet += shift->packets;
    if (segment->details != PM_NONE)
        segment->details += shift->details;
}

static void renumber_all(struct pm_segments *segments, uint32_t begin, const struct shift *shift)
{
    const struct pm_store *store = &segments->store;

    for (uint32_t i = pm_store_seek(store, begin); i != PM_NONE; i = pm_store_next(store, i))
        renumber(pm_segment_at(segments, i), shift);
}

/* Renumbers all segments from number `begin` on, and applies the rule to them: each is compared
 * only with what lies to its left, which has its new numbers. Cost: 26 ns a segment that begins a
 * flow (bench: settle/flows). Where flows go on from run to run it was 200, for want of their
 * heads, and is less than 100 since those are asked for. */
static enum pm_status place_all(struct pm_segments *segments, uint32_t begin,
                                const struct shift *shift)
{
    const struct pm_store *store = &segments->store;

    for (uint32_t i = pm_store_seek(store, begin); i != PM_NONE; i = pm_store_next(store, i)) {
        fetch_slot(segments, pm_store_seek(store, i + 2 * LOOK_AHEAD));
        fetch_head(segments, pm_store_seek(store, i + LOOK_AHEAD));
        renumber(pm_segment_at(segments, i), shift);
        PM_TRY(pm_flow_place(segments, i));
    }
    return PM_OK;
}

/* Behind segments that do not lead. What the index names has moved away from the right edge: it
 * begins anew. */
static enum pm_status put_behind_run(struct pm_segments *segments, uint32_t begin,
                                     const struct shift *shift)
{
    renumber_all(segments, begin, shift);
    pm_index_free(&segments->index);
    return pm_index_init(&segments->index, 0) ? PM_OK : PM_NO_MEMORY;
}

/* Joins what is known of segments elsewhere, and says what to add to its numbers. */
static bool join_details(struct pm_segments *into, struct pm_segments *from, uint32_t *shift)
{
    uint32_t tcp_shift, firsts_shift;

    if (!pm_tcp_flows_merge(&into->tcp, &from->tcp, &tcp_shift) ||
        !pm_first_packets_merge(&into->firsts, &from->firsts, &firsts_shift))
        return false;
    for (uint32_t i = pm_segments_are_detailed(from) ? pm_store_first(&from->details) : PM_NONE;
         i != PM_NONE; i = pm_store_next(&from->details, i)) {
        struct pm_details *details = pm_store_at(&from->details, i);

        if (details->tcp != PM_NONE)
            details->tcp += tcp_shift;
        details->firsts += firsts_shift;
    }
    return pm_store_join(&into->details, &from->details, shift);
}

/* Behind segments that lead: the rule is applied to those from number `begin` on. */
static enum pm_status put_behind_lead(struct pm_segments *segments, uint32_t begin, uint64_t n,
                                      const struct shift *shift)
{
    if (!pm_index_reserve(&segments->index, segments->index.used + n))
        return PM_NO_MEMORY;
    PM_TRY(place_all(segments, begin, shift));
    pm_tcp_flows_drop_edges(&segments->tcp);
    return PM_OK;
}

enum pm_status pm_segments_merge(struct pm_segments *into, struct pm_segments *from,
                                 struct pm_joint *joint)
{
    uint64_t n = pm_store_count(&from->store);
    struct shift shift = {.packets = joint->packets_before};
    uint32_t begin;

    if (!join_details(into, from, &shift.details) ||
        !pm_store_join(&into->store, &from->store, &begin))
        return PM_NO_MEMORY;
    joint->segments_before = begin;
    into->non_flow += from->non_flow;
    PM_TRY(join_orphans(into, &from->orphans, begin));
    if (!pm_fragments_merge(&into->fragments, &from->fragments))
        return PM_NO_MEMORY;
    return into->leads ? put_behind_lead(into, begin, n, &shift)
                       : put_behind_run(into, begin, &shift);
}

/* ---- whether runs can be joined -------------------------------------------------------------- */

/* Whether a SYN may repeat what its sender began with in a segment. */
static bool may_repeat(const struct pm_segment *segment, const struct pm_opening *opening)
{
    return pm_was_heard(segment, opening->sender) && !pm_is_new_connection(segment, opening);
}

/* Whether a SYN may repeat what its sender began with in one of a segment and those before it of
 * the same five-tuple; or surely, once `looks` are used up. */
static bool may_repeat_earlier(const struct pm_segments *from, uint32_t at,
                               const struct pm_opening *opening, uint64_t *looks)
{
    for (; at != PM_NONE; at = pm_segment_at(from, at)->flow) {
        PM_WORK();
        if (*looks == 0 || may_repeat(pm_segment_at(from, at), opening))
            return true;
        --*looks;
    }
    return false;
}

/* Whether a segment that is not the first of its five-tuple in the run surely begins a flow: behind
 * a silence; or with a SYN whose sender was heard in the flow before, of which the segment before
 * it is a part, wherever that flow began and whatever it began with. */
static bool surely_begins(const struct pm_segments *into, const struct pm_segments *from,
                          const struct pm_segment *segment, uint32_t head, uint64_t *looks)
{
    struct pm_opening opening = pm_segment_opening(segment);
    const struct pm_segment *before = pm_segment_at(from, segment->flow);

    if (pm_store_first(&from->orphans) == PM_NONE &&
        pm_flow_cut(before, &opening, from->settings->idle_timeout_ns) == PM_CUT_IDLE)
        return true;
    return pm_is_new_connection(before, &opening) &&
           !(head != PM_NONE && may_repeat(pm_segment_at(into, head), &opening)) &&
           !may_repeat_earlier(from, before->flow, &opening, looks);
}

/* Whether TCP can be followed exactly from the flow that begins with `head` to a segment whose edge
 * is full. */
static bool tcp_meets(const struct pm_segments *into, uint32_t head, const struct pm_segments *from,
                      const struct pm_segment *segment)
{
    const struct pm_details *details = pm_store_at(&from->details, segment->details);
    struct pm_tcp_flow room;
    const struct pm_tcp_flow *left = pm_segment_tcp(into, pm_segment_at(into, head), &room);

    return left == NULL || pm_tcp_flow_meets(left, &from->tcp, details->tcp);
}

static bool segment_meets(const struct pm_segments *into, const struct pm_segments *from,
                          const struct pm_segment *segment, uint64_t *looks)
{
    uint32_t head = pm_index_find(&into->index, segment->key.hash, pm_segment_has_key, &into->store,
                                  &segment->key);
    struct pm_opening opening = pm_segment_opening(segment);

    if (segment->flow != PM_NONE)
        return surely_begins(into, from, segment, head, looks);
    return head == PM_NONE ||
           (pm_store_first(&from->orphans) == PM_NONE &&
            pm_flow_cut(pm_segment_at(into, head), &opening, from->settings->idle_timeout_ns) !=
                PM_CUT_NONE) ||
           tcp_meets(into, head, from, segment);
}

/* Connections on one five-tuple may be many, each with all before it to look at: then it is cheaper
 * to walk the run again. */
bool pm_segments_meet(const struct pm_segments *into, const struct pm_segments *from)
{
    uint64_t looks = LOOKS_EACH * pm_store_count(&from->store);

    for (uint32_t i = pm_store_first(&from->full_edges); i != PM_NONE;
         i = pm_store_next(&from->full_edges, i)) {
        uint32_t number = *(const uint32_t *)pm_store_at(&from->full_edges, i);

        if (!segment_meets(into, from, pm_segment_at(from, number), &looks))
            return false;
    }
    return true;
}

/* ---- at the end ------------------------------------------------------------------------------ */

enum pm_status pm_segments_settle(struct pm_segments *segments)
{
    struct pm_segments all = {0};
    enum pm_status status;

    if (segments->leads)
        return PM_OK;
    status = pm_segments_init(&all, segments->settings);
    pm_segments_lead(&all);
    if (status == PM_OK)
        status = pm_segments_merge(&all, segments, &(struct pm_joint){0});
    pm_segments_free(segments);
    *segments = all;
    return status;
}
