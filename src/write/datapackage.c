#include "write/datapackage.h"

#include "write/json.h"

static const char *type_of(enum pm_cell cell)
{
    switch (cell) {
    case PM_CELL_INTEGER:
        return "integer";
    case PM_CELL_FIXED6:
    case PM_CELL_FIXED9:
        return "number";
    case PM_CELL_WORD:
    case PM_CELL_ADDRESS:
        break;
    }
    return "string";
}

/* What other tools call the column is its title; its unit is a property of our own. */
static json_t *field_json(const struct pm_column *column)
{
    const char *unit = *column->unit ? column->unit : NULL;

    return json_pack("{s:s, s:s, s:s*, s:s, s:s*}", "name", column->name, "type",
                     type_of(column->cell), "title", column->title, "description",
                     column->description, "unit", unit);
}

static json_t *fields_json(const struct pm_table_info *table)
{
    json_t *fields = json_array();

    for (size_t i = 0; i < table->n_columns; i++)
        json_array_append_new(fields, field_json(&table->columns[i]));
    return fields;
}

static json_t *resource_json(const struct pm_resource *resource)
{
    const struct pm_table_info *table = &resource->table;

    return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:o, s:{s:o}}", "name", table->name,
                     "type", "table", "path", json_sprintf("%s.csv", table->name), "description",
                     table->description, "format", "csv", "mediatype", "text/csv", "encoding",
                     "utf-8", "hash", json_sprintf("sha256:%s", resource->sha256), "schema",
                     "fields", fields_json(table));
}

char *pm_datapackage(const struct pm_resource *resources, size_t n_resources)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n_resources; i++)
        json_array_append_new(list, resource_json(&resources[i]));
    return pm_json_text(json_pack("{s:s, s:s, s:o}", "$schema",
                                  "https://datapackage.org/profiles/2.0/datapackage.json", "name",
                                  "pcapmill", "resources", list));
}
