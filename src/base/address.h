/*
 * An IP address as one number of 128 bits, so that addresses compare as numbers. IPv4 lies in the
 * low 32 bits; the version is kept beside it (in a flow or a packet, both ends share one).
 */
#ifndef PM_ADDRESS_H
#define PM_ADDRESS_H

#include "base/bytes.h"

struct pm_address {
    uint64_t high;
    uint64_t low;
};

static inline struct pm_address pm_address_v4(const uint8_t *at)
{
    return (struct pm_address){.high = 0, .low = pm_be32(at)};
}

static inline struct pm_address pm_address_v6(const uint8_t *at)
{
    return (struct pm_address){.high = pm_be64(at), .low = pm_be64(at + 8)};
}

/* Less than, equal to, or greater than 0 as `a` is lower than, equal to or higher than `b`. */
static inline int pm_address_compare(struct pm_address a, struct pm_address b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return (a.low > b.low) - (a.low < b.low);
}

/* A number that rises with the version and the address; addresses may share it. */
static inline uint64_t pm_address_prefix(unsigned version, struct pm_address address)
{
    return version == 4 ? address.low : UINT64_C(1) << 63 | address.high >> 1;
}

#endif
