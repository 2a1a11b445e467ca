/*
 * The state and the history of a TCP connection, as Zeek's conn.log has them (conn_state, history:
 * Zeek's documentation of Conn::Info, and its TCP analyzer for what moves an endpoint).
 *
 * Different from Zeek's: no letters c (bad checksum) and g (gap); t and w are what tcp_track.h
 * calls a retransmission with payload (Zeek counts what is out of order too) and a zero window (not
 * so in Zeek once the peer has closed); sequence numbers are compared as they are, where Zeek
 * counts from the last SYN; a SYN of the originator behind the responder's SYN+ACK establishes the
 * connection; 46 letters are kept.
 *
 * How a stretch of packets joins what lies to its left: the state is one of 64, so a stretch is a
 * map from each of them to another; the history is a list of what happened, to be read behind that
 * of the left side.
 */
#ifndef PM_TCP_CONN_H
#define PM_TCP_CONN_H

#include "table/tcp_track.h"

enum {
    PM_TCP_STATES = 64,       /* of two endpoints with 8 each; 0: nothing was seen */
    PM_TCP_HISTORY = 46,      /* letters */
    PM_TCP_HISTORY_TEXT = 48, /* with '^' and the zero */
    PM_TCP_HAPPENINGS_MOST = 40
};

/* What one side did last of what is told once, or again only where it is something else. */
struct pm_tcp_told {
    uint8_t seen;         /* bits of letters */
    uint32_t last_seq[3]; /* of the last SYN, FIN, RST */
};

struct pm_tcp_conn {
    uint8_t states[2]; /* by the direction of the originator, which a run may not know */
    uint8_t n_letters;
    uint8_t letters[PM_TCP_HISTORY]; /* and the direction in the highest bit */
    struct pm_tcp_told told[2];      /* by direction */
    uint64_t times[2][2];            /* by direction: how often t and w happened */
};

/* What a stretch of packets does to a connection that comes from its left. */
struct pm_tcp_stretch {
    uint8_t map[2][PM_TCP_STATES]; /* by the direction of the originator */
    bool moved[2]; /* by direction: that endpoint is in its first state no more, whatever it was */
    bool overflowed;
    uint8_t n;
    uint8_t letters[PM_TCP_HAPPENINGS_MOST]; /* as above: what happened, if it was not told yet */
    uint32_t values[PM_TCP_HAPPENINGS_MOST]; /* sequence number, or how often in a row */
    struct pm_tcp_told told[2];
};

/* The packet comes next. */
void pm_tcp_conn_add(struct pm_tcp_conn *conn, const struct pm_tcp_packet *packet,
                     struct pm_tcp_finding finding);

void pm_tcp_stretch_init(struct pm_tcp_stretch *stretch);
void pm_tcp_stretch_add(struct pm_tcp_stretch *stretch, const struct pm_tcp_packet *packet,
                        struct pm_tcp_finding finding);

/* The stretch lies behind the connection. It must not have overflowed. */
void pm_tcp_conn_join(struct pm_tcp_conn *conn, const struct pm_tcp_stretch *stretch);

/* With the originator's direction; `payload`: whether any was sent. */
const char *pm_tcp_conn_state(const struct pm_tcp_conn *conn, unsigned originator, bool payload);

/* `flipped`: the originator was not the side that the first packet came from. */
void pm_tcp_conn_history(const struct pm_tcp_conn *conn, unsigned originator, bool flipped,
                         char text[PM_TCP_HISTORY_TEXT]);

#endif
