/* Writes the manual page of the tables: a text around what their descriptors say of each column.
 *
 * usage: manual TEXT >PAGE     the lines @TABLES@, @CHARTS@ and @ANOMALIES@ of TEXT become their
 * lists */
#include <stdio.h>
#include <string.h>

#include "table/table.h"

/* Marks that roff would read as its own. */
static void print_text(const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", stdout);
    for (; *text; text++)
        if (*text == '-')
            fputs("\\-", stdout);
        else if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '^')
            fputs("\\(ha", stdout);
        else
            putchar(*text);
}

static void print_column(const struct pm_column *column)
{
    static const char *const types[] = {
        [PM_CELL_INTEGER] = "integer", [PM_CELL_TIME] = "integer", [PM_CELL_FIXED6] = "number",
        [PM_CELL_FIXED9] = "number",   [PM_CELL_WORD] = "text",    [PM_CELL_ADDRESS] = "text"};

    printf(".TP\n.BR %s \" (%s%s%s)\"\n", column->name, types[column->cell],
           *column->unit ? ", " : "", column->unit);
    print_text(column->description);
    if (column->title != NULL) {
        fputs(" [", stdout);
        print_text(column->title);
        putchar(']');
    }
    putchar('\n');
}

/* What the first packets of a flow are told by: two columns each, which are described once. */
static bool is_repeated(const struct pm_table *table, size_t i)
{
    return i >= 2 && strcmp(table->columns[i].description, table->columns[i - 2].description) == 0;
}

static void print_table(const struct pm_table *table)
{
    if (table->own_name != NULL)
        return; /* it is another one's, under another name */
    printf(".SS %s\n", table->name);
    print_text(table->description);
    puts(table->on_request ? " (only where it is asked for)." : ".");
    for (size_t i = 0; i < table->n_columns; i++)
        if (!is_repeated(table, i))
            print_column(&table->columns[i]);
}

/* The files that charts are drawn from. */
static void print_charts(void)
{
    for (int i = 0; i < PM_N_TABLES; i++)
        for (size_t at = 0; at < pm_tables[i]->n_charts; at++) {
            const struct pm_chart *chart = &pm_tables[i]->charts[at];

            if (chart->columns == NULL || pm_tables[i]->own_name != NULL)
                continue;
            printf(".SS plots/%s.csv\n", chart->name);
            for (size_t column = 0; column < chart->n_columns; column++)
                print_column(&chart->columns[column]);
        }
}

static void print_anomalies(void)
{
    for (int i = 0; i < PM_N_ANOMALIES; i++) {
        printf(".TP\n.B %s\n", pm_anomaly_texts[i].name);
        print_text(pm_anomaly_texts[i].meaning);
        putchar('\n');
    }
}

static void print_tables(void)
{
    for (int i = 0; i < PM_N_TABLES; i++)
        print_table(pm_tables[i]);
}

int main(int argc, char **argv)
{
    char line[512];
    FILE *text = argc == 2 ? fopen(argv[1], "r") : NULL;

    if (text == NULL)
        return 2;
    while (fgets(line, sizeof line, text) != NULL) {
        if (strcmp(line, "@TABLES@\n") == 0)
            print_tables();
        else if (strcmp(line, "@CHARTS@\n") == 0)
            print_charts();
        else if (strcmp(line, "@ANOMALIES@\n") == 0)
            print_anomalies();
        else
            fputs(line, stdout);
    }
    fclose(text);
    return fflush(stdout) != 0 || ferror(stdout);
}
