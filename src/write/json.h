/* JSON as text. */
#ifndef PM_JSON_H
#define PM_JSON_H

#include <jansson.h>

/* The text of a value, indented, with a line feed at its end, for free(); NULL: no memory. Takes
 * the value, which may be NULL. */
char *pm_json_text(json_t *json);

#endif
