/* Rows as CSV (pcapmill-tables(5), Cells): a header row, commas, line feeds, nothing that needs
 * quotes. */
#ifndef PM_CSV_H
#define PM_CSV_H

#include "base/error.h"
#include "base/schema.h"

struct pm_text {
    char *bytes; /* with a zero behind them; for the owner to free() */
    size_t n_bytes;
};

/* Formats rows begin ... end - 1, behind the header row where `begin` is 0: the texts of stretches
 * that touch, one after the other, are the table. Any thread. PM_NO_MEMORY leaves nothing to free.
 */
enum pm_status pm_csv_format(const struct pm_rows *rows, uint64_t begin, uint64_t end,
                             struct pm_text *text);

#endif
