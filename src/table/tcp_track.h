/*
 * A TCP connection followed packet by packet, as far as one who sees it go by can tell: what came
 * again, what came late, what was acknowledged twice, how long acknowledgements took.
 *
 * The words are those of Wireshark's TCP analysis (tcp.analysis.*); next() is the highest end of
 * a segment that a side has sent so far, and a segment's end counts its payload, and one for SYN or
 * FIN:
 *
 * - A probe is 1 byte at next(), where the other side's last window was 0.
 * - A keep-alive is 0 or 1 byte at next() - 1, without SYN, FIN, RST.
 * - A zero window is a window of 0, without SYN, FIN, RST, in no probe.
 * - A duplicate ACK has no payload, lies at next(), and repeats the ACK number and the window (not
 *   0) of the packet before it from the same side, without SYN, FIN, RST; it answers no keep-alive.
 * - Late or again is payload, SYN or FIN that begins before next() (but not 2 or more bytes at
 *   next() - 1, which a probe has announced), or payload that the other side has acknowledged; no
 *   keep-alive is.
 * - Of these, out of order is what was not acknowledged, comes less than 3 ms after what ended at
 *   next(), ends elsewhere, and answers no two duplicate ACKs of the last 20 ms. All others are
 *   retransmissions.
 *
 * Different from Wireshark's: the 3 ms are fixed (there, the handshake's time where it is known),
 * what ended at next() is the last segment that did (there, the first one), and duplicate ACKs are
 * in a row until payload. That moves segments between the last two words, and none out of both.
 *
 * A round trip is timed from payload that advances next() to the ACK of its exact end; of all that
 * ends in the same 64 KiB of sequence space the latest is timed, and nothing that was sent before a
 * segment that came again or late (Karn's rule).
 *
 * All of a side's state is overwritten by what follows soon, and nothing counts from the beginning
 * of the connection: two tracks that begin at different packets become equal. tcp_flows.h builds on
 * that.
 */
#ifndef PM_TCP_TRACK_H
#define PM_TCP_TRACK_H

#include "decode/packet.h"

/* The header of one packet. */
struct pm_tcp_packet {
    int64_t ts_ns;
    uint32_t seq;
    uint32_t ack;
    uint32_t payload_len;
    uint16_t window;
    uint8_t flags;
    bool timed : 1;
    unsigned direction : 1;
};

/* Sequence spaces whose last segment is timed. */
enum { PM_TCP_TIMED = 8 };

/* When one side sent what waits for its ACK, by 64 KiB. Compared as bytes. */
struct pm_tcp_timings {
    uint32_t ends[PM_TCP_TIMED];
    int64_t ts[PM_TCP_TIMED];
    uint64_t waiting; /* bits */
};

/* What one side sent last. Compared as bytes, up to the timings. */
struct pm_tcp_side {
    uint32_t next; /* 0: not known, as in Wireshark */
    uint32_t last_ack;
    int64_t next_ts;        /* of the last segment that ended there; with next_timed */
    int64_t last_ts;        /* of the last packet; with last_timed */
    int32_t window;         /* -1: not known */
    uint8_t duplicate_acks; /* in a row; 2: or more */
    bool kept_alive;        /* the last packet was a keep-alive */
    bool next_timed;
    bool last_timed;
    struct pm_tcp_timings timings;
};

/* What one side did. */
struct pm_tcp_counts {
    uint64_t retransmissions;
    uint64_t retransmitted_bytes; /* of payload */
    uint64_t out_of_order;
    uint64_t duplicate_acks;
    uint64_t zero_windows;
    uint64_t keep_alives;
    uint64_t round_trips;
    uint64_t round_trip_min; /* ns, as what follows */
    uint64_t round_trip_max;
    unsigned __int128 round_trip_sum;
};

/* What became of a side's timings while its counts were counted. */
struct pm_tcp_touched {
    uint8_t timings; /* bits: those that were begun or forgotten */
    bool acked;      /* the other side sent an ACK */
};

struct pm_tcp_track {
    struct pm_tcp_side sides[2]; /* by direction, as what follows */
    struct pm_tcp_counts counts[2];
    struct pm_tcp_touched touched[2];
};

void pm_tcp_track_init(struct pm_tcp_track *track);

/* What a packet was found to be. */
struct pm_tcp_finding {
    bool retransmission; /* with payload */
    bool zero_window;
};

/* The packet comes next. */
struct pm_tcp_finding pm_tcp_track_add(struct pm_tcp_track *track,
                                       const struct pm_tcp_packet *packet);

/* Whether `behind`, which was counted on from `unknown`, can be put behind `known`: what follows
 * means the same to both. Timings may differ where no ACK came, as in captures of one direction. */
bool pm_tcp_track_meets(const struct pm_tcp_track *known, const struct pm_tcp_track *unknown,
                        const struct pm_tcp_track *behind);

/* Puts what meets behind a track. */
void pm_tcp_track_join(struct pm_tcp_track *track, const struct pm_tcp_track *behind);

void pm_tcp_counts_join(struct pm_tcp_counts *into, const struct pm_tcp_counts *from);

#endif
