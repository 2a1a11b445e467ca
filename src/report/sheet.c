#include "report/sheet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Our own tables need no quotes, so that every comma ends a cell. */
static size_t split(char *line)
{
    size_t n = 1;

    line[strcspn(line, "\r\n")] = '\0';
    for (; *line; line++)
        if (*line == ',') {
            *line = '\0';
            n++;
        }
    return n;
}

static enum pm_status add_line(struct pm_sheet *sheet, char *line, size_t n_lines)
{
    char **lines = sheet->lines;

    if ((n_lines & (n_lines - 1)) == 0) /* a power of two: it is full */
        lines = realloc(lines, (n_lines ? 2 * n_lines : 1) * sizeof *lines);
    if (lines == NULL)
        return PM_NO_MEMORY;
    sheet->lines = lines;
    lines[n_lines] = strdup(line);
    return lines[n_lines] == NULL ? PM_NO_MEMORY : PM_OK;
}

static enum pm_status read_lines(struct pm_sheet *sheet, FILE *file, size_t lines_most)
{
    enum pm_status status = PM_OK;
    size_t room = 0, n = 0;
    char *line = NULL;

    while (status == PM_OK && n < lines_most && getline(&line, &room, file) >= 0) {
        status = add_line(sheet, line, n);
        if (status != PM_OK)
            break;
        size_t n_cells = split(sheet->lines[n]);

        if (n++ == 0)
            sheet->n_columns = n_cells;
        else if (n_cells == sheet->n_columns)
            sheet->n_rows++;
        else /* somebody has changed the file: what stands before still holds */
            free(sheet->lines[--n]);
    }
    free(line);
    if (status == PM_OK && ferror(file))
        status = PM_IO;
    return status;
}

enum pm_status pm_sheet_read(struct pm_sheet *sheet, int folder_fd, const char *name,
                             size_t rows_most)
{
    int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    enum pm_status status;

    *sheet = (struct pm_sheet){0};
    if (file == NULL) {
        if (fd >= 0)
            close(fd);
        return fd < 0 && errno == ENOENT ? PM_OK : PM_IO;
    }
    status = read_lines(sheet, file, rows_most + 1);
    fclose(file);
    return status;
}

void pm_sheet_free(struct pm_sheet *sheet)
{
    for (size_t i = 0; sheet->n_columns != 0 && i <= sheet->n_rows; i++)
        free(sheet->lines[i]);
    free(sheet->lines);
    *sheet = (struct pm_sheet){0};
}

static const char *cell_at(const char *line, size_t column)
{
    while (column-- > 0)
        line += strlen(line) + 1;
    return line;
}

const char *pm_sheet_cell(const struct pm_sheet *sheet, size_t row, const char *column)
{
    for (size_t i = 0; i < sheet->n_columns; i++)
        if (strcmp(cell_at(sheet->lines[0], i), column) == 0)
            return cell_at(sheet->lines[row + 1], i);
    return "";
}

double pm_sheet_number(const struct pm_sheet *sheet, size_t row, const char *column)
{
    return strtod(pm_sheet_cell(sheet, row, column), NULL);
}
