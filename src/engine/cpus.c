/*
 * Containers limit CPU time by cgroups: version 2 in cpu.max of a group ("max 100000" or "QUOTA
 * PERIOD"), version 1 in cpu.cfs_quota_us and cpu.cfs_period_us. /proc/self/cgroup names the group:
 * "0::PATH" for version 2, "N:cpu,cpuacct:PATH" for version 1. Seen from inside a container the
 * path is often "/", with the container's own limits there.
 */
#include "engine/cpus.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

static unsigned smaller(unsigned limit, long long quota, long long period)
{
    long long cpus = quota > 0 && period > 0 ? (quota + period - 1) / period : UINT_MAX;

    return cpus < limit ? (unsigned)cpus : limit;
}

/* Reads two numbers, from one file or from two; 0 where there are none. */
static void read_numbers(const char *folder, const char *group, const char *name, int n,
                         long long *numbers)
{
    char path[PATH_MAX];
    FILE *file;

    snprintf(path, sizeof path, "%s%s/%s", folder, group, name);
    file = fopen(path, "re");
    if (file == NULL)
        return;
    for (int i = 0; i < n && fscanf(file, "%lld", &numbers[i]) == 1; i++)
        ;
    fclose(file);
}

static unsigned limit_of(unsigned limit, int version, const char *group)
{
    long long numbers[2] = {0, 0};

    if (version == 2) {
        read_numbers("/sys/fs/cgroup", group, "cpu.max", 2, numbers);
    } else {
        read_numbers("/sys/fs/cgroup/cpu", group, "cpu.cfs_quota_us", 1, &numbers[0]);
        read_numbers("/sys/fs/cgroup/cpu", group, "cpu.cfs_period_us", 1, &numbers[1]);
    }
    return smaller(limit, numbers[0], numbers[1]);
}

/* The group and all above it, up to the root of what can be seen. */
static unsigned limit_of_groups(unsigned limit, int version, char *group)
{
    char *end;

    while ((end = strrchr(group, '/')) != NULL) {
        limit = limit_of(limit, version, group);
        *end = '\0';
    }
    return limit_of(limit, version, "");
}

/* The group of a line of /proc/self/cgroup, or NULL where the line is not about CPUs. */
static char *group_of(char *line, int *version)
{
    char *controllers = strchr(line, ':'), *group;

    if (controllers == NULL || (group = strchr(controllers + 1, ':')) == NULL)
        return NULL;
    *group++ = '\0';
    group[strcspn(group, "\n")] = '\0';
    controllers++;
    *version = *controllers == '\0' ? 2 : 1;
    for (char *name = strtok(controllers, ","); name != NULL; name = strtok(NULL, ","))
        if (strcmp(name, "cpu") == 0)
            return group;
    return *version == 2 ? group : NULL;
}

unsigned pm_cpus(void)
{
    FILE *file = fopen("/proc/self/cgroup", "re");
    char line[PATH_MAX];
    cpu_set_t set;
    unsigned cpus = 1;
    int version;

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        cpus = (unsigned)CPU_COUNT(&set);
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char *group = group_of(line, &version);

        if (group != NULL)
            cpus = limit_of_groups(cpus, version, group);
    }
    if (file != NULL)
        fclose(file);
    return cpus;
}
