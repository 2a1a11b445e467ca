/* The files of a folder: every table, and of every chart its data, script and picture. */
#ifndef PM_FILES_H
#define PM_FILES_H

#include "engine/analysis.h"
#include "write/file.h"

/* Writes and syncs them in the folder `work_fd`, with the analysis's threads, and says the digests
 * of the tables by position in pm_tables. `format`: of pictures, or NULL for none. */
enum pm_status pm_files_write(const struct pm_analysis *analysis, int work_fd, const char *format,
                              char sha256[PM_N_TABLES][PM_SHA256_TEXT], struct pm_error *error);

#endif
