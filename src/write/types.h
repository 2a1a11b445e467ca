/* What a cell is called by those who read the tables. */
#ifndef PM_TYPES_H
#define PM_TYPES_H

#include <pcapmill/pcapmill.h>

struct pm_type {
    const char *table_schema; /* of Data Packages: datapackage.org, Table Schema */
    const char *arrow;
    const char *duckdb;
};

/* By enum pm_cell. */
extern const struct pm_type pm_types[];

#endif
