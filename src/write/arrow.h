/* Rows as a stream of Arrow's C interface (pcapmill/arrow.h). */
#ifndef PM_ARROW_H
#define PM_ARROW_H

#include <pcapmill/arrow.h>

#include "base/schema.h"

/* False: no memory. `done` is called with `context` when the stream is released, and may end what
 * the rows come from. */
bool pm_arrow_stream(const struct pm_rows *rows, void (*done)(void *context), void *context,
                     struct ArrowArrayStream *stream);

#endif
