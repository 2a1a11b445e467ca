#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void pm_escape(char *out, size_t size, const char *text)
{
    size_t used = 0;

    for (const unsigned char *in = (const unsigned char *)text; *in && used + 5 <= size; in++) {
        if (*in < 0x20 || *in == 0x7f || *in == '\\')
            used += (size_t)snprintf(out + used, size - used, "\\x%02x", *in);
        else
            out[used++] = (char)*in;
    }
    out[used] = '\0';
}

static void set_message(struct pm_error *error, enum pm_status status, const char *format,
                        va_list arguments)
{
    char raw[sizeof error->message];

    error->status = status;
    vsnprintf(raw, sizeof raw, format, arguments);
    pm_escape(error->message, sizeof error->message, raw);
}

enum pm_status pm_fail(struct pm_error *error, enum pm_status status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    set_message(error, status, format, arguments);
    va_end(arguments);
    return status;
}

enum pm_status pm_fail_io(struct pm_error *error, int code, const char *format, ...)
{
    char reason[128];
    size_t used;
    va_list arguments;

    va_start(arguments, format);
    set_message(error, PM_IO, format, arguments);
    va_end(arguments);
    used = strlen(error->message);
    snprintf(error->message + used, sizeof error->message - used, ": %s",
             strerror_r(code, reason, sizeof reason));
    return PM_IO;
}

enum pm_status pm_fail_memory(struct pm_error *error)
{
    return pm_fail(error, PM_NO_MEMORY,
                   "out of memory: give it more, or analyze the capture in parts");
}

enum pm_status pm_fail_status(struct pm_error *error, enum pm_status status)
{
    switch (status) {
    case PM_NO_MEMORY:
        return pm_fail_memory(error);
    case PM_STOPPED:
        return pm_fail(error, PM_STOPPED, "stopped before the end: nothing was written");
    default:
        return pm_fail(error, status, "the analysis failed: please report this");
    }
}
