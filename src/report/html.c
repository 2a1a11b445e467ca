#include "base/plain.h"
#include "report/draw.h"
#include "report/report.h"
#include "report/say.h"

/* Paths and names come from strangers. */
static void put_text(FILE *out, const char *text)
{
    char letter[5];

    while (*text) {
        text = pm_plain_next(text, letter);
        fputs(*letter == '<'   ? "&lt;"
              : *letter == '>' ? "&gt;"
              : *letter == '&' ? "&amp;"
              : *letter == '"' ? "&quot;"
                               : letter,
              out);
    }
}

static void put_head(const struct pm_content *content, FILE *out)
{
    char text[PM_CELL_TEXT];

    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" "
          "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
          out);
    put_text(out, pm_content_title(content, text));
    fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>", pm_report_style);
    put_text(out, pm_content_title(content, text));
    fputs("</h1>\n", out);
}

static void put_figures(const struct pm_content *content, FILE *out)
{
    char text[PM_CELL_TEXT];
    const char *label;

    fputs("<dl>\n", out);
    for (unsigned i = 0; (label = pm_content_figure(content, i, text)) != NULL; i++)
        if (*text != '\0')
            fprintf(out, "<div><dt>%s</dt><dd>%s</dd></div>\n", label, text);
    fputs("</dl>\n", out);
}

static void put_damages(const struct pm_content *content, FILE *out)
{
    size_t n = pm_content_damages(content), shown = n < PM_DAMAGES_SHOWN ? n : PM_DAMAGES_SHOWN;
    char text[PM_CELL_TEXT];

    for (size_t i = 0; i < shown; i++) {
        fputs("<p class=\"alert\">", out);
        put_text(out, pm_content_damage(content, i, text));
        fputs(".</p>\n", out);
    }
    if (shown < n)
        fprintf(out, "<p class=\"alert\">%zu more are in summary.json.</p>\n", n - shown);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static void put_heads(const struct pm_report_list *plan, FILE *out)
{
    fputs("<thead><tr>", out);
    for (const struct pm_report_column *column = plan->columns; column->name != NULL; column++)
        fprintf(out, "<th scope=\"col\"%s>%s</th>",
                column->form == PM_FORM_TEXT ? " class=\"text\"" : "", column->head);
    fputs(plan->bars[0] != NULL ? "<td></td></tr></thead>\n" : "</tr></thead>\n", out);
}

static void put_row(const struct pm_content *content, int list, size_t shown, FILE *out)
{
    const struct pm_report_list *plan = &pm_report_lists[list];
    double bar = pm_content_bar(content, list, shown);
    char text[PM_CELL_TEXT];

    fputs("<tr>", out);
    for (const struct pm_report_column *column = plan->columns; column->name != NULL; column++) {
        fputs(column->form == PM_FORM_TEXT ? "<td class=\"text\">" : "<td>", out);
        put_text(out, pm_content_cell(content, list, shown, column, text));
        fputs("</td>", out);
    }
    if (bar >= 0)
        fprintf(out, "<td class=\"bar\"><div style=\"width:%.1f%%\"></div></td>", 100 * bar);
    fputs("</tr>\n", out);
}

static void put_list(const struct pm_content *content, int list, FILE *out)
{
    const struct pm_report_list *plan = &pm_report_lists[list];

    if (content->lists[list].n_shown == 0)
        return;
    fprintf(out, "<h2>%s</h2>\n<p class=\"note\">%s</p>\n<div class=\"wide\"><table>\n",
            plan->title, plan->note);
    put_heads(plan, out);
    fputs("<tbody>\n", out);
    for (size_t i = 0; i < content->lists[list].n_shown; i++)
        put_row(content, list, i, out);
    fputs("</tbody></table></div>\n", out);
}

/* ---- pictures -------------------------------------------------------------------------------- */

static void put_rates(const struct pm_sheet *rate, FILE *out)
{
    struct pm_heap heap;
    char text[PM_SAY];

    pm_heap_fill(&heap, rate, PM_HEAP_COLUMNS);
    if (heap.n < 2 || heap.most <= 0 || heap.at[heap.n - 1] <= 0)
        return;
    fprintf(
        out,
        "<h2>Rate</h2>\n<p class=\"note\">of IP packets, by protocol; each point is the mean of "
        "%s</p>\n<div class=\"wide rate\">\n",
        pm_say_quantity(text, heap.width_s * 1e9, "ns"));
    pm_draw_rates(&heap, pm_sheet_number(rate, 0, pm_sheet_column(rate, "utc_s")), out);
    fputs("</div>\n", out);
}

static void put_curves(const struct pm_content *content, FILE *out)
{
    fputs("<div class=\"curves\">\n", out);
    for (int i = 0; i < PM_N_CURVES; i++) {
        if (!pm_curve_is_drawable(&content->curves[i], &pm_report_curves[i]))
            continue;
        fprintf(out, "<div><h3>%s</h3>\n", pm_report_curves[i].title);
        pm_draw_curve(&content->curves[i], &pm_report_curves[i], out);
        fputs("</div>\n", out);
    }
    fputs("</div>\n", out);
}

static void put_loading(const struct pm_content *content, FILE *out)
{
    char table[PM_CELL_TEXT];

    fputs("<h2>How to load this data</h2>\n"
          "<p>In the folder of this page; <code>datapackage.json</code> tells every column's type, "
          "unit and meaning.</p>\n<pre>"
          "duckdb capture.db &lt; load.sql        # tables of DuckDB, with types\n"
          "duckdb &lt; to_parquet.sql             # Parquet files\n",
          out);
    if (*pm_content_first_table(content, table) != '\0') {
        fputs("python3 -c 'import pandas; print(pandas.read_csv(\"", out);
        put_text(out, table);
        fputs(".csv\"))'\n", out);
    }
    fputs("gnuplot -c plots/NAME.gp png x.png    # any picture, to change and draw again</pre>\n",
          out);
}

void pm_report_html(const struct pm_content *content, FILE *out)
{
    char text[PM_CELL_TEXT];

    put_head(content, out);
    put_figures(content, out);
    put_damages(content, out);
    put_rates(&content->rate, out);
    for (int list = 0; list < PM_N_LISTS; list++) {
        put_list(content, list, out);
        if (list == PM_LIST_STATS)
            put_curves(content, out);
    }
    put_loading(content, out);
    fputs("<footer><p>", out);
    put_text(out, pm_content_tool(content, text));
    fputs("</p></footer>\n</body>\n</html>\n", out);
}
