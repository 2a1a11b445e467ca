/*
 * Anomalies: what a decoder refuses or finds odd, each with a name that users see in anomalies.csv.
 * A packet holds the set of its anomalies as bits. The list here is the one source of the names and
 * of their meaning in the manual.
 */
#ifndef PM_ANOMALY_H
#define PM_ANOMALY_H

#include <stdint.h>

#define PM_ANOMALIES(X)                                                                           \
    X(TS_FRACTION, "ts_fraction", "the fraction of the time is a second or more; added as it is") \
    X(CAP_OVER_ORIG, "cap_over_orig", "more bytes captured than the original length says")        \
    X(OVER_SNAPLEN, "over_snaplen", "more bytes captured than the file's snap length")            \
    X(EMPTY, "empty", "no byte of the packet was captured")                                       \
    X(NO_TIMESTAMP, "no_timestamp", "the record has no field for a time")                         \
    X(TS_RANGE, "ts_range", "its time does not fit 64 bits of nanoseconds, or its unit is odd")   \
    X(TIME_STEP_BACK, "time_step_back", "older than the packet before it")                        \
    X(LINK_UNKNOWN, "link_unknown", "a link type that is not decoded")                            \
    X(LINK_CUT, "link_cut", "the capture ends inside the link header or a tag")                   \
    X(TOO_MANY_TAGS, "too_many_tags", "more than 8 VLAN tags")                                    \
    X(IP_CUT, "ip_cut", "the capture ends inside the IP header")                                  \
    X(IP_BAD, "ip_bad", "version or lengths of the IP header cannot be")                          \
    X(TSO_LEN0, "tso_len0", "IP length 0: the rest of the packet was taken (TSO or jumbogram)")   \
    X(IP_OVER_WIRE, "ip_over_wire", "the IP length is more than the packet's length on the wire") \
    X(IP6_EXT_CUT, "ip6_ext_cut", "the capture or the packet ends inside an extension header")    \
    X(TOO_MANY_LAYERS, "too_many_layers", "more than 16 layers, or IPv6 extension headers")       \
    X(FRAGMENT_OVER_64K, "fragment_over_64k", "a fragment that ends past 65,535 bytes")           \
    X(TCP_CUT, "tcp_cut", "the capture or the packet ends before the TCP window (16 bytes)")      \
    X(TCP_BAD, "tcp_bad", "the TCP header length is below 20 or past the segment")                \
    X(UDP_CUT, "udp_cut", "the capture or the packet ends inside the UDP header")                 \
    X(UDP_BAD, "udp_bad", "a UDP length of 1 to 7")                                               \
    X(UDP_OVER_IP, "udp_over_ip", "the UDP length is more than IP leaves, in no fragment")        \
    X(SCTP_CUT, "sctp_cut", "the capture or the packet ends inside the SCTP common header")       \
    X(TUNNEL_CUT, "tunnel_cut", "the capture or the packet ends inside a tunnel's header, or AH") \
    X(INTERFACE_OPTION, "interface_option", "an option of its interface has a wrong length")

enum pm_anomaly {
#define PM_ANOMALY_ENUM(id, name, meaning) PM_ANOMALY_##id,
    PM_ANOMALIES(PM_ANOMALY_ENUM)
#undef PM_ANOMALY_ENUM
        PM_N_ANOMALIES
};

struct pm_anomaly_text {
    const char *name;
    const char *meaning;
};

extern const struct pm_anomaly_text pm_anomaly_texts[PM_N_ANOMALIES];

_Static_assert(PM_N_ANOMALIES <= 32, "a packet holds its anomalies in 32 bits");

#endif
