/* What the fuzz targets share: inputs that end where memory does, and the bound on work. */
#ifndef PM_FUZZ_H
#define PM_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/work.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A law that does not hold ends the target, as a fault of memory does. */
#define HOLDS(law)                                                    \
    do {                                                              \
        if (!(law)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #law); \
            abort();                                                  \
        }                                                             \
    } while (0)

/* A copy that AddressSanitizer guards at both ends; for free(). */
static inline uint8_t *guarded(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    HOLDS(copy != NULL);
    return memcpy(copy, data, size);
}

/* Slow is a failure too, told without a clock. */
static inline void begin_work(void)
{
    pm_work = 0;
}

static inline void end_work(size_t bytes, unsigned long times)
{
    HOLDS(pm_work <= 64 + times * 4 * bytes);
}

#endif
