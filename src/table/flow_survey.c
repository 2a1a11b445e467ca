#include "table/flow_survey.h"

#include <stdlib.h>

#include "table/clock.h"
#include "table/flows.h"

static enum pm_outcome outcome_of(const struct pm_segment *flow)
{
    uint8_t src = flow->tcp_flags[flow->src_direction], dst = flow->tcp_flags[!flow->src_direction];
    bool asked = (src & PM_TCP_SYN) != 0 && (dst & PM_TCP_SYN) == 0;

    if (asked && flow->counts[!flow->src_direction].packets == 0 && !(src & PM_TCP_ACK))
        return PM_OUTCOME_UNANSWERED; /* an ACK tells of an answer that was not captured */
    if (asked && dst & PM_TCP_RST)
        return PM_OUTCOME_REFUSED;
    if ((src | dst) & PM_TCP_RST)
        return PM_OUTCOME_RESET;
    return src & dst & PM_TCP_FIN ? PM_OUTCOME_CLOSED : PM_OUTCOME_OPEN;
}

static void count_flow(struct pm_flow_survey *survey, const struct pm_segment *flow)
{
    survey->packets += pm_flow_packets(flow);
    survey->sizes[pm_loglinear_bin(pm_flow_bytes(flow))]++;
    survey->durations[pm_loglinear_bin(pm_flow_duration(flow))]++;
    if (flow->key.proto == PM_IPPROTO_TCP)
        survey->outcomes[outcome_of(flow)]++;
    if (flow->timed)
        pm_widen_times(&survey->timed, &survey->first_ts, &survey->last_ts, pm_segment_min_ts(flow),
                       pm_segment_max_ts(flow));
}

struct pm_flow_survey *pm_flow_survey_make(const void *flows)
{
    struct pm_flow_survey *survey = calloc(1, sizeof *survey);

    if (survey == NULL)
        return NULL;
    survey->flows = pm_flows_count(flows);
    for (uint64_t i = 0; i < survey->flows; i++)
        count_flow(survey, pm_flows_get(flows, i));
    return survey;
}
