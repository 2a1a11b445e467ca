/* The charts of flows (table.h), whose state is that of pm_table_flows. */
#ifndef PM_FLOW_CHARTS_H
#define PM_FLOW_CHARTS_H

#include "table/table.h"

enum { PM_N_FLOW_CHARTS = 5 };

extern const struct pm_chart pm_flow_charts[PM_N_FLOW_CHARTS];

#endif
