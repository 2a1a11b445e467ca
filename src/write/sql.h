/* load.sql and to_parquet.sql: statements for DuckDB that read the tables of the folder that they
 * lie in, by the types that their columns have and not by what they look like. */
#ifndef PM_SQL_H
#define PM_SQL_H

#include <pcapmill/pcapmill.h>

/* Each text is for free(); NULL: no memory. */
char *pm_sql_load(const struct pm_table_info *tables, size_t n_tables);
char *pm_sql_to_parquet(const struct pm_table_info *tables, size_t n_tables);

#endif
