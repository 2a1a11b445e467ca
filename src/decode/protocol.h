/*
 * The words that tables use for protocols, and the layers that make up a packet's path.
 *
 * Words follow the IP protocol number alone, whatever the IP version. Layers bear the names that
 * `tshark -z io,phs` prints.
 */
#ifndef PM_PROTOCOL_H
#define PM_PROTOCOL_H

#include <stdint.h>

/* In the order of their texts, so that a table sorted by word is sorted by number. */
enum pm_word {
    PM_WORD_ICMP,
    PM_WORD_ICMPV6,
    PM_WORD_NON_IP,
    PM_WORD_OTHER_IP,
    PM_WORD_SCTP,
    PM_WORD_TCP,
    PM_WORD_UDP,
    PM_N_WORDS
};

extern const char *const pm_word_names[PM_N_WORDS];

/* IANA protocol numbers. */
enum {
    PM_IPPROTO_HOPOPT = 0,
    PM_IPPROTO_ICMP = 1,
    PM_IPPROTO_IPIP = 4,
    PM_IPPROTO_TCP = 6,
    PM_IPPROTO_UDP = 17,
    PM_IPPROTO_IPV6 = 41,
    PM_IPPROTO_ROUTING = 43,
    PM_IPPROTO_FRAGMENT = 44,
    PM_IPPROTO_GRE = 47,
    PM_IPPROTO_AH = 51,
    PM_IPPROTO_ICMPV6 = 58,
    PM_IPPROTO_DSTOPTS = 60,
    PM_IPPROTO_SCTP = 132,
    PM_IPPROTO_ETHERNET = 143 /* RFC 8986 */
};

enum pm_word pm_word_of(uint8_t ip_protocol);

enum pm_layer {
    PM_LAYER_END, /* of a path that is not full */
    PM_LAYER_FRAME,
    PM_LAYER_ETH,
    PM_LAYER_VLAN,
    PM_LAYER_IEEE8021AD,
    PM_LAYER_LLC,
    PM_LAYER_RAW,
    PM_LAYER_NULL,
    PM_LAYER_SLL,
    PM_LAYER_PPP,
    PM_LAYER_CHDLC,
    PM_LAYER_FR,
    PM_LAYER_NFLOG,
    PM_LAYER_FDDI,
    PM_LAYER_ARCNET,
    PM_LAYER_IPOIB,
    PM_LAYER_IPFC,
    PM_LAYER_IPNET,
    PM_LAYER_PKTAP,
    PM_LAYER_WLAN,
    PM_LAYER_RADIOTAP,
    PM_LAYER_PPI,
    PM_LAYER_PPI_WLAN,
    PM_LAYER_PRISM,
    PM_LAYER_WLANCAP,
    PM_LAYER_ISL,
    PM_LAYER_IEEE8021AH,
    PM_LAYER_CFP,
    PM_LAYER_CMD,
    PM_LAYER_VNTAG,
    PM_LAYER_ETAG,
    PM_LAYER_MACSEC,
    PM_LAYER_AVSP,
    PM_LAYER_NSH,
    PM_LAYER_PW_CONTROL_WORD,
    PM_LAYER_PW_NO_CONTROL_WORD,
    PM_LAYER_GRE,
    PM_LAYER_ERSPAN,
    PM_LAYER_AH,
    PM_LAYER_MPLS,
    PM_LAYER_PPPOED,
    PM_LAYER_PPPOES,
    PM_LAYER_ARP,
    PM_LAYER_IP,
    PM_LAYER_IPV6,
    PM_LAYER_ICMP,
    PM_LAYER_ICMPV6,
    PM_LAYER_SCTP,
    PM_LAYER_TCP,
    PM_LAYER_UDP,
    PM_N_LAYERS
};

enum { PM_LAYER_NAME_MAX = 24 }; /* letters; a unit test holds the list to it */

extern const char *const pm_layer_names[PM_N_LAYERS];

#endif
