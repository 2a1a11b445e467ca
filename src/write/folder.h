/*
 * A folder that appears whole or not at all.
 *
 * Work goes on in .NAME.tmp.XXXXXX beside it, under a lock (flock on .NAME.lock beside it); one
 * rename, or one exchange with the folder that is replaced, publishes it. What killed runs left is
 * removed under the lock.
 */
#ifndef PM_FOLDER_H
#define PM_FOLDER_H

#include "base/error.h"

struct pm_folder {
    char *parent; /* path of the folder that holds all of this */
    char *name;   /* of the folder to publish */
    char *lock_name;
    char *work_name;
    int parent_fd;
    int lock_fd;
    int work_fd; /* where to write */
    bool replace;
};

/* Takes the lock, waiting for it as long as told or until *stop is not 0 (NULL: never), and makes
 * the folder to work in. */
enum pm_status pm_folder_begin(struct pm_folder *folder, const char *path, bool force,
                               int64_t wait_ns, const volatile int *stop, struct pm_error *error);

/* Syncs and publishes. After it, or instead of it, pm_folder_end() removes what is left. */
enum pm_status pm_folder_publish(struct pm_folder *folder, const volatile int *stop,
                                 struct pm_error *error);
void pm_folder_end(struct pm_folder *folder);

#endif
