#include "table/first_packets.h"

struct list {
    uint64_t n;
    struct pm_first_packet packets[]; /* as many as are wanted */
};

static struct list *list_at(const struct pm_first_packets *firsts, uint32_t list)
{
    return pm_store_at(&firsts->lists, list);
}

void pm_first_packets_init(struct pm_first_packets *firsts, uint32_t most)
{
    firsts->most = most;
    pm_store_init(&firsts->lists, sizeof(struct list) + most * sizeof(struct pm_first_packet));
}

void pm_first_packets_free(struct pm_first_packets *firsts)
{
    pm_store_free(&firsts->lists);
}

uint32_t pm_first_packets_begin(struct pm_first_packets *firsts)
{
    return pm_store_add(&firsts->lists);
}

struct pm_first_packet pm_first_packet(const struct pm_packet *packet, unsigned direction)
{
    return (struct pm_first_packet){.ts_ns = packet->ts_ns,
                                    .wire_len = packet->wire_len,
                                    .direction = (uint8_t)direction,
                                    .timed = packet->timed};
}

void pm_first_packets_add(struct pm_first_packets *firsts, uint32_t list,
                          const struct pm_first_packet *packet)
{
    struct list *to = list_at(firsts, list);

    if (to->n < firsts->most)
        to->packets[to->n++] = *packet;
}

const struct pm_first_packet *pm_first_packets_at(const struct pm_first_packets *firsts,
                                                  uint32_t list, uint32_t *n)
{
    *n = (uint32_t)list_at(firsts, list)->n;
    return list_at(firsts, list)->packets;
}

bool pm_first_packets_merge(struct pm_first_packets *into, struct pm_first_packets *from,
                            uint32_t *shift)
{
    return pm_store_join(&into->lists, &from->lists, shift);
}
