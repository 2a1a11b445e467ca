#include "base/libpcap.h"

#include <dlfcn.h>

bool pm_libpcap_load(struct pm_libpcap *libpcap)
{
    void *library = dlopen(PM_LIBPCAP_FILE, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL)
        return false;
    libpcap->bpf_filter = dlsym(library, "bpf_filter");
    libpcap->close = dlsym(library, "pcap_close");
    libpcap->compile = dlsym(library, "pcap_compile");
    libpcap->datalink_val_to_description = dlsym(library, "pcap_datalink_val_to_description");
    libpcap->datalink_val_to_name = dlsym(library, "pcap_datalink_val_to_name");
    libpcap->fopen_offline = dlsym(library, "pcap_fopen_offline");
    libpcap->freecode = dlsym(library, "pcap_freecode");
    libpcap->geterr = dlsym(library, "pcap_geterr");
    return libpcap->bpf_filter != NULL && libpcap->close != NULL && libpcap->compile != NULL &&
           libpcap->datalink_val_to_description != NULL && libpcap->datalink_val_to_name != NULL &&
           libpcap->fopen_offline != NULL && libpcap->freecode != NULL && libpcap->geterr != NULL;
}
