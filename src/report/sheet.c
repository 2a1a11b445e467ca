#include "report/sheet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A line has less than that: few columns, or many short ones. */
enum { LINE_MOST = 1024 };

#define NUMBER_MOST 1e20

static enum pm_status read_text(struct pm_sheet *sheet, int fd, size_t lines_most, size_t *n_bytes)
{
    size_t most = lines_most * LINE_MOST, done = 0, room;
    struct stat file;
    ssize_t got = 1;

    if (fstat(fd, &file) != 0)
        return PM_IO;
    room = S_ISREG(file.st_mode) ? (size_t)file.st_size : 0; /* others may never end */
    if (room > most)
        room = most;
    sheet->text = malloc(room + 1);
    if (sheet->text == NULL)
        return PM_NO_MEMORY;
    for (; done < room && got > 0; done += got > 0 ? (size_t)got : 0)
        got = pread(fd, sheet->text + done, room - done, (off_t)done);
    sheet->text[done] = '\0';
    *n_bytes = done;
    return got < 0 ? PM_IO : PM_OK;
}

static bool add_cell(struct pm_sheet *sheet, size_t n_cells, char *cell)
{
    char **cells = sheet->cells;

    if ((n_cells & (n_cells - 1)) == 0) /* a power of two: it is full */
        cells = realloc(cells, (n_cells == 0 ? 1 : 2 * n_cells) * sizeof *cells);
    if (cells == NULL)
        return false;
    sheet->cells = cells;
    cells[n_cells] = cell;
    return true;
}

/* Counts a line; false: it has another number of cells than the header. */
static bool end_line(struct pm_sheet *sheet, size_t n_cells)
{
    if (sheet->n_columns == 0)
        sheet->n_columns = n_cells;
    else if (n_cells == sheet->n_columns * (sheet->n_rows + 2))
        sheet->n_rows++;
    else
        return false;
    return true;
}

/* Our own tables need no quotes: every comma ends a cell. A line that is cut, or has another number
 * of cells, as a file has that somebody changed, ends the table. */
static enum pm_status split(struct pm_sheet *sheet, size_t n_bytes, size_t rows_most)
{
    char *cell = sheet->text;
    size_t n_cells = 0;

    for (char *at = cell; at < sheet->text + n_bytes; at++) {
        bool ends_line = *at == '\n';

        if (*at != ',' && !ends_line)
            continue;
        *at = '\0';
        if (!add_cell(sheet, n_cells++, cell))
            return PM_NO_MEMORY;
        cell = at + 1;
        if (ends_line && (!end_line(sheet, n_cells) || sheet->n_rows == rows_most))
            break;
    }
    return PM_OK;
}

enum pm_status pm_sheet_read(struct pm_sheet *sheet, int folder_fd, const char *name,
                             size_t rows_most)
{
    int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK), failed;
    enum pm_status status;
    size_t n_bytes = 0;

    *sheet = (struct pm_sheet){0};
    if (fd < 0)
        return errno == ENOENT ? PM_OK : PM_IO;
    status = read_text(sheet, fd, rows_most + 1, &n_bytes);
    failed = errno;
    close(fd);
    errno = failed;
    return status == PM_OK ? split(sheet, n_bytes, rows_most) : status;
}

void pm_sheet_free(struct pm_sheet *sheet)
{
    free(sheet->text);
    free(sheet->cells);
    *sheet = (struct pm_sheet){0};
}

size_t pm_sheet_column(const struct pm_sheet *sheet, const char *name)
{
    size_t column = 0;

    while (column < sheet->n_columns && strcmp(sheet->cells[column], name) != 0)
        column++;
    return column;
}

const char *pm_sheet_cell(const struct pm_sheet *sheet, size_t row, size_t column)
{
    return column < sheet->n_columns ? sheet->cells[(row + 1) * sheet->n_columns + column] : "";
}

/* Digits, with a point among them: a tenth of what strtod() takes. */
double pm_sheet_number(const struct pm_sheet *sheet, size_t row, size_t column)
{
    const char *cell = pm_sheet_cell(sheet, row, column);
    double number = 0, scale = 1;
    bool negative = *cell == '-', behind_point = false;

    for (cell += negative; (*cell >= '0' && *cell <= '9') || *cell == '.'; cell++) {
        if (*cell == '.') {
            behind_point = true;
            continue;
        }
        number = number * 10 + (*cell - '0');
        if (behind_point)
            scale *= 10;
    }
    number /= scale;
    return !(number <= NUMBER_MOST) ? 0 : negative ? -number : number; /* NaN included */
}
