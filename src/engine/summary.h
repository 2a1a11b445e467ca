/* summary.json: what was read and what was written, for programs. */
#ifndef PM_SUMMARY_H
#define PM_SUMMARY_H

#include "engine/analysis.h"
#include "write/file.h"

/* `sha256` of the tables' files by position in pm_tables, or NULL where none was written. The text
 * is for the caller to free(); NULL: no memory. */
char *pm_summary_text(const struct pm_analysis *analysis, const char (*sha256)[PM_SHA256_TEXT]);

#endif
