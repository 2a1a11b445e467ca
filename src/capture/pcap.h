/*
 * The pcap format: a file header, then records, each with a header that holds its length. Sources:
 * draft-ietf-opsawg-pcap, libpcap's sf-pcap.c for the old variants.
 *
 *     +--------------+   +---------+---------+---------+---------+-- cap_len --+
 *     | file header  |   | seconds | µs / ns | cap_len | orig_len| packet      |  next record ...
 *     +--------------+   +---------+---------+---------+---------+-------------+
 *      24 or 28 bytes     4         4         4         4   (+ 8 in the modified format)
 *
 * No marks lie between records: an offset is known to begin a record only from the one before it.
 */
#ifndef PM_PCAP_H
#define PM_PCAP_H

#include "capture/span.h"
#include "capture/walk.h"

enum pm_length_order {
    PM_LENGTHS_IN_ORDER,
    PM_LENGTHS_SWAPPED, /* versions before 2.3, and DG/UX: orig_len first */
    PM_LENGTHS_EITHER   /* version 2.3: the smaller one is cap_len */
};

/* What the file header says, as far as the walk needs it. */
struct pm_pcap {
    uint32_t header_bytes;        /* of the file */
    uint32_t record_header_bytes; /* of a record */
    uint32_t cap_len_max;         /* a longer record is damage */
    uint32_t snap_len;            /* 0: none */
    uint32_t fraction_unit_ns;    /* 1000 or 1 */
    enum pm_length_order lengths;
    uint32_t magic_bytes, version_bytes; /* as they stand in the file, to know another header */
    uint16_t link_type;
    uint8_t fcs_bytes; /* frame check sequence at the end of each frame */
    bool big_endian;
};

/* How many of the first bytes tell all that pm_pcap_open() asks: the file header; and the first
 * records of the modified format, for another patch wrote the same magic. */
enum { PM_PCAP_HEAD = 28, PM_PCAP_HEAD_MODIFIED = 512 };

/* Does a file that begins so need the longer head? */
bool pm_pcap_is_modified(const uint8_t *bytes, uint64_t n_bytes);

/* `bytes`: the head, or all of a file that is shorter. */
enum pm_status pm_pcap_open(struct pm_pcap *pcap, const uint8_t *bytes, uint64_t n_bytes,
                            const char *path, struct pm_error *error);

/* As pm_walk_next(), and as pm_capture_guess() and pm_capture_glance() (guess.c). */
size_t pm_pcap_walk(const struct pm_pcap *pcap, struct pm_walk *walk, struct pm_record *records,
                    size_t max);
bool pm_pcap_chain_starts(const struct pm_pcap *pcap, const struct pm_view *view, uint64_t at);
bool pm_pcap_guess(const struct pm_pcap *pcap, const struct pm_view *view, struct pm_span span,
                   uint64_t *begin);
uint64_t pm_pcap_glance(const struct pm_pcap *pcap, const struct pm_view *view,
                        struct pm_span span);

#endif
