/* The list of tables, and what is done to all of them alike. */
#include "table/all_tables.h"

#include <stdlib.h>
#include <string.h>

const struct pm_table *const pm_tables[] = {
    &pm_table_rates,     &pm_table_rates_second, &pm_table_rates_third, &pm_table_rates_fourth,
    &pm_table_flows,     &pm_table_pairs,        &pm_table_hosts,       &pm_table_services,
    &pm_table_protocols, &pm_table_sizes,        &pm_table_gaps,        &pm_table_stats,
    &pm_table_features,  &pm_table_splt,         &pm_table_burstiness,  &pm_table_anomalies,
    &pm_table_packets,
};

_Static_assert(PM_COUNT(pm_tables) == PM_N_TABLES, "PM_N_TABLES counts the list");

static pm_table_mask needs_of(int table)
{
    const struct pm_table *const *need = pm_tables[table]->needs;
    pm_table_mask needs = 0;

    for (; need != NULL && *need != NULL; need++)
        needs |= 1u << pm_tables_find((*need)->name, strlen((*need)->name));
    return needs;
}

pm_table_mask pm_tables_closure(pm_table_mask wanted)
{
    for (int i = PM_N_TABLES - 1; i >= 0; i--) /* needs stand before: one pass from the back */
        if (wanted >> i & 1)
            wanted |= needs_of(i);
    return wanted;
}

pm_table_mask pm_tables_usual(void)
{
    pm_table_mask usual = 0;

    for (int i = 0; i < PM_N_TABLES; i++)
        if (!pm_tables[i]->on_request)
            usual |= 1u << i;
    return usual;
}

enum pm_flow_columns pm_tables_flow_details(pm_table_mask tables)
{
    enum pm_flow_columns most = PM_FLOW_BASIC;

    for (int i = 0; i < PM_N_TABLES; i++)
        if (tables >> i & 1 && pm_tables[i]->flow_details > most)
            most = pm_tables[i]->flow_details;
    return most;
}

int pm_tables_find(const char *name, size_t length)
{
    for (int i = 0; i < PM_N_TABLES; i++)
        if (strlen(pm_tables[i]->name) == length && memcmp(pm_tables[i]->name, name, length) == 0)
            return i;
    return -1;
}

enum pm_status pm_set_init(struct pm_set *set, const struct pm_settings *settings,
                           pm_table_mask tables)
{
    *set = (struct pm_set){.settings = settings};
    for (int i = 0; i < PM_N_TABLES; i++) {
        if (!(tables >> i & 1))
            continue;
        set->states[i] = calloc(1, pm_tables[i]->state_bytes);
        if (set->states[i] == NULL ||
            (pm_tables[i]->init != NULL && pm_tables[i]->init(set->states[i], settings) != PM_OK)) {
            pm_set_free(set);
            return PM_NO_MEMORY;
        }
    }
    return PM_OK;
}

void pm_set_free(struct pm_set *set)
{
    for (int i = 0; i < PM_N_TABLES; i++) {
        if (set->states[i] != NULL && pm_tables[i]->free != NULL)
            pm_tables[i]->free(set->states[i]);
        free(set->states[i]);
        set->states[i] = NULL;
    }
}

void pm_set_lead(struct pm_set *set)
{
    for (int i = 0; i < PM_N_TABLES; i++)
        if (set->states[i] != NULL && pm_tables[i]->lead != NULL)
            pm_tables[i]->lead(set->states[i]);
}

enum pm_status pm_set_update(struct pm_set *set, int table, struct pm_batch *batch)
{
    if (set->states[table] == NULL || pm_tables[table]->update == NULL)
        return PM_OK;
    return pm_tables[table]->update(set->states[table], batch);
}

bool pm_set_meets(const struct pm_set *into, const struct pm_set *from)
{
    for (int i = 0; i < PM_N_TABLES; i++)
        if (into->states[i] != NULL && pm_tables[i]->meets != NULL &&
            !pm_tables[i]->meets(into->states[i], from->states[i]))
            return false;
    return true;
}

enum pm_status pm_set_merge(struct pm_set *into, struct pm_set *from, uint64_t packets_before)
{
    struct pm_joint joint = {.packets_before = packets_before};
    enum pm_status status = PM_OK;

    for (int i = 0; i < PM_N_TABLES && status == PM_OK; i++)
        if (into->states[i] != NULL && pm_tables[i]->merge != NULL)
            status = pm_tables[i]->merge(into->states[i], from->states[i], &joint);
    return status;
}

pm_table_mask pm_set_ready(const struct pm_set *set, pm_table_mask settled)
{
    pm_table_mask ready = 0;

    for (int i = 0; i < PM_N_TABLES; i++)
        if (set->states[i] != NULL && !(settled >> i & 1) && (needs_of(i) & ~settled) == 0)
            ready |= 1u << i;
    return ready;
}

enum pm_status pm_set_settle(struct pm_set *set, int table)
{
    return pm_tables[table]->settle(set->states[table], set);
}

enum pm_status pm_set_finish(struct pm_set *set, int table)
{
    return pm_tables[table]->finish == NULL ? PM_OK : pm_tables[table]->finish(set->states[table]);
}

const char *pm_set_name(const struct pm_set *set, int table)
{
    return pm_tables[table]->own_name == NULL ? pm_tables[table]->name
                                              : pm_tables[table]->own_name(set->states[table]);
}

const void *pm_set_state(const struct pm_set *set, const struct pm_table *table)
{
    for (int i = 0; i < PM_N_TABLES; i++)
        if (pm_tables[i] == table)
            return set->states[i];
    return NULL;
}
