/* The first packets of many segments, as many of each as are wanted. */
#ifndef PM_FIRST_PACKETS_H
#define PM_FIRST_PACKETS_H

#include "base/store.h"
#include "decode/packet.h"

struct pm_first_packet {
    int64_t ts_ns;
    uint32_t wire_len;
    uint8_t direction;
    bool timed;
};

struct pm_first_packets {
    struct pm_store lists;
    uint32_t most; /* packets in a list; 0: none are wanted */
};

void pm_first_packets_init(struct pm_first_packets *firsts, uint32_t most);
void pm_first_packets_free(struct pm_first_packets *firsts);

/* The number of a new list, or PM_NONE: no memory. */
uint32_t pm_first_packets_begin(struct pm_first_packets *firsts);

struct pm_first_packet pm_first_packet(const struct pm_packet *packet, unsigned direction);

/* The packet comes next. */
void pm_first_packets_add(struct pm_first_packets *firsts, uint32_t list,
                          const struct pm_first_packet *packet);

const struct pm_first_packet *pm_first_packets_at(const struct pm_first_packets *firsts,
                                                  uint32_t list, uint32_t *n);

/* Moves from's lists behind into's: *shift is what to add to their numbers. False: no memory. */
bool pm_first_packets_merge(struct pm_first_packets *into, struct pm_first_packets *from,
                            uint32_t *shift);

#endif
