/* Inputs that are the same bytes twice: by a slip their packets count twice. */
#ifndef PM_TWINS_H
#define PM_TWINS_H

#include "engine/analysis.h"

/* Sets same_as of every input that equals an earlier one. Files are read again only where another
 * one has as many bytes and packets; what is no file is passed over. */
enum pm_status pm_engine_find_twins(struct pm_analysis *analysis);

#endif
