#include "base/units.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Reads digits; returns what follows them, or NULL: none, or more than 64 bits hold. */
static const char *read_digits(const char *text, uint64_t *value)
{
    const char *at = text;

    for (*value = 0; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(*value, 10u, value) ||
            __builtin_add_overflow(*value, (uint64_t)(*at - '0'), value))
            return NULL;
    return at == text ? NULL : at;
}

bool pm_parse_count(const char *text, uint64_t max, uint64_t *count)
{
    const char *end = read_digits(text, count);

    return end != NULL && *end == '\0' && *count <= max;
}

static const struct {
    const char *unit;
    int64_t ns;
} time_units[] = {
    {"ns", 1},
    {"us", 1000},
    {"ms", 1000000},
    {"s", 1000000000},
    {"m", INT64_C(60) * 1000000000},
    {"h", INT64_C(3600) * 1000000000},
};

bool pm_parse_time(const char *text, int64_t *ns)
{
    uint64_t value;
    const char *unit = read_digits(text, &value);

    if (unit == NULL || value > INT64_MAX)
        return false;
    if (*unit == '\0') {
        *ns = 0;
        return value == 0;
    }
    for (size_t i = 0; i < sizeof time_units / sizeof *time_units; i++)
        if (strcmp(unit, time_units[i].unit) == 0)
            return !__builtin_mul_overflow((int64_t)value, time_units[i].ns, ns);
    return false;
}

bool pm_parse_size(const char *text, uint64_t *bytes)
{
    static const char letters[] = "KMGT";
    const char *unit = read_digits(text, bytes), *letter;

    if (unit == NULL)
        return false;
    if (*unit == '\0')
        return true;
    letter = strchr(letters, *unit);
    if (letter == NULL || unit[1] != '\0')
        return false;
    return !__builtin_mul_overflow(*bytes, UINT64_C(1) << 10 * (letter - letters + 1), bytes);
}

bool pm_parse_seconds(const char *text, int64_t *ns)
{
    bool negative = *text == '-';
    uint64_t seconds;
    int64_t fraction = 0, unit = 1000000000;
    const char *at = read_digits(text + negative, &seconds);

    if (at == NULL || seconds > INT64_MAX)
        return false;
    if (*at == '.')
        for (at++; *at >= '0' && *at <= '9' && unit > 1; at++) {
            unit /= 10;
            fraction += (*at - '0') * unit;
        }
    if (*at != '\0' || __builtin_mul_overflow((int64_t)seconds, INT64_C(1000000000), ns) ||
        __builtin_add_overflow(*ns, fraction, ns))
        return false;
    if (negative)
        *ns = -*ns;
    return true;
}

void pm_format_time(const char *prefix, int64_t ns, char *text, size_t room)
{
    static const struct {
        int64_t ns;
        const char *name;
    } units[] = {{INT64_C(3600000000000), "h"},
                 {INT64_C(60000000000), "m"},
                 {1000000000, "s"},
                 {1000000, "ms"},
                 {1000, "us"},
                 {1, "ns"}};
    size_t unit = 0;

    while (ns % units[unit].ns != 0)
        unit++;
    snprintf(text, room, "%s%lld%s", prefix, (long long)(ns / units[unit].ns), units[unit].name);
}
