#include "capture/capture.h"

enum pm_status pm_capture_open(struct pm_capture *capture, const char *path, struct pm_error *error)
{
    enum pm_status status;

    PM_TRY(pm_map_open(&capture->map, path, error));
    status = pm_pcap_open(&capture->pcap, capture->map.bytes, capture->map.n_bytes, path, error);
    if (status != PM_OK)
        pm_map_close(&capture->map);
    return status;
}

void pm_capture_close(struct pm_capture *capture)
{
    pm_map_close(&capture->map);
}

bool pm_capture_first_time(const struct pm_capture *capture, int64_t *ts_ns)
{
    struct pm_walk walk = {.at = capture->pcap.header_bytes, .end = capture->map.n_bytes};
    struct pm_record record;

    if (pm_pcap_walk(&capture->pcap, &walk, &record, 1) == 0)
        return false;
    *ts_ns = record.ts_ns;
    return true;
}
