/* From the bytes of one record to a packet. The way up: link.c, ethertype.c, ip.c, transport.c. */
#ifndef PM_DECODE_H
#define PM_DECODE_H

#include "capture/walk.h"
#include "decode/packet.h"

/* Fills *packet, whatever the bytes hold. */
void pm_decode(const struct pm_record *record, uint64_t number, struct pm_packet *packet);

#endif
