#include "base/number.h"

#include <string.h>

#define E16 (PM_E8 * PM_E8)

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

/* Three digits and a dot in one word, of which the leading zeros are shifted out. */
static inline char *write_octet(char *out, uint32_t octet)
{
    uint32_t hundreds = octet * 41 >> 12, rest = octet - hundreds * 100, tens = rest * 103 >> 10;
    uint32_t digits = hundreds | tens << 8 | (rest - tens * 10) << 16;
    unsigned skipped = (octet < 10) + (octet < 100);
    uint32_t text = htole32((digits | 0x2e303030) >> 8 * skipped);

    memcpy(out, &text, sizeof text);
    return out + 4 - skipped;
}

static char *write_v4(char *out, uint32_t address)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        out = write_octet(out, address >> shift & 255);
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
