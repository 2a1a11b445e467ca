/*
 * The interfaces of a pcapng section, in the order of their description blocks: what packet blocks
 * refer to by number. Sections start anew with none. (draft-ietf-opsawg-pcapng, sections 4.1, 4.2)
 *
 * A run that starts in the middle of a file takes over a section that it did not see begin; the
 * join proves it together with the offset, by comparing it with what holds where the run before
 * ended.
 */
#ifndef PM_SECTION_H
#define PM_SECTION_H

#include <stdbool.h>
#include <stdint.h>

struct pm_interface {
    uint16_t link_type;
    uint8_t fcs_bytes;
    bool odd_option; /* one has a wrong length; the default holds */
    bool has_time;   /* false: in a resolution that is not supported */
    bool binary;     /* a unit of time is 2^-exponent s; else 10^-exponent s */
    uint8_t exponent;
    uint64_t
        scale; /* nanoseconds to a decimal unit, or units to a nanosecond where they are finer */
    uint32_t snap_len; /* 0: none */
    int64_t offset_s;  /* to add to times */
};

struct pm_section {
    struct pm_interface *interfaces;
    uint32_t n_interfaces;
    uint32_t room;
    bool big_endian;
    bool unreadable; /* of a version that is not known: its blocks are passed over */
};

/* Packets of interfaces behind this many are passed over, as are those of interfaces that are not
 * there: sections are copied. */
enum { PM_INTERFACES_MAX = 65536 };

/* False: no memory. */
bool pm_section_add(struct pm_section *section, const struct pm_interface *interface);
bool pm_section_copy(struct pm_section *into, const struct pm_section *from);

bool pm_section_equal(const struct pm_section *a, const struct pm_section *b);
void pm_section_free(struct pm_section *section);

#endif
