/*
 * sizes: packets per protocol and exact length on the wire.
 *
 * Lengths up to DENSE lie in arrays, which grow to the longest seen; the few longer ones (offloaded
 * segments, or lengths that lie) in an index.
 */
#include <stdlib.h>

#include "base/loglinear.h"
#include "base/store.h"
#include "table/all_tables.h"

enum { DENSE = 1 << 18, DENSE_MIN = 2048 };

struct row {
    enum pm_word word;
    uint32_t wire_length;
    uint64_t packets;
};

struct counters {
    uint64_t *packets; /* by length */
    uint32_t room;
};

struct sizes {
    const struct pm_settings *settings;
    struct counters dense[PM_N_WORDS];
    struct pm_index index; /* of the longer ones, in `rows` until settling */
    struct pm_store longer;
    struct row *rows; /* settled */
    uint64_t n_rows;
};

static bool same_row(const void *rows, uint32_t item, const void *key)
{
    const struct row *row = pm_store_at(rows, item);
    const uint32_t *word_and_length = key;

    return row->word == word_and_length[0] && row->wire_length == word_and_length[1];
}

static __attribute__((noinline)) enum pm_status grow(struct counters *counters, uint32_t length)
{
    uint32_t room = counters->room ? counters->room : DENSE_MIN;
    uint64_t *packets;

    while (room <= length)
        room *= 2;
    packets = calloc(room, sizeof *packets);
    if (packets == NULL)
        return PM_NO_MEMORY;
    if (counters->packets != NULL)
        memcpy(packets, counters->packets, counters->room * sizeof *packets);
    free(counters->packets);
    counters->packets = packets;
    counters->room = room;
    return PM_OK;
}

static __attribute__((noinline)) enum pm_status add_longer(struct sizes *sizes, uint32_t word,
                                                           uint32_t length, uint64_t packets)
{
    uint32_t key[2] = {word, length};
    uint32_t hash = pm_hash(&sizes->settings->hash_key, key, sizeof key);
    uint32_t item = pm_index_find(&sizes->index, hash, same_row, &sizes->longer, key);
    struct row *row;

    if (item == PM_NONE) {
        item = pm_store_add(&sizes->longer);
        if (item == PM_NONE || !pm_index_add(&sizes->index, hash, item))
            return PM_NO_MEMORY;
    }
    row = pm_store_at(&sizes->longer, item);
    row->word = (enum pm_word)word;
    row->wire_length = length;
    row->packets += packets;
    return PM_OK;
}

static inline enum pm_status add(struct sizes *sizes, uint32_t word, uint32_t length,
                                 uint64_t packets)
{
    struct counters *counters = &sizes->dense[word];

    if (length >= counters->room) {
        if (length >= DENSE)
            return add_longer(sizes, word, length, packets);
        PM_TRY(grow(counters, length));
    }
    counters->packets[length] += packets;
    return PM_OK;
}

static enum pm_status sizes_update(void *state, struct pm_batch *batch)
{
    for (size_t i = 0; i < batch->n; i++)
        PM_TRY(add(state, batch->packets[i].word, batch->packets[i].wire_len, 1));
    return PM_OK;
}

static enum pm_status sizes_merge(void *into, void *from_state, struct pm_joint *joint)
{
    struct sizes *from = from_state;

    (void)joint;
    for (uint32_t word = 0; word < PM_N_WORDS; word++)
        for (uint32_t length = 0; length < from->dense[word].room; length++)
            if (from->dense[word].packets[length] != 0)
                PM_TRY(add(into, word, length, from->dense[word].packets[length]));
    for (uint32_t i = pm_store_first(&from->longer); i != PM_NONE;
         i = pm_store_next(&from->longer, i)) {
        const struct row *row = pm_store_at(&from->longer, i);

        PM_TRY(add_longer(into, row->word, row->wire_length, row->packets));
    }
    return PM_OK;
}

static int compare_rows(const void *x, const void *y)
{
    const struct row *a = x, *b = y;

    if (a->word != b->word)
        return a->word < b->word ? -1 : 1;
    return (a->wire_length > b->wire_length) - (a->wire_length < b->wire_length);
}

static uint64_t count_rows(const struct sizes *sizes)
{
    uint64_t n = pm_store_count(&sizes->longer);

    for (int word = 0; word < PM_N_WORDS; word++)
        for (uint32_t length = 0; length < sizes->dense[word].room; length++)
            n += sizes->dense[word].packets[length] != 0;
    return n;
}

static enum pm_status sizes_settle(void *state, const struct pm_set *set)
{
    struct sizes *sizes = state;

    (void)set;
    sizes->rows = malloc((count_rows(sizes) + 1) * sizeof *sizes->rows);
    if (sizes->rows == NULL)
        return PM_NO_MEMORY;
    for (unsigned word = 0; word < PM_N_WORDS; word++)
        for (uint32_t length = 0; length < sizes->dense[word].room; length++)
            if (sizes->dense[word].packets[length] != 0)
                sizes->rows[sizes->n_rows++] =
                    (struct row){(enum pm_word)word, length, sizes->dense[word].packets[length]};
    for (uint32_t i = pm_store_first(&sizes->longer); i != PM_NONE;
         i = pm_store_next(&sizes->longer, i))
        sizes->rows[sizes->n_rows++] = *(const struct row *)pm_store_at(&sizes->longer, i);
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

/* ---- chart: packet lengths in log-linear bins -------------------------------------------------
 */

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

    sizes->settings = settings;
    pm_store_init(&sizes->longer, sizeof(struct row));
    return pm_index_init(&sizes->index, 0) ? PM_OK : PM_NO_MEMORY;
}

static void sizes_free(void *state)
{
    struct sizes *sizes = state;

    for (int word = 0; word < PM_N_WORDS; word++)
        free(sizes->dense[word].packets);
    pm_index_free(&sizes->index);
    pm_store_free(&sizes->longer);
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
