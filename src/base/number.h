/*
 * Numbers and addresses as text, without printf: no locale, no allocation, and fast enough for a
 * table of millions of rows. Each writes at `out`, which has PM_NUMBER_MAX bytes of room, and
 * returns the end of what it wrote; no terminating zero.
 */
#ifndef PM_NUMBER_H
#define PM_NUMBER_H

#include <endian.h>

#include "base/address.h"

enum { PM_NUMBER_MAX = 48 };

#define PM_E8 UINT64_C(100000000)

/* The eight decimal digits of value < 10^8, one in each byte, the first one lowest: halves of four
 * digits, quarters of two, then digits, each by one multiplication for all lanes. x * 10486 >> 20
 * is x / 100 for x < 10^4, x * 103 >> 10 is x / 10 for x < 100. No branch: a table's numbers have
 * as many lengths as a processor can guess wrong. */
static inline uint64_t pm_eight_digits(uint32_t value)
{
    uint64_t halves = value / 10000 | (uint64_t)(value % 10000) << 32;
    uint64_t hundreds = halves * 10486 >> 20 & 0x7f0000007f;
    uint64_t quarters = hundreds | (halves - hundreds * 100) << 16;
    uint64_t tens = quarters * 103 >> 10 & 0x000f000f000f000f;

    return tens | (quarters - tens * 10) << 8;
}

/* How many digits a value < 10^8 has. From the value and not from its digits: where the next cell
 * begins must not wait for those of this one. */
static inline unsigned pm_digits(uint32_t value)
{
    static const uint32_t powers[] = {1,      10,      100,      1000,     10000,
                                      100000, 1000000, 10000000, 100000000};
    unsigned bits = 32 - (unsigned)__builtin_clz(value | 1), about = bits * 1233 >> 12;

    return about + ((value | 1) >= powers[about]);
}

/* Writes eight bytes, of which the digits behind the first `skipped` count. */
static inline char *pm_put_digits(char *out, uint64_t digits, unsigned skipped)
{
    uint64_t text = htole64((digits | 0x3030303030303030) >> 8 * skipped);

    memcpy(out, &text, sizeof text);
    return out + 8 - skipped;
}

/* A number below 1000 as text, and how long that is. Most cells and all parts of an IPv4 address
 * are such, and to look one up takes a tenth of the instructions that it takes to make one. */
struct pm_short {
    char text[3];
    uint8_t length;
};

enum { PM_SHORT_MOST = 999 };

extern const struct pm_short pm_shorts[PM_SHORT_MOST + 1];

/* For a value up to PM_SHORT_MOST. */
static inline char *pm_write_short(char *out, unsigned value)
{
    memcpy(out, &pm_shorts[value], sizeof pm_shorts[value]); /* the length is written over */
    return out + pm_shorts[value].length;
}

char *pm_write_long(char *out, uint64_t value); /* from 10^8 on */

static inline char *pm_write_unsigned(char *out, uint64_t value)
{
    if (value <= PM_SHORT_MOST)
        return pm_write_short(out, (unsigned)value);
    if (value >= PM_E8)
        return pm_write_long(out, value);
    return pm_put_digits(out, pm_eight_digits((uint32_t)value), 8 - pm_digits((uint32_t)value));
}

static inline char *pm_write_integer(char *out, int64_t value)
{
    if (value >= 0)
        return pm_write_unsigned(out, (uint64_t)value);
    *out++ = '-';
    return pm_write_unsigned(out, -(uint64_t)value);
}

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
