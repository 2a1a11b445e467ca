/* Settling all tables: in rounds, those whose needs are settled at once, each by one thread. */
#include "engine/analysis.h"
#include "engine/ordered.h"

struct round {
    struct pm_set *set;
    pm_table_mask tables;
};

static enum pm_status settle_table(void *context, unsigned worker, size_t item)
{
    const struct round *round = context;
    pm_table_mask left = round->tables;

    (void)worker;
    while (item-- > 0)
        left &= left - 1;
    return pm_set_settle(round->set, __builtin_ctz(left));
}

enum pm_status pm_engine_settle(struct pm_analysis *analysis)
{
    struct round round = {.set = &analysis->set};
    pm_table_mask settled = 0;

    while ((round.tables = pm_set_ready(&analysis->set, settled)) != 0) {
        PM_TRY(
            pm_ordered_run(analysis->threads,
                           &(struct pm_ordered){.n_items = (size_t)__builtin_popcount(round.tables),
                                                .context = &round,
                                                .work = settle_table}));
        settled |= round.tables;
    }
    return PM_OK;
}
