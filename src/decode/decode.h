/* From the bytes of one record to a packet. The way up: link.c, wlan.c, ethertype.c, ip.c,
 * transport.c; and tunnel.c, which leads back down. */
#ifndef PM_DECODE_H
#define PM_DECODE_H

#include <pcapmill/pcapmill.h>

#include "capture/walk.h"
#include "decode/packet.h"

/* Fills *packet, whatever the bytes hold, from the outermost IP header on, or from the innermost.
 */
void pm_decode(const struct pm_record *record, uint64_t number, enum pm_tunnels tunnels,
               struct pm_packet *packet);

#endif
