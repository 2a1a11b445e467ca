/* A short way for the packets that are nearly all (usual.c). */
#ifndef PM_USUAL_H
#define PM_USUAL_H

#include "decode/decode.h"

/* Decodes a packet as pm_decode_any does; or declines it: false, and *packet is as it was. */
bool pm_decode_usual(const struct pm_record *record, uint64_t number, enum pm_tunnels tunnels,
                     struct pm_packet *packet);

/* The IP packet of one that was decoded so. */
struct pm_ip_bytes pm_usual_ip(const struct pm_record *record, const struct pm_packet *packet);

#endif
