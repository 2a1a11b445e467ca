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

enum { LEFT = 80, TOP = 12, COLUMNS = 192, PROTOCOLS = 6 };

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
            frame->right + 10, frame->bottom + 40, what, what);
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

    for (double y = 0; y <= frame->y_most * 1.001; y += step)
        fprintf(frame->out,
                "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                "<text class=\"end\" x=\"%d\" y=\"%.1f\">%s</text>\n",
                LEFT, frame->right, y_of(frame, y), y_of(frame, y), LEFT - 6, y_of(frame, y) + 4,
                *unit ? pm_say_scaled(text, y, unit) : pm_say_number(text, y));
}

/* ---- rates ----------------------------------------------------------------------------------- */

static const struct {
    const char *column;
    const char *name;
} protocols[PROTOCOLS] = {{"tcp_bps", "TCP"},       {"udp_bps", "UDP"},
                          {"sctp_bps", "SCTP"},     {"icmp_bps", "ICMP"},
                          {"icmpv6_bps", "ICMPv6"}, {"other_ip_bps", "other"}};

/* Rows are taken together until no more than COLUMNS are left: more would not be seen. */
struct heap {
    double sums[COLUMNS][PROTOCOLS + 1]; /* the first i protocols together */
    double at[COLUMNS];                  /* seconds since the first row */
    size_t n;
    double most;
    bool occurs[PROTOCOLS];
};

static void add_rates(struct heap *heap, const struct pm_sheet *rate, size_t begin, size_t end)
{
    double *sums = heap->sums[heap->n];

    sums[0] = 0;
    for (int i = 0; i < PROTOCOLS; i++) {
        size_t column = pm_sheet_column(rate, protocols[i].column);
        double sum = 0;

        for (size_t row = begin; row < end; row++)
            sum += pm_sheet_number(rate, row, column);
        heap->occurs[i] |= sum > 0;
        sums[i + 1] = sums[i] + sum / (double)(end - begin);
    }
    heap->most = sums[PROTOCOLS] > heap->most ? sums[PROTOCOLS] : heap->most;
    heap->at[heap->n++] = pm_sheet_number(rate, begin, pm_sheet_column(rate, "since_s"));
}

static void put_area(const struct frame *frame, const struct heap *heap, int protocol)
{
    fprintf(frame->out, "<path class=\"p%d\" d=\"M", protocol);
    for (size_t i = 0; i < heap->n; i++)
        put_point(frame, heap->at[i], heap->sums[i][protocol + 1]);
    for (size_t i = heap->n; i-- > 0;)
        put_point(frame, heap->at[i], heap->sums[i][protocol]);
    fputs("Z\"/>\n", frame->out);
}

static double time_step(double span)
{
    static const double steps[] = {60,    120,   300,   600,   900,    1800,   3600,    7200,
                                   10800, 21600, 43200, 86400, 172800, 604800, 2592000, 7776000};

    if (span < 300)
        return nice_step(span);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (span / steps[i] <= 8)
            return steps[i];
    return 31536000;
}

/* Seconds since the start where it lasts a few minutes at most, else times of UTC. */
static void put_time_axis(const struct frame *frame, int64_t begin_s)
{
    double span = frame->x_most, step = time_step(span);
    bool relative = span < 300;
    double first = relative ? 0 : step - fmod((double)begin_s, step);
    char text[2 * PM_SAY], label[PM_SAY];

    for (double at = first; at <= span; at += step) {
        time_t seconds = (time_t)(begin_s + (int64_t)at);
        struct tm utc;

        gmtime_r(&seconds, &utc);
        if (relative)
            pm_say_number(label, at);
        else
            strftime(label, sizeof label, step < 86400 ? "%d %b %H:%M" : "%d %b %Y", &utc);
        put_x_tic(frame, at, label);
    }
    pm_say_time(label, begin_s * 1000000000);
    snprintf(text, sizeof text, relative ? "seconds since %s" : "time (UTC), from %s", label);
    put_x_label(frame, text);
}

static void put_legend(const struct heap *heap, FILE *out)
{
    fputs("<p class=\"legend\">", out);
    for (int i = 0; i < PROTOCOLS; i++)
        if (heap->occurs[i])
            fprintf(out, "<span class=\"k%d\"></span> %s ", i, protocols[i].name);
    fputs("</p>\n", out);
}

void pm_draw_rates(const struct pm_sheet *rate, FILE *out)
{
    static struct heap heap;
    size_t together = (rate->n_rows + COLUMNS - 1) / COLUMNS;
    struct frame frame = {.out = out, .right = 850, .bottom = 260};

    heap = (struct heap){0};
    for (size_t row = 0; row < rate->n_rows; row += together)
        add_rates(&heap, rate, row, row + together < rate->n_rows ? row + together : rate->n_rows);
    if (heap.n < 2 || heap.most <= 0)
        return;
    frame.x_most = heap.at[heap.n - 1];
    frame.y_most = heap.most;
    begin(&frame, "Rate of IP packets over time, by protocol");
    put_y_axis(&frame, "bit/s");
    put_time_axis(&frame, (int64_t)pm_sheet_number(rate, 0, pm_sheet_column(rate, "utc_s")));
    for (int i = 0; i < PROTOCOLS; i++)
        if (heap.occurs[i])
            put_area(&frame, &heap, i);
    fputs("</svg>\n", out);
    put_legend(&heap, out);
}

/* ---- curves ---------------------------------------------------------------------------------- */

static void put_decades(const struct frame *frame, const char *unit)
{
    int least = (int)floor(log10(frame->x_least) + 1e-9);
    int most = (int)ceil(log10(frame->x_most) - 1e-9), step = 1 + (most - least) / 6;
    static const char *const small[] = {"n", "µ", "m"};
    char text[PM_SAY];

    for (int power = least; power <= most; power += step) {
        double value = pow(10, power);
        int third = (int)floor(power / 3.0);

        if (power < 0 && third >= -3)
            snprintf(text, sizeof text, "%.0f %s%s", pow(10, power - 3 * third), small[third + 3],
                     unit);
        else
            pm_say_scaled(text, value, unit);
        put_x_tic(frame, value, text);
    }
}

bool pm_curve_is_drawable(const struct pm_sheet *sheet, const struct pm_report_curve *curve)
{
    size_t points = 0, x = pm_sheet_column(sheet, curve->x);

    for (size_t row = 0; row < sheet->n_rows && points < 2; row++)
        points += pm_sheet_number(sheet, row, x) > 0;
    return points == 2;
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
    struct frame frame = {.out = out, .right = 440, .bottom = 190, .x_log = true, .y_most = 1};
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
