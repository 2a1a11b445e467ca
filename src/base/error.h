/*
 * Errors: a status that callers branch on and one sentence for people, written where the cause is
 * known. Functions return the status and hand it up unchanged; nobody prints but the program.
 */
#ifndef PM_ERROR_H
#define PM_ERROR_H

#include <pcapmill/pcapmill.h>

/* Fills *error and returns `status`, so that a caller can write `return pm_fail(...)`. The text is
 * the whole sentence; control bytes in it are escaped, for paths come from strangers. */
enum pm_status pm_fail(struct pm_error *error, enum pm_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As pm_fail with PM_IO, and appends the text of the errno value `code`. */
enum pm_status pm_fail_io(struct pm_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The usual sentence of PM_NO_MEMORY. */
enum pm_status pm_fail_memory(struct pm_error *error);

/* The sentence for a status that came without one, as those of the hot loops do. */
enum pm_status pm_fail_status(struct pm_error *error, enum pm_status status);

/* Copies `text`, control bytes and backslashes written as \xHH, cut to fit. */
void pm_escape(char *out, size_t size, const char *text);

/* Forward an error: run the call, and leave with its status if it is one. */
#define PM_TRY(call)                            \
    do {                                        \
        enum pm_status pm_try_status_ = (call); \
        if (pm_try_status_ != PM_OK)            \
            return pm_try_status_;              \
    } while (0)

#endif
