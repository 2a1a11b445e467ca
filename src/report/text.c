#include <stdlib.h>
#include <string.h>

#include "report/report.h"
#include "report/say.h"

enum { WIDTH = 79, BAR = 16, CHART_COLUMNS = 62, CHART_LINES = 8, TEXT_MOST = 40 };

/* Terminals obey control bytes, and mail does not like others than ASCII. */
static void put_text(FILE *out, const char *text)
{
    for (; *text; text++)
        fputc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, out);
}

static void put_heading(const char *title, const char *note, FILE *out)
{
    fprintf(out, "\n%s: %s\n\n", title, note);
}

static void put_figures(const struct pm_content *content, FILE *out)
{
    char text[PM_CELL_TEXT];
    const char *label;

    put_text(out, pm_content_title(content, text));
    fputs("\n\n", out);
    for (unsigned i = 0; (label = pm_content_figure(content, i, text)) != NULL; i++)
        if (*text != '\0')
            fprintf(out, "%-12s %s\n", label, text);
    for (size_t i = 0; i < pm_content_damages(content); i++) {
        fputs(i == 0 ? "\n" : "", out);
        put_text(out, pm_content_damage(content, i, text));
        fputs(".\n", out);
    }
}

/* ---- the rate -------------------------------------------------------------------------------- */

static double total_rate(const struct pm_sheet *rate, size_t row)
{
    static const char *const columns[] = {"tcp_bps",  "udp_bps",    "sctp_bps",
                                          "icmp_bps", "icmpv6_bps", "other_ip_bps"};
    double sum = 0;

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        sum += pm_sheet_number(rate, row, pm_sheet_column(rate, columns[i]));
    return sum;
}

/* Means of so many rows as fall together into a column. */
static size_t mean_rates(const struct pm_sheet *rate, double means[CHART_COLUMNS], double *most)
{
    size_t together = (rate->n_rows + CHART_COLUMNS - 1) / CHART_COLUMNS, n = 0;

    *most = 0;
    for (size_t begin = 0; begin < rate->n_rows; begin += together, n++) {
        size_t end = begin + together < rate->n_rows ? begin + together : rate->n_rows;

        means[n] = 0;
        for (size_t row = begin; row < end; row++)
            means[n] += total_rate(rate, row) / (double)(end - begin);
        *most = means[n] > *most ? means[n] : *most;
    }
    return n;
}

/* The columns that rise above `above`. */
static void put_line(const char *label, const double *means, size_t n, double above, FILE *out)
{
    while (n > 0 && means[n - 1] <= above)
        n--;
    fprintf(out, "%14s |", label);
    for (size_t i = 0; i < n; i++)
        fputc(means[i] > above ? '#' : ' ', out);
    fputc('\n', out);
}

static void put_rate(const struct pm_sheet *rate, FILE *out)
{
    double means[CHART_COLUMNS], most;
    size_t n = mean_rates(rate, means, &most);
    char text[PM_SAY];

    if (n < 2 || most <= 0)
        return;
    put_heading("Rate", "of IP packets over time", out);
    for (int line = CHART_LINES; line > 0; line--) {
        const char *label = line == CHART_LINES ? pm_say_scaled(text, most, "bit/s") : "";

        put_line(label, means, n, most * (line - 1) / CHART_LINES, out);
    }
    fprintf(out, "%14s +", "0");
    for (size_t i = 0; i < n; i++)
        fputc('-', out);
    fputc('\n', out);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static int width_of(const struct pm_content *content, int list,
                    const struct pm_report_column *column)
{
    size_t width = strlen(column->head);
    char text[PM_CELL_TEXT];

    for (size_t i = 0; i < content->n_shown[list]; i++) {
        size_t length = strlen(pm_content_cell(content, list, i, column, text));

        width = length > width ? length : width;
    }
    return (int)(width < TEXT_MOST ? width : TEXT_MOST);
}

static void put_cell(const struct pm_report_column *column, int i, int width, const char *text,
                     FILE *out)
{
    fputs(i == 0 ? "" : "  ", out);
    fprintf(out, column->form == PM_FORM_TEXT ? "%-*.*s" : "%*.*s", width, width, text);
}

static void put_bar(double bar, int room, FILE *out)
{
    int length = bar > 0 && room > 0 ? (int)(bar * room + 0.5) : 0;

    fputs(length > 0 ? "  " : "", out);
    for (int i = 0; i < length; i++)
        fputc('#', out);
}

static void put_list(const struct pm_content *content, int list, FILE *out)
{
    const struct pm_report_list *plan = &pm_report_lists[list];
    int widths[PM_REPORT_COLUMNS], room = WIDTH, n = 0;
    char text[PM_CELL_TEXT];

    if (content->n_shown[list] == 0)
        return;
    put_heading(plan->title, plan->note, out);
    for (; plan->columns[n].name != NULL; n++) {
        widths[n] = width_of(content, list, &plan->columns[n]);
        room -= widths[n] + 2;
    }
    for (int i = 0; i < n; i++)
        put_cell(&plan->columns[i], i, widths[i], plan->columns[i].head, out);
    for (size_t row = 0; row < content->n_shown[list]; row++) {
        fputc('\n', out);
        for (int i = 0; i < n; i++)
            put_cell(&plan->columns[i], i, widths[i],
                     pm_content_cell(content, list, row, &plan->columns[i], text), out);
        put_bar(pm_content_bar(content, list, row), room < BAR ? room : BAR, out);
    }
    fputc('\n', out);
}

void pm_report_text(const struct pm_content *content, FILE *out)
{
    put_figures(content, out);
    put_rate(&content->rate, out);
    for (int list = 0; list < PM_N_LISTS; list++)
        put_list(content, list, out);
}
