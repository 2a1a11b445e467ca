#include "write/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "write/file.h"

enum { WAIT_STEP_NS = 20000000, SUFFIX = 6 };

/* ---- paths ----------------------------------------------------------------------------------- */

/* Splits off the last part of a path: "a/b/" is "b" in "a", "b" is "b" in ".". */
static enum pm_status split_path(const char *path, char **parent, char **name)
{
    size_t end = strlen(path), begin;

    while (end > 1 && path[end - 1] == '/')
        end--;
    for (begin = end; begin > 0 && path[begin - 1] != '/'; begin--)
        ;
    *name = strndup(path + begin, end - begin);
    *parent = begin == 0 ? strdup(".") : strndup(path, begin);
    return *name == NULL || *parent == NULL ? PM_NO_MEMORY : PM_OK;
}

static bool usable_name(const char *name)
{
    return *name != '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
           strcmp(name, "/") != 0;
}

/* ---- removing -------------------------------------------------------------------------------- */

/* Removes a folder and what is in it, without following links. Best effort: what stays is found and
 * removed by the next run. */
static void remove_tree(int parent_fd, const char *name)
{
    int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);

    if (listing != NULL) {
        for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
                unlinkat(fd, entry->d_name, 0) != 0)
                remove_tree(fd, entry->d_name);
        closedir(listing);
    } else if (fd >= 0) {
        close(fd);
    }
    unlinkat(parent_fd, name, AT_REMOVEDIR);
}

/* Removes .NAME.tmp.?????? of runs that were killed. */
static void remove_remains(const struct pm_folder *folder)
{
    size_t prefix = strlen(folder->work_name) - SUFFIX;
    int fd = openat(folder->parent_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);

    if (listing == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
        if (strncmp(entry->d_name, folder->work_name, prefix) == 0 &&
            strlen(entry->d_name) == prefix + SUFFIX)
            remove_tree(folder->parent_fd, entry->d_name);
    closedir(listing);
}

/* ---- checks ---------------------------------------------------------------------------------- */

static bool is_empty(int fd)
{
    int listing_fd = dup(fd);
    DIR *listing = listing_fd < 0 ? NULL : fdopendir(listing_fd);
    bool empty = listing != NULL;

    if (listing == NULL)
        return false;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
        empty = empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    closedir(listing);
    return empty;
}

/* A folder of ours tells so in its summary: the key "schema" with our name. */
static bool is_ours(int fd)
{
    char head[4096];
    int summary = openat(fd, "summary.json", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t n = summary < 0 ? -1 : read(summary, head, sizeof head - 1);

    if (summary >= 0)
        close(summary);
    if (n <= 0)
        return false;
    head[n] = '\0';
    return strstr(head, "\"schema\": \"pcapmill") != NULL;
}

static enum pm_status check_target(int parent_fd, const char *name, const char *path, bool force,
                                   bool *exists, struct pm_error *error)
{
    struct stat target;
    int fd;
    bool replaceable;

    *exists = fstatat(parent_fd, name, &target, AT_SYMLINK_NOFOLLOW) == 0;
    if (!*exists)
        return PM_OK;
    if (!force)
        return pm_fail(error, PM_EXISTS, "'%s' exists: name another folder with -o, or use --force",
                       path);
    if (S_ISLNK(target.st_mode))
        return pm_fail(error, PM_EXISTS,
                       "'%s' is a symbolic link, which is not replaced: name the folder itself",
                       path);
    fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    replaceable = fd >= 0 && (is_empty(fd) || is_ours(fd));
    if (fd >= 0)
        close(fd);
    if (!replaceable)
        return pm_fail(error, PM_EXISTS,
                       "'%s' was not written by pcapmill and is left alone: name another folder "
                       "with -o",
                       path);
    return PM_OK;
}

static enum pm_status open_parent(const char *parent, int *fd, struct pm_error *error)
{
    *fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0)
        return pm_fail_io(error, errno, "cannot open the folder '%s' to write in", parent);
    if (faccessat(*fd, ".", W_OK | X_OK, AT_EACCESS) != 0) {
        enum pm_status status = pm_fail_io(error, errno, "cannot write in the folder '%s'", parent);

        close(*fd);
        return status;
    }
    return PM_OK;
}

/* ---- the lock -------------------------------------------------------------------------------- */

/* Whether the locked file still bears its name: who held it before removes it at the end. */
static bool is_current(const struct pm_folder *folder)
{
    struct stat held, named;

    return fstat(folder->lock_fd, &held) == 0 &&
           fstatat(folder->parent_fd, folder->lock_name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

/* One try: 0, or an errno; EWOULDBLOCK: somebody else has it. */
static int try_lock(struct pm_folder *folder)
{
    int failed;

    folder->lock_fd = openat(folder->parent_fd, folder->lock_name,
                             O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (folder->lock_fd < 0)
        return errno;
    failed = flock(folder->lock_fd, LOCK_EX | LOCK_NB) != 0 ? errno : 0;
    if (failed == 0 && is_current(folder))
        return 0;
    close(folder->lock_fd);
    folder->lock_fd = -1;
    return failed == 0 ? EWOULDBLOCK : failed;
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool stopped(const volatile int *stop)
{
    return stop != NULL && *stop != 0;
}

static enum pm_status take_lock(struct pm_folder *folder, const char *path, int64_t wait_ns,
                                const volatile int *stop, struct pm_error *error)
{
    int64_t begin = now_ns();
    int failed;

    while ((failed = try_lock(folder)) == EWOULDBLOCK && now_ns() - begin < wait_ns &&
           !stopped(stop))
        nanosleep(&(struct timespec){.tv_nsec = WAIT_STEP_NS}, NULL);
    if (failed == EWOULDBLOCK && stopped(stop))
        return pm_fail_status(error, PM_STOPPED);
    if (failed == EWOULDBLOCK)
        return pm_fail(error, PM_LOCKED,
                       "another run is writing '%s': try again later, or wait for it with --wait",
                       path);
    if (failed != 0)
        return pm_fail_io(error, failed, "cannot lock '%s'", path);
    return PM_OK;
}

/* ---- begin, publish, end --------------------------------------------------------------------- */

static enum pm_status set_names(struct pm_folder *folder, const char *path)
{
    PM_TRY(split_path(path, &folder->parent, &folder->name));
    if (asprintf(&folder->lock_name, ".%s.lock", folder->name) < 0)
        folder->lock_name = NULL;
    if (asprintf(&folder->work_name, ".%s.tmp.XXXXXX", folder->name) < 0)
        folder->work_name = NULL;
    return folder->lock_name == NULL || folder->work_name == NULL ? PM_NO_MEMORY : PM_OK;
}

/* mkdtemp for a name relative to a descriptor: letters from the clock, tried until one is free. */
static int make_work_folder(struct pm_folder *folder)
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    char *suffix = folder->work_name + strlen(folder->work_name) - SUFFIX;
    uint64_t mix = (uint64_t)now_ns() ^ (uint64_t)getpid() << 32;

    for (int tries = 0; tries < 100; tries++, mix += 0x9e3779b97f4a7c15u) {
        uint64_t left = mix * 0xbf58476d1ce4e5b9u >> 16;

        for (int i = 0; i < SUFFIX; i++, left /= 36)
            suffix[i] = letters[left % 36];
        if (mkdirat(folder->parent_fd, folder->work_name, 0777) == 0) {
            folder->work_fd = openat(folder->parent_fd, folder->work_name,
                                     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            return folder->work_fd < 0 ? errno : 0;
        }
        if (errno != EEXIST)
            return errno;
    }
    return EEXIST;
}

static enum pm_status begin(struct pm_folder *folder, const char *path, bool force, int64_t wait_ns,
                            const volatile int *stop, struct pm_error *error)
{
    int failed;

    if (set_names(folder, path) != PM_OK)
        return pm_fail_memory(error);
    if (!usable_name(folder->name))
        return pm_fail(error, PM_USAGE, "'%s' is no name for a new folder", path);
    PM_TRY(open_parent(folder->parent, &folder->parent_fd, error));
    PM_TRY(take_lock(folder, path, wait_ns, stop, error));
    PM_TRY(check_target(folder->parent_fd, folder->name, path, force, &folder->replace, error));
    remove_remains(folder);
    failed = make_work_folder(folder);
    if (failed != 0)
        return pm_fail_io(error, failed, "cannot make a folder beside '%s'", path);
    return PM_OK;
}

enum pm_status pm_folder_begin(struct pm_folder *folder, const char *path, bool force,
                               int64_t wait_ns, const volatile int *stop, struct pm_error *error)
{
    enum pm_status status;

    *folder = (struct pm_folder){.parent_fd = -1, .lock_fd = -1, .work_fd = -1};
    status = begin(folder, path, force, wait_ns, stop, error);
    if (status != PM_OK)
        pm_folder_end(folder);
    return status;
}

enum pm_status pm_folder_publish(struct pm_folder *folder, const volatile int *stop,
                                 struct pm_error *error)
{
    unsigned how = folder->replace ? RENAME_EXCHANGE : RENAME_NOREPLACE;
    int failed;

    if (stopped(stop))
        return pm_fail_status(error, PM_STOPPED);
    failed = pm_folder_sync(folder->work_fd);
    if (failed != 0)
        return pm_fail_io(error, failed, "cannot write '%s' to the disk", folder->name);
    if (renameat2(folder->parent_fd, folder->work_name, folder->parent_fd, folder->name, how) !=
            0 ||
        fsync(folder->parent_fd) != 0)
        return pm_fail_io(error, errno, "cannot publish '%s' in '%s'", folder->name,
                          folder->parent);
    return PM_OK;
}

void pm_folder_end(struct pm_folder *folder)
{
    if (folder->work_fd >= 0) {
        close(folder->work_fd);
        remove_tree(folder->parent_fd,
                    folder->work_name); /* gone, if published and not exchanged */
    }
    if (folder->lock_fd >= 0) {
        unlinkat(folder->parent_fd, folder->lock_name, 0);
        close(folder->lock_fd);
    }
    if (folder->parent_fd >= 0)
        close(folder->parent_fd);
    free(folder->parent);
    free(folder->name);
    free(folder->lock_name);
    free(folder->work_name);
}
