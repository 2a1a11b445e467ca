/* What one pass over all flows finds, for their charts and for the books. */
#ifndef PM_FLOW_SURVEY_H
#define PM_FLOW_SURVEY_H

#include <stdbool.h>

#include "base/loglinear.h"

/* What becomes of a flow of TCP, by the flags that each side has shown. */
enum pm_outcome {
    PM_OUTCOME_CLOSED,
    PM_OUTCOME_RESET,
    PM_OUTCOME_REFUSED,
    PM_OUTCOME_UNANSWERED,
    PM_OUTCOME_OPEN,
    PM_OUTCOMES
};

struct pm_flow_survey {
    uint64_t flows;
    uint64_t packets;
    uint64_t sizes[PM_LOGLINEAR_BINS]; /* flows by their bytes on the wire */
    uint64_t durations[PM_LOGLINEAR_BINS];
    uint64_t outcomes[PM_OUTCOMES];
    int64_t first_ts; /* the earliest and the latest time, if one is known */
    int64_t last_ts;
    bool timed;
};

/* Of flows that are settled. NULL: no memory. To be freed by free(). */
struct pm_flow_survey *pm_flow_survey_make(const void *flows);

#endif
