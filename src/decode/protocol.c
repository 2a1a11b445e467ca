#include "decode/protocol.h"

const char *const pm_word_names[PM_N_WORDS] = {
    [PM_WORD_ICMP] = "ICMP",         [PM_WORD_ICMPV6] = "ICMPV6", [PM_WORD_NON_IP] = "NON_IP",
    [PM_WORD_OTHER_IP] = "OTHER_IP", [PM_WORD_SCTP] = "SCTP",     [PM_WORD_TCP] = "TCP",
    [PM_WORD_UDP] = "UDP",
};

const char *const pm_layer_names[PM_N_LAYERS] = {
    [PM_LAYER_NULL] = "null",
    [PM_LAYER_SLL] = "sll",
    [PM_LAYER_PPP] = "ppp",
    [PM_LAYER_CHDLC] = "chdlc",
    [PM_LAYER_FR] = "fr",
    [PM_LAYER_NFLOG] = "nflog",
    [PM_LAYER_FDDI] = "fddi",
    [PM_LAYER_ARCNET] = "arcnet",
    [PM_LAYER_IPOIB] = "ipoib",
    [PM_LAYER_IPFC] = "ipfc",
    [PM_LAYER_IPNET] = "ipnet",
    [PM_LAYER_PKTAP] = "pktap:pcap_pktdata",
    [PM_LAYER_WLAN] = "wlan",
    [PM_LAYER_RADIOTAP] = "radiotap:wlan_radio",
    [PM_LAYER_PPI] = "ppi",
    [PM_LAYER_PPI_WLAN] = "ppi:wlan_radio",
    [PM_LAYER_PRISM] = "prism:wlan_radio",
    [PM_LAYER_WLANCAP] = "wlancap:wlan_radio",
    [PM_LAYER_ISL] = "isl",
    [PM_LAYER_IEEE8021AH] = "ieee8021ah",
    [PM_LAYER_CFP] = "cfp",
    [PM_LAYER_CMD] = "cmd",
    [PM_LAYER_VNTAG] = "vntag",
    [PM_LAYER_ETAG] = "etag",
    [PM_LAYER_MACSEC] = "macsec",
    [PM_LAYER_AVSP] = "avsp",
    [PM_LAYER_NSH] = "nsh",
    [PM_LAYER_PW_CONTROL_WORD] = "pwethheuristic:pwethcw",
    [PM_LAYER_PW_NO_CONTROL_WORD] = "pwethheuristic:pwethnocw",
    [PM_LAYER_GRE] = "gre",
    [PM_LAYER_ERSPAN] = "erspan",
    [PM_LAYER_AH] = "ah",
    [PM_LAYER_MPLS] = "mpls",
    [PM_LAYER_PPPOED] = "pppoed",
    [PM_LAYER_PPPOES] = "pppoes",
    [PM_LAYER_FRAME] = "frame",
    [PM_LAYER_ETH] = "eth",
    [PM_LAYER_VLAN] = "vlan",
    [PM_LAYER_LLC] = "llc",
    [PM_LAYER_RAW] = "raw",
    [PM_LAYER_ARP] = "arp",
    [PM_LAYER_IP] = "ip",
    [PM_LAYER_IPV6] = "ipv6",
    [PM_LAYER_ICMP] = "icmp",
    [PM_LAYER_SCTP] = "sctp",
    [PM_LAYER_ICMPV6] = "icmpv6",
    [PM_LAYER_TCP] = "tcp",
    [PM_LAYER_UDP] = "udp",
    [PM_LAYER_IEEE8021AD] = "ieee8021ad",
};

enum pm_word pm_word_of(uint8_t ip_protocol)
{
    switch (ip_protocol) {
    case PM_IPPROTO_TCP:
        return PM_WORD_TCP;
    case PM_IPPROTO_UDP:
        return PM_WORD_UDP;
    case PM_IPPROTO_ICMP:
        return PM_WORD_ICMP;
    case PM_IPPROTO_ICMPV6:
        return PM_WORD_ICMPV6;
    case PM_IPPROTO_SCTP:
        return PM_WORD_SCTP;
    default:
        return PM_WORD_OTHER_IP;
    }
}
