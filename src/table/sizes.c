/*
 * sizes: packets per protocol and exact length on the wire.
 *
 * The counters of PAGE neighbouring lengths are a page, allocated when one of them is first used:
 * packets have few lengths, and a run of a capture should not pay for all 2^18. What is longer
 * still (offloaded segments, or lengths that lie) is kept by key.
 */
#include <stdlib.h>

#include "base/keyed.h"
#include "base/loglinear.h"
#include "table/all_tables.h"
#include "table/distributions.h"

enum { PAGE_SHIFT = 9, PAGE = 1 << PAGE_SHIFT, PAGES = 512, PAGED = PAGE * PAGES };

struct row {
    uint32_t word; /* enum pm_word; with the length: the key */
    uint32_t wire_length;
    uint64_t packets;
};

struct sizes {
    uint64_t *pages[PM_N_WORDS][PAGES];
    struct pm_keyed longer; /* struct row */
    struct row *rows;       /* settled */
    uint64_t n_rows;
};

enum { ROW_KEY = 8 };

static __attribute__((noinline)) enum pm_status add_longer(struct sizes *sizes, uint32_t word,
                                                           uint32_t length, uint64_t packets)
{
    struct row *row = pm_keyed_put(&sizes->longer, &(uint32_t[]){word, length}, ROW_KEY);

    if (row == NULL)
        return PM_NO_MEMORY;
    row->packets += packets;
    return PM_OK;
}

static inline enum pm_status add(struct sizes *sizes, uint32_t word, uint32_t length,
                                 uint64_t packets)
{
    uint64_t **page = &sizes->pages[word][length >> PAGE_SHIFT & (PAGES - 1)];

    if (length >= PAGED)
        return add_longer(sizes, word, length, packets);
    if (*page == NULL)
        *page = calloc(PAGE, sizeof **page);
    if (*page == NULL)
        return PM_NO_MEMORY;
    (*page)[length & (PAGE - 1)] += packets;
    return PM_OK;
}

/* Cost: 2.4 ns a packet (bench: update/sizes). */
static enum pm_status sizes_update(void *state, struct pm_batch *batch)
{
    PM_EACH_PACKET (packet, batch)
        PM_TRY(add(state, packet->word, packet->wire_len, 1));
    return PM_OK;
}

/* Calls visit for every length that occurred; stops at the first failure. */
static enum pm_status visit_all(const struct sizes *sizes,
                                enum pm_status (*visit)(void *context, const struct row *row),
                                void *context)
{
    const struct pm_store *longer = &sizes->longer.items;

    for (uint32_t word = 0; word < PM_N_WORDS; word++)
        for (uint32_t length = 0; length < PAGED; length++) {
            const uint64_t *page = sizes->pages[word][length >> PAGE_SHIFT];

            if (page == NULL)
                length |= PAGE - 1;
            else if (page[length & (PAGE - 1)] != 0)
                PM_TRY(visit(context, &(struct row){word, length, page[length & (PAGE - 1)]}));
        }
    for (uint32_t i = pm_store_first(longer); i != PM_NONE; i = pm_store_next(longer, i))
        PM_TRY(visit(context, pm_store_at(longer, i)));
    return PM_OK;
}

static enum pm_status add_row(void *sizes, const struct row *row)
{
    return add(sizes, row->word, row->wire_length, row->packets);
}

static enum pm_status sizes_merge(void *into, void *from, struct pm_joint *joint)
{
    (void)joint;
    return visit_all(from, add_row, into);
}

static int compare_rows(const void *x, const void *y)
{
    const struct row *a = x, *b = y;

    if (a->word != b->word)
        return a->word < b->word ? -1 : 1;
    return (a->wire_length > b->wire_length) - (a->wire_length < b->wire_length);
}

static enum pm_status count_row(void *n, const struct row *row)
{
    (void)row;
    ++*(uint64_t *)n;
    return PM_OK;
}

static enum pm_status list_row(void *sizes_pointer, const struct row *row)
{
    struct sizes *sizes = sizes_pointer;

    sizes->rows[sizes->n_rows++] = *row;
    return PM_OK;
}

static enum pm_status sizes_settle(void *state, const struct pm_set *set)
{
    struct sizes *sizes = state;
    uint64_t n = 0;

    (void)set;
    visit_all(sizes, count_row, &n);
    sizes->rows = malloc((n + 1) * sizeof *sizes->rows);
    if (sizes->rows == NULL)
        return PM_NO_MEMORY;
    visit_all(sizes, list_row, sizes);
    qsort(sizes->rows, sizes->n_rows, sizeof *sizes->rows, compare_rows);
    return PM_OK;
}

static const struct pm_column columns[] = {
    {"protocol", PM_CELL_WORD, "", "ICMP, ICMPV6, NON_IP, OTHER_IP, SCTP, TCP or UDP"},
    {"wire_length", PM_CELL_INTEGER, "bytes", "length on the wire"},
    {"packets", PM_CELL_INTEGER, "packets", "packets of just that length"},
    {"wire_bytes", PM_CELL_INTEGER, "bytes", "their lengths in sum"},
};

static uint64_t sizes_rows(const void *state)
{
    return ((const struct sizes *)state)->n_rows;
}

static void sizes_emit(const void *state, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    const struct sizes *sizes = state;

    for (uint64_t at = begin; at < end; at++) {
        const struct row *row = &sizes->rows[at];

        pm_put_word(sink, pm_word_names[row->word]);
        pm_put(sink, row->wire_length);
        pm_put(sink, row->packets);
        pm_put(sink, row->packets * row->wire_length);
        pm_end_row(sink);
    }
}

static uint64_t sizes_packets(const void *state)
{
    const struct sizes *sizes = state;
    uint64_t packets = 0;

    for (uint64_t row = 0; row < sizes->n_rows; row++)
        packets += sizes->rows[row].packets;
    return packets;
}

/* ---- for tables derived from this one -------------------------------------------------------- */

uint64_t pm_sizes_count(const void *sizes)
{
    return sizes_rows(sizes);
}

struct pm_radix_item pm_sizes_get(const void *sizes, uint64_t row)
{
    const struct row *found = &((const struct sizes *)sizes)->rows[row];

    return (struct pm_radix_item){found->wire_length, found->packets};
}

/* ---- chart: packet lengths in log-linear bins ------------------------------------------------ */

static const struct pm_column length_columns[] = {
    {"wire_length", PM_CELL_INTEGER, "bytes", "the longest length of the bin"},
    {"packets", PM_CELL_INTEGER, "packets", "packets in the bin"},
    {"share", PM_CELL_FIXED9, "", "share of packets at most that long"},
};

static void emit_lengths(const void *state, struct pm_sink *sink)
{
    const struct sizes *sizes = state;
    uint64_t bins[PM_LOGLINEAR_BINS] = {0}, all = sizes_packets(sizes), up_to = 0;

    for (uint64_t row = 0; row < sizes->n_rows; row++)
        bins[pm_loglinear_bin(sizes->rows[row].wire_length)] += sizes->rows[row].packets;
    for (unsigned bin = 0; bin < PM_LOGLINEAR_BINS; bin++) {
        if (bins[bin] == 0)
            continue;
        up_to += bins[bin];
        pm_put(sink, pm_loglinear_high(bin));
        pm_put(sink, bins[bin]);
        pm_put_fixed9(sink, (__int128)up_to * 1000000000 / all);
        pm_end_row(sink);
    }
}

static const struct pm_chart charts[] = {
    {"lengths", length_columns, PM_COUNT(length_columns), emit_lengths, pm_script_lengths},
};

static enum pm_status sizes_init(void *state, const struct pm_settings *settings)
{
    struct sizes *sizes = state;

    return pm_keyed_init(&sizes->longer, &settings->hash_key, sizeof(struct row)) ? PM_OK
                                                                                  : PM_NO_MEMORY;
}

static void sizes_free(void *state)
{
    struct sizes *sizes = state;

    for (int word = 0; word < PM_N_WORDS; word++)
        for (int page = 0; page < PAGES; page++)
            free(sizes->pages[word][page]);
    pm_keyed_free(&sizes->longer);
    free(sizes->rows);
}

const struct pm_table pm_table_sizes = {
    .name = "sizes",
    .description = "packets per protocol and length on the wire",
    .columns = columns,
    .n_columns = PM_COUNT(columns),
    .charts = charts,
    .n_charts = PM_COUNT(charts),
    .state_bytes = sizeof(struct sizes),
    .init = sizes_init,
    .free = sizes_free,
    .update = sizes_update,
    .merge = sizes_merge,
    .settle = sizes_settle,
    .packets = sizes_packets,
    .n_rows = sizes_rows,
    .emit = sizes_emit,
};
