/* Files that are written once, whole: created anew, written through, synced. */
#ifndef PM_FILE_H
#define PM_FILE_H

#include <stddef.h>

/* A descriptor (3 or above), or a negative errno. Refuses what exists, links included. */
int pm_file_create(int folder_fd, const char *name);

/* Writes all of it; 0, or an errno. */
int pm_file_write(int fd, const char *bytes, size_t n_bytes);

/* Syncs and closes. `failed` is the errno of what came before, or 0; returns it, or the first one
 * of its own. */
int pm_file_finish(int fd, int failed);

/* All of the above for a text; 0, or an errno. */
int pm_file_put(int folder_fd, const char *name, const char *text, size_t n_bytes);

#endif
