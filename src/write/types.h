/* What a cell is called by those who read the tables. */
#ifndef PM_TYPES_H
#define PM_TYPES_H

#include <pcapmill/pcapmill.h>

struct pm_type {
    const char *table_schema; /* of Data Packages: datapackage.org, Table Schema */
    const char *arrow;
    const char *arrow_format; /* of its C data interface */
    const char *duckdb;
};

/* By enum pm_cell. */
extern const struct pm_type pm_types[];

/* What the column is called that has a time of nanoseconds as a type for times: first_ts of
 * first_ts_ns; timestamp_ts where the name does not tell the unit. */
enum { PM_TIME_NAME = 34 };
void pm_time_name(char name[PM_TIME_NAME], const char *column);

#endif
