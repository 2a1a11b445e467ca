/*
 * Walking the records of a capture, whatever its format: what a walk finds, and where it stands.
 */
#ifndef PM_WALK_H
#define PM_WALK_H

#include "base/error.h"
#include "capture/section.h"
#include "capture/view.h"

/* What one record says of its packet. `data` points into the view. */
struct pm_record {
    const uint8_t *data;
    int64_t ts_ns; /* 0 where it is not timed */
    uint32_t cap_len;
    uint32_t wire_len; /* max(orig_len, cap_len) */
    uint32_t oddities; /* PM_RECORD_* */
    uint16_t link_type;
    uint8_t fcs_bytes; /* frame check sequence at the end of the frame */
    bool timed;
    bool big_endian; /* the byte order of the file, which some link headers share */
};

enum {
    PM_RECORD_FRACTION = 1,      /* the fraction of the time is a second or more */
    PM_RECORD_CAP_OVER_ORIG = 2, /* cap_len > orig_len */
    PM_RECORD_OVER_SNAPLEN = 4,  /* cap_len > the snap length of the file, or of the interface */
    PM_RECORD_EMPTY = 8,         /* cap_len = 0 */
    PM_RECORD_NO_TIME = 16,      /* the record has no field for it */
    PM_RECORD_TIME_RANGE = 32,   /* its time cannot be told in 64 bits of nanoseconds */
    PM_RECORD_OPTION = 64        /* an option of its interface has a wrong length */
};

enum pm_damage {
    PM_WHOLE,
    PM_CUT_HEADER,    /* the file ends inside a record header */
    PM_CUT_RECORD,    /* the file ends inside a record */
    PM_BAD_LENGTH,    /* a length that no record has */
    PM_ZERO_TAIL,     /* nothing but zeros from here to the end */
    PM_ZERO_HOLE,     /* two record headers of zeros, then other bytes */
    PM_SECOND_HEADER, /* the header of another capture: two files were joined as bytes */
    PM_BAD_SECTION,   /* pcapng: a section header that cannot be read */
    PM_NO_INTERFACE,  /* pcapng: packets of an interface that was not described; they are skipped */
    PM_CUT_STREAM,    /* the compressed file ends too early */
    PM_BAD_STREAM,    /* compressed bytes that cannot be, or a wrong checksum */
    PM_TRAILING_GARBAGE /* something else behind the compressed bytes */
};

/* The word for summary.json; NULL for PM_WHOLE. */
const char *pm_damage_name(enum pm_damage damage);

/* Offsets that a walk passed, in order. */
struct pm_marks {
    uint64_t *at;
    size_t n;
    size_t room;
};

/* False: no memory. */
bool pm_marks_add(struct pm_marks *marks, uint64_t at);
void pm_marks_free(struct pm_marks *marks);

/* A walk over the records that begin in a span of a view. It ends before a record that the view
 * does not hold whole; that is damage only where no other view follows. */
struct pm_walk {
    const struct pm_view *view;
    uint64_t at;  /* the next record */
    uint64_t end; /* records from here on are not this walk's */
    bool fetched; /* what is wanted of the view has been asked for */
    enum pm_damage damage;
    enum pm_status status; /* PM_NO_MEMORY: the walk has ended early */

    /* pcapng: what holds at `at`, and what was skipped. */
    struct pm_section section;
    struct pm_marks marks;  /* of blocks that describe */
    uint64_t skipped;       /* packets of unknown interfaces */
    uint64_t first_skipped; /* where the first one begins */
};

/* Ends a walk that met `damage` at walk->at. */
static inline void pm_walk_stop(struct pm_walk *walk, enum pm_damage damage)
{
    bool cut = damage == PM_CUT_HEADER || damage == PM_CUT_RECORD;

    walk->damage = cut && !walk->view->last ? PM_WHOLE : damage;
}

/* Is every byte from `at` to `end` zero? */
bool pm_all_zero(const uint8_t *at, const uint8_t *end);

#endif
