/* Spans of time, and the times at the two edges of a stretch of packets, for what lies between
 * neighbours: gaps, and steps back. Packets without time are passed over. */
#ifndef PM_CLOCK_H
#define PM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* 0 where the clock stepped back. */
static inline uint64_t pm_time_between(int64_t earlier, int64_t later)
{
    return later > earlier ? (uint64_t)later - (uint64_t)earlier : 0;
}

/* Widens [*first, *last] so that it holds [first_ts, last_ts]; *timed says whether it holds a time.
 */
static inline void pm_widen_times(bool *timed, int64_t *first, int64_t *last, int64_t first_ts,
                                  int64_t last_ts)
{
    if (!*timed || first_ts < *first)
        *first = first_ts;
    if (!*timed || last_ts > *last)
        *last = last_ts;
    *timed = true;
}

struct pm_clock {
    bool started;
    int64_t first_ts;      /* of the first timed packet */
    int64_t last_ts;       /* of the last one */
    uint64_t first_packet; /* number of the first timed packet */
};

/* Takes the next packet; true: there was one before it, at *before. */
static inline bool pm_clock_tick(struct pm_clock *clock, int64_t ts, uint64_t packet,
                                 int64_t *before)
{
    bool ticked = clock->started;

    *before = clock->last_ts;
    if (!ticked) {
        clock->started = true;
        clock->first_ts = ts;
        clock->first_packet = packet;
    }
    clock->last_ts = ts;
    return ticked;
}

/* Joins the stretch behind this one; true: a gap lies between them, from *before to
 * from->first_ts. */
static inline bool pm_clock_join(struct pm_clock *into, const struct pm_clock *from,
                                 uint64_t packets_before, int64_t *before)
{
    bool between = into->started && from->started;

    *before = into->last_ts;
    if (!from->started)
        return false;
    if (!into->started) {
        *into = *from;
        into->first_packet += packets_before;
    }
    into->last_ts = from->last_ts;
    return between;
}

#endif
