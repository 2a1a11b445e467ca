#include "write/types.h"

const struct pm_type pm_types[] = {
    [PM_CELL_INTEGER] = {"integer", "int64", "BIGINT"},
    [PM_CELL_TIME] = {"integer", "int64", "BIGINT"},
    [PM_CELL_FIXED6] = {"number", "double", "DOUBLE"},
    [PM_CELL_FIXED9] = {"number", "double", "DOUBLE"},
    [PM_CELL_WORD] = {"string", "string", "VARCHAR"},
    [PM_CELL_ADDRESS] = {"string", "string", "VARCHAR"},
};
