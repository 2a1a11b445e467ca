/* Times and sizes as people write them on the command line: 250us 1ms 1s 5m 1h 0, 64M 2G. */
#ifndef PM_UNITS_H
#define PM_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False: not a time. A number needs its unit, unless it is 0. */
bool pm_parse_time(const char *text, int64_t *ns);

/* Bytes, with an optional K, M, G or T (powers of 1024). */
bool pm_parse_size(const char *text, uint64_t *bytes);

/* Decimal seconds with up to nine places, as 1361916000.25, in nanoseconds. */
bool pm_parse_seconds(const char *text, int64_t *ns);

/* Decimal digits alone, at most `max`. */
bool pm_parse_count(const char *text, uint64_t max, uint64_t *count);

/* Writes prefix and a time in the largest unit that divides it: rates_100ms, rates_5m. */
void pm_format_time(const char *prefix, int64_t ns, char *text, size_t room);

#endif
