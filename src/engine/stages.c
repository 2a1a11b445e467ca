/* The stages of an analysis by name, and the time of all threads in each: what stopwatches took. */
#include "engine/analysis.h"

static const struct {
    const char *name;
    int place;
    bool by_table;
} stages[] = {
    {"guess", PM_STAGE_GUESS, false},     {"walk", PM_STAGE_WALK, false},
    {"decode", PM_STAGE_DECODE, false},   {"count", PM_STAGE_COUNT, false},
    {"update", PM_STAGE_UPDATE, true},    {"merge", PM_STAGE_MERGE, false},
    {"release", PM_STAGE_RELEASE, false}, {"settle", PM_STAGE_SETTLE, true},
    {"format", PM_STAGE_FORMAT, false},   {"write", PM_STAGE_WRITE, false},
    {"merged", PM_STAGE_MERGED, false},
};

size_t pm_stage_count(const struct pm_analysis *analysis)
{
    return analysis->watches == NULL ? 0 : PM_STAGES;
}

struct pm_stage pm_stage_get(const struct pm_analysis *analysis, size_t place)
{
    size_t i = PM_COUNT(stages) - 1;
    struct pm_stage stage = {0};

    while (stages[i].place > (int)place)
        i--;
    stage.name = stages[i].name;
    stage.wall = place == PM_STAGE_MERGED;
    if (stages[i].by_table)
        stage.table = pm_tables[(int)place - stages[i].place]->name;
    for (unsigned thread = 0; thread < analysis->threads; thread++)
        stage.ns += analysis->watches[thread].ns[place];
    return stage;
}
