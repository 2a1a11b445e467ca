#include "report/sheet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A line has less than that: few columns, or many short ones. */
enum { LINE_MOST = 1024 };

static enum pm_status read_text(struct pm_sheet *sheet, int fd, size_t lines_most, size_t *n_bytes)
{
    off_t size = lseek(fd, 0, SEEK_END);
    size_t most = lines_most * LINE_MOST, done = 0;
    size_t room = size < 0 || (size_t)size > most ? most : (size_t)size;
    ssize_t got = 1;

    sheet->text = malloc(room + 1);
    if (sheet->text == NULL)
        return PM_NO_MEMORY;
    for (; done < room && got > 0; done += got > 0 ? (size_t)got : 0)
        got = pread(fd, sheet->text + done, room - done, (off_t)done);
    sheet->text[done] = '\0';
    *n_bytes = done;
    return got < 0 ? PM_IO : PM_OK;
}

/* Our own tables need no quotes: every comma ends a cell. A line that is cut, or has another number
 * of cells, as a file has that somebody changed, ends the table. */
static enum pm_status split(struct pm_sheet *sheet, size_t n_bytes, size_t rows_most)
{
    char *at = sheet->text, *end = sheet->text + n_bytes;
    size_t n = 0, room = 0, in_line = 0;

    for (char *begin = at; at < end; at++) {
        if (*at != ',' && *at != '\n')
            continue;
        if (n == room) {
            char **cells = realloc(sheet->cells, (room = 2 * room + 64) * sizeof *cells);

            if (cells == NULL)
                return PM_NO_MEMORY;
            sheet->cells = cells;
        }
        sheet->cells[n++] = begin;
        in_line++;
        begin = at + 1;
        if (*at == '\n') {
            if (sheet->n_columns == 0)
                sheet->n_columns = in_line;
            else if (in_line != sheet->n_columns)
                break;
            else
                sheet->n_rows++;
            if (sheet->n_rows == rows_most)
                at = end - 1;
            in_line = 0;
        }
        begin[-1] = '\0';
    }
    return PM_OK;
}

enum pm_status pm_sheet_read(struct pm_sheet *sheet, int folder_fd, const char *name,
                             size_t rows_most)
{
    int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC), failed;
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
    return (negative ? -number : number) / scale;
}
