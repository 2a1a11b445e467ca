/*
 * rates: packets and bytes per bin of time and protocol.
 *
 * Occupied bins are found by their number, so that a packet dated 1970 in a capture of today
 * costs one more bin and not fifty years of zeros. Packets come nearly in order of time: the bin of
 * the packet before is tried first, by its limits, without a division.
 */
#include "base/keyed.h"
#include "base/number.h"
#include "base/sorted.h"
#include "base/units.h"
#include "table/all_tables.h"
#include "table/bins.h"
#include "table/distributions.h"

/* Empty bins are written unless there are more than BINS_FILLED of them all and FILL_FACTOR times
 * as many as occupied ones. */
enum { BINS_FILLED = 100000, FILL_FACTOR = 10 };

struct cell {
    uint64_t packets;
    uint64_t wire_bytes;
    uint64_t ip_bytes;
};

struct bin {
    int64_t number; /* floor((ts - origin) / width): the key */
    struct cell cells[PM_N_WORDS];
};

struct rates {
    const struct pm_settings *settings;
    int64_t interval_ns;
    char name[PM_TABLE_NAME]; /* of a further interval */
    struct pm_keyed bins;
    struct bin *current; /* the bin of the packet before, or NULL */
    int64_t current_ts;  /* its first nanosecond */
    uint64_t words_seen; /* bits, by enum pm_word */
    uint64_t untimed;

    struct pm_sorted sorted; /* settled */
    uint64_t n_bins;         /* rows / words: occupied bins, or all from the first to the last */
    unsigned n_words;
    enum pm_word words[PM_N_WORDS];
};

/* Makes the bin of time `ts` the current one. */
static __attribute__((noinline)) enum pm_status turn_to(struct rates *rates, int64_t ts)
{
    int64_t origin = rates->settings->origin_ns;
    int64_t number = pm_bin_of(ts, origin, rates->interval_ns);

    rates->current = pm_keyed_put(&rates->bins, &number, sizeof number);
    rates->current_ts = pm_bin_begin(number, origin, rates->interval_ns);
    return rates->current == NULL ? PM_NO_MEMORY : PM_OK;
}

/* Cost: 2.7 ns a packet (bench: update/rates). */
static enum pm_status rates_update(void *state, struct pm_batch *batch)
{
    struct rates *rates = state;
    uint64_t width = (uint64_t)rates->interval_ns;

    PM_EACH_PACKET (packet, batch) {
        struct cell *cell;

        rates->words_seen |= UINT64_C(1) << packet->word;
        if (!packet->timed) {
            rates->untimed++;
            continue;
        }
        if (rates->current == NULL ||
            (uint64_t)packet->ts_ns - (uint64_t)rates->current_ts >= width)
            PM_TRY(turn_to(rates, packet->ts_ns));
        cell = &rates->current->cells[packet->word];
        cell->packets++;
        cell->wire_bytes += packet->wire_len;
        cell->ip_bytes += packet->ip_len;
    }
    return PM_OK;
}

static enum pm_status rates_merge(void *into_state, void *from_state, struct pm_joint *joint)
{
    struct rates *into = into_state, *from = from_state;

    (void)joint;
    into->words_seen |= from->words_seen;
    into->untimed += from->untimed;
    for (uint32_t i = pm_store_first(&from->bins.items); i != PM_NONE;
         i = pm_store_next(&from->bins.items, i)) {
        const struct bin *more = pm_store_at(&from->bins.items, i);
        struct bin *bin = pm_keyed_put(&into->bins, &more->number, sizeof more->number);

        if (bin == NULL)
            return PM_NO_MEMORY;
        for (int word = 0; word < PM_N_WORDS; word++) {
            bin->cells[word].packets += more->cells[word].packets;
            bin->cells[word].wire_bytes += more->cells[word].wire_bytes;
            bin->cells[word].ip_bytes += more->cells[word].ip_bytes;
        }
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

static const struct bin *bin_at(const struct rates *rates, uint64_t at)
{
    return pm_sorted_at(&rates->sorted, at);
}

/* Bins from the first to the last; 0 where there are none. */
static __int128 span_of(const struct rates *rates)
{
    if (rates->sorted.n == 0)
        return 0;
    return (__int128)bin_at(rates, rates->sorted.n - 1)->number - bin_at(rates, 0)->number + 1;
}

static enum pm_status rates_settle(void *state, const struct pm_set *set)
{
    struct rates *rates = state;
    __int128 span;

    (void)set;
    if (!pm_sorted_init(&rates->sorted, &rates->bins.items, &by_number))
        return PM_NO_MEMORY;
    for (unsigned word = 0; word < PM_N_WORDS; word++)
        if (rates->words_seen >> word & 1)
            rates->words[rates->n_words++] = (enum pm_word)word;
    span = span_of(rates);
    rates->n_bins = span > BINS_FILLED && span > (__int128)FILL_FACTOR * rates->sorted.n
                        ? rates->sorted.n
                        : (uint64_t)span;
    return PM_OK;
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct pm_column columns[] = {
    {"bin_start_ns", PM_CELL_TIME, "ns", "first nanosecond of the bin since the epoch, UTC"},
    {"time_s", PM_CELL_FIXED9, "s", "the same in seconds since the origin"},
    {"protocol", PM_CELL_WORD, "", "ICMP, ICMPV6, NON_IP, OTHER_IP, SCTP, TCP or UDP"},
    {"packets", PM_CELL_INTEGER, "packets", "packets in the bin"},
    {"wire_bytes", PM_CELL_INTEGER, "bytes", "their lengths on the wire"},
    {"ip_bytes", PM_CELL_INTEGER, "bytes", "their IP lengths"},
    {"mbps", PM_CELL_FIXED6, "Mbit/s", "ip_bytes * 8 / 10^6 / width of the bin in seconds"},
};

static __int128 mbps_millionths(uint64_t ip_bytes, __int128 width_ns)
{
    return pm_round_divide((__int128)ip_bytes * 8 * 1000000000, width_ns);
}

static void emit_cell(const struct rates *rates, int64_t number, enum pm_word word,
                      const struct cell *cell, struct pm_sink *sink)
{
    __int128 since = (__int128)number * rates->interval_ns;

    pm_put_time(sink, (int64_t)(rates->settings->origin_ns + since));
    pm_put_fixed9(sink, since);
    pm_put_word(sink, pm_word_names[word]);
    pm_put(sink, cell->packets);
    pm_put(sink, cell->wire_bytes);
    pm_put(sink, cell->ip_bytes);
    pm_put_fixed6(sink, mbps_millionths(cell->ip_bytes, rates->interval_ns));
    pm_end_row(sink);
}

/* The first occupied bin at or after `number`. */
static uint64_t seek_bin(const struct rates *rates, __int128 number)
{
    uint64_t low = 0, high = rates->sorted.n;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (bin_at(rates, middle)->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t rates_rows(const void *state)
{
    const struct rates *rates = state;

    return rates->n_bins * rates->n_words;
}

static const char *rates_remark(const void *state)
{
    const struct rates *rates = state;

    return rates->n_bins < span_of(rates) ? "bins without packets are left out" : NULL;
}

static void rates_emit(const void *state, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    static const struct cell nothing;
    const struct rates *rates = state;
    bool filled = rates->n_bins != rates->sorted.n;

    for (uint64_t row = begin; row < end; row++) {
        uint64_t at = row / rates->n_words;
        enum pm_word word = rates->words[row % rates->n_words];
        int64_t number =
            filled ? bin_at(rates, 0)->number + (int64_t)at : bin_at(rates, at)->number;
        uint64_t found = filled ? seek_bin(rates, number) : at;
        bool occupied = bin_at(rates, found)->number == number;

        emit_cell(rates, number, word, occupied ? &bin_at(rates, found)->cells[word] : &nothing,
                  sink);
    }
}

static uint64_t rates_packets(const void *state)
{
    const struct rates *rates = state;
    uint64_t packets = rates->untimed;

    for (uint64_t i = 0; i < rates->sorted.n; i++)
        for (int word = 0; word < PM_N_WORDS; word++)
            packets += bin_at(rates, i)->cells[word].packets;
    return packets;
}

/* ---- for tables derived from this one -------------------------------------------------------- */

uint64_t pm_rates_bins(const void *rates)
{
    return ((const struct rates *)rates)->n_bins;
}

uint64_t pm_rates_occupied(const void *rates)
{
    return ((const struct rates *)rates)->sorted.n;
}

uint64_t pm_rates_wire_bytes(const void *rates, uint64_t occupied)
{
    const struct bin *bin = bin_at(rates, occupied);
    uint64_t wire_bytes = 0;

    for (int word = 0; word < PM_N_WORDS; word++)
        wire_bytes += bin->cells[word].wire_bytes;
    return wire_bytes;
}

/* ---- charts: rate over time ------------------------------------------------------------------ */

static const struct pm_column rate_columns[] = {
    {"utc_s", PM_CELL_FIXED9, "s", "start, in seconds since the epoch"},
    {"since_s", PM_CELL_FIXED9, "s", "the same since the first row"},
    {"packets_per_s", PM_CELL_FIXED6, "packets/s", "of any kind"},
    {"icmp_bps", PM_CELL_FIXED6, "bit/s", "of IP packets, ICMP"},
    {"icmpv6_bps", PM_CELL_FIXED6, "bit/s", "of IP packets, ICMPv6"},
    {"other_ip_bps", PM_CELL_FIXED6, "bit/s", "of IP packets, other IP protocols"},
    {"sctp_bps", PM_CELL_FIXED6, "bit/s", "of IP packets, SCTP"},
    {"tcp_bps", PM_CELL_FIXED6, "bit/s", "of IP packets, TCP"},
    {"udp_bps", PM_CELL_FIXED6, "bit/s", "of IP packets, UDP"},
};

_Static_assert(PM_COUNT(rate_columns) == 3 + PM_N_WORDS - 1, "a column per word but NON_IP");

static __int128 per_s_millionths(__int128 amount, __int128 width_ns)
{
    return pm_round_divide(amount * 1000000000 * 1000000, width_ns);
}

/* Of a stretch of time that begins so many ns after the first row, `start_ns`. */
static void emit_rate_row(__int128 start_ns, __int128 since_ns, __int128 width_ns,
                          const struct cell cells[PM_N_WORDS], struct pm_sink *sink)
{
    uint64_t packets = 0;

    for (int word = 0; word < PM_N_WORDS; word++)
        packets += cells[word].packets;
    pm_put_fixed9(sink, start_ns + since_ns);
    pm_put_fixed9(sink, since_ns);
    pm_put_fixed6(sink, per_s_millionths(packets, width_ns));
    for (int word = 0; word < PM_N_WORDS; word++)
        if (word != PM_WORD_NON_IP)
            pm_put_fixed6(sink, per_s_millionths(8 * (__int128)cells[word].ip_bytes, width_ns));
    pm_end_row(sink);
}

/* As many bins to a row as it takes to stay within the rows of a chart. */
static void emit_rate(const void *state, struct pm_sink *sink)
{
    const struct rates *rates = state;
    __int128 span = span_of(rates), together = (span + PM_CHART_ROWS - 1) / PM_CHART_ROWS;
    int64_t number = span == 0 ? 0 : bin_at(rates, 0)->number;
    __int128 start_ns = rates->settings->origin_ns + (__int128)number * rates->interval_ns;
    uint64_t at = 0;

    for (__int128 done = 0; done < span; done += together) {
        __int128 first = number + done;
        struct cell cells[PM_N_WORDS] = {0};

        for (; at < rates->sorted.n && bin_at(rates, at)->number < first + together; at++)
            for (int word = 0; word < PM_N_WORDS; word++) {
                cells[word].packets += bin_at(rates, at)->cells[word].packets;
                cells[word].ip_bytes += bin_at(rates, at)->cells[word].ip_bytes;
            }
        emit_rate_row(start_ns, done * rates->interval_ns, together * rates->interval_ns, cells,
                      sink);
    }
}

/* The other two draw what the first one's file holds. */
static const struct pm_chart charts[] = {
    {"rate", rate_columns, PM_COUNT(rate_columns), emit_rate, pm_script_rate},
    {.name = "rate_stacked", .script = pm_script_rate_stacked},
    {.name = "packet_rate", .script = pm_script_packet_rate},
};

/* ---- life ------------------------------------------------------------------------------------ */

static enum pm_status init_interval(struct rates *rates, const struct pm_settings *settings,
                                    unsigned which)
{
    rates->settings = settings;
    rates->interval_ns = settings->intervals_ns[which];
    pm_format_time("rates_", rates->interval_ns, rates->name, sizeof rates->name);
    return pm_keyed_init(&rates->bins, &settings->hash_key, sizeof(struct bin)) ? PM_OK
                                                                                : PM_NO_MEMORY;
}

static enum pm_status rates_init(void *state, const struct pm_settings *settings)
{
    return init_interval(state, settings, 0);
}

static enum pm_status init_second(void *state, const struct pm_settings *settings)
{
    return init_interval(state, settings, 1);
}

static enum pm_status init_third(void *state, const struct pm_settings *settings)
{
    return init_interval(state, settings, 2);
}

static enum pm_status init_fourth(void *state, const struct pm_settings *settings)
{
    return init_interval(state, settings, 3);
}

static void rates_free(void *state)
{
    struct rates *rates = state;

    pm_keyed_free(&rates->bins);
    pm_sorted_free(&rates->sorted);
}

static const char *rates_own_name(const void *state)
{
    return ((const struct rates *)state)->name;
}

#define RATES                                                                                \
    .description = "packets and bytes per interval and protocol", .columns = columns,        \
    .n_columns = PM_COUNT(columns), .state_bytes = sizeof(struct rates), .free = rates_free, \
    .update = rates_update, .merge = rates_merge, .settle = rates_settle,                    \
    .packets = rates_packets, .n_rows = rates_rows, .remark = rates_remark, .emit = rates_emit

const struct pm_table pm_table_rates = {
    .name = "rates",
    .charts = charts,
    .n_charts = PM_COUNT(charts),
    .init = rates_init,
    RATES,
};

/* The same by the further intervals that were asked for. */
#define RATES_MORE .on_request = true, .own_name = rates_own_name, RATES

const struct pm_table pm_table_rates_second = {
    .name = "rates_second", .init = init_second, RATES_MORE};
const struct pm_table pm_table_rates_third = {
    .name = "rates_third", .init = init_third, RATES_MORE};
const struct pm_table pm_table_rates_fourth = {
    .name = "rates_fourth", .init = init_fourth, RATES_MORE};
