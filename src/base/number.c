#include "base/number.h"

#include <string.h>

static const char two_digits[] = "00010203040506070809101112131415161718192021222324"
                                 "25262728293031323334353637383940414243444546474849"
                                 "50515253545556575859606162636465666768697071727374"
                                 "75767778798081828384858687888990919293949596979899";

/* Writes the decimal digits of `value` so that they end at `end`; returns where they begin. */
static char *digits_before(char *end, uint64_t value)
{
    while (value >= 100) {
        end -= 2;
        memcpy(end, two_digits + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        end -= 2;
        memcpy(end, two_digits + value * 2, 2);
    } else {
        *--end = (char)('0' + value);
    }
    return end;
}

static unsigned count_digits(uint64_t value)
{
    unsigned n = 1;

    for (; value >= 10000; value /= 10000)
        n += 4;
    return n + (value >= 10) + (value >= 100) + (value >= 1000);
}

char *pm_write_unsigned(char *out, uint64_t value)
{
    char *end = out + count_digits(value);

    digits_before(end, value);
    return end;
}

char *pm_write_integer(char *out, int64_t value)
{
    if (value >= 0)
        return pm_write_unsigned(out, (uint64_t)value);
    *out++ = '-';
    return pm_write_unsigned(out, -(uint64_t)value);
}

/* A division in 128 bits costs as much as a whole row: few values need it. */
static uint64_t divide(unsigned __int128 value, uint64_t by, uint64_t *rest)
{
    if (value >> 64 == 0) {
        *rest = (uint64_t)value % by;
        return (uint64_t)value / by;
    }
    *rest = (uint64_t)(value % by);
    return (uint64_t)(value / by);
}

char *pm_write_fixed(char *out, __int128 value, int places)
{
    uint64_t scale = places == 9 ? 1000000000u : 1000000u, part, whole;

    if (value < 0)
        *out++ = '-';
    whole = divide(value < 0 ? -(unsigned __int128)value : (unsigned __int128)value, scale, &part);
    out = pm_write_unsigned(out, whole);
    digits_before(out + places + 1, part + scale); /* a leading 1 keeps the zeros behind it ... */
    *out = '.';                                    /* ... and makes room for the point */
    return out + places + 1;
}

static char *write_v4(char *out, uint32_t address)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        out = pm_write_unsigned(out, address >> shift & 255);
        if (shift != 0)
            *out++ = '.';
    }
    return out;
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
