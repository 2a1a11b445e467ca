/*
 * One decoded packet, and the batch of them: the only thing that tables ever see.
 *
 * A packet is plain data of two cache lines without pointers, so that it outlives the map. Fields
 * that do not apply are 0. Lengths are in bytes, times in nanoseconds since the epoch; numbers are
 * in host byte order.
 */
#ifndef PM_PACKET_H
#define PM_PACKET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "decode/anomaly.h"
#include "decode/protocol.h"

enum { PM_PATH_MAX = 16, PM_BATCH_MAX = 256 };

/* Control bits of TCP (RFC 9293, 3.1). */
enum {
    PM_TCP_FIN = 1,
    PM_TCP_SYN = 2,
    PM_TCP_RST = 4,
    PM_TCP_PSH = 8,
    PM_TCP_ACK = 16,
    PM_TCP_URG = 32,
    PM_TCP_ECE = 64,
    PM_TCP_CWR = 128
};

struct pm_packet {
    /* What every packet has, and who talks to whom: the first cache line. */
    int64_t ts_ns;
    uint64_t number; /* of the packet in its run, from 0; the join adds what lies before the run */
    uint32_t wire_len;
    uint32_t cap_len;
    uint32_t ip_len;      /* as the header says, as does pcapmill-tables(5) */
    uint32_t payload_len; /* behind the IP and the TCP, UDP or SCTP header */
    struct pm_address src;

    /* The rest. */
    struct pm_address dst;
    uint16_t src_port;
    uint16_t dst_port;
    uint8_t ip_version : 4;    /* 4 or 6; 0: not IP */
    uint8_t word : 4;          /* enum pm_word */
    uint8_t proto;             /* IANA protocol number */
    uint8_t tcp_flags;         /* none where has_tcp is not set */
    bool timed : 1;            /* it bears a time */
    bool has_tcp : 1;          /* the TCP fields were captured */
    bool fragments : 1;        /* a first fragment: more are to come */
    bool tunnel_both_ways : 1; /* tunnel_id is the same in both directions */
    uint8_t header_words : 4;  /* of the TCP or UDP header, in 4 bytes */
    uint32_t tcp_seq;
    uint32_t tcp_ack;
    uint32_t anomalies; /* bits, by enum pm_anomaly */
    uint32_t fragment_id;
    uint16_t fragment_offset; /* in bytes */
    uint16_t tcp_window;
    uint16_t tcp_mss; /* the option, of a SYN; so is the shift count of the window scale */
    uint8_t tcp_window_scale;
    uint8_t n_path;
    uint32_t tunnel_id; /* of a tunnel around the IP header, or that it carries (tunnel.c) */
    uint16_t vlan_id;   /* of the outermost tag */
    uint8_t ttl;        /* or hop limit */
    uint8_t dscp;
    uint8_t path[PM_PATH_MAX]; /* enum pm_layer, from the link up; PM_LAYER_END behind the last */
};

/* Less than two cache lines by a word: at 128 bytes decoding a batch took 5 % longer. */
_Static_assert(sizeof(struct pm_packet) <= 120, "a packet is less than two cache lines");

struct pm_batch {
    size_t n;
    struct pm_packet packets[PM_BATCH_MAX];
    uint32_t flow[PM_BATCH_MAX]; /* written by the flows table for the tables behind it in the list:
                                    the segment of each packet, or PM_NONE */
};

/* A loop over the packets of a batch, by pointer: of packet i compilers find the address anew for
 * some of its members, which is a fifth of the instructions of a small table. */
#define PM_EACH_PACKET(packet, batch)                                                            \
    for (const struct pm_packet *packet = (batch)->packets, *packet##_end = packet + (batch)->n; \
         packet < packet##_end; packet++)

static inline void pm_packet_mark(struct pm_packet *packet, enum pm_anomaly anomaly)
{
    packet->anomalies |= UINT32_C(1) << anomaly;
}

#endif
