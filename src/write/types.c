#include "write/types.h"

#include <string.h>

const struct pm_type pm_types[] = {
    [PM_CELL_INTEGER] = {"integer", "int64", "l", "BIGINT"},
    [PM_CELL_TIME] = {"integer", "int64", "l", "BIGINT"},
    [PM_CELL_FIXED6] = {"number", "double", "g", "DOUBLE"},
    [PM_CELL_FIXED9] = {"number", "double", "g", "DOUBLE"},
    [PM_CELL_WORD] = {"string", "string", "u", "VARCHAR"},
    [PM_CELL_ADDRESS] = {"string", "string", "u", "VARCHAR"},
};

/* Names of columns have at most 30 letters. */
void pm_time_name(char name[PM_TIME_NAME], const char *column)
{
    size_t length = strlen(column);

    strcpy(name, column);
    if (length > 3 && strcmp(column + length - 3, "_ns") == 0)
        name[length - 3] = '\0';
    else
        strcat(name, "_ts");
}
