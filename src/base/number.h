/*
 * Numbers and addresses as text, without printf: no locale, no allocation, and fast enough for a
 * table of millions of rows. Each writes at `out`, which has PM_NUMBER_MAX bytes of room, and
 * returns the end of what it wrote; no terminating zero.
 */
#ifndef PM_NUMBER_H
#define PM_NUMBER_H

#include "base/address.h"

enum { PM_NUMBER_MAX = 48 };

char *pm_write_unsigned(char *out, uint64_t value);
char *pm_write_integer(char *out, int64_t value);

/* value / 10^places with all its places: pm_write_fixed(out, -1500000, 6) writes -1.500000. */
char *pm_write_fixed(char *out, __int128 value, int places);

/* IPv4 dotted, IPv6 as in RFC 5952; nothing where version is neither 4 nor 6. */
char *pm_write_address(char *out, unsigned version, struct pm_address address);

/* numerator / denominator, rounded to the nearest integer, half away from zero. denominator > 0. */
static inline __int128 pm_round_divide(__int128 numerator, __int128 denominator)
{
    __int128 half = denominator / 2;

    return (numerator < 0 ? numerator - half : numerator + half) / denominator;
}

#endif
