/* Rows as CSV (CONTRACT.md, section 3): a header row, commas, line feeds, nothing that needs
 * quotes. */
#ifndef PM_CSV_H
#define PM_CSV_H

#include "base/error.h"
#include "base/schema.h"

enum { PM_SHA256_TEXT = 65 };

/* What summary.json says of a file. */
struct pm_csv_file {
    uint64_t rows;
    char sha256[PM_SHA256_TEXT];
};

/* Writes NAME.csv in the folder `folder_fd`, and syncs it. */
enum pm_status pm_csv_write(const struct pm_rows *rows, int folder_fd, const char *name,
                            struct pm_csv_file *file, struct pm_error *error);

/* The same as text in memory, for the caller to free(). */
enum pm_status pm_csv_text(const struct pm_rows *rows, char **text, size_t *n_bytes,
                           struct pm_error *error);

#endif
