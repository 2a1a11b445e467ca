/*
 * What a picture shows lies between LEFT and `right`, TOP and `bottom`. Classes name what the
 * page's style sheet colours.
 */
#include "report/draw.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/number.h"
#include "report/say.h"

enum { LEFT = 80, TOP = 12, MARGIN = 30, TICS_MOST = 12 };

static const double YEAR = 31556952; /* seconds: 365.2425 days */

/* A picture in the making: how high it is, and what its axes span. */
struct frame {
    FILE *out;
    int right; /* of what it shows, as the next one; below it stand the tics and their label */
    int bottom;
    double x_least, x_most;
    bool x_log;
    double y_most; /* the least is 0 */
};

static double x_of(const struct frame *frame, double x)
{
    double span =
        frame->x_log ? log10(frame->x_most / frame->x_least) : frame->x_most - frame->x_least;
    double at = frame->x_log ? log10(x / frame->x_least) : x - frame->x_least;

    return LEFT + (span > 0 ? at / span : 0.5) * (frame->right - LEFT);
}

static double y_of(const struct frame *frame, double y)
{
    return frame->bottom - y / frame->y_most * (frame->bottom - TOP);
}

static char *write_tenths(char *out, double value)
{
    long tenths = lround(10 * value);

    out = pm_write_integer(out, tenths / 10);
    *out++ = '.';
    *out++ = (char)('0' + tenths % 10);
    *out++ = ' ';
    return out;
}

/* A point of a path, to tenths: most of a page is points. */
static void put_point(const struct frame *frame, double x, double y)
{
    char text[2 * PM_NUMBER_MAX + 8], *end = write_tenths(text, x_of(frame, x));

    end = write_tenths(end, y_of(frame, y));
    fwrite(text, 1, (size_t)(end - text), frame->out);
}

static void begin(const struct frame *frame, const char *what)
{
    fprintf(frame->out,
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n<title>%s</title>\n",
            frame->right + MARGIN, frame->bottom + 40, what, what);
}

static void put_x_tic(const struct frame *frame, double x, const char *label)
{
    fprintf(frame->out,
            "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
            "<text class=\"middle\" x=\"%.1f\" y=\"%d\">%s</text>\n",
            x_of(frame, x), x_of(frame, x), TOP, frame->bottom, x_of(frame, x), frame->bottom + 16,
            label);
}

static void put_x_label(const struct frame *frame, const char *label)
{
    fprintf(frame->out, "<text class=\"middle\" x=\"%d\" y=\"%d\">%s</text>\n",
            (LEFT + frame->right) / 2, frame->bottom + 34, label);
}

/* 1, 2 or 5 times a power of ten, about a fifth of what is spanned. */
static double nice_step(double span)
{
    double power = pow(10, floor(log10(span / 5))), ratio = span / 5 / power;

    return power * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
}

static void put_y_axis(const struct frame *frame, const char *unit)
{
    double step = nice_step(frame->y_most);
    char text[PM_SAY];

    for (int i = 0; i <= TICS_MOST && i * step <= frame->y_most * 1.001; i++) {
        double y = i * step;

        fprintf(frame->out,
                "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                "<text class=\"end\" x=\"%d\" y=\"%.1f\">%s</text>\n",
                LEFT, frame->right, y_of(frame, y), y_of(frame, y), LEFT - 6, y_of(frame, y) + 4,
                *unit ? pm_say_scaled(text, y, unit) : pm_say_number(text, y));
    }
}

/* ---- rates ----------------------------------------------------------------------------------- */

static void put_area(const struct frame *frame, const struct pm_heap *heap, int protocol)
{
    fprintf(frame->out, "<path class=\"p%d\" d=\"M", protocol);
    for (size_t i = 0; i < heap->n; i++)
        put_point(frame, heap->at[i], heap->sums[i][protocol + 1]);
    for (size_t i = heap->n; i-- > 0;)
        put_point(frame, heap->at[i], heap->sums[i][protocol]);
    fputs("Z\"/>\n", frame->out);
}

/* Of UTC: whole minutes, hours, days or weeks. */
static double time_step(double span)
{
    static const double steps[] = {60,    120,   300,   600,   900,    1800,   3600,    7200,
                                   10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000};

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (span / steps[i] <= 8)
            return steps[i];
    return 7776000;
}

static void put_time_tics(const struct frame *frame, int64_t begin_s)
{
    int64_t step = (int64_t)time_step(frame->x_most);
    int64_t first = begin_s - (begin_s % step + step) % step + step;
    char label[PM_SAY];

    for (int i = 0; i <= TICS_MOST && (double)(first - begin_s) <= frame->x_most; i++) {
        time_t seconds = (time_t)first;
        struct tm utc;

        gmtime_r(&seconds, &utc);
        strftime(label, sizeof label, step < 86400 ? "%d %b %H:%M" : "%d %b %Y", &utc);
        put_x_tic(frame, (double)(first - begin_s), label);
        first += step;
    }
}

/* Where it lasts some years. */
static void put_year_tics(const struct frame *frame, int64_t begin_s)
{
    static const int steps[] = {1, 2, 5, 10, 20, 50, 100};
    time_t seconds = (time_t)begin_s;
    size_t at = 0;
    char label[16];
    struct tm utc;

    while (at + 1 < sizeof steps / sizeof *steps && frame->x_most / YEAR / steps[at] > 8)
        at++;
    gmtime_r(&seconds, &utc);
    utc = (struct tm){.tm_year = (utc.tm_year + 1900) / steps[at] * steps[at] - 1900, .tm_mday = 1};
    for (int i = 0; i <= TICS_MOST; i++) {
        double since = (double)(timegm(&utc) - begin_s);

        snprintf(label, sizeof label, "%d", utc.tm_year + 1900);
        if (since >= 0 && since <= frame->x_most)
            put_x_tic(frame, since, label);
        utc = (struct tm){.tm_year = utc.tm_year + steps[at], .tm_mday = 1};
    }
}

static void put_second_tics(const struct frame *frame)
{
    double step = nice_step(frame->x_most);
    char label[PM_SAY];

    for (int i = 0; i <= TICS_MOST && i * step <= frame->x_most; i++)
        put_x_tic(frame, i * step, pm_say_number(label, i * step));
}

/* Seconds since the start where it lasts a few minutes at most, else times of UTC. */
static void put_time_axis(const struct frame *frame, int64_t begin_s)
{
    bool relative = frame->x_most < 300;
    char text[2 * PM_SAY], label[PM_SAY];

    if (relative)
        put_second_tics(frame);
    else if (frame->x_most < 3 * YEAR)
        put_time_tics(frame, begin_s);
    else
        put_year_tics(frame, begin_s);
    snprintf(text, sizeof text, relative ? "seconds since %s" : "time (UTC), from %s",
             pm_say_time(label, begin_s));
    put_x_label(frame, text);
}

static void put_legend(const struct pm_heap *heap, FILE *out)
{
    fputs("<p class=\"legend\">", out);
    for (int i = 0; i < PM_HEAP_PROTOCOLS; i++)
        if (heap->occurs[i])
            fprintf(out, "<span class=\"k%d\"></span> %s ", i, pm_heap_names[i]);
    fputs("</p>\n", out);
}

void pm_draw_rates(const struct pm_heap *heap, double begin_s, FILE *out)
{
    struct frame frame = {.out = out,
                          .right = 830,
                          .bottom = 260,
                          .x_most = heap->at[heap->n - 1],
                          .y_most = heap->most};

    begin(&frame, "Rate of IP packets over time, by protocol");
    put_y_axis(&frame, "bit/s");
    put_time_axis(&frame, (int64_t)floor(begin_s));
    for (int i = 0; i < PM_HEAP_PROTOCOLS; i++)
        if (heap->occurs[i])
            put_area(&frame, heap, i);
    fputs("</svg>\n", out);
    put_legend(heap, out);
}

/* ---- curves ---------------------------------------------------------------------------------- */

static void put_decades(const struct frame *frame, const char *unit)
{
    static const char *const small[] = {"n", "µ", "m"};
    int least = (int)lround(log10(frame->x_least)), most = (int)lround(log10(frame->x_most));
    int step = 1 + (most - least) / 6;
    char text[PM_SAY];

    for (int power = least; power <= most; power += step) {
        int third = (int)floor(power / 3.0);

        if (power < 0 && third >= -3)
            snprintf(text, sizeof text, "%.0f %s%s", pow(10, power - 3 * third), small[third + 3],
                     unit);
        else if (strcmp(unit, "s") == 0) /* nobody speaks of kiloseconds */
            snprintf(text, sizeof text, "%.0f s", pow(10, power));
        else
            pm_say_scaled(text, pow(10, power), unit);
        put_x_tic(frame, pow(10, power), text);
    }
}

bool pm_curve_is_drawable(const struct pm_sheet *sheet, const struct pm_report_curve *curve)
{
    size_t points = 0, x = pm_sheet_column(sheet, curve->x);
    double last = 0;

    for (size_t row = 0; row < sheet->n_rows; row++) {
        double value = pm_sheet_number(sheet, row, x);

        if (value < last)
            return false; /* somebody has changed the file */
        points += value > 0;
        last = value;
    }
    return points >= 2;
}

/* The decades that hold all values above 0, which rise. */
static void find_decades(struct frame *frame, const struct pm_sheet *sheet, size_t x)
{
    size_t first = 0;

    while (pm_sheet_number(sheet, first, x) <= 0)
        first++;
    frame->x_least = pow(10, floor(log10(pm_sheet_number(sheet, first, x)) + 1e-9));
    frame->x_most = pow(10, floor(log10(pm_sheet_number(sheet, sheet->n_rows - 1, x)) + 1e-9) + 1);
}

/* Values of 0 have no place on a logarithmic axis; the share at its left end tells of them. */
void pm_draw_curve(const struct pm_sheet *sheet, const struct pm_report_curve *curve, FILE *out)
{
    struct frame frame = {.out = out, .right = 420, .bottom = 190, .x_log = true, .y_most = 1};
    size_t x = pm_sheet_column(sheet, curve->x), y = pm_sheet_column(sheet, curve->y);

    find_decades(&frame, sheet, x);
    begin(&frame, curve->y_label);
    put_y_axis(&frame, "");
    put_decades(&frame, curve->x_unit);
    put_x_label(&frame, curve->y_label);
    fputs("<path class=\"curve\" d=\"M", out);
    for (size_t row = 0; row < sheet->n_rows; row++)
        if (pm_sheet_number(sheet, row, x) > 0)
            put_point(&frame, pm_sheet_number(sheet, row, x), pm_sheet_number(sheet, row, y));
    fputs("\"/>\n</svg>\n", out);
}
