#include "table/details.h"

/* ---- adding ---------------------------------------------------------------------------------- */

static void add_gap(struct pm_moments *gaps, int64_t before, int64_t now)
{
    if (now >= before)
        pm_moments_add(gaps, (uint64_t)now - (uint64_t)before);
}

static void add_time(struct pm_gaps *gaps, int64_t ts)
{
    if (gaps->timed)
        add_gap(&gaps->moments, gaps->last_ts, ts);
    else
        gaps->first_ts = ts;
    gaps->timed = true;
    gaps->last_ts = ts;
}

static void add_tcp(struct pm_details *details, const struct pm_packet *packet, unsigned direction)
{
    struct pm_flow_side *side = &details->sides[direction];

    for (unsigned flags = packet->tcp_flags; flags != 0; flags &= flags - 1)
        side->tcp_flags[__builtin_ctz(flags)]++;
    if (!side->has_tcp)
        side->window = packet->tcp_window;
    side->has_tcp = true;
    if (packet->tcp_flags & PM_TCP_SYN && !side->has_syn) {
        side->has_syn = true;
        side->mss = packet->tcp_mss;
        side->window_scale = packet->tcp_window_scale;
    }
    if (packet->timed) {
        pm_handshake_add(&details->handshakes[0], packet, direction == 0);
        pm_handshake_add(&details->handshakes[1], packet, direction == 1);
    }
}

static void add_ip(struct pm_flow_side *side, const struct pm_packet *packet)
{
    if (side->wire.n == 0) {
        side->ttl_min = side->ttl_max = packet->ttl;
        side->dscp = packet->dscp;
    } else if (packet->ttl < side->ttl_min) {
        side->ttl_min = packet->ttl;
    } else if (packet->ttl > side->ttl_max) {
        side->ttl_max = packet->ttl;
    }
}

static void add_lengths_and_times(struct pm_details *details, const struct pm_packet *packet,
                                  unsigned direction)
{
    struct pm_flow_side *side = &details->sides[direction];

    add_ip(side, packet);
    pm_moments_add(&side->wire, packet->wire_len);
    pm_moments_add(&side->payload, packet->payload_len);
    side->data_packets += packet->payload_len != 0;
    side->header_bytes += packet->header_words * 4u;
    if (!packet->timed)
        return;
    add_time(&side->gaps, packet->ts_ns);
    add_time(&details->gaps, packet->ts_ns);
    pm_activity_add(&details->activity, packet->ts_ns);
    if (packet->payload_len != 0)
        pm_bulks_add(&details->bulks, packet, direction);
}

void pm_details_add(struct pm_details *details, const struct pm_packet *packet, unsigned direction,
                    enum pm_flow_columns columns)
{
    details->fragments += pm_is_fragment(packet);
    if (columns >= PM_FLOW_TCP && packet->has_tcp)
        add_tcp(details, packet, direction);
    if (columns >= PM_FLOW_ALL)
        add_lengths_and_times(details, packet, direction);
}

/* ---- joining --------------------------------------------------------------------------------- */

static void join_gaps(struct pm_gaps *left, const struct pm_gaps *right)
{
    if (!right->timed)
        return;
    if (left->timed)
        add_gap(&left->moments, left->last_ts, right->first_ts);
    else
        left->first_ts = right->first_ts;
    pm_moments_join(&left->moments, &right->moments);
    left->last_ts = right->last_ts;
    left->timed = true;
}

static void join_tcp(struct pm_flow_side *left, const struct pm_flow_side *right)
{
    for (unsigned flag = 0; flag < PM_TCP_FLAGS; flag++)
        left->tcp_flags[flag] += right->tcp_flags[flag];
    if (!left->has_tcp)
        left->window = right->window;
    left->has_tcp |= right->has_tcp;
    if (!left->has_syn) {
        left->mss = right->mss;
        left->window_scale = right->window_scale;
    }
    left->has_syn |= right->has_syn;
}

static void join_ip(struct pm_flow_side *left, const struct pm_flow_side *right)
{
    if (left->wire.n == 0) {
        left->ttl_min = right->ttl_min;
        left->ttl_max = right->ttl_max;
        left->dscp = right->dscp;
    } else if (right->wire.n != 0) {
        left->ttl_min = right->ttl_min < left->ttl_min ? right->ttl_min : left->ttl_min;
        left->ttl_max = right->ttl_max > left->ttl_max ? right->ttl_max : left->ttl_max;
    }
}

static void join_sides(struct pm_flow_side *left, const struct pm_flow_side *right)
{
    join_ip(left, right);
    join_tcp(left, right);
    join_gaps(&left->gaps, &right->gaps);
    left->data_packets += right->data_packets;
    left->header_bytes += right->header_bytes;
    pm_moments_join(&left->wire, &right->wire);
    pm_moments_join(&left->payload, &right->payload);
}

void pm_details_join(struct pm_details *left, const struct pm_details *right,
                     enum pm_flow_columns columns)
{
    left->fragments += right->fragments;
    if (columns < PM_FLOW_TCP)
        return;
    for (unsigned direction = 0; direction < 2; direction++) {
        join_sides(&left->sides[direction], &right->sides[direction]);
        pm_handshake_join(&left->handshakes[direction], &right->handshakes[direction]);
    }
    join_gaps(&left->gaps, &right->gaps);
    pm_activity_join(&left->activity, &right->activity);
    pm_bulks_join(&left->bulks, &right->bulks);
}
