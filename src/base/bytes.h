/*
 * Integers in byte strings. The name says width and byte order; whoever calls has checked that the
 * bytes are there (decode/cursor.h does so for packets).
 */
#ifndef PM_BYTES_H
#define PM_BYTES_H

#include <stdint.h>
#include <string.h>

static inline uint16_t pm_be16(const uint8_t *at)
{
    uint16_t v;
    memcpy(&v, at, sizeof v);
    return __builtin_bswap16(v);
}

static inline uint32_t pm_be32(const uint8_t *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return __builtin_bswap32(v);
}

static inline uint64_t pm_be64(const uint8_t *at)
{
    uint64_t v;
    memcpy(&v, at, sizeof v);
    return __builtin_bswap64(v);
}

static inline uint16_t pm_le16(const uint8_t *at)
{
    uint16_t v;
    memcpy(&v, at, sizeof v);
    return v;
}

static inline uint32_t pm_le32(const uint8_t *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return v;
}

static inline uint64_t pm_le64(const uint8_t *at)
{
    uint64_t v;
    memcpy(&v, at, sizeof v);
    return v;
}

/* The writer of a file chose its byte order: `big` says which. */
static inline uint16_t pm_read16(const uint8_t *at, int big)
{
    return big ? pm_be16(at) : pm_le16(at);
}

static inline uint32_t pm_read32(const uint8_t *at, int big)
{
    return big ? pm_be32(at) : pm_le32(at);
}

static inline uint64_t pm_read64(const uint8_t *at, int big)
{
    uint64_t first = pm_read32(at, big), second = pm_read32(at + 4, big);

    return big ? first << 32 | second : second << 32 | first;
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "pm_le* copy without swapping");

#endif
