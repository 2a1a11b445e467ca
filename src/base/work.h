/* Work, counted where fuzz targets are built: that no input asks for more than a constant times its
 * bytes. Elsewhere this is nothing. */
#ifndef PM_WORK_H
#define PM_WORK_H

#ifdef PM_COUNT_WORK
extern unsigned long pm_work; /* records, layers, guesses, words of zeros; for one thread */
#define PM_WORK() (pm_work++)
#else
#define PM_WORK() ((void)0)
#endif

#endif
