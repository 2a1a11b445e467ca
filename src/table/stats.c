/*
 * stats: how packets, gaps, bins and flows are distributed; derived from the tables of each.
 *
 * A metric is a list of integers with their counts, and a scale that turns them into its unit.
 * Means of packet lengths per flow are the millionths that flows shows. Of gaps only bins are
 * known, whose middles stand for what is in them where moments above the second are wanted, and
 * whose last values are the quantiles; the rest of their row is exact.
 */
#include <math.h>
#include <stdlib.h>

#include "base/number.h"
#include "table/all_tables.h"
#include "table/distributions.h"
#include "table/flows.h"

enum { MILLION = 1000000 };

/* What the integers of a metric are multiplied with: numerator / denominator. */
struct scale {
    uint64_t numerator;
    uint64_t denominator;
};

static const struct scale as_is = {1, 1};

struct row {
    const char *metric;
    const char *unit;
    struct scale scale;
    struct pm_distribution values;
};

enum { METRICS = 7 };

struct stats {
    const struct pm_settings *settings;
    struct row rows[METRICS];
    uint64_t n_rows;
};

static void add_row(struct stats *stats, const char *metric, const char *unit, struct scale scale,
                    struct pm_distribution values)
{
    if (values.moments.n != 0)
        stats->rows[stats->n_rows++] = (struct row){metric, unit, scale, values};
}

/* ---- of flows -------------------------------------------------------------------------------- */

static uint64_t flow_packet_length(const struct pm_segment *flow)
{
    return (uint64_t)pm_round_divide((__int128)pm_flow_bytes(flow) * MILLION,
                                     pm_flow_packets(flow));
}

static const struct flow_metric {
    const char *name;
    const char *unit;
    struct scale scale;
    uint64_t (*measure)(const struct pm_segment *flow);
} flow_metrics[] = {
    {"flow_bytes", "bytes", {1, 1}, pm_flow_bytes},
    {"flow_duration", "ns", {1, 1}, pm_flow_duration},
    {"flow_packet_length", "bytes", {1, MILLION}, flow_packet_length},
    {"flow_packets", "packets", {1, 1}, pm_flow_packets},
};

enum { FLOW_METRICS = PM_COUNT(flow_metrics) };

/* What one pass over the flows finds. A flow without a time has no duration. */
struct flow_values {
    uint64_t *values[FLOW_METRICS];
    size_t n[FLOW_METRICS];
    struct pm_radix_item *counted; /* room for the values of one metric, in two ways */
};

static bool make_room(struct flow_values *found, uint64_t n_flows)
{
    bool made = true;

    for (int metric = 0; metric < FLOW_METRICS; metric++) {
        found->values[metric] = malloc((n_flows + 1) * sizeof *found->values[metric]);
        made &= found->values[metric] != NULL;
    }
    found->counted = malloc((n_flows + 1) * sizeof *found->counted);
    return made && found->counted != NULL;
}

static void free_room(struct flow_values *found)
{
    for (int metric = 0; metric < FLOW_METRICS; metric++)
        free(found->values[metric]);
    free(found->counted);
}

static void measure_flows(struct flow_values *found, const void *flows, uint64_t n_flows)
{
    for (uint64_t i = 0; i < n_flows; i++) {
        const struct pm_segment *flow = pm_flows_get(flows, i);

        for (int metric = 0; metric < FLOW_METRICS; metric++)
            if (flow->timed || flow_metrics[metric].measure != pm_flow_duration)
                found->values[metric][found->n[metric]++] = flow_metrics[metric].measure(flow);
    }
}

/* What is done with values is done once for each, and many flows share one. */
static void add_flow_metric(struct stats *stats, const struct flow_values *found, int at)
{
    const struct flow_metric *metric = &flow_metrics[at];
    size_t n = found->n[at];

    pm_radix_sort_keys(found->values[at], (uint64_t *)found->counted, n);
    n = pm_radix_count(found->values[at], n, found->counted);
    add_row(stats, metric->name, metric->unit, metric->scale,
            pm_distribution_of(found->counted, n));
}

/* Takes 48 bytes a flow for as long as it lasts. */
static enum pm_status add_of_flows(struct stats *stats, const void *flows)
{
    uint64_t n_flows = pm_flows_count(flows);
    struct flow_values found = {0};
    bool made = make_room(&found, n_flows);

    if (made) {
        measure_flows(&found, flows, n_flows);
        for (int metric = 0; metric < FLOW_METRICS; metric++)
            add_flow_metric(stats, &found, metric);
    }
    free_room(&found);
    return made ? PM_OK : PM_NO_MEMORY;
}

/* ---- of packets and bins --------------------------------------------------------------------- */

static enum pm_status add_gaps(struct stats *stats, const void *gaps)
{
    const struct pm_moments *exact = pm_gaps_moments(gaps);
    uint64_t n = pm_gaps_count(gaps);
    struct pm_radix_item *values = malloc((n + 1) * sizeof *values);
    struct pm_distribution found, edges;

    if (values == NULL)
        return PM_NO_MEMORY;
    for (uint64_t i = 0; i < n; i++) {
        struct pm_gap_bin bin = pm_gaps_get(gaps, i);

        values[i] = (struct pm_radix_item){bin.low + (bin.high - bin.low) / 2, bin.gaps};
    }
    found = pm_distribution_of(values, n);
    for (uint64_t i = 0; i < n; i++)
        values[i].key = pm_gaps_get(gaps, i).high;
    edges = pm_distribution_of(values, n);
    free(values);
    found.moments = *exact;
    for (int i = 0; i < PM_QUANTILES; i++)
        found.quantiles[i] = edges.quantiles[i];
    add_row(stats, "gap", "ns", as_is, found);
    return PM_OK;
}

static enum pm_status add_lengths(struct stats *stats, const void *sizes)
{
    uint64_t n = pm_sizes_count(sizes);
    struct pm_radix_item *values = malloc((n + 1) * sizeof *values);
    bool sorted;

    if (values == NULL)
        return PM_NO_MEMORY;
    for (uint64_t i = 0; i < n; i++)
        values[i] = pm_sizes_get(sizes, i);
    sorted = pm_radix_sort(values, n);
    if (sorted)
        add_row(stats, "packet_length", "bytes", as_is, pm_distribution_of(values, n));
    free(values);
    return sorted ? PM_OK : PM_NO_MEMORY;
}

/* Bits per second: bytes of a bin * 8 / its width in ns * 10^9. Bins without packets come first. */
static enum pm_status add_rate(struct stats *stats, const void *rates)
{
    uint64_t occupied = pm_rates_occupied(rates), empty = pm_rates_bins(rates) - occupied, n = 0;
    struct pm_radix_item *values = malloc((occupied + 1) * sizeof *values);
    struct scale scale = {UINT64_C(8000000000), (uint64_t)stats->settings->intervals_ns[0]};
    bool sorted;

    if (values == NULL)
        return PM_NO_MEMORY;
    if (empty != 0)
        values[n++] = (struct pm_radix_item){0, empty};
    for (uint64_t i = 0; i < occupied; i++)
        values[n++] = (struct pm_radix_item){pm_rates_wire_bytes(rates, i), 1};
    sorted = pm_radix_sort(values, n);
    if (sorted)
        add_row(stats, "rate", "bit/s", scale, pm_distribution_of(values, n));
    free(values);
    return sorted ? PM_OK : PM_NO_MEMORY;
}

/* ---- life ------------------------------------------------------------------------------------ */

static enum pm_status stats_init(void *state, const struct pm_settings *settings)
{
    ((struct stats *)state)->settings = settings;
    return PM_OK;
}

/* In the order of the metrics' names. */
static enum pm_status stats_settle(void *state, const struct pm_set *set)
{
    struct stats *stats = state;

    PM_TRY(add_of_flows(stats, pm_set_state(set, &pm_table_flows)));
    PM_TRY(add_gaps(stats, pm_set_state(set, &pm_table_gaps)));
    PM_TRY(add_lengths(stats, pm_set_state(set, &pm_table_sizes)));
    return add_rate(stats, pm_set_state(set, &pm_table_rates));
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct pm_column columns[] = {
    {"metric", PM_CELL_WORD, "",
     "flow_bytes, flow_duration, flow_packet_length (mean per flow), flow_packets, gap (between "
     "packets), packet_length, rate (wire bits per second and bin)"},
    {"unit", PM_CELL_WORD, "", "of all columns but count, skewness and kurtosis"},
    {"count", PM_CELL_INTEGER, "", "how many flows, gaps, packets or bins"},
    {"min", PM_CELL_FIXED6, "", "the least value"},
    {"max", PM_CELL_FIXED6, "", "the greatest value"},
    {"mean", PM_CELL_FIXED6, "", "arithmetic mean"},
    {"stddev", PM_CELL_FIXED6, "", "standard deviation of the population"},
    {"skewness", PM_CELL_FIXED6, "", "m3 / m2^1.5, of gaps from their bins; 0 where m2 is"},
    {"kurtosis", PM_CELL_FIXED6, "", "m4 / m2^2 - 3, of gaps from their bins; 0 where m2 is"},
    {"p01", PM_CELL_FIXED6, "",
     "the least value with 1 % of all at or below it; of gaps the last one of its bin"},
    {"p05", PM_CELL_FIXED6, "", "the same with 5 %"},
    {"p25", PM_CELL_FIXED6, "", "the same with 25 %"},
    {"p50", PM_CELL_FIXED6, "", "the same with 50 %: the median"},
    {"p75", PM_CELL_FIXED6, "", "the same with 75 %"},
    {"p95", PM_CELL_FIXED6, "", "the same with 95 %"},
    {"p99", PM_CELL_FIXED6, "", "the same with 99 %"},
    {"p999", PM_CELL_FIXED6, "", "the same with 99.9 %"},
};

static __int128 scaled(const struct row *row, unsigned __int128 value, uint64_t divisor)
{
    return pm_round_divide((__int128)(value * row->scale.numerator * MILLION),
                           (__int128)divisor * row->scale.denominator);
}

static __int128 in_millionths(long double value)
{
    return (__int128)roundl(value * MILLION);
}

static void emit_row(const struct row *row, struct pm_sink *sink)
{
    const struct pm_distribution *values = &row->values;
    const struct pm_moments *moments = &values->moments;

    pm_put_word(sink, row->metric);
    pm_put_word(sink, row->unit);
    pm_put(sink, moments->n);
    pm_put_fixed6(sink, scaled(row, moments->min, 1));
    pm_put_fixed6(sink, scaled(row, moments->max, 1));
    pm_put_fixed6(sink, scaled(row, moments->sum, moments->n));
    pm_put_fixed6(sink,
                  pm_moments_deviation(moments, row->scale.numerator, row->scale.denominator));
    pm_put_fixed6(sink, in_millionths(values->skewness));
    pm_put_fixed6(sink, in_millionths(values->kurtosis));
    for (int i = 0; i < PM_QUANTILES; i++)
        pm_put_fixed6(sink, scaled(row, values->quantiles[i], 1));
    pm_end_row(sink);
}

static uint64_t stats_rows(const void *state)
{
    return ((const struct stats *)state)->n_rows;
}

static void stats_emit(const void *state, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    const struct stats *stats = state;

    for (uint64_t row = begin; row < end; row++)
        emit_row(&stats->rows[row], sink);
}

static const struct pm_table *const needs[] = {&pm_table_rates, &pm_table_flows, &pm_table_sizes,
                                               &pm_table_gaps, NULL};

const struct pm_table pm_table_stats = {
    .name = "stats",
    .description = "how lengths, gaps, rates and flows are distributed",
    .columns = columns,
    .n_columns = PM_COUNT(columns),
    .needs = needs,
    .state_bytes = sizeof(struct stats),
    .init = stats_init,
    .settle = stats_settle,
    .n_rows = stats_rows,
    .emit = stats_emit,
};
