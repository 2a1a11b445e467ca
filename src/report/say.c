#include "report/say.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

const char *pm_say_count(char *text, const char *digits)
{
    size_t n = strspn(digits, "0123456789"), at = 0;

    for (size_t i = 0; i < n && at + 2 < PM_SAY; i++) {
        if (i != 0 && (n - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
    return text;
}

const char *pm_say_scaled(char *text, double value, const char *unit)
{
    static const char *const prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
    unsigned power = 0;

    while (value >= 999.5 && power < 6) {
        value /= 1000;
        power++;
    }
    snprintf(text, PM_SAY, value < 99.95 ? "%.3g %s%s" : "%.0f %s%s", value, prefixes[power], unit);
    return text;
}

const char *pm_say_number(char *text, double value)
{
    char digits[PM_SAY];

    if (fabs(value) < 1000) {
        snprintf(text, PM_SAY, "%.4g", value);
        return text;
    }
    snprintf(digits, sizeof digits, "%.0f", fabs(value));
    pm_say_count(text + 1, digits);
    text[0] = '-';
    return value < 0 ? text : text + 1;
}

static const char *say_seconds(char *text, double seconds)
{
    unsigned long long whole = (unsigned long long)seconds;

    if (seconds < 120)
        snprintf(text, PM_SAY, "%.3g s", seconds);
    else if (seconds < 7200)
        snprintf(text, PM_SAY, "%llu min %llu s", whole / 60, whole % 60);
    else if (seconds < 172800)
        snprintf(text, PM_SAY, "%llu h %llu min", whole / 3600, whole / 60 % 60);
    else if (seconds < 2 * 31556952.0)
        snprintf(text, PM_SAY, "%llu d %llu h", whole / 86400, whole / 3600 % 24);
    else
        snprintf(text, PM_SAY, "%.1f years", seconds / 31556952);
    return text;
}

static const char *say_nanoseconds(char *text, double ns)
{
    static const char *const units[] = {"ns", "us", "ms"};
    unsigned power = 0;

    if (ns >= 999.5e6)
        return say_seconds(text, ns * 1e-9);
    for (; ns >= 999.5; ns /= 1000)
        power++;
    snprintf(text, PM_SAY, "%.3g %s", ns, units[power]);
    return text;
}

const char *pm_say_quantity(char *text, double value, const char *unit)
{
    if (strcmp(unit, "ns") == 0)
        return say_nanoseconds(text, value);
    if (strcmp(unit, "bytes") == 0)
        return pm_say_scaled(text, value, "B");
    return strcmp(unit, "packets") == 0 ? pm_say_number(text, value)
                                        : pm_say_scaled(text, value, unit);
}

const char *pm_say_time(char *text, int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm utc;

    *text = '\0';
    if (gmtime_r(&time, &utc) != NULL)
        strftime(text, PM_SAY, "%Y-%m-%d %H:%M:%S UTC", &utc);
    return text;
}
