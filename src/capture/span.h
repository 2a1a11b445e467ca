/* A half-open range of bytes of a capture, [begin, end). Records belong to the span in which they
 * begin, so spans that touch hold every record once. */
#ifndef PM_SPAN_H
#define PM_SPAN_H

#include <stdint.h>

struct pm_span {
    uint64_t begin;
    uint64_t end;
};

#endif
