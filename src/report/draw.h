/* Pictures of a report as SVG that stands in the page: no scripts, no fonts of its own, and the
 * page's colours, so that dark and light, screen and paper need one picture alone. */
#ifndef PM_DRAW_H
#define PM_DRAW_H

#include <stdio.h>

#include "report/content.h"
#include "report/heap.h"

/* Rates of two columns at least, from a time in seconds since the epoch. */
void pm_draw_rates(const struct pm_heap *heap, double begin_s, FILE *out);

/* Whether a curve has two points at least, which rise. */
bool pm_curve_is_drawable(const struct pm_sheet *sheet, const struct pm_report_curve *curve);

/* Such a curve, over a logarithmic axis. */
void pm_draw_curve(const struct pm_sheet *sheet, const struct pm_report_curve *curve, FILE *out);

#endif
