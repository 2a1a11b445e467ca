/*
 * burstiness: how uneven the rate is at scales from 1 ms to 1 min, on request.
 *
 * Packets and bytes are counted by bins of 1 ms from the origin; the coarser scales are made of
 * those. Bins without packets count too, from that of the earliest packet to that of the latest.
 *
 * The Hurst parameter is estimated by variance and time (Leland et al. 1994, section 3): where the
 * variance of the mean rate falls as m^(2 H - 2) with the width m of a bin, the slope of log
 * variance over log m, fitted by least squares to the scales so far that have BINS_LEAST bins,
 * gives H.
 */
#include <math.h>

#include "base/keyed.h"
#include "base/moments.h"
#include "base/number.h"
#include "base/sorted.h"
#include "table/all_tables.h"
#include "table/bins.h"

enum { SCALES = 6, BINS_LEAST = 10, MILLION = 1000000 };

static const int64_t FINEST_NS = 1000000;

/* In bins of the finest scale. */
static const int64_t scales[SCALES] = {1, 10, 100, 1000, 10000, 60000};

struct bin {
    int64_t number; /* the key */
    uint64_t packets;
    uint64_t wire_bytes;
};

struct row {
    struct pm_moments packets;
    struct pm_moments wire_bytes;
    long double packets_hurst;
    long double wire_bytes_hurst;
};

struct burstiness {
    const struct pm_settings *settings;
    struct pm_keyed bins;
    struct bin *current; /* the bin of the packet before, or NULL */
    int64_t current_ts;  /* its first nanosecond */
    uint64_t untimed;
    struct row rows[SCALES]; /* settled */
};

static struct bin *put_bin(struct burstiness *burstiness, int64_t number)
{
    return pm_keyed_put(&burstiness->bins, &number, sizeof number);
}

static enum pm_status burstiness_update(void *state, struct pm_batch *batch)
{
    struct burstiness *burstiness = state;
    int64_t origin = burstiness->settings->origin_ns;

    for (size_t i = 0; i < batch->n; i++) {
        const struct pm_packet *packet = &batch->packets[i];
        uint64_t since = (uint64_t)packet->ts_ns - (uint64_t)burstiness->current_ts;

        if (!packet->timed) {
            burstiness->untimed++;
            continue;
        }
        if (burstiness->current == NULL || since >= (uint64_t)FINEST_NS) {
            int64_t number = pm_bin_of(packet->ts_ns, origin, FINEST_NS);

            burstiness->current = put_bin(burstiness, number);
            burstiness->current_ts = pm_bin_begin(number, origin, FINEST_NS);
        }
        if (burstiness->current == NULL)
            return PM_NO_MEMORY;
        burstiness->current->packets++;
        burstiness->current->wire_bytes += packet->wire_len;
    }
    return PM_OK;
}

static enum pm_status burstiness_merge(void *into_state, void *from_state, struct pm_joint *joint)
{
    struct burstiness *into = into_state, *from = from_state;
    const struct pm_store *bins = &from->bins.items;

    (void)joint;
    into->untimed += from->untimed;
    for (uint32_t i = pm_store_first(bins); i != PM_NONE; i = pm_store_next(bins, i)) {
        const struct bin *more = pm_store_at(bins, i);
        struct bin *bin = put_bin(into, more->number);

        if (bin == NULL)
            return PM_NO_MEMORY;
        bin->packets += more->packets;
        bin->wire_bytes += more->wire_bytes;
    }
    return PM_OK;
}

/* ---- settling -------------------------------------------------------------------------------- */

static int compare_bins(const void *a, const void *b)
{
    int64_t x = ((const struct bin *)a)->number, y = ((const struct bin *)b)->number;

    return (x > y) - (x < y);
}

static const struct pm_order by_number = {.compare = compare_bins};

/* Adds empty bins, without which the mean would be that of the busy ones. */
static void add_empty(struct pm_moments *moments, uint64_t n)
{
    if (n == 0)
        return;
    moments->n += n;
    moments->min = 0;
}

/* The sum of all bins from the i-th on that lie in one bin of a scale; moves i behind them. */
static struct bin sum_of(const struct pm_sorted *sorted, int64_t scale, uint64_t *i)
{
    const struct bin *bin = pm_sorted_at(sorted, *i);
    struct bin sum = {.number = pm_floor_divide(bin->number, scale)};

    do {
        sum.packets += bin->packets;
        sum.wire_bytes += bin->wire_bytes;
        if (++*i == sorted->n)
            break;
        bin = pm_sorted_at(sorted, *i);
    } while (pm_floor_divide(bin->number, scale) == sum.number);
    return sum;
}

static void sum_up(struct row *row, const struct pm_sorted *sorted, int64_t scale)
{
    int64_t last = 0;

    for (uint64_t i = 0; i < sorted->n;) {
        struct bin sum = sum_of(sorted, scale, &i);
        uint64_t empty = row->packets.n == 0 ? 0 : (uint64_t)sum.number - (uint64_t)last - 1;

        add_empty(&row->packets, empty);
        add_empty(&row->wire_bytes, empty);
        pm_moments_add(&row->packets, sum.packets);
        pm_moments_add(&row->wire_bytes, sum.wire_bytes);
        last = sum.number;
    }
}

/* Least squares through the points (log m, log variance of the rate). */
struct fit {
    long double n, x, y, xx, xy;
};

static long double fit_scale(struct fit *fit, const struct pm_moments *moments, int64_t scale)
{
    long double variance = pm_moments_variance_real(moments), x = log10l(scale), y, spread;

    if (moments->n >= BINS_LEAST && variance > 0) {
        y = log10l(variance) - 2 * x;
        fit->n++;
        fit->x += x;
        fit->y += y;
        fit->xx += x * x;
        fit->xy += x * y;
    }
    spread = fit->n * fit->xx - fit->x * fit->x;
    return fit->n < 2 ? 0 : 1 + (fit->n * fit->xy - fit->x * fit->y) / spread / 2;
}

static enum pm_status burstiness_settle(void *state, const struct pm_set *set)
{
    struct burstiness *burstiness = state;
    struct fit packets = {0}, wire_bytes = {0};
    struct pm_sorted sorted;

    (void)set;
    if (!pm_sorted_init(&sorted, &burstiness->bins.items, &by_number))
        return PM_NO_MEMORY;
    for (int i = 0; i < SCALES; i++) {
        struct row *row = &burstiness->rows[i];

        sum_up(row, &sorted, scales[i]);
        row->packets_hurst = fit_scale(&packets, &row->packets, scales[i]);
        row->wire_bytes_hurst = fit_scale(&wire_bytes, &row->wire_bytes, scales[i]);
    }
    pm_sorted_free(&sorted);
    return PM_OK;
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct pm_column columns[] = {
    {"bin_ns", PM_CELL_INTEGER, "ns", "the scale: the width of a bin"},
    {"bins", PM_CELL_INTEGER, "", "bins from the earliest packet to the latest, empty ones too"},
    {"packets_mean", PM_CELL_FIXED6, "packets", "packets per bin, mean"},
    {"packets_peak", PM_CELL_INTEGER, "packets", "the most packets in a bin"},
    {"packets_peak_to_mean", PM_CELL_FIXED6, "", "packets_peak / packets_mean"},
    {"packets_dispersion", PM_CELL_FIXED6, "", "variance / mean; 1 where packets are Poisson"},
    {"packets_hurst", PM_CELL_FIXED6, "", "Hurst parameter, from scales up to this; 0: too few"},
    {"wire_bytes_mean", PM_CELL_FIXED6, "bytes", "the same of frame lengths on the wire"},
    {"wire_bytes_peak", PM_CELL_INTEGER, "bytes", "the most bytes in a bin"},
    {"wire_bytes_peak_to_mean", PM_CELL_FIXED6, "", "wire_bytes_peak / wire_bytes_mean"},
    {"wire_bytes_dispersion", PM_CELL_FIXED6, "bytes", "variance / mean"},
    {"wire_bytes_hurst", PM_CELL_FIXED6, "", "Hurst parameter, from scales up to this; 0: too few"},
};

static void put_counts(struct pm_sink *sink, const struct pm_moments *counts, long double hurst)
{
    __int128 peak = (__int128)counts->max * (__int128)counts->n * MILLION;

    pm_put_fixed6(sink, pm_moments_mean(counts));
    pm_put(sink, counts->max);
    pm_put_fixed6(sink, counts->sum == 0 ? 0 : pm_round_divide(peak, (__int128)counts->sum));
    pm_put_fixed6(sink, pm_moments_dispersion(counts));
    pm_put_fixed6(sink, (__int128)roundl(hurst * MILLION));
}

static void burstiness_emit(const void *state, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    for (uint64_t i = begin; i < end; i++) {
        const struct row *row = &((const struct burstiness *)state)->rows[i];

        pm_put(sink, (uint64_t)(scales[i] * FINEST_NS));
        pm_put(sink, row->packets.n);
        put_counts(sink, &row->packets, row->packets_hurst);
        put_counts(sink, &row->wire_bytes, row->wire_bytes_hurst);
        pm_end_row(sink);
    }
}

/* A capture without a time has no scale. */
static uint64_t burstiness_rows(const void *state)
{
    return ((const struct burstiness *)state)->rows[0].packets.n == 0 ? 0 : SCALES;
}

static uint64_t burstiness_packets(const void *state)
{
    const struct burstiness *burstiness = state;

    return burstiness->untimed + (uint64_t)burstiness->rows[0].packets.sum;
}

static enum pm_status burstiness_init(void *state, const struct pm_settings *settings)
{
    struct burstiness *burstiness = state;

    burstiness->settings = settings;
    return pm_keyed_init(&burstiness->bins, &settings->hash_key, sizeof(struct bin)) ? PM_OK
                                                                                     : PM_NO_MEMORY;
}

static void burstiness_free(void *state)
{
    pm_keyed_free(&((struct burstiness *)state)->bins);
}

const struct pm_table pm_table_burstiness = {
    .name = "burstiness",
    .description = "how uneven the rate is, at scales from 1 ms to 1 min",
    .columns = columns,
    .n_columns = PM_COUNT(columns),
    .on_request = true,
    .state_bytes = sizeof(struct burstiness),
    .init = burstiness_init,
    .free = burstiness_free,
    .update = burstiness_update,
    .merge = burstiness_merge,
    .settle = burstiness_settle,
    .packets = burstiness_packets,
    .n_rows = burstiness_rows,
    .emit = burstiness_emit,
};
