/*
 * datapackage.json: every table of the folder, its columns, their types, units and meanings, for
 * programs; a Data Package of version 2 (datapackage.org, Table Schema).
 */
#ifndef PM_DATAPACKAGE_H
#define PM_DATAPACKAGE_H

#include <pcapmill/pcapmill.h>

struct pm_resource {
    struct pm_table_info table;
    const char *sha256; /* of its file */
};

/* The text, for free(); NULL: no memory. */
char *pm_datapackage(const struct pm_resource *resources, size_t n_resources);

#endif
