/*
 * The options behind the fixed part of a pcapng block: code (2), length (2), value, padded to 4; up
 * to code 0 or to the end of the block. (draft-ietf-opsawg-pcapng, section 3.5)
 */
#ifndef PM_OPTION_H
#define PM_OPTION_H

#include <stdbool.h>

#include "base/bytes.h"

enum { PM_OPTION_END = 0, PM_OPTION_COMMENT = 1 };

struct pm_options_walk {
    const uint8_t *at, *end;
    bool big;
    unsigned code; /* of the option that was found last */
    unsigned length;
    const uint8_t *value;
    bool overrun; /* an option is longer than the block: the walk has ended */
};

/* False: there is no further one. */
static inline bool pm_option_next(struct pm_options_walk *walk)
{
    if (walk->end - walk->at < 4)
        return false;
    walk->code = pm_read16(walk->at, walk->big);
    walk->length = pm_read16(walk->at + 2, walk->big);
    walk->value = walk->at + 4;
    if (walk->code == PM_OPTION_END)
        return false;
    walk->overrun = walk->length > walk->end - walk->value;
    walk->at = walk->value + (walk->length + 3u) / 4 * 4;
    return !walk->overrun;
}

#endif
