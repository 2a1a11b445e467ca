/* The files of a folder: every table, and of every chart its data, script and picture. */
#ifndef PM_FILES_H
#define PM_FILES_H

#include "engine/analysis.h"

/* Writes and syncs them in the folder `work_fd`, with the analysis's threads, and leaves the
 * digests of the tables in analysis->sha256. `format`: of pictures, or NULL for none. */
enum pm_status pm_files_write(struct pm_analysis *analysis, int work_fd, const char *format,
                              struct pm_error *error);

#endif
