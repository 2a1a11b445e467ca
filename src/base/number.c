#include "base/number.h"

#include <string.h>

#define E16 (PM_E8 * PM_E8)

/* The table is made by the compiler: a number, ten of them, a hundred. */
/* clang-format off */
#define DIGIT(n) ((char)('0' + (n) % 10))
#define SHORT(n)                                                                                   \
    {{(n) < 10 ? DIGIT(n) : (n) < 100 ? DIGIT((n) / 10) : DIGIT((n) / 100),                        \
      (n) < 10 ? 0 : (n) < 100 ? DIGIT(n) : DIGIT((n) / 10),                                       \
      (n) < 100 ? 0 : DIGIT(n)},                                                                   \
     1 + ((n) >= 10) + ((n) >= 100)}
#define TEN(n)                                                                                     \
    SHORT(n), SHORT((n) + 1), SHORT((n) + 2), SHORT((n) + 3), SHORT((n) + 4),                      \
    SHORT((n) + 5), SHORT((n) + 6), SHORT((n) + 7), SHORT((n) + 8), SHORT((n) + 9)
#define HUNDRED(n)                                                                                 \
    TEN(n), TEN((n) + 10), TEN((n) + 20), TEN((n) + 30), TEN((n) + 40),                            \
    TEN((n) + 50), TEN((n) + 60), TEN((n) + 70), TEN((n) + 80), TEN((n) + 90)

const struct pm_short pm_shorts[PM_SHORT_MOST + 1] = {
    HUNDRED(0), HUNDRED(100), HUNDRED(200), HUNDRED(300), HUNDRED(400),
    HUNDRED(500), HUNDRED(600), HUNDRED(700), HUNDRED(800), HUNDRED(900)};
/* clang-format on */

/* All eight digits of value < 10^8. */
static inline char *put_eight(char *out, uint64_t value)
{
    return pm_put_digits(out, pm_eight_digits((uint32_t)value), 0);
}

char *pm_write_long(char *out, uint64_t value)
{
    uint64_t high = value / PM_E8;

    if (high < PM_E8) {
        out = pm_write_unsigned(out, high);
    } else {
        out = pm_write_unsigned(out, high / PM_E8);
        out = put_eight(out, high % PM_E8);
    }
    return put_eight(out, value % PM_E8);
}

/* Below 10^35: all that a cell in millionths can hold. */
static char *write_wide(char *out, unsigned __int128 value)
{
    uint64_t low = (uint64_t)(value % E16);

    if (value >> 64 == 0)
        return pm_write_unsigned(out, (uint64_t)value);
    out = pm_write_unsigned(out, (uint64_t)(value / E16));
    out = put_eight(out, low / PM_E8);
    return put_eight(out, low % PM_E8);
}

/* A division in 128 bits costs as much as a whole row: few values need it. */
static unsigned __int128 divide(unsigned __int128 value, uint64_t by, uint64_t *rest)
{
    if (value >> 64 == 0) {
        *rest = (uint64_t)value % by;
        return (uint64_t)value / by;
    }
    *rest = (uint64_t)(value % by);
    return value / by;
}

char *pm_write_fixed(char *out, __int128 value, int places)
{
    uint64_t scale = places == 9 ? 1000000000u : 1000000u, part;
    unsigned __int128 whole;

    if (value < 0)
        *out++ = '-';
    whole = divide(value < 0 ? -(unsigned __int128)value : (unsigned __int128)value, scale, &part);
    out = write_wide(out, whole);
    *out++ = '.';
    if (places == 6)
        return pm_put_digits(out, pm_eight_digits((uint32_t)part), 2);
    *out++ = (char)('0' + part / PM_E8);
    return put_eight(out, part % PM_E8);
}

static char *write_v4(char *out, uint32_t address)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        out = pm_write_short(out, address >> shift & 255);
        *out++ = '.';
    }
    return out - 1; /* no dot behind the last one */
}

static char *write_hex16(char *out, unsigned value)
{
    for (int shift = value > 0xfff  ? 12
                     : value > 0xff ? 8
                     : value > 0xf  ? 4
                                    : 0;
         shift >= 0; shift -= 4)
        *out++ = "0123456789abcdef"[value >> shift & 15];
    return out;
}

/* The longest run of two or more zero groups, the first of equals (RFC 5952, section 4.2). */
static void find_zeros(const unsigned group[8], int *begin, int *length)
{
    *begin = -1;
    *length = 1;
    for (int i = 0; i < 8; i++) {
        int n = 0;

        while (i + n < 8 && group[i + n] == 0)
            n++;
        if (n > *length) {
            *begin = i;
            *length = n;
        }
        i += n;
    }
}

static char *write_v6(char *out, struct pm_address address)
{
    unsigned group[8];
    int zeros, n_zeros;

    for (int i = 0; i < 8; i++)
        group[i] = (i < 4 ? address.high : address.low) >> (48 - 16 * (i & 3)) & 0xffff;
    if (address.high == 0 && address.low >> 32 == 0xffff) { /* IPv4-mapped: RFC 5952, section 5 */
        memcpy(out, "::ffff:", 7);
        return write_v4(out + 7, (uint32_t)address.low);
    }
    find_zeros(group, &zeros, &n_zeros);
    for (int i = 0; i < 8; i++) {
        if (i == zeros) {
            *out++ = ':';
            *out++ = ':';
            i += n_zeros - 1;
            continue;
        }
        if (i != 0 && i != zeros + n_zeros)
            *out++ = ':';
        out = write_hex16(out, group[i]);
    }
    return out;
}

char *pm_write_address(char *out, unsigned version, struct pm_address address)
{
    if (version == 4)
        return write_v4(out, (uint32_t)address.low);
    return version == 6 ? write_v6(out, address) : out;
}
