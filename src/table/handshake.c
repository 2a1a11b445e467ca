#include "table/handshake.h"

#include "table/clock.h"

static void answer(struct pm_handshake *handshake, int64_t syn_ack)
{
    handshake->syn_ack = syn_ack;
    handshake->known |= PM_HANDSHAKE_SYN_ACK;
    if (handshake->known & PM_HANDSHAKE_LAST_SYN) {
        handshake->syn = handshake->last_syn;
        handshake->known |= PM_HANDSHAKE_SYN;
    }
}

static void acknowledge(struct pm_handshake *handshake, int64_t ack)
{
    if (handshake->known & PM_HANDSHAKE_SYN_ACK) {
        handshake->ack = ack;
        handshake->known |= PM_HANDSHAKE_ACK;
    } else if (!(handshake->known & PM_HANDSHAKE_EARLY_ACK)) {
        handshake->early_ack = ack;
        handshake->known |= PM_HANDSHAKE_EARLY_ACK;
    }
}

void pm_handshake_add(struct pm_handshake *handshake, const struct pm_packet *packet, bool opener)
{
    unsigned flags = packet->tcp_flags & (PM_TCP_SYN | PM_TCP_RST | PM_TCP_ACK);

    if (handshake->known & PM_HANDSHAKE_ACK)
        return;
    if (opener && flags == PM_TCP_SYN) {
        handshake->last_syn = packet->ts_ns;
        handshake->known |= PM_HANDSHAKE_LAST_SYN;
    } else if (opener && flags == PM_TCP_ACK) {
        acknowledge(handshake, packet->ts_ns);
    } else if (!opener && flags == (PM_TCP_SYN | PM_TCP_ACK)) {
        answer(handshake, packet->ts_ns);
    }
}

/* The right side replayed behind the left one: only its first early ACK, its last SYN, and the
 * SYN+ACK that counts can matter, in this order. */
void pm_handshake_join(struct pm_handshake *left, const struct pm_handshake *right)
{
    if (left->known & PM_HANDSHAKE_ACK)
        return;
    if (right->known & PM_HANDSHAKE_EARLY_ACK) {
        acknowledge(left, right->early_ack);
        if (left->known & PM_HANDSHAKE_ACK)
            return;
    }
    if (right->known & PM_HANDSHAKE_SYN_ACK) {
        if (right->known & PM_HANDSHAKE_SYN) {
            left->last_syn = right->syn;
            left->known |= PM_HANDSHAKE_LAST_SYN;
        }
        answer(left, right->syn_ack);
    }
    if (right->known & PM_HANDSHAKE_LAST_SYN) {
        left->last_syn = right->last_syn;
        left->known |= PM_HANDSHAKE_LAST_SYN;
    }
    if (right->known & PM_HANDSHAKE_ACK)
        acknowledge(left, right->ack);
}

uint64_t pm_handshake_syn_to_syn_ack(const struct pm_handshake *handshake)
{
    return handshake->known & PM_HANDSHAKE_SYN ? pm_time_between(handshake->syn, handshake->syn_ack)
                                               : 0;
}

uint64_t pm_handshake_syn_ack_to_ack(const struct pm_handshake *handshake)
{
    return handshake->known & PM_HANDSHAKE_ACK ? pm_time_between(handshake->syn_ack, handshake->ack)
                                               : 0;
}
