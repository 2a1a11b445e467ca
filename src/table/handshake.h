/*
 * The opening of a TCP connection, seen from where the capture was taken: a SYN, the SYN+ACK that
 * answers it, the ACK that answers that. Counted is the last SYN before the last SYN+ACK before the
 * first ACK behind it.
 *
 * A stretch of packets may begin anywhere in this, so that it keeps what the stretch to its left
 * may want: pm_handshake_join(left, right) is what one stretch would have come to.
 */
#ifndef PM_HANDSHAKE_H
#define PM_HANDSHAKE_H

#include "decode/packet.h"

/* As one side opens it. Times are valid where their bit is set. */
struct pm_handshake {
    int64_t last_syn;
    int64_t syn; /* the last one before syn_ack */
    int64_t syn_ack;
    int64_t ack;       /* the first one behind syn_ack: all is settled */
    int64_t early_ack; /* the first one before any syn_ack: it may answer one to the left */
    uint8_t known;     /* PM_HANDSHAKE_* */
};

enum {
    PM_HANDSHAKE_LAST_SYN = 1,
    PM_HANDSHAKE_SYN = 2,
    PM_HANDSHAKE_SYN_ACK = 4,
    PM_HANDSHAKE_ACK = 8,
    PM_HANDSHAKE_EARLY_ACK = 16
};

/* A timed TCP packet comes next, from the side that opens or from the other. */
void pm_handshake_add(struct pm_handshake *handshake, const struct pm_packet *packet, bool opener);

void pm_handshake_join(struct pm_handshake *left, const struct pm_handshake *right);

/* From SYN to SYN+ACK and from there to ACK, in ns; 0 where it was not seen. */
uint64_t pm_handshake_syn_to_syn_ack(const struct pm_handshake *handshake);
uint64_t pm_handshake_syn_ack_to_ack(const struct pm_handshake *handshake);

#endif
