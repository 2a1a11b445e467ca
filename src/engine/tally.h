/* What is counted of packets that lie in a row: totals whatever the tables, and the tables. */
#ifndef PM_TALLY_H
#define PM_TALLY_H

#include "engine/recent.h"
#include "engine/stopwatch.h"
#include "table/table.h"

/* Times are those of timed packets. */
struct pm_totals {
    uint64_t records;    /* packets kept or not: what numbers packets */
    uint64_t packets;    /* kept */
    uint64_t duplicates; /* left out because one before them is equal */
    uint64_t wire_bytes;
    uint64_t captured_bytes;
    uint64_t timed_packets;
    int64_t min_ts;
    int64_t max_ts;
    int64_t first_ts; /* of the first timed packet in capture order */
    int64_t last_ts;  /* of the last */
    bool disordered;  /* some packet is older than the one before it */
};

struct pm_tally {
    struct pm_totals totals;
    struct pm_set set;
    struct pm_recent *recent; /* the latest packets; NULL: duplicates are kept */
    struct pm_recent *before; /* those that lie before the first one; NULL: none were looked for */
};

/* `dedup`: how many packets back duplicates are looked for; 0: they are kept. */
enum pm_status pm_tally_init(struct pm_tally *tally, const struct pm_settings *settings,
                             pm_table_mask tables, unsigned dedup);

/* Says that nothing will be merged in before it. */
void pm_tally_lead(struct pm_tally *tally);

/* Also of a zeroed one, and of one that was merged; leaves it zeroed. */
void pm_tally_free(struct pm_tally *tally);

/* Counts packets that come next. The caller has counted the records, which number them. `watch` may
 * be NULL. */
enum pm_status pm_tally_update(struct pm_tally *tally, struct pm_batch *batch,
                               struct pm_stopwatch *watch);

/* Whether `from` can be merged into one that leads. If not, its packets must be counted there. */
bool pm_tally_meets(const struct pm_tally *into, const struct pm_tally *from);

/* Puts from's packets behind into's; leaves `from` fit for pm_tally_free alone. */
enum pm_status pm_tally_merge(struct pm_tally *into, struct pm_tally *from);

#endif
