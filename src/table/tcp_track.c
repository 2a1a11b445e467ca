#include "table/tcp_track.h"

#include <string.h>

_Static_assert(sizeof(struct pm_tcp_packet) == 24, "many are kept");
_Static_assert(sizeof(struct pm_tcp_timings) == 4 * PM_TCP_TIMED + 8 * PM_TCP_TIMED + 8,
               "no padding: compared as bytes");
_Static_assert(offsetof(struct pm_tcp_side, timings) == 32, "no padding: compared as bytes");

enum {
    OUT_OF_ORDER_NS = 3000000,
    FAST_NS = 20000000,
    SPACE_SHIFT = 16, /* 64 KiB */
    CONTROL = PM_TCP_SYN | PM_TCP_FIN | PM_TCP_RST
};

/* Sequence numbers wrap: a is before b where the way from a to b is less than half the circle. */
static bool is_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static uint32_t end_of(const struct pm_tcp_packet *packet)
{
    return packet->seq + packet->payload_len + !!(packet->flags & (PM_TCP_SYN | PM_TCP_FIN));
}

static bool is_probe(const struct pm_tcp_side *from, const struct pm_tcp_side *to,
                     const struct pm_tcp_packet *packet)
{
    return packet->payload_len == 1 && packet->seq == from->next && to->window == 0;
}

static bool is_keep_alive(const struct pm_tcp_side *from, const struct pm_tcp_packet *packet)
{
    return packet->payload_len <= 1 && packet->seq == from->next - 1 && !(packet->flags & CONTROL);
}

static bool is_duplicate_ack(const struct pm_tcp_side *from, const struct pm_tcp_side *to,
                             const struct pm_tcp_packet *packet)
{
    return packet->payload_len == 0 && packet->window != 0 && packet->window == from->window &&
           packet->seq == from->next && packet->ack == from->last_ack &&
           !(packet->flags & CONTROL) && !to->kept_alive;
}

static bool is_within(bool timed, int64_t since, const struct pm_tcp_packet *packet, int64_t ns)
{
    return timed && packet->timed && packet->ts_ns >= since &&
           (uint64_t)packet->ts_ns - (uint64_t)since < (uint64_t)ns;
}

/* ---- what comes again, or late --------------------------------------------------------------- */

enum order { IN_ORDER, OUT_OF_ORDER, RETRANSMISSION };

static enum order order_of(const struct pm_tcp_side *from, const struct pm_tcp_side *to,
                           const struct pm_tcp_packet *packet)
{
    bool behind = from->next != 0 && is_before(packet->seq, from->next);

    if (packet->payload_len == 0 && !(packet->flags & (PM_TCP_SYN | PM_TCP_FIN)))
        return IN_ORDER;
    if (packet->payload_len > 1 && packet->seq == from->next - 1)
        behind = false; /* the byte of a probe, and what follows it */
    if (packet->payload_len != 0 && to->last_ack != 0 &&
        !is_before(to->last_ack, packet->seq + packet->payload_len))
        return RETRANSMISSION;
    if (!behind)
        return IN_ORDER;
    if (to->duplicate_acks >= 2 && to->last_ack == packet->seq &&
        is_within(to->last_timed, to->last_ts, packet, FAST_NS))
        return RETRANSMISSION;
    return is_within(from->next_timed, from->next_ts, packet, OUT_OF_ORDER_NS) &&
                   from->next != end_of(packet)
               ? OUT_OF_ORDER
               : RETRANSMISSION;
}

/* ---- round trips ----------------------------------------------------------------------------- */

static void set_timing(struct pm_tcp_timings *timings, unsigned at, uint32_t end, int64_t ts,
                       bool waits)
{
    timings->ends[at] = end;
    timings->ts[at] = ts;
    timings->waiting &= ~(UINT64_C(1) << at);
    timings->waiting |= (uint64_t)waits << at;
}

static void forget_timings(struct pm_tcp_track *track, unsigned direction)
{
    track->sides[direction].timings = (struct pm_tcp_timings){0};
    track->touched[direction].timings = UINT8_MAX;
}

static void begin_timing(struct pm_tcp_track *track, const struct pm_tcp_packet *packet)
{
    uint32_t end = end_of(packet);
    unsigned at = (end >> SPACE_SHIFT) % PM_TCP_TIMED;

    set_timing(&track->sides[packet->direction].timings, at, end, packet->ts_ns, true);
    track->touched[packet->direction].timings |= (uint8_t)(1u << at);
}

static void count_round_trip(struct pm_tcp_counts *counts, int64_t sent, int64_t acknowledged)
{
    uint64_t ns = (uint64_t)acknowledged - (uint64_t)sent;

    if (acknowledged < sent) /* a clock that stepped back */
        return;
    if (counts->round_trips++ == 0 || ns < counts->round_trip_min)
        counts->round_trip_min = ns;
    if (ns > counts->round_trip_max)
        counts->round_trip_max = ns;
    counts->round_trip_sum += ns;
}

/* An ACK comes for what a direction sent. */
static void acknowledge(struct pm_tcp_track *track, unsigned direction,
                        const struct pm_tcp_packet *packet)
{
    struct pm_tcp_timings *timings = &track->sides[direction].timings;

    track->touched[direction].acked = true;
    for (uint64_t left = timings->waiting; left != 0; left &= left - 1) {
        unsigned at = (unsigned)__builtin_ctzll(left);

        if (is_before(packet->ack, timings->ends[at]))
            continue;
        if (packet->ack == timings->ends[at] && packet->timed)
            count_round_trip(&track->counts[direction], timings->ts[at], packet->ts_ns);
        set_timing(timings, at, 0, 0, false);
        track->touched[direction].timings |= (uint8_t)(1u << at);
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void count_order(struct pm_tcp_track *track, const struct pm_tcp_packet *packet,
                        enum order order)
{
    struct pm_tcp_counts *counts = &track->counts[packet->direction];

    if (order == IN_ORDER)
        return;
    forget_timings(track, packet->direction);
    if (order == OUT_OF_ORDER) {
        counts->out_of_order++;
        return;
    }
    counts->retransmissions++;
    counts->retransmitted_bytes += packet->payload_len;
}

static void move_next(struct pm_tcp_track *track, const struct pm_tcp_packet *packet,
                      enum order order)
{
    struct pm_tcp_side *from = &track->sides[packet->direction];
    uint32_t end = end_of(packet);
    bool advances = from->next == 0 || is_before(from->next, end);

    if (!advances && end != from->next)
        return;
    if (advances && order == IN_ORDER && packet->payload_len != 0 && packet->timed)
        begin_timing(track, packet);
    from->next = end;
    from->next_timed = packet->timed;
    from->next_ts = packet->timed ? packet->ts_ns : 0;
}

static void count_acks(struct pm_tcp_side *from, struct pm_tcp_counts *counts,
                       const struct pm_tcp_packet *packet, bool duplicate)
{
    counts->duplicate_acks += duplicate;
    if (duplicate)
        from->duplicate_acks += from->duplicate_acks < 2;
    else if (packet->ack != from->last_ack || packet->payload_len != 0)
        from->duplicate_acks = 0;
}

void pm_tcp_track_init(struct pm_tcp_track *track)
{
    *track = (struct pm_tcp_track){0};
    track->sides[0].window = track->sides[1].window = -1;
}

struct pm_tcp_finding pm_tcp_track_add(struct pm_tcp_track *track,
                                       const struct pm_tcp_packet *packet)
{
    struct pm_tcp_side *from = &track->sides[packet->direction];
    struct pm_tcp_side *to = &track->sides[!packet->direction];
    struct pm_tcp_counts *counts = &track->counts[packet->direction];
    bool probe = is_probe(from, to, packet);
    bool keep_alive = !probe && is_keep_alive(from, packet);
    bool zero_window = !probe && packet->window == 0 && !(packet->flags & CONTROL);
    enum order order;

    counts->zero_windows += zero_window;
    counts->keep_alives += keep_alive;
    count_acks(from, counts, packet, !probe && is_duplicate_ack(from, to, packet));
    order = keep_alive ? IN_ORDER : order_of(from, to, packet);
    count_order(track, packet, order);
    if (!probe)
        move_next(track, packet, order);
    from->window = packet->window;
    from->last_ack = packet->ack;
    from->last_timed = packet->timed;
    from->last_ts = packet->timed ? packet->ts_ns : 0;
    from->kept_alive = keep_alive;
    if (packet->flags & PM_TCP_ACK)
        acknowledge(track, !packet->direction, packet);
    return (struct pm_tcp_finding){
        .retransmission = order == RETRANSMISSION && packet->payload_len != 0,
        .zero_window = zero_window,
    };
}

bool pm_tcp_track_meets(const struct pm_tcp_track *known, const struct pm_tcp_track *unknown,
                        const struct pm_tcp_track *behind)
{
    for (unsigned direction = 0; direction < 2; direction++) {
        const struct pm_tcp_side *a = &known->sides[direction], *b = &unknown->sides[direction];

        if (memcmp(a, b, offsetof(struct pm_tcp_side, timings)) != 0)
            return false;
        if (behind->touched[direction].acked &&
            memcmp(&a->timings, &b->timings, sizeof a->timings) != 0)
            return false;
    }
    return true;
}

/* What was not touched behind is as it was before. */
static void join_timings(struct pm_tcp_timings *timings, const struct pm_tcp_timings *behind,
                         unsigned touched)
{
    for (unsigned left = touched; left != 0; left &= left - 1) {
        unsigned at = (unsigned)__builtin_ctz(left);

        set_timing(timings, at, behind->ends[at], behind->ts[at], behind->waiting >> at & 1);
    }
}

void pm_tcp_track_join(struct pm_tcp_track *track, const struct pm_tcp_track *behind)
{
    for (unsigned direction = 0; direction < 2; direction++) {
        struct pm_tcp_side *side = &track->sides[direction];
        struct pm_tcp_timings timings = side->timings;

        join_timings(&timings, &behind->sides[direction].timings,
                     behind->touched[direction].timings);
        *side = behind->sides[direction];
        side->timings = timings;
        pm_tcp_counts_join(&track->counts[direction], &behind->counts[direction]);
    }
}

void pm_tcp_counts_join(struct pm_tcp_counts *into, const struct pm_tcp_counts *from)
{
    into->retransmissions += from->retransmissions;
    into->retransmitted_bytes += from->retransmitted_bytes;
    into->out_of_order += from->out_of_order;
    into->duplicate_acks += from->duplicate_acks;
    into->zero_windows += from->zero_windows;
    into->keep_alives += from->keep_alives;
    if (from->round_trips == 0)
        return;
    if (into->round_trips == 0 || from->round_trip_min < into->round_trip_min)
        into->round_trip_min = from->round_trip_min;
    if (from->round_trip_max > into->round_trip_max)
        into->round_trip_max = from->round_trip_max;
    into->round_trips += from->round_trips;
    into->round_trip_sum += from->round_trip_sum;
}
