/*
 * Paths are names of files beside the statements: DuckDB looks for them in its current folder.
 *
 * A time stays the integer it is, for not every reader knows nanoseconds, and gets a column of a
 * type for times behind the others: of nanoseconds in DuckDB's own tables, and of microseconds in
 * Parquet, for Spark refuses files that hold others (SPARK-40819).
 */
#include "write/sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "write/types.h"

/* A column of a type for times for each of them; `open` and `close` stand around its name. */
static void put_times(FILE *out, const struct pm_table_info *table, const char *open,
                      const char *close)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct pm_column *column = &table->columns[i];
        char name[PM_TIME_NAME];

        if (column->cell != PM_CELL_TIME)
            continue;
        pm_time_name(name, column->name);
        fprintf(out, ", %s%s%s AS %s", open, column->name, close, name);
    }
}

static void put_source(FILE *out, const struct pm_table_info *table)
{
    fprintf(out,
            "\nFROM read_csv('%s.csv', auto_detect = false, header = true, delim = ',',\n"
            "              quote = '', escape = '', columns = {",
            table->name);
    for (size_t i = 0; i < table->n_columns; i++)
        fprintf(out, "%s\n    '%s': '%s'", i == 0 ? "" : ",", table->columns[i].name,
                pm_types[table->columns[i].cell].duckdb);
    fputs("})", out);
}

static void put_load(FILE *out, const struct pm_table_info *table)
{
    fprintf(out, "\nCREATE OR REPLACE TABLE %s AS\nSELECT *", table->name);
    put_times(out, table, "time_of(", ")");
    put_source(out, table);
    fputs(";\n", out);
}

static void put_copy(FILE *out, const struct pm_table_info *table)
{
    fputs("\nCOPY (\nSELECT *", out);
    put_times(out, table, "make_timestamp(", " // 1000)");
    put_source(out, table);
    fprintf(out, "\n) TO '%s.parquet' (FORMAT parquet, COMPRESSION zstd);\n", table->name);
}

/* An introduction, and a statement for each table. */
static char *write_statements(const char *introduction, const struct pm_table_info *tables,
                              size_t n_tables,
                              void (*put)(FILE *out, const struct pm_table_info *table))
{
    char *text = NULL;
    size_t n_bytes;
    FILE *out = open_memstream(&text, &n_bytes);

    if (out == NULL)
        return NULL;
    fputs(introduction, out);
    for (size_t i = 0; i < n_tables; i++)
        put(out, &tables[i]);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

/* On its first day and in its last nanosecond TIMESTAMP_NS fails. */
static const char load_introduction[] =
    "-- Makes a table of DuckDB of each file of this folder. In it:\n"
    "--     duckdb capture.db < load.sql\n"
    "-- Each time has a TIMESTAMP_NS (UTC) behind the columns of the file. To compare addresses:\n"
    "--     INSTALL inet; LOAD inet; SELECT * FROM hosts WHERE ip::INET <<= '10.0.0.0/8'::INET;\n"
    "\n"
    "CREATE OR REPLACE TEMP MACRO time_of(ns) AS\n"
    "    CASE WHEN ns BETWEEN -9223286400000000000 AND 9223372036854775806\n"
    "         THEN make_timestamp_ns(ns) END;\n";

static const char parquet_introduction[] =
    "-- Makes a Parquet file of each table of this folder, with DuckDB. In it:\n"
    "--     duckdb < to_parquet.sql\n"
    "-- Each time has a TIMESTAMP (UTC, cut to microseconds) behind the columns of the file.\n";

char *pm_sql_load(const struct pm_table_info *tables, size_t n_tables)
{
    return write_statements(load_introduction, tables, n_tables, put_load);
}

char *pm_sql_to_parquet(const struct pm_table_info *tables, size_t n_tables)
{
    return write_statements(parquet_introduction, tables, n_tables, put_copy);
}
