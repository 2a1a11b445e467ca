/* For tests that write files: each in a folder of its own, which is the current one. */
#ifndef FOLDER_H
#define FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin_folder, end_folder)

static inline int begin_folder(void **state)
{
    char *path = strdup("/tmp/pcapmill_unit.XXXXXX");

    *state = path;
    return path == NULL || mkdtemp(path) == NULL || chdir(path) != 0;
}

static inline int end_folder(void **state)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf '%s'", (char *)*state);
    free(*state);
    return chdir("/") != 0 || system(command) != 0;
}

#endif
