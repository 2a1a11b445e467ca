/* A table of a folder as it was written: the first rows of a CSV file, cells as text. */
#ifndef PM_SHEET_H
#define PM_SHEET_H

#include <stddef.h>

#include "base/error.h"

struct pm_sheet {
    size_t n_columns; /* 0: there is no such file */
    size_t n_rows;
    char *text;   /* the file's, cells ended by zeros */
    char **cells; /* into it: those of the header, then of every row */
};

/* Reads at most `rows_most` rows, and of a large file no more than its beginning. A file that is
 * not there is no failure; PM_IO where it cannot be read, and errno says why. */
enum pm_status pm_sheet_read(struct pm_sheet *sheet, int folder_fd, const char *name,
                             size_t rows_most);
void pm_sheet_free(struct pm_sheet *sheet);

/* The place of the column of that name; n_columns where there is none, whose cells are "". */
size_t pm_sheet_column(const struct pm_sheet *sheet, const char *name);

const char *pm_sheet_cell(const struct pm_sheet *sheet, size_t row, size_t column);

/* The same as a number, to 15 digits; 0 where it is none. */
double pm_sheet_number(const struct pm_sheet *sheet, size_t row, size_t column);

#endif
