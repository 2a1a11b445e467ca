#include "write/render.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

bool pm_render_possible(void)
{
    const char *path = getenv("PATH");
    char candidate[4096];

    while (path != NULL && *path != '\0') {
        size_t length = strcspn(path, ":");

        snprintf(candidate, sizeof candidate, "%.*s/gnuplot", (int)length, path);
        if (access(candidate, X_OK) == 0)
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

/* In the plots' folder, silent: what a script has to say is in its picture. 0, or an errno. */
static int spawn_gnuplot(int plots_fd, char *script, const char *format, pid_t *child)
{
    char *const arguments[] = {(char[]){"gnuplot"}, (char[]){"-c"}, script, (char *)format, NULL};
    posix_spawn_file_actions_t actions;
    int failed = posix_spawn_file_actions_init(&actions);

    if (failed != 0)
        return failed;
    failed = posix_spawn_file_actions_addfchdir_np(&actions, plots_fd);
    for (int fd = 0; fd <= 2 && failed == 0; fd++)
        failed = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null",
                                                  fd == 0 ? O_RDONLY : O_WRONLY, 0);
    if (failed == 0)
        failed = posix_spawnp(child, "gnuplot", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

enum pm_status pm_render(int plots_fd, const char *name, const char *format, struct pm_error *error)
{
    char script[64];
    pid_t child;
    int outcome = 0, failed;

    snprintf(script, sizeof script, "./%s.gp", name);
    failed = spawn_gnuplot(plots_fd, script, format, &child);
    if (failed != 0)
        return pm_fail_io(error, failed, "cannot run gnuplot");
    while (waitpid(child, &outcome, 0) < 0 && errno == EINTR)
        ;
    if (!WIFEXITED(outcome) || WEXITSTATUS(outcome) != 0)
        return pm_fail(
            error, PM_RENDER,
            "gnuplot could not draw plots/%s.gp: use --render none to go without pictures", name);
    return PM_OK;
}
