/*
 * A stream in windows: while one is worked on, a thread of its own fills the other.
 *
 *     thread:   fill A │ fill B        │ fill A        │ ...
 *     caller:          │ work on A     │ work on B     │ ...
 *                        keeps ┐         ▲
 *                              └─────────┘ the record that A ends inside of begins B
 *
 * Memory: two windows, each with room for the longest record before it.
 */
#ifndef PM_WINDOWS_H
#define PM_WINDOWS_H

#include "capture/stream.h"
#include "capture/view.h"

struct pm_windows;

/* The first window begins with `head`, bytes that were read from the stream before. NULL: no
 * memory. The stream is the windows' until pm_windows_end(). */
struct pm_windows *pm_windows_begin(struct pm_stream *stream, size_t window_bytes,
                                    const uint8_t *head, size_t n_head);
void pm_windows_end(struct pm_windows *windows);

/* The next window: what the one before held from offset `keep` on, then new bytes, at least one but
 * at the end. The one before is gone. A status is that of pm_stream_read(). */
enum pm_status pm_windows_next(struct pm_windows *windows, uint64_t keep, struct pm_view *view);

#endif
