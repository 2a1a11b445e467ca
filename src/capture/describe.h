/*
 * What a pcapng says of its own making: sections, interfaces, their counters, and comments
 * (draft-ietf-opsawg-pcapng, sections 3.5, 4.1, 4.2, 4.6).
 */
#ifndef PM_DESCRIBE_H
#define PM_DESCRIBE_H

#include "base/error.h"
#include "capture/view.h"

/* At most this many sections and interfaces are described, each text with at most so many bytes:
 * a file may hold millions. */
enum { PM_DESCRIBED_MAX = 1000, PM_DESCRIBED_TEXT_MAX = 1024 };

struct pm_description {
    struct pm_section_info *sections;
    size_t n_sections;
    struct pm_interface_info *interfaces;
    size_t n_interfaces;
    size_t first_interface; /* of the current section */
    bool full;              /* the current section is one too many */
    bool big_endian;
};

/* Takes in the block at `at` of the view: a section header, an interface description or statistics
 * of one, in the order of the file. The walk has found it to be whole. False: no memory. */
bool pm_describe(struct pm_description *description, const struct pm_view *view, uint64_t at);

void pm_description_free(struct pm_description *description);

#endif
