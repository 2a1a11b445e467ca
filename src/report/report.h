/* report.html and report.txt: a folder at a glance, for browsers, paper, mail and ssh. */
#ifndef PM_REPORT_H
#define PM_REPORT_H

#include "report/content.h"

/* Writes both, of the files of the folder, each by a rename; `folder` is what messages call it. */
enum pm_status pm_report(int folder_fd, const char *folder, struct pm_error *error);

/* One of them on a stream. */
void pm_report_html(const struct pm_content *content, FILE *out);
void pm_report_text(const struct pm_content *content, FILE *out);

/* The style sheet of the page: style.css, embedded by CMake. */
extern const char pm_report_style[];

#endif
