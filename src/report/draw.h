/* Pictures of a report as SVG that stands in the page: no scripts, no fonts of its own, and the
 * page's colours, so that dark and light, screen and paper need one picture alone. */
#ifndef PM_DRAW_H
#define PM_DRAW_H

#include <stdio.h>

#include "report/content.h"

/* The rates of plots/rate.csv, protocols on top of each other. */
void pm_draw_rates(const struct pm_sheet *rate, FILE *out);

/* Whether there are two points at least to draw a curve through. */
bool pm_curve_is_drawable(const struct pm_sheet *sheet, const struct pm_report_curve *curve);

/* Such a curve, over a logarithmic axis. */
void pm_draw_curve(const struct pm_sheet *sheet, const struct pm_report_curve *curve, FILE *out);

#endif
