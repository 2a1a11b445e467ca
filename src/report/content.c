#include "report/content.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/say.h"

/* Rows of a chart's file, and of a table of which the largest are looked for. */
enum { CHART_ROWS_MOST = 5000, RANKED_ROWS_MOST = 100000, ROWS_USUAL = 20 };

const struct pm_report_list pm_report_lists[PM_N_LISTS] = {
    [PM_LIST_PROTOCOLS] = {"Protocols",
                           "stacks of layers, as tshark names them",
                           "protocols.csv",
                           "wire_bytes",
                           {"wire_bytes"},
                           {{"path", "layers", PM_FORM_TEXT},
                            {"packets", "packets", PM_FORM_COUNT},
                            {"wire_bytes", "bytes", PM_FORM_BYTES}}},
    [PM_LIST_HOSTS] = {"Top hosts",
                       "by bytes on the wire, sent and received",
                       "hosts.csv",
                       NULL,
                       {"sent_wire_bytes", "received_wire_bytes"},
                       {{"ip", "address", PM_FORM_TEXT},
                        {"sent_wire_bytes", "sent", PM_FORM_BYTES},
                        {"received_wire_bytes", "received", PM_FORM_BYTES},
                        {"flows", "flows", PM_FORM_COUNT},
                        {"peers", "peers", PM_FORM_COUNT}}},
    [PM_LIST_PAIRS] = {"Top pairs",
                       "who talked to whom",
                       "pairs.csv",
                       NULL,
                       {"a_to_b_wire_bytes", "b_to_a_wire_bytes"},
                       {{"ip_a", "a", PM_FORM_TEXT},
                        {"ip_b", "b", PM_FORM_TEXT},
                        {"a_to_b_wire_bytes", "a to b", PM_FORM_BYTES},
                        {"b_to_a_wire_bytes", "b to a", PM_FORM_BYTES},
                        {"flows", "flows", PM_FORM_COUNT}}},
    [PM_LIST_SERVICES] = {"Top services",
                          "flows by the port they go to",
                          "services.csv",
                          NULL,
                          {"wire_bytes"},
                          {{"protocol", "", PM_FORM_TEXT},
                           {"port", "port", PM_FORM_TEXT},
                           {"service", "name", PM_FORM_TEXT},
                           {"flows", "flows", PM_FORM_COUNT},
                           {"clients", "clients", PM_FORM_COUNT},
                           {"servers", "servers", PM_FORM_COUNT},
                           {"wire_bytes", "bytes", PM_FORM_BYTES}}},
    [PM_LIST_STATS] = {"Distributions",
                       "of packets, gaps, bins and flows",
                       "stats.csv",
                       NULL,
                       {NULL},
                       {{"metric", "of", PM_FORM_TEXT},
                        {"p50", "median", PM_FORM_UNIT},
                        {"mean", "mean", PM_FORM_UNIT},
                        {"p99", "99 %", PM_FORM_UNIT},
                        {"max", "greatest", PM_FORM_UNIT}}},
    [PM_LIST_TCP] = {"TCP",
                     "what became of its flows",
                     "plots/tcp_outcomes.csv",
                     NULL,
                     {"flows"},
                     {{"outcome", "outcome", PM_FORM_TEXT}, {"flows", "flows", PM_FORM_COUNT}}},
    [PM_LIST_ANOMALIES] = {"Anomalies",
                           "what was odd in the packets; the manual tells of each",
                           "anomalies.csv",
                           "packets",
                           {NULL},
                           {{"anomaly", "anomaly", PM_FORM_TEXT},
                            {"packets", "packets", PM_FORM_COUNT},
                            {"first_packet", "first packet", PM_FORM_COUNT}}},
};

const struct pm_report_curve pm_report_curves[PM_N_CURVES] = {
    {"Packet lengths", "plots/lengths.csv", "wire_length", "share", "B",
     "share of packets at most that long"},
    {"Gaps between packets", "plots/gaps.csv", "gap_s", "share", "s",
     "share of gaps at most that long"},
    {"Flow sizes", "plots/flow_sizes.csv", "wire_bytes", "share", "B",
     "share of flows at least that large"},
    {"Flow durations", "plots/flow_durations.csv", "duration_s", "share", "s",
     "share of flows at least that long"},
    {"TCP handshakes", "plots/handshakes.csv", "rtt_s", "server_share", "s",
     "share of the answers that came within that time"},
};

/* ---- reading --------------------------------------------------------------------------------- */

static enum pm_status read_summary(struct pm_content *content, int folder_fd, const char *folder,
                                   struct pm_error *error)
{
    int fd = openat(folder_fd, "summary.json", O_RDONLY | O_CLOEXEC);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r"); /* json_loadfd() reads byte by byte */
    const char *schema;

    if (file != NULL) {
        content->summary = json_loadf(file, 0, NULL);
        fclose(file);
    } else if (fd >= 0) {
        close(fd);
    }
    schema = json_string_value(json_object_get(content->summary, "schema"));
    if (schema == NULL || strncmp(schema, "pcapmill", strlen("pcapmill")) != 0)
        return pm_fail(error, PM_IO, "'%s' was not written by pcapmill: name a folder that was",
                       folder);
    return PM_OK;
}

static enum pm_status read_sheet(struct pm_sheet *sheet, int folder_fd, const char *name,
                                 size_t rows_most, struct pm_error *error)
{
    enum pm_status status = pm_sheet_read(sheet, folder_fd, name, rows_most);

    return status == PM_OK   ? PM_OK
           : status == PM_IO ? pm_fail_io(error, errno, "cannot read '%s'", name)
                             : pm_fail_memory(error);
}

struct ranked {
    double value;
    size_t row;
};

/* The largest first, of equal ones the first. */
static int compare_ranked(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;

    if (a->value != b->value)
        return a->value > b->value ? -1 : 1;
    return a->row < b->row ? -1 : 1;
}

static bool rank_rows(const struct pm_sheet *sheet, const char *rank, size_t *rows, size_t n_shown)
{
    struct ranked *ranked = malloc((sheet->n_rows + 1) * sizeof *ranked);
    size_t column = pm_sheet_column(sheet, rank);

    if (ranked == NULL)
        return false;
    for (size_t row = 0; row < sheet->n_rows; row++)
        ranked[row] = (struct ranked){pm_sheet_number(sheet, row, column), row};
    qsort(ranked, sheet->n_rows, sizeof *ranked, compare_ranked);
    for (size_t i = 0; i < n_shown; i++)
        rows[i] = ranked[i].row;
    free(ranked);
    return true;
}

static double bar_of(const struct pm_content *content, int list, size_t shown)
{
    const struct pm_report_list *plan = &pm_report_lists[list];
    const struct pm_shown_list *found = &content->lists[list];
    double sum = 0;

    for (int i = 0; i < 2 && plan->bars[i] != NULL; i++)
        sum += pm_sheet_number(&found->sheet, found->rows[shown],
                               pm_sheet_column(&found->sheet, plan->bars[i]));
    return sum;
}

static enum pm_status read_list(struct pm_content *content, int list, int folder_fd, size_t top,
                                struct pm_error *error)
{
    const struct pm_report_list *plan = &pm_report_lists[list];
    struct pm_shown_list *found = &content->lists[list];

    PM_TRY(read_sheet(&found->sheet, folder_fd, plan->file,
                      plan->rank != NULL ? RANKED_ROWS_MOST : top, error));
    found->n_shown = found->sheet.n_rows < top ? found->sheet.n_rows : top;
    for (size_t i = 0; i < found->n_shown; i++)
        found->rows[i] = i;
    if (plan->rank != NULL && !rank_rows(&found->sheet, plan->rank, found->rows, found->n_shown))
        return pm_fail_memory(error);
    for (size_t i = 0; i < found->n_shown; i++) {
        double bar = bar_of(content, list, i);

        found->longest = bar > found->longest ? bar : found->longest;
    }
    return PM_OK;
}

/* Rows of lists that bear the largest, as --top asked for them. */
static size_t top_of(const struct pm_content *content)
{
    json_t *options = json_object_get(content->summary, "options");
    json_int_t top = json_integer_value(json_object_get(options, "top"));

    return top <= 0 ? ROWS_USUAL : top < PM_REPORT_ROWS ? (size_t)top : PM_REPORT_ROWS;
}

static enum pm_status read_sheets(struct pm_content *content, int folder_fd, struct pm_error *error)
{
    PM_TRY(read_sheet(&content->rate, folder_fd, "plots/rate.csv", CHART_ROWS_MOST, error));
    for (int i = 0; i < PM_N_LISTS; i++)
        PM_TRY(read_list(content, i, folder_fd, top_of(content), error));
    for (int i = 0; i < PM_N_CURVES; i++)
        PM_TRY(read_sheet(&content->curves[i], folder_fd, pm_report_curves[i].file, CHART_ROWS_MOST,
                          error));
    return PM_OK;
}

enum pm_status pm_content_read(struct pm_content *content, int folder_fd, const char *folder,
                               struct pm_error *error)
{
    *content = (struct pm_content){0};
    PM_TRY(read_summary(content, folder_fd, folder, error));
    return read_sheets(content, folder_fd, error);
}

void pm_content_free(struct pm_content *content)
{
    json_decref(content->summary);
    pm_sheet_free(&content->rate);
    for (int i = 0; i < PM_N_LISTS; i++)
        pm_sheet_free(&content->lists[i].sheet);
    for (int i = 0; i < PM_N_CURVES; i++)
        pm_sheet_free(&content->curves[i]);
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* Quantiles of gaps are the ends of bins, which may lie behind the greatest gap: no reader should
 * wonder at that. */
static double quantity_of(const struct pm_sheet *sheet, size_t row, size_t column)
{
    double quantity = pm_sheet_number(sheet, row, column);
    double most = pm_sheet_number(sheet, row, pm_sheet_column(sheet, "max"));

    return quantity > most ? most : quantity;
}

const char *pm_content_cell(const struct pm_content *content, int list, size_t shown,
                            const struct pm_report_column *column, char *text)
{
    const struct pm_sheet *sheet = &content->lists[list].sheet;
    size_t row = content->lists[list].rows[shown], at = pm_sheet_column(sheet, column->name);
    const char *cell = pm_sheet_cell(sheet, row, at);

    switch (column->form) {
    case PM_FORM_COUNT:
        return pm_say_count(text, cell);
    case PM_FORM_BYTES:
        return pm_say_scaled(text, pm_sheet_number(sheet, row, at), "B");
    case PM_FORM_UNIT:
        return pm_say_quantity(text, quantity_of(sheet, row, at),
                               pm_sheet_cell(sheet, row, pm_sheet_column(sheet, "unit")));
    case PM_FORM_TEXT:
        break;
    }
    snprintf(text, PM_CELL_TEXT, "%s", cell);
    return text;
}

double pm_content_bar(const struct pm_content *content, int list, size_t shown)
{
    if (pm_report_lists[list].bars[0] == NULL)
        return -1;
    return content->lists[list].longest > 0
               ? bar_of(content, list, shown) / content->lists[list].longest
               : 0;
}

/* ---- figures --------------------------------------------------------------------------------- */

static int64_t summary_number(const struct pm_content *content, const char *key)
{
    return (int64_t)json_integer_value(json_object_get(content->summary, key));
}

static double seconds_of(const struct pm_content *content)
{
    return (double)((uint64_t)summary_number(content, "last_ts_ns") -
                    (uint64_t)summary_number(content, "first_ts_ns")) *
           1e-9;
}

static bool is_timed(const struct pm_content *content)
{
    return summary_number(content, "last_ts_ns") != 0 ||
           summary_number(content, "first_ts_ns") != 0;
}

static void put_integer(long long value, char *text)
{
    char digits[32];

    snprintf(digits, sizeof digits, "%lld", value);
    pm_say_count(text, digits);
}

static void put_packets(const struct pm_content *content, char *text)
{
    put_integer(summary_number(content, "packets"), text);
}

static void put_bytes(const struct pm_content *content, char *text)
{
    pm_say_scaled(text, (double)summary_number(content, "wire_bytes"), "B");
}

static void put_begin(const struct pm_content *content, char *text)
{
    int64_t begin_ns = summary_number(content, "first_ts_ns");

    if (is_timed(content))
        pm_say_time(text, begin_ns / 1000000000 - (begin_ns % 1000000000 < 0));
}

static void put_duration(const struct pm_content *content, char *text)
{
    if (is_timed(content))
        pm_say_quantity(text, seconds_of(content) * 1e9, "ns");
}

static void put_rate(const struct pm_content *content, char *text)
{
    double bits = (double)summary_number(content, "wire_bytes") * 8;

    if (is_timed(content) && seconds_of(content) > 0)
        pm_say_scaled(text, bits / seconds_of(content), "bit/s");
}

/* The highest bin of the rates, in bits on the wire; of less time than a bin it would tell nothing.
 */
static void put_peak(const struct pm_content *content, char *text)
{
    const struct pm_sheet *stats = &content->lists[PM_LIST_STATS].sheet;
    json_t *options = json_object_get(content->summary, "options");
    json_t *interval = json_array_get(json_object_get(options, "intervals_ns"), 0);

    if (!is_timed(content) || seconds_of(content) * 1e9 < (double)json_integer_value(interval))
        return;
    for (size_t row = 0; row < stats->n_rows; row++)
        if (strcmp(pm_sheet_cell(stats, row, pm_sheet_column(stats, "metric")), "rate") == 0)
            pm_say_scaled(text, pm_sheet_number(stats, row, pm_sheet_column(stats, "max")),
                          "bit/s");
}

/* The rows of a table; nothing where it was not written. */
static void put_rows(const struct pm_content *content, const char *name, char *text)
{
    json_t *table;
    size_t i;

    json_array_foreach(json_object_get(content->summary, "tables"), i, table)
    {
        const char *found = json_string_value(json_object_get(table, "name"));

        if (found != NULL && strcmp(found, name) == 0)
            put_integer(json_integer_value(json_object_get(table, "rows")), text);
    }
}

static void put_flows(const struct pm_content *content, char *text)
{
    put_rows(content, "flows", text);
}

static void put_hosts(const struct pm_content *content, char *text)
{
    put_rows(content, "hosts", text);
}

static const struct {
    const char *label;
    void (*put)(const struct pm_content *content, char *text);
} figures[] = {
    {"Packets", put_packets}, {"On the wire", put_bytes}, {"Begins", put_begin},
    {"Lasts", put_duration},  {"Mean rate", put_rate},    {"Peak rate", put_peak},
    {"Flows", put_flows},     {"Hosts", put_hosts},
};

const char *pm_content_figure(const struct pm_content *content, unsigned i, char *text)
{
    if (i >= sizeof figures / sizeof *figures)
        return NULL;
    *text = '\0';
    figures[i].put(content, text);
    return figures[i].label;
}

/* ---- captures and damage --------------------------------------------------------------------- */

static const char *text_of(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}

/* What a capture is called without its folders: at most 255 bytes. */
static const char *name_of(json_t *object)
{
    const char *path = text_of(object, "path"), *base = strrchr(path, '/');

    return strcmp(path, "-") == 0 ? "standard input" : base != NULL ? base + 1 : path;
}

const char *pm_content_title(const struct pm_content *content, char *text)
{
    json_t *inputs = json_object_get(content->summary, "inputs");
    const char *name = name_of(json_array_get(inputs, 0));
    size_t n = json_array_size(inputs);

    if (n > 1)
        snprintf(text, PM_CELL_TEXT, "%s and %zu more", name, n - 1);
    else
        snprintf(text, PM_CELL_TEXT, "%s", name);
    return text;
}

const char *pm_content_tool(const struct pm_content *content, char *text)
{
    snprintf(text, PM_CELL_TEXT, "%s", text_of(content->summary, "tool"));
    return text;
}

const char *pm_content_first_table(const struct pm_content *content, char *text)
{
    json_t *tables = json_object_get(content->summary, "tables");

    snprintf(text, PM_CELL_TEXT, "%s", text_of(json_array_get(tables, 0), "name"));
    return text;
}

size_t pm_content_damages(const struct pm_content *content)
{
    return json_array_size(json_object_get(content->summary, "damage"));
}

const char *pm_content_damage(const struct pm_content *content, size_t i, char *text)
{
    json_t *damage = json_array_get(json_object_get(content->summary, "damage"), i);
    long long left = json_integer_value(json_object_get(damage, "bytes_left"));
    long long skipped = json_integer_value(json_object_get(damage, "packets_skipped"));
    char behind[128] = "";

    if (skipped != 0)
        snprintf(behind, sizeof behind, ": %lld packets were skipped", skipped);
    else if (left != 0)
        snprintf(behind, sizeof behind, ": the %lld bytes behind are not in the tables", left);
    snprintf(text, PM_CELL_TEXT, "%s is damaged at byte %lld (%s)%s", name_of(damage),
             (long long)json_integer_value(json_object_get(damage, "offset")),
             text_of(damage, "kind"), behind);
    return text;
}
