/* How many CPUs this process may use. */
#ifndef PM_CPUS_H
#define PM_CPUS_H

/* The CPUs of its affinity mask, or fewer where its cgroup, or one above it, has a smaller quota
 * (rounded up). At least 1. */
unsigned pm_cpus(void);

#endif
