/* The rates of plots/rate.csv, protocols on top of each other, in as many columns as can be seen.
 */
#ifndef PM_HEAP_H
#define PM_HEAP_H

#include "report/sheet.h"

enum { PM_HEAP_COLUMNS = 192, PM_HEAP_PROTOCOLS = 6 };

extern const char *const pm_heap_names[PM_HEAP_PROTOCOLS];

struct pm_heap {
    size_t n;
    double at[PM_HEAP_COLUMNS];                          /* seconds since the first row */
    double sums[PM_HEAP_COLUMNS][PM_HEAP_PROTOCOLS + 1]; /* bit/s of the first i protocols */
    bool occurs[PM_HEAP_PROTOCOLS];
    double most;    /* of all protocols in a column */
    double width_s; /* of time that a column is the mean of */
};

/* At most `columns` of them. */
void pm_heap_fill(struct pm_heap *heap, const struct pm_sheet *rate, size_t columns);

#endif
