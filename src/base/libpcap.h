/*
 * libpcap, loaded when it is first asked for. Only filters and names of link types need it, and the
 * libraries that it brings along (D-Bus, systemd, libgcrypt) take a fifth of the time in which a
 * small capture is analyzed.
 */
#ifndef PM_LIBPCAP_H
#define PM_LIBPCAP_H

#include <pcap/pcap.h>
#include <stdbool.h>

struct pm_libpcap {
    __typeof__(bpf_filter) *bpf_filter;
    __typeof__(pcap_close) *close;
    __typeof__(pcap_compile) *compile;
    __typeof__(pcap_datalink_val_to_description) *datalink_val_to_description;
    __typeof__(pcap_datalink_val_to_name) *datalink_val_to_name;
    __typeof__(pcap_fopen_offline) *fopen_offline;
    __typeof__(pcap_freecode) *freecode;
    __typeof__(pcap_geterr) *geterr;
};

/* False: it is not installed, or something else bears its name. In any thread; it stays loaded
 * until the process ends. */
bool pm_libpcap_load(struct pm_libpcap *libpcap);

#endif
