#include "table/segments.h"

#include <stddef.h>
#include <stdlib.h>

#include "table/flow_rule.h"

_Static_assert(sizeof(struct pm_segment) == 192, "three cache lines");
_Static_assert(offsetof(struct pm_details, sides) == _Alignof(struct pm_details),
               "the number of fragments may be kept alone");

/* ---- details --------------------------------------------------------------------------------- */

/* The first packet of a segment that has no other, as far as details go by it. */
static struct pm_packet only_packet(const struct pm_segment *segment)
{
    const struct pm_flow_counts *counts = &segment->counts[segment->first_direction];

    return (struct pm_packet){.ts_ns = segment->first_ts,
                              .timed = segment->timed,
                              .wire_len = (uint32_t)counts->wire_bytes,
                              .payload_len = (uint32_t)counts->payload_bytes,
                              .header_words = segment->header_words,
                              .fragments = segment->opens_with_fragment,
                              .ttl = segment->ttl,
                              .dscp = segment->dscp,
                              .has_tcp = segment->opens_with_tcp,
                              .word = pm_word_of(segment->key.proto),
                              .tcp_flags = segment->tcp_flags[segment->first_direction],
                              .tcp_seq = segment->opening_seq,
                              .tcp_ack = segment->first_seq[!segment->first_direction],
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
    *room = (struct pm_details){.tcp = PM_NONE};
    pm_details_add(room, &packet, segment->first_direction, segments->settings->flow_details);
    return room;
}

struct pm_details *pm_segment_own_details(struct pm_segments *segments, uint32_t number)
{
    struct pm_segment *segment = pm_segment_at(segments, number);
    struct pm_packet packet;
    struct pm_details *details;

    if (segment->details != PM_NONE)
        return pm_store_at(&segments->details, segment->details);
    segment->details = pm_store_add(&segments->details);
    if (segment->details == PM_NONE)
        return NULL;
    packet = only_packet(segment);
    details = pm_store_at(&segments->details, segment->details);
    if (pm_segments_are_detailed(segments))
        details->tcp = PM_NONE;
    if (segments->firsts.most != 0) {
        details->firsts = pm_first_packets_begin(&segments->firsts);
        if (details->firsts == PM_NONE)
            return NULL;
    }
    return pm_segment_detail(segments, number, details, &packet, segment->first_direction) ? details
                                                                                           : NULL;
}

/* ---- TCP ------------------------------------------------------------------------------------- */

static struct pm_tcp_packet tcp_packet(const struct pm_packet *packet, unsigned direction)
{
    return (struct pm_tcp_packet){.ts_ns = packet->ts_ns,
                                  .seq = packet->tcp_seq,
                                  .ack = packet->tcp_ack,
                                  .payload_len = packet->payload_len,
                                  .window = packet->tcp_window,
                                  .flags = packet->tcp_flags,
                                  .timed = packet->timed,
                                  .direction = direction & 1};
}

static bool follow_tcp(struct pm_segments *segments, uint32_t number, struct pm_details *details,
                       const struct pm_packet *packet, unsigned direction)
{
    struct pm_tcp_packet tcp = tcp_packet(packet, direction);
    bool filled;
    uint32_t kept;

    if (details->tcp == PM_NONE)
        details->tcp = pm_tcp_flows_begin(&segments->tcp);
    if (details->tcp == PM_NONE || !pm_tcp_flow_add(&segments->tcp, details->tcp, &tcp, &filled))
        return false;
    if (!filled || segments->leads)
        return true;
    kept = pm_store_add(&segments->full_edges);
    if (kept == PM_NONE)
        return false;
    *(uint32_t *)pm_store_at(&segments->full_edges, kept) = number;
    return true;
}

bool pm_segment_detail(struct pm_segments *segments, uint32_t number, struct pm_details *details,
                       const struct pm_packet *packet, unsigned direction)
{
    enum pm_flow_columns columns = segments->settings->flow_details;

    pm_details_add(details, packet, direction, columns);
    if (segments->firsts.most != 0) {
        struct pm_first_packet first = pm_first_packet(packet, direction);

        pm_first_packets_add(&segments->firsts, details->firsts, &first);
    }
    return columns < PM_FLOW_TCP || !packet->has_tcp ||
           follow_tcp(segments, number, details, packet, direction);
}

const struct pm_tcp_flow *pm_segment_tcp(const struct pm_segments *segments,
                                         const struct pm_segment *segment, struct pm_tcp_flow *room)
{
    const struct pm_details *details;
    struct pm_packet packet;
    struct pm_tcp_packet tcp;

    if (segment->details != PM_NONE) {
        details = pm_store_at(&segments->details, segment->details);
        return details->tcp == PM_NONE ? NULL : pm_tcp_flow_at(&segments->tcp, details->tcp);
    }
    if (!segment->opens_with_tcp)
        return NULL;
    packet = only_packet(segment);
    tcp = tcp_packet(&packet, segment->first_direction);
    *room = pm_tcp_flow_of(&tcp);
    return room;
}

const struct pm_first_packet *pm_segment_first(const struct pm_segments *segments,
                                               const struct pm_segment *segment, uint32_t *n,
                                               struct pm_first_packet *room)
{
    const struct pm_details *details;
    struct pm_packet packet;

    if (segment->details != PM_NONE) {
        details = pm_store_at(&segments->details, segment->details);
        return pm_first_packets_at(&segments->firsts, details->firsts, n);
    }
    packet = only_packet(segment);
    *room = pm_first_packet(&packet, segment->first_direction);
    *n = 1;
    return room;
}

/* ---- one behind another ---------------------------------------------------------------------- */

/* The counts of both, and of TCP what each sender began with. */
static void append_counts(struct pm_segment *to, const struct pm_segment *segment)
{
    for (unsigned i = 0; i < 2; i++) {
        bool first_syn = (segment->tcp_flags[i] & ~to->tcp_flags[i] & PM_TCP_SYN) != 0;

        to->counts[i].packets += segment->counts[i].packets;
        to->counts[i].wire_bytes += segment->counts[i].wire_bytes;
        to->counts[i].ip_bytes += segment->counts[i].ip_bytes;
        to->counts[i].payload_bytes += segment->counts[i].payload_bytes;
        to->tcp_flags[i] |= segment->tcp_flags[i];
        if (!pm_was_heard(to, i) || first_syn)
            to->first_seq[i] = segment->first_seq[i];
    }
    to->has_seq |= segment->has_seq;
}

static void append_times(struct pm_segment *to, const struct pm_segment *segment)
{
    if (!segment->timed)
        return;
    if (!to->timed || pm_segment_min_ts(segment) < pm_segment_min_ts(to))
        to->low_ts = pm_segment_min_ts(segment);
    to->high_ts = !to->timed || pm_segment_max_ts(segment) > pm_segment_max_ts(to)
                      ? pm_segment_max_ts(segment)
                      : pm_segment_max_ts(to);
    to->last_ts = segment->last_ts;
    to->timed = true;
}

static void append_first(struct pm_segments *segments, const struct pm_details *to,
                         const struct pm_segment *segment)
{
    struct pm_first_packet room;
    uint32_t n;
    const struct pm_first_packet *packets = pm_segment_first(segments, segment, &n, &room);

    for (uint32_t i = 0; i < n; i++)
        pm_first_packets_add(&segments->firsts, to->firsts, &packets[i]);
}

static bool append_tcp(struct pm_segments *segments, uint32_t to_number, struct pm_details *to,
                       const struct pm_segment *segment)
{
    const struct pm_details *details;

    if (segments->settings->flow_details < PM_FLOW_TCP)
        return true;
    if (segment->details == PM_NONE) {
        struct pm_packet packet = only_packet(segment);

        return !packet.has_tcp ||
               follow_tcp(segments, to_number, to, &packet, segment->first_direction);
    }
    details = pm_store_at(&segments->details, segment->details);
    if (to->tcp == PM_NONE)
        to->tcp = details->tcp;
    else if (details->tcp != PM_NONE)
        pm_tcp_flow_join(&segments->tcp, to->tcp, details->tcp);
    return true;
}

static enum pm_status append_details(struct pm_segments *segments, uint32_t to_number,
                                     const struct pm_segment *segment)
{
    struct pm_details room, *details = pm_segment_own_details(segments, to_number);

    if (details == NULL)
        return PM_NO_MEMORY;
    pm_details_join(details, pm_segment_details(segments, segment, &room),
                    segments->settings->flow_details);
    if (segments->firsts.most != 0)
        append_first(segments, details, segment);
    return append_tcp(segments, to_number, details, segment) ? PM_OK : PM_NO_MEMORY;
}

static bool has_details(const struct pm_segments *segments, const struct pm_segment *segment)
{
    struct pm_packet packet = only_packet(segment);

    return segment->details != PM_NONE || pm_wants_details(segments, &packet);
}

enum pm_status pm_segment_append(struct pm_segments *segments, uint32_t to_number, uint32_t number)
{
    struct pm_segment *to = pm_segment_at(segments, to_number);
    const struct pm_segment *segment = pm_segment_at(segments, number);

    if (has_details(segments, to) || has_details(segments, segment))
        PM_TRY(append_details(segments, to_number, segment));
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
    pm_tcp_flows_init(&segments->tcp, settings->edge_packets);
    pm_first_packets_init(&segments->firsts, settings->splt);
    pm_store_init(&segments->details, pm_segments_are_detailed(segments)
                                          ? sizeof(struct pm_details)
                                          : offsetof(struct pm_details, sides));
    pm_store_init(&segments->full_edges, sizeof(uint32_t));
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
    pm_tcp_flows_free(&segments->tcp);
    pm_first_packets_free(&segments->firsts);
    pm_store_free(&segments->full_edges);
    pm_fragments_free(&segments->fragments);
    pm_store_free(&segments->orphans);
    free(segments->orphan_at);
}

void pm_segments_lead(struct pm_segments *segments)
{
    segments->leads = true;
    segments->tcp.leads = true;
}
