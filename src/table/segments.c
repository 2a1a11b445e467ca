#include "table/segments.h"

#include <stdlib.h>

#include "table/flow_rule.h"

_Static_assert(sizeof(struct pm_segment) == 192, "three cache lines");

/* ---- details --------------------------------------------------------------------------------- */

/* The first packet of a segment that has no other, as far as details go by it. */
static struct pm_packet only_packet(const struct pm_segment *segment)
{
    const struct pm_flow_counts *counts = &segment->counts[segment->first_direction];

    return (struct pm_packet){.ts_ns = segment->first_ts,
                              .timed = segment->timed,
                              .wire_len = (uint32_t)counts->wire_bytes,
                              .payload_len = (uint32_t)counts->payload_bytes,
                              .fragments = segment->opens_with_fragment,
                              .ttl = segment->ttl,
                              .dscp = segment->dscp,
                              .has_tcp = segment->opens_with_tcp,
                              .tcp_flags = segment->tcp_flags[segment->first_direction],
                              .tcp_window = segment->window,
                              .tcp_mss = segment->mss,
                              .tcp_window_scale = segment->window_scale};
}

uint64_t pm_segment_fragments(const struct pm_segments *segments, const struct pm_segment *segment)
{
    const struct pm_details *details;

    if (segment->details == PM_NONE)
        return segment->opens_with_fragment;
    details = pm_store_at(&segments->details, segment->details);
    return details->fragments;
}

const struct pm_details *pm_segment_details(const struct pm_segments *segments,
                                            const struct pm_segment *segment,
                                            struct pm_details *room)
{
    struct pm_packet packet;

    if (segment->details != PM_NONE)
        return pm_store_at(&segments->details, segment->details);
    packet = only_packet(segment);
    *room = (struct pm_details){0};
    pm_details_add(room, &packet, segment->first_direction, segments->settings->flow_columns);
    return room;
}

struct pm_details *pm_segment_own_details(struct pm_segments *segments, struct pm_segment *segment)
{
    struct pm_packet packet;
    struct pm_details *details;

    if (segment->details != PM_NONE)
        return pm_store_at(&segments->details, segment->details);
    segment->details = pm_store_add(&segments->details);
    if (segment->details == PM_NONE)
        return NULL;
    packet = only_packet(segment);
    details = pm_store_at(&segments->details, segment->details);
    pm_details_add(details, &packet, segment->first_direction, segments->settings->flow_columns);
    return details;
}

/* ---- one behind another ------------------------------------------------------------------------
 */

/* The counts of both, and of TCP what each sender began with. */
static void append_counts(struct pm_segment *to, const struct pm_segment *segment)
{
    for (unsigned i = 0; i < 2; i++) {
        uint8_t side = (uint8_t)(1u << i);

        to->counts[i].packets += segment->counts[i].packets;
        to->counts[i].wire_bytes += segment->counts[i].wire_bytes;
        to->counts[i].ip_bytes += segment->counts[i].ip_bytes;
        to->counts[i].payload_bytes += segment->counts[i].payload_bytes;
        to->tcp_flags[i] |= segment->tcp_flags[i];
        if (!(to->has_seq & side) || (!(to->syn_seen & side) && segment->syn_seen & side))
            to->first_seq[i] = segment->first_seq[i];
    }
    to->has_seq |= segment->has_seq;
    to->syn_seen |= segment->syn_seen;
}

static void append_times(struct pm_segment *to, const struct pm_segment *segment)
{
    if (!segment->timed)
        return;
    if (!to->timed || segment->min_ts < to->min_ts)
        to->min_ts = segment->min_ts;
    if (!to->timed || segment->max_ts > to->max_ts)
        to->max_ts = segment->max_ts;
    to->last_ts = segment->last_ts;
    to->timed = true;
}

enum pm_status pm_segment_append(struct pm_segments *segments, struct pm_segment *to,
                                 const struct pm_segment *segment)
{
    struct pm_packet packet = only_packet(to), other = only_packet(segment);

    if (to->details != PM_NONE || segment->details != PM_NONE ||
        pm_wants_details(segments, &packet) || pm_wants_details(segments, &other)) {
        struct pm_details room, *details = pm_segment_own_details(segments, to);

        if (details == NULL)
            return PM_NO_MEMORY;
        pm_details_join(details, pm_segment_details(segments, segment, &room));
    }
    append_counts(to, segment);
    append_times(to, segment);
    return PM_OK;
}

/* ---- life ------------------------------------------------------------------------------------ */

enum pm_status pm_segments_init(struct pm_segments *segments, const struct pm_settings *settings)
{
    segments->settings = settings;
    pm_store_init(&segments->store, sizeof(struct pm_segment));
    pm_store_init(&segments->flows, sizeof(struct pm_flow));
    pm_store_init(&segments->details, sizeof(struct pm_details));
    pm_store_init(&segments->orphans, sizeof(uint32_t));
    if (!pm_index_init(&segments->index, 0) ||
        !pm_fragments_init(&segments->fragments, &settings->hash_key))
        return PM_NO_MEMORY;
    return PM_OK;
}

void pm_segments_free(struct pm_segments *segments)
{
    pm_index_free(&segments->index);
    pm_store_free(&segments->store);
    pm_store_free(&segments->flows);
    pm_store_free(&segments->details);
    pm_fragments_free(&segments->fragments);
    pm_store_free(&segments->orphans);
    free(segments->orphan_at);
}

void pm_segments_lead(struct pm_segments *segments)
{
    segments->leads = true;
}
