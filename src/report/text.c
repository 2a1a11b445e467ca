#include <string.h>

#include "base/plain.h"
#include "report/heap.h"
#include "report/report.h"
#include "report/say.h"

enum { WIDTH = 79, BAR = 16, CHART_COLUMNS = 62, CHART_LINES = 8, TEXT_MOST = 40 };

/* In lines of at most WIDTH letters, broken at a space where one comes late in them. */
static void put_wrapped(FILE *out, const char *text)
{
    char letter[5];

    for (int column = 0; *text; column++) {
        text = pm_plain_next(text, letter);
        if (column == WIDTH || (column > WIDTH - 20 && *letter == ' ')) {
            fputc('\n', out);
            column = 0;
            if (*letter == ' ')
                continue;
        }
        fputs(letter, out);
    }
}

static void put_heading(const char *title, const char *note, FILE *out)
{
    fprintf(out, "\n%s: %s\n\n", title, note);
}

static void put_damages(const struct pm_content *content, FILE *out)
{
    size_t n = pm_content_damages(content), shown = n < PM_DAMAGES_SHOWN ? n : PM_DAMAGES_SHOWN;
    char text[PM_CELL_TEXT];

    for (size_t i = 0; i < shown; i++) {
        fputs(i == 0 ? "\n" : "", out);
        put_wrapped(out, pm_content_damage(content, i, text));
        fputc('\n', out);
    }
    if (shown < n)
        fprintf(out, "%zu more are in summary.json\n", n - shown);
}

static void put_figures(const struct pm_content *content, FILE *out)
{
    char text[PM_CELL_TEXT];
    const char *label;

    put_wrapped(out, pm_content_title(content, text));
    fputs("\n\n", out);
    for (unsigned i = 0; (label = pm_content_figure(content, i, text)) != NULL; i++)
        if (*text != '\0')
            fprintf(out, "%-12s %s\n", label, text);
    put_damages(content, out);
}

/* ---- the rate -------------------------------------------------------------------------------- */

/* The columns that rise above `above`. */
static void put_line(const char *label, const struct pm_heap *heap, double above, FILE *out)
{
    size_t n = heap->n;

    while (n > 0 && heap->sums[n - 1][PM_HEAP_PROTOCOLS] <= above)
        n--;
    fprintf(out, "%14s |", label);
    for (size_t i = 0; i < n; i++)
        fputc(heap->sums[i][PM_HEAP_PROTOCOLS] > above ? '#' : ' ', out);
    fputc('\n', out);
}

static void put_rate(const struct pm_sheet *rate, FILE *out)
{
    struct pm_heap heap;
    char text[PM_SAY];

    pm_heap_fill(&heap, rate, CHART_COLUMNS);
    if (heap.n < 2 || heap.most <= 0)
        return;
    fprintf(out, "\nRate: of IP packets over time; each column is the mean of %s\n\n",
            pm_say_quantity(text, heap.width_s * 1e9, "ns"));
    for (int line = CHART_LINES; line > 0; line--)
        put_line(line == CHART_LINES ? pm_say_scaled(text, heap.most, "bit/s") : "", &heap,
                 heap.most * (line - 1) / CHART_LINES, out);
    fprintf(out, "%14s +", "0");
    for (size_t i = 0; i < heap.n; i++)
        fputc('-', out);
    fputc('\n', out);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static int width_of(const struct pm_content *content, int list,
                    const struct pm_report_column *column)
{
    size_t width = strlen(column->head);
    char text[PM_CELL_TEXT];

    for (size_t i = 0; i < content->lists[list].n_shown; i++) {
        size_t length = strlen(pm_content_cell(content, list, i, column, text));

        width = length > width ? length : width;
    }
    return (int)(width < TEXT_MOST ? width : TEXT_MOST);
}

/* In `width` letters, of which some may have several bytes; 0: in as many as it has. */
static void put_cell(const struct pm_report_column *column, int width, const char *text, FILE *out)
{
    char letter[5];

    if (column->form != PM_FORM_TEXT)
        fprintf(out, "%*s", width, text);
    for (int i = 0; column->form == PM_FORM_TEXT && (i < width || (width == 0 && *text)); i++) {
        if (*text)
            text = pm_plain_next(text, letter);
        else
            strcpy(letter, " ");
        fputs(letter, out);
    }
}

static void put_bar(double bar, int room, FILE *out)
{
    int length = bar > 0 && room > 0 ? (int)(bar * room + 0.5) : 0;

    fputs(length > 0 ? "  " : "", out);
    for (int i = 0; i < length; i++)
        fputc('#', out);
}

/* Where a row is too wide, what is behind its first cell stands on a line of its own. */
static void put_gap(int i, bool broken, FILE *out)
{
    fputs(i == 0 ? "" : i == 1 && broken ? "\n    " : "  ", out);
}

static void put_list(const struct pm_content *content, int list, FILE *out)
{
    const struct pm_report_list *plan = &pm_report_lists[list];
    int widths[PM_REPORT_COLUMNS], room = WIDTH, n = 0;
    char text[PM_CELL_TEXT];
    bool broken;

    if (content->lists[list].n_shown == 0)
        return;
    put_heading(plan->title, plan->note, out);
    for (; plan->columns[n].name != NULL; n++) {
        widths[n] = width_of(content, list, &plan->columns[n]);
        room -= widths[n] + 2;
    }
    broken = room < -2;
    for (int i = 0; i < n; i++) {
        put_gap(i, broken, out);
        put_cell(&plan->columns[i], broken && i == 0 ? 0 : widths[i], plan->columns[i].head, out);
    }
    for (size_t row = 0; row < content->lists[list].n_shown; row++) {
        fputc('\n', out);
        for (int i = 0; i < n; i++) {
            put_gap(i, broken, out);
            put_cell(&plan->columns[i], broken && i == 0 ? 0 : widths[i],
                     pm_content_cell(content, list, row, &plan->columns[i], text), out);
        }
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
