/* Pictures from gnuplot scripts, by gnuplot itself. */
#ifndef PM_RENDER_H
#define PM_RENDER_H

#include "base/error.h"

/* Is there a gnuplot on the PATH? */
bool pm_render_possible(void);

/* Runs gnuplot on NAME.gp in the folder `plots_fd`; the script writes NAME.`format` there. */
enum pm_status pm_render(int plots_fd, const char *name, const char *format,
                         struct pm_error *error);

#endif
