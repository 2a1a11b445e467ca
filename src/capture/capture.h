/* An opened capture: a file, its format, and the way to its records. */
#ifndef PM_CAPTURE_H
#define PM_CAPTURE_H

#include "capture/map.h"
#include "capture/pcap.h"

struct pm_capture {
    struct pm_map map;
    struct pm_pcap pcap;
};

enum pm_status pm_capture_open(struct pm_capture *capture, const char *path,
                               struct pm_error *error);
void pm_capture_close(struct pm_capture *capture);

/* The time of the first packet. False: there is no packet. */
bool pm_capture_first_time(const struct pm_capture *capture, int64_t *ts_ns);

#endif
