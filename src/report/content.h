/*
 * What a report tells: taken from the files of a folder, so that a report can be written again
 * later, and costs the same for any capture.
 */
#ifndef PM_CONTENT_H
#define PM_CONTENT_H

#include <jansson.h>

#include "report/sheet.h"

enum pm_form { PM_FORM_TEXT, PM_FORM_COUNT, PM_FORM_BYTES, PM_FORM_UNIT };

/* A column of a list: where it comes from, and what it is called. Name NULL: there are no more.
 * Of a row of PM_FORM_UNIT the column `unit` tells what it is in. */
struct pm_report_column {
    const char *name;
    const char *head;
    enum pm_form form;
};

/* However many are asked for: a page stays below 400 kB. */
enum { PM_REPORT_ROWS = 100, PM_REPORT_COLUMNS = 10, PM_DAMAGES_SHOWN = 10 };

/* A list of the report: the first rows of a file. */
struct pm_report_list {
    const char *title;
    const char *note; /* what is to be known of it */
    const char *file;
    const char *rank; /* the column whose largest values come first; NULL: as the file has them */
    const char *bars[2]; /* columns whose sum is drawn as a bar; NULL: there is none */
    struct pm_report_column columns[PM_REPORT_COLUMNS];
};

enum {
    PM_LIST_PROTOCOLS,
    PM_LIST_HOSTS,
    PM_LIST_PAIRS,
    PM_LIST_SERVICES,
    PM_LIST_STATS,
    PM_LIST_TCP,
    PM_LIST_ANOMALIES,
    PM_N_LISTS
};
extern const struct pm_report_list pm_report_lists[PM_N_LISTS];

/* A picture of the report: a curve of a file, but for the rates, which are a heap of several. */
struct pm_report_curve {
    const char *title;
    const char *file;
    const char *x;
    const char *y;
    const char *x_unit;
    const char *y_label;
};

enum { PM_N_CURVES = 5 };
extern const struct pm_report_curve pm_report_curves[PM_N_CURVES];

/* What is shown of a list: some rows of its file. */
struct pm_shown_list {
    struct pm_sheet sheet;
    size_t rows[PM_REPORT_ROWS];
    size_t n_shown;
    double longest; /* bar */
};

struct pm_content {
    json_t *summary;
    struct pm_sheet rate;
    struct pm_shown_list lists[PM_N_LISTS];
    struct pm_sheet curves[PM_N_CURVES];
};

/* `folder` is what messages call it. */
enum pm_status pm_content_read(struct pm_content *content, int folder_fd, const char *folder,
                               struct pm_error *error);
void pm_content_free(struct pm_content *content);

/* A cell of a list as it is shown, in `text`, of PM_CELL_TEXT bytes. */
enum { PM_CELL_TEXT = 512 };
const char *pm_content_cell(const struct pm_content *content, int list, size_t shown,
                            const struct pm_report_column *column, char *text);

/* How long the bar of a row is, as a part of the longest one; below 0: it has none. */
double pm_content_bar(const struct pm_content *content, int list, size_t shown);

/* Figure i of the head: its label, NULL where there are no more; its value, or "", in `text` of
 * PM_CELL_TEXT bytes, as in those that follow. */
const char *pm_content_figure(const struct pm_content *content, unsigned i, char *text);

/* What the captures are called. */
const char *pm_content_title(const struct pm_content *content, char *text);

/* What wrote the folder, and the name of its first table; "" where there is none. */
const char *pm_content_tool(const struct pm_content *content, char *text);
const char *pm_content_first_table(const struct pm_content *content, char *text);

/* Each damage as a sentence, without a full stop. */
size_t pm_content_damages(const struct pm_content *content);
const char *pm_content_damage(const struct pm_content *content, size_t i, char *text);

#endif
