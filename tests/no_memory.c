/*
 * Every allocation of the library that fails is met: an analysis and its folder end well, or with
 * PM_NO_MEMORY, and neither crash nor wait for ever.
 *
 * usage: no_memory CAPTURE..., with whole paths
 *
 * Each capture is analyzed and published again and again: the first allocation fails, then the
 * second, and so on up to the last; once alone, and once with all that come behind it. What other
 * libraries ask for is given.
 */
#include <pcapmill/pcapmill.h>

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit/folder.h"

enum { HANGS_AFTER_S = 60 };

static atomic_ulong asked; /* for memory, since the analysis began */
static unsigned long first_fail;
static unsigned long last_fail; /* 0: none fails */

static bool denied(void)
{
    unsigned long now = atomic_fetch_add(&asked, 1) + 1;

    if (now < first_fail || now > last_fail)
        return false;
    errno = ENOMEM;
    return true;
}

/* The linker's names: calls of malloc go to __wrap_malloc, those of __real_malloc to malloc. */
void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t n);
void *__real_aligned_alloc(size_t alignment, size_t n);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t n);
void *__wrap_aligned_alloc(size_t alignment, size_t n);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t n)
{
    return denied() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return denied() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t n)
{
    return denied() ? NULL : __real_realloc(old, n);
}

void *__wrap_aligned_alloc(size_t alignment, size_t n)
{
    return denied() ? NULL : __real_aligned_alloc(alignment, n);
}

char *__wrap_strdup(const char *text)
{
    return denied() ? NULL : __real_strdup(text);
}

static enum pm_status publish(struct pm_analysis *analysis, struct pm_error *error)
{
    struct pm_output output = {.folder = "mill", .force = true, .render = "none"};
    struct pm_publication *publication;
    enum pm_status status = pm_publication_begin(&output, &publication, error);

    if (status == PM_OK)
        status = pm_publication_publish(publication, analysis, error);
    pm_publication_end(publication);
    return status;
}

static enum pm_status analyze(const char *path, const struct pm_options *options,
                              struct pm_error *error)
{
    struct pm_analysis *analysis;
    enum pm_status status;

    alarm(HANGS_AFTER_S);
    asked = 0;
    status = pm_analyze(&path, 1, options, &analysis, error);
    if (status == PM_OK)
        status = publish(analysis, error);
    pm_analysis_free(analysis);
    return status;
}

/* Returns how many allocations failed; ends the program where one was met badly. */
static unsigned long fail_each(const char *path, const struct pm_options *options, bool alone)
{
    unsigned long at = 0;

    do {
        struct pm_error error;
        enum pm_status status;

        first_fail = ++at;
        last_fail = alone ? at : ULONG_MAX;
        status = analyze(path, options, &error);
        if (status != PM_OK && status != PM_NO_MEMORY) {
            fprintf(stderr, "%s, allocation %lu: %s\n", path, at, error.message);
            exit(1);
        }
    } while (asked >= first_fail);
    return at - 1;
}

/* All tables and columns, in runs that are many. */
static unsigned long fail_all(const char *path)
{
    static const unsigned threads[] = {1, 2};
    unsigned long failed = 0;

    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        struct pm_options options;

        pm_options_init(&options);
        options.threads = threads[i];
        options.run_bytes = 1000;
        options.flow_columns = PM_FLOW_ALL;
        options.packets = true;
        options.dedup = 4;
        options.tables = "+features,burstiness,splt";
        failed += fail_each(path, &options, true);
        failed += fail_each(path, &options, false);
    }
    return failed;
}

int main(int argc, char **argv)
{
    unsigned long failed = 0;
    void *folder;

    if (begin_folder(&folder) != 0)
        return 1;
    for (int i = 1; i < argc; i++)
        failed += fail_all(argv[i]);
    printf("no memory: %lu allocations failed, and were met\n", failed);
    return end_folder(&folder) != 0 || failed == 0;
}
