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

#include "base/error.h"
#include "capture/span.h"

/* What one record says of its packet. `data` points into the map. */
struct pm_record {
    const uint8_t *data;
    int64_t ts_ns;
    uint32_t cap_len;
    uint32_t wire_len; /* max(orig_len, cap_len) */
    uint32_t oddities; /* PM_RECORD_* */
};

enum {
    PM_RECORD_FRACTION = 1,      /* the fraction of the time is a second or more */
    PM_RECORD_CAP_OVER_ORIG = 2, /* cap_len > orig_len */
    PM_RECORD_OVER_SNAPLEN = 4,  /* cap_len > the snap length of the file */
    PM_RECORD_EMPTY = 8          /* cap_len = 0 */
};

enum pm_damage {
    PM_WHOLE,
    PM_CUT_HEADER,   /* the file ends inside a record header */
    PM_CUT_RECORD,   /* the file ends inside a packet */
    PM_BAD_LENGTH,   /* a length that no record has */
    PM_ZERO_TAIL,    /* nothing but zeros from here to the end */
    PM_ZERO_HOLE,    /* two record headers of zeros, then other bytes */
    PM_SECOND_HEADER /* the header of another capture: two files were joined as bytes */
};

/* The word for summary.json; NULL for PM_WHOLE. */
const char *pm_damage_name(enum pm_damage damage);

enum pm_length_order {
    PM_LENGTHS_IN_ORDER,
    PM_LENGTHS_SWAPPED, /* versions before 2.3, and DG/UX: orig_len first */
    PM_LENGTHS_EITHER   /* version 2.3: the smaller one is cap_len */
};

/* What the file header says, as far as the walk needs it. */
struct pm_pcap {
    const uint8_t *bytes; /* of the whole file */
    uint64_t n_bytes;
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

enum pm_status pm_pcap_open(struct pm_pcap *pcap, const uint8_t *bytes, uint64_t n_bytes,
                            const char *path, struct pm_error *error);

/* A walk over the records that begin in a span. */
struct pm_walk {
    uint64_t at;  /* the next record */
    uint64_t end; /* records from here on are not this walk's */
    enum pm_damage damage;
};

/* The next records of the walk, at most `max`; 0: it has ended, by `end`, by the end of the file,
 * or by damage at walk->at. `at` must begin a record, or what is read is nonsense (and harmless).
 */
size_t pm_pcap_walk(const struct pm_pcap *pcap, struct pm_walk *walk, struct pm_record *records,
                    size_t max);

/* Guesses where the first record in `span` begins (guess.c). False: no guess. */
bool pm_pcap_guess(const struct pm_pcap *pcap, struct pm_span span, uint64_t *begin);

#endif
