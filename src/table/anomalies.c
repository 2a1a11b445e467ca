/* anomalies: what was odd, how often, and where first. */
#include <stdlib.h>

#include "table/all_tables.h"
#include "table/clock.h"

struct count {
    uint64_t packets;
    uint64_t first_packet;
};

struct anomalies {
    struct pm_clock clock;
    struct count counts[PM_N_ANOMALIES];
    enum pm_anomaly rows[PM_N_ANOMALIES]; /* settled: those that occurred, by name */
    uint64_t n_rows;
};

static void count_anomaly(struct anomalies *anomalies, enum pm_anomaly anomaly, uint64_t packets,
                          uint64_t first_packet)
{
    struct count *count = &anomalies->counts[anomaly];

    if (packets != 0 && (count->packets == 0 || first_packet < count->first_packet))
        count->first_packet = first_packet;
    count->packets += packets;
}

/* Cost: 1.5 ns a packet without anomalies (bench: update/anomalies). */
static enum pm_status anomalies_update(void *state, struct pm_batch *batch)
{
    struct anomalies *anomalies = state;
    struct pm_clock clock = anomalies->clock; /* a copy stays in registers */
    int64_t before;

    PM_EACH_PACKET (packet, batch) {
        for (uint32_t left = packet->anomalies; left != 0; left &= left - 1)
            count_anomaly(anomalies, (enum pm_anomaly)__builtin_ctz(left), 1, packet->number);
        if (packet->timed && pm_clock_tick(&clock, packet->ts_ns, packet->number, &before) &&
            packet->ts_ns < before)
            count_anomaly(anomalies, PM_ANOMALY_TIME_STEP_BACK, 1, packet->number);
    }
    anomalies->clock = clock;
    return PM_OK;
}

static enum pm_status anomalies_merge(void *into_state, void *from_state, struct pm_joint *joint)
{
    struct anomalies *into = into_state, *from = from_state;
    int64_t before;

    for (int i = 0; i < PM_N_ANOMALIES; i++)
        count_anomaly(into, (enum pm_anomaly)i, from->counts[i].packets,
                      from->counts[i].first_packet + joint->packets_before);
    if (pm_clock_join(&into->clock, &from->clock, joint->packets_before, &before) &&
        from->clock.first_ts < before)
        count_anomaly(into, PM_ANOMALY_TIME_STEP_BACK, 1,
                      from->clock.first_packet + joint->packets_before);
    return PM_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(pm_anomaly_texts[*(const enum pm_anomaly *)a].name,
                  pm_anomaly_texts[*(const enum pm_anomaly *)b].name);
}

static enum pm_status anomalies_settle(void *state, const struct pm_set *set)
{
    struct anomalies *anomalies = state;

    (void)set;
    for (int i = 0; i < PM_N_ANOMALIES; i++)
        if (anomalies->counts[i].packets != 0)
            anomalies->rows[anomalies->n_rows++] = (enum pm_anomaly)i;
    qsort(anomalies->rows, anomalies->n_rows, sizeof *anomalies->rows, compare_names);
    return PM_OK;
}

static const struct pm_column columns[] = {
    {"anomaly", PM_CELL_WORD, "", "its name"},
    {"packets", PM_CELL_INTEGER, "packets", "packets that show it"},
    {"first_packet", PM_CELL_INTEGER, "", "number of the first one, from 1"},
};

static uint64_t anomalies_rows(const void *state)
{
    return ((const struct anomalies *)state)->n_rows;
}

static void anomalies_emit(const void *state, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    const struct anomalies *anomalies = state;

    for (uint64_t row = begin; row < end; row++) {
        enum pm_anomaly anomaly = anomalies->rows[row];

        pm_put_word(sink, pm_anomaly_texts[anomaly].name);
        pm_put(sink, anomalies->counts[anomaly].packets);
        pm_put(sink, anomalies->counts[anomaly].first_packet + 1);
        pm_end_row(sink);
    }
}

const struct pm_table pm_table_anomalies = {
    .name = "anomalies",
    .description = "what was odd in the packets, how often and where first",
    .columns = columns,
    .n_columns = PM_COUNT(columns),
    .state_bytes = sizeof(struct anomalies),
    .update = anomalies_update,
    .merge = anomalies_merge,
    .settle = anomalies_settle,
    .n_rows = anomalies_rows,
    .emit = anomalies_emit,
};
