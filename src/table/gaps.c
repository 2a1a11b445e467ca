/* gaps: time between a packet and the one before it in the capture. */
#include "base/loglinear.h"
#include "table/all_tables.h"
#include "table/clock.h"
#include "table/distributions.h"

struct gaps {
    struct pm_clock clock;
    struct pm_moments moments;
    uint64_t bins[PM_LOGLINEAR_BINS];
    unsigned rows[PM_LOGLINEAR_BINS]; /* settled: the bins that hold a gap */
    uint64_t n_rows;
};

static inline void count_gap(struct gaps *gaps, struct pm_moments *moments, int64_t before,
                             int64_t ts)
{
    uint64_t gap = (uint64_t)ts - (uint64_t)before;

    if (ts < before) /* a step back is an anomaly, not a gap */
        return;
    gaps->bins[pm_loglinear_bin(gap)]++;
    pm_moments_add(moments, gap);
}

/* Works on copies, which stay in registers: for all the compiler knows, a bin could be a moment.
 * Cost: 3.5 ns a packet (bench: update/gaps). */
static enum pm_status gaps_update(void *state, struct pm_batch *batch)
{
    struct gaps *gaps = state;
    struct pm_moments moments = gaps->moments;
    struct pm_clock clock = gaps->clock;
    int64_t before;

    PM_EACH_PACKET (packet, batch)
        if (packet->timed && pm_clock_tick(&clock, packet->ts_ns, packet->number, &before))
            count_gap(gaps, &moments, before, packet->ts_ns);
    gaps->moments = moments;
    gaps->clock = clock;
    return PM_OK;
}

static enum pm_status gaps_merge(void *into_state, void *from_state, struct pm_joint *joint)
{
    struct gaps *into = into_state, *from = from_state;
    int64_t before;

    for (unsigned bin = 0; bin < PM_LOGLINEAR_BINS; bin++)
        into->bins[bin] += from->bins[bin];
    pm_moments_join(&into->moments, &from->moments);
    if (pm_clock_join(&into->clock, &from->clock, joint->packets_before, &before))
        count_gap(into, &into->moments, before, from->clock.first_ts);
    return PM_OK;
}

static enum pm_status gaps_settle(void *state, const struct pm_set *set)
{
    struct gaps *gaps = state;

    (void)set;
    for (unsigned bin = 0; bin < PM_LOGLINEAR_BINS; bin++)
        if (gaps->bins[bin] != 0)
            gaps->rows[gaps->n_rows++] = bin;
    return PM_OK;
}

static const struct pm_column columns[] = {
    {"gap_lo_ns", PM_CELL_INTEGER, "ns", "the shortest gap of the bin"},
    {"gap_hi_ns", PM_CELL_INTEGER, "ns", "the longest gap of the bin"},
    {"packets", PM_CELL_INTEGER, "packets", "packets that came after such a gap"},
};

static uint64_t gaps_rows(const void *state)
{
    return ((const struct gaps *)state)->n_rows;
}

static void gaps_emit(const void *state, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    const struct gaps *gaps = state;

    for (uint64_t row = begin; row < end; row++) {
        unsigned bin = gaps->rows[row];

        pm_put(sink, pm_loglinear_low(bin));
        pm_put(sink, pm_loglinear_high(bin));
        pm_put(sink, gaps->bins[bin]);
        pm_end_row(sink);
    }
}

/* ---- for tables derived from this one -------------------------------------------------------- */

uint64_t pm_gaps_count(const void *gaps)
{
    return ((const struct gaps *)gaps)->n_rows;
}

struct pm_gap_bin pm_gaps_get(const void *state, uint64_t row)
{
    const struct gaps *gaps = state;
    unsigned bin = gaps->rows[row];

    return (struct pm_gap_bin){pm_loglinear_low(bin), pm_loglinear_high(bin), gaps->bins[bin]};
}

const struct pm_moments *pm_gaps_moments(const void *gaps)
{
    return &((const struct gaps *)gaps)->moments;
}

/* ---- chart: the same in seconds, for a logarithmic axis -------------------------------------- */

static const struct pm_column gap_columns[] = {
    {"gap_s", PM_CELL_FIXED9, "s", "the longest gap of the bin"},
    {"packets", PM_CELL_INTEGER, "packets", "packets that came after such a gap"},
    {"share", PM_CELL_FIXED9, "", "share of gaps at most that long"},
};

static void emit_gaps(const void *state, struct pm_sink *sink)
{
    const struct gaps *gaps = state;
    uint64_t all = 0, up_to = 0;

    for (uint64_t row = 0; row < gaps->n_rows; row++)
        all += gaps->bins[gaps->rows[row]];
    for (uint64_t row = 0; row < gaps->n_rows; row++) {
        unsigned bin = gaps->rows[row];

        up_to += gaps->bins[bin];
        pm_put_fixed9(sink, pm_loglinear_high(bin));
        pm_put(sink, gaps->bins[bin]);
        pm_put_fixed9(sink, (__int128)up_to * 1000000000 / all);
        pm_end_row(sink);
    }
}

static const struct pm_chart charts[] = {
    {"gaps", gap_columns, PM_COUNT(gap_columns), emit_gaps, pm_script_gaps},
};

const struct pm_table pm_table_gaps = {
    .name = "gaps",
    .description = "times between neighbouring packets, in log-linear bins",
    .columns = columns,
    .n_columns = PM_COUNT(columns),
    .charts = charts,
    .n_charts = PM_COUNT(charts),
    .state_bytes = sizeof(struct gaps),
    .update = gaps_update,
    .merge = gaps_merge,
    .settle = gaps_settle,
    .n_rows = gaps_rows,
    .emit = gaps_emit,
};
