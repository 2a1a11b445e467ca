/*
 * datapackage.json: every table of the folder, its columns, their types, units and meanings, for
 * programs; a Data Package of version 2 (datapackage.org, Table Schema).
 */
#ifndef PM_DATAPACKAGE_H
#define PM_DATAPACKAGE_H

#include <pcapmill/pcapmill.h>

/* `sha256` is of each table's file. The text is for free(); NULL: no memory. */
char *pm_datapackage(const struct pm_table_info *tables, const char *const *sha256,
                     size_t n_tables);

#endif
