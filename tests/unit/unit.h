/* What every unit test includes, and a capture written by hand. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Bytes in the making; fixed room, for tests are small. */
struct bytes {
    uint8_t at[8192];
    size_t n;
};

static inline void put(struct bytes *bytes, const void *from, size_t n)
{
    assert_true(bytes->n + n <= sizeof bytes->at);
    memcpy(bytes->at + bytes->n, from, n);
    bytes->n += n;
}

static inline void put32(struct bytes *bytes, uint32_t value, int big)
{
    if (big)
        value = __builtin_bswap32(value);
    put(bytes, &value, sizeof value);
}

static inline void put16(struct bytes *bytes, uint16_t value, int big)
{
    if (big)
        value = __builtin_bswap16(value);
    put(bytes, &value, sizeof value);
}

/* A file header of version 2.`minor`, Ethernet. */
static inline void put_file_header(struct bytes *bytes, uint32_t magic, uint16_t minor, int big)
{
    put32(bytes, magic, big);
    put16(bytes, 2, big);
    put16(bytes, minor, big);
    put32(bytes, 0, big);
    put32(bytes, 0, big);
    put32(bytes, 65535, big); /* snap length */
    put32(bytes, 1, big);     /* LINKTYPE_ETHERNET */
}

static inline void put_record(struct bytes *bytes, uint32_t seconds, uint32_t fraction,
                              uint32_t cap_len, uint32_t orig_len, int big)
{
    static const uint8_t data[512];

    put32(bytes, seconds, big);
    put32(bytes, fraction, big);
    put32(bytes, cap_len, big);
    put32(bytes, orig_len, big);
    put(bytes, data, cap_len);
}

#endif
