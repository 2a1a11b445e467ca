#include "engine/tally.h"

#include <stdlib.h>

static inline void count_packet(struct pm_totals *totals, const struct pm_packet *packet)
{
    totals->packets++;
    totals->wire_bytes += packet->wire_len;
    totals->captured_bytes += packet->cap_len;
    if (!packet->timed)
        return;
    if (totals->timed_packets++ == 0) {
        totals->first_ts = totals->min_ts = totals->max_ts = packet->ts_ns;
    } else {
        totals->disordered |= packet->ts_ns < totals->last_ts;
        if (packet->ts_ns < totals->min_ts)
            totals->min_ts = packet->ts_ns;
        if (packet->ts_ns > totals->max_ts)
            totals->max_ts = packet->ts_ns;
    }
    totals->last_ts = packet->ts_ns;
}

static void merge_totals(struct pm_totals *into, const struct pm_totals *from)
{
    into->records += from->records;
    into->packets += from->packets;
    into->duplicates += from->duplicates;
    into->wire_bytes += from->wire_bytes;
    into->captured_bytes += from->captured_bytes;
    if (from->timed_packets == 0)
        return;
    if (into->timed_packets == 0) {
        into->min_ts = from->min_ts;
        into->max_ts = from->max_ts;
        into->first_ts = from->first_ts;
        into->disordered = from->disordered;
    } else {
        into->min_ts = from->min_ts < into->min_ts ? from->min_ts : into->min_ts;
        into->max_ts = from->max_ts > into->max_ts ? from->max_ts : into->max_ts;
        into->disordered |= from->disordered || from->first_ts < into->last_ts;
    }
    into->last_ts = from->last_ts;
    into->timed_packets += from->timed_packets;
}

enum pm_status pm_tally_init(struct pm_tally *tally, const struct pm_settings *settings,
                             pm_table_mask tables, unsigned dedup)
{
    *tally = (struct pm_tally){0};
    PM_TRY(pm_set_init(&tally->set, settings, tables));
    if (dedup == 0)
        return PM_OK;
    tally->recent = pm_recent_new(dedup);
    tally->before = pm_recent_new(dedup);
    return tally->recent == NULL || tally->before == NULL ? PM_NO_MEMORY : PM_OK;
}

void pm_tally_lead(struct pm_tally *tally)
{
    pm_set_lead(&tally->set);
}

void pm_tally_free(struct pm_tally *tally)
{
    pm_set_free(&tally->set);
    free(tally->recent);
    free(tally->before);
    *tally = (struct pm_tally){0};
}

enum pm_status pm_tally_update(struct pm_tally *tally, struct pm_batch *batch,
                               struct pm_stopwatch *watch)
{
    struct pm_totals totals = tally->totals; /* a copy stays in registers */

    PM_EACH_PACKET (packet, batch)
        count_packet(&totals, packet);
    tally->totals = totals;
    pm_lap(watch, PM_STAGE_COUNT);
    for (int table = 0; table < PM_N_TABLES; table++) {
        if (tally->set.states[table] == NULL || pm_tables[table]->update == NULL)
            continue;
        PM_TRY(pm_set_update(&tally->set, table, batch));
        pm_lap(watch, PM_STAGE_UPDATE + table);
    }
    return PM_OK;
}

bool pm_tally_meets(const struct pm_tally *into, const struct pm_tally *from)
{
    if (into->recent != NULL && !pm_recent_equal(into->recent, from->before))
        return false;
    return pm_set_meets(&into->set, &from->set);
}

enum pm_status pm_tally_merge(struct pm_tally *into, struct pm_tally *from)
{
    enum pm_status status = pm_set_merge(&into->set, &from->set, into->totals.records);

    merge_totals(&into->totals, &from->totals);
    if (into->recent != NULL)
        *into->recent = *from->recent;
    return status;
}
