/* A table of a folder as it was written: the first rows of a CSV file, cells as text. */
#ifndef PM_SHEET_H
#define PM_SHEET_H

#include <stddef.h>

#include "base/error.h"

struct pm_sheet {
    size_t n_columns; /* 0: there is no such file */
    size_t n_rows;
    char **lines; /* the header, then the rows, their cells ended by zeros */
};

/* Reads at most `rows_most` rows. A file that is not there is no failure; PM_IO where it cannot be
 * read, and errno says why. */
enum pm_status pm_sheet_read(struct pm_sheet *sheet, int folder_fd, const char *name,
                             size_t rows_most);
void pm_sheet_free(struct pm_sheet *sheet);

/* The cell of a row in the column of that name; "" where there is no such column. */
const char *pm_sheet_cell(const struct pm_sheet *sheet, size_t row, const char *column);

/* The same as a number; 0 where it is none. */
double pm_sheet_number(const struct pm_sheet *sheet, size_t row, const char *column);

#endif
