#include "base/number.h"

#include <endian.h>
#include <string.h>

#define E8  UINT64_C(100000000)
#define E16 (E8 * E8)

/* The eight decimal digits of value < 10^8, one in each byte, the first one lowest: halves of four
 * digits, quarters of two, then digits, each by one multiplication for all lanes. x * 10486 >> 20
 * is x / 100 for x < 10^4, x * 103 >> 10 is x / 10 for x < 100. No branch: a table's numbers have
 * as many lengths as a processor can guess wrong. */
static inline uint64_t eight_digits(uint32_t value)
{
    uint64_t halves = value / 10000 | (uint64_t)(value % 10000) << 32;
    uint64_t hundreds = halves * 10486 >> 20 & 0x7f0000007f;
    uint64_t quarters = hundreds | (halves - hundreds * 100) << 16;
    uint64_t tens = quarters * 103 >> 10 & 0x000f000f000f000f;

    return tens | (quarters - tens * 10) << 8;
}

/* Writes eight bytes, of which the digits behind the first `skipped` count. */
static inline char *put_digits(char *out, uint64_t digits, unsigned skipped)
{
    uint64_t text = htole64((digits | 0x3030303030303030) >> 8 * skipped);

    memcpy(out, &text, sizeof text);
    return out + 8 - skipped;
}

char *pm_write_unsigned(char *out, uint64_t value)
{
    uint64_t digits;

    if (value >= E8) {
        out = pm_write_unsigned(out, value / E8);
        return put_digits(out, eight_digits((uint32_t)(value % E8)), 0);
    }
    digits = eight_digits((uint32_t)value);
    return put_digits(out, digits, (unsigned)__builtin_ctzll(digits | UINT64_C(1) << 56) / 8);
}

char *pm_write_integer(char *out, int64_t value)
{
    if (value >= 0)
        return pm_write_unsigned(out, (uint64_t)value);
    *out++ = '-';
    return pm_write_unsigned(out, -(uint64_t)value);
}

/* Below 10^35: all that a cell in millionths can hold. */
static char *write_wide(char *out, unsigned __int128 value)
{
    uint64_t low = (uint64_t)(value % E16);

    if (value >> 64 == 0)
        return pm_write_unsigned(out, (uint64_t)value);
    out = pm_write_unsigned(out, (uint64_t)(value / E16));
    out = put_digits(out, eight_digits((uint32_t)(low / E8)), 0);
    return put_digits(out, eight_digits((uint32_t)(low % E8)), 0);
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
        return put_digits(out, eight_digits((uint32_t)part), 2);
    *out++ = (char)('0' + part / E8);
    return put_digits(out, eight_digits((uint32_t)(part % E8)), 0);
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
