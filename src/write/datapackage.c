#include "write/datapackage.h"

#include "write/json.h"
#include "write/types.h"

/* What other tools call the column is its title. Properties of our own: its type in Arrow, its
 * unit, and what it is counted from. */
static json_t *field_json(const struct pm_column *column)
{
    const struct pm_type *type = &pm_types[column->cell];
    const char *unit = *column->unit ? column->unit : NULL;
    const char *epoch = column->cell == PM_CELL_TIME ? "1970-01-01T00:00:00Z" : NULL;

    return json_pack("{s:s, s:s, s:s, s:s*, s:s, s:s*, s:s*}", "name", column->name, "type",
                     type->table_schema, "arrow", type->arrow, "title", column->title,
                     "description", column->description, "unit", unit, "epoch", epoch);
}

static json_t *fields_json(const struct pm_table_info *table)
{
    json_t *fields = json_array();

    for (size_t i = 0; i < table->n_columns; i++)
        json_array_append_new(fields, field_json(&table->columns[i]));
    return fields;
}

static json_t *resource_json(const struct pm_table_info *table, const char *sha256)
{
    return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:o, s:{s:o}}", "name", table->name,
                     "type", "table", "path", json_sprintf("%s.csv", table->name), "description",
                     table->description, "format", "csv", "mediatype", "text/csv", "encoding",
                     "utf-8", "hash", json_sprintf("sha256:%s", sha256), "schema", "fields",
                     fields_json(table));
}

char *pm_datapackage(const struct pm_table_info *tables, const char *const *sha256, size_t n_tables)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n_tables; i++)
        json_array_append_new(list, resource_json(&tables[i], sha256[i]));
    return pm_json_text(json_pack("{s:s, s:s, s:o}", "$schema",
                                  "https://datapackage.org/profiles/2.0/datapackage.json", "name",
                                  "pcapmill", "resources", list));
}
