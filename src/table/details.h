/*
 * What is known of a flow beyond its counts. Kept apart from them (segments.h), for it is large,
 * and only where more than one packet was seen: of a flood of single packets it costs nothing.
 * Where no column shows more than the number of fragments, that alone is kept.
 */
#ifndef PM_DETAILS_H
#define PM_DETAILS_H

#include <pcapmill/pcapmill.h>

#include "table/bursts.h"
#include "table/handshake.h"

enum { PM_TCP_FLAGS = 8 };

/* The times between packets, in ns, each from the timed packet before it in capture order; a step
 * back is none. */
struct pm_gaps {
    struct pm_moments moments;
    int64_t first_ts; /* of the first timed packet */
    int64_t last_ts;  /* of the last */
    bool timed;
};

/* What one side of a flow sent. */
struct pm_flow_side {
    struct pm_moments wire;
    struct pm_moments payload;
    struct pm_gaps gaps;
    uint64_t data_packets;            /* with payload */
    uint64_t header_bytes;            /* of TCP and UDP */
    uint64_t tcp_flags[PM_TCP_FLAGS]; /* packets that bear each flag, FIN first */
    uint16_t window;                  /* of its first TCP segment */
    uint16_t mss;                     /* of its first SYN, as the next one */
    uint8_t window_scale;
    uint8_t ttl_min;
    uint8_t ttl_max;
    uint8_t dscp; /* of its first packet */
    bool has_tcp;
    bool has_syn;
};

struct pm_details {
    uint64_t fragments;                /* packets that are fragments; the others may not be there */
    struct pm_flow_side sides[2];      /* by direction */
    struct pm_handshake handshakes[2]; /* by the direction that opens */
    struct pm_gaps gaps;               /* between packets of either side */
    struct pm_activity activity;
    struct pm_bulks bulks;
    uint32_t tcp;    /* item of pm_segments.tcp, or PM_NONE */
    uint32_t firsts; /* item of pm_segments.firsts, where they are wanted */
};

/* Counts a packet that comes next, as far as `columns` show what it says. */
void pm_details_add(struct pm_details *details, const struct pm_packet *packet, unsigned direction,
                    enum pm_flow_columns columns);

/* Puts the packets of `right` behind those of `left`, as far as `columns` show what they say. */
void pm_details_join(struct pm_details *left, const struct pm_details *right,
                     enum pm_flow_columns columns);

static inline bool pm_is_fragment(const struct pm_packet *packet)
{
    return (packet->fragments | packet->fragment_offset) != 0;
}

#endif
