/* Numbers as people read them. Each writes into `text`, of PM_SAY bytes, and returns it. */
#ifndef PM_SAY_H
#define PM_SAY_H

#include <stdint.h>

enum { PM_SAY = 64 };

const char *pm_say_count(char *text, const char *digits);              /* 55,141 */
const char *pm_say_scaled(char *text, double value, const char *unit); /* 72.4 MB */
const char *pm_say_number(char *text, double value);                   /* 1,518 or 0.034 */
/* In "bytes", "ns", "packets" or another unit: 5.5 kB, 859 us, 2 h 3 min, 1,002, 16.3 Mbit/s. */
const char *pm_say_quantity(char *text, double value, const char *unit);
/* 2026-11-23 12:03:12 UTC, of seconds since the epoch */
const char *pm_say_time(char *text, int64_t seconds);

#endif
