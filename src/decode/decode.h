/* From the bytes of one record to a packet. The way up: link.c, wlan.c, ethertype.c, ip.c,
 * transport.c; and tunnel.c, which leads back down. */
#ifndef PM_DECODE_H
#define PM_DECODE_H

#include <pcapmill/pcapmill.h>

#include "capture/walk.h"
#include "decode/packet.h"

/* An IP packet as it was captured, without what the link put behind it. */
struct pm_ip_bytes {
    const uint8_t *at; /* in the record; NULL: none */
    uint32_t n;
};

/* Fills *packet, whatever the bytes hold, from the outermost IP header on, or from the innermost.
 * Returns the outermost IP packet. */
struct pm_ip_bytes pm_decode(const struct pm_record *record, uint64_t number,
                             enum pm_tunnels tunnels, struct pm_packet *packet);

/* The same of n records in a row, of which the first one has that number. */
void pm_decode_all(const struct pm_record *records, size_t n, uint64_t number,
                   enum pm_tunnels tunnels, struct pm_packet *packets);

/* The same without the short way for usual packets (usual.h). */
struct pm_ip_bytes pm_decode_any(const struct pm_record *record, uint64_t number,
                                 enum pm_tunnels tunnels, struct pm_packet *packet);

#endif
