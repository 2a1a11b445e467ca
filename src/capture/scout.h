/*
 * Asking memory for the headers in a piece of a map, and not for the payload between them.
 *
 * Where a record begins stands in the one before it, so that a walk waits for memory at every
 * record, or asks for all lines on its way. A scout goes ahead of it along several lanes at once,
 * one from each part of the piece: from where a record seems to begin there it goes on by the
 * lengths that it finds, and asks for what a walk and a decoder will want. Then the lanes wait
 * together.
 *
 * It is a favour: where it takes other bytes for a record, it asks for lines that nobody wants, and
 * what it misses comes later. Nothing is found here. Long packets leave few lanes, and need few.
 */
#ifndef PM_SCOUT_H
#define PM_SCOUT_H

#include "capture/capture.h"

/* A record begins where the piece does, and `section` holds there. */
void pm_scout(const struct pm_capture *capture, const struct pm_section *section,
              const struct pm_view *piece);

#endif
