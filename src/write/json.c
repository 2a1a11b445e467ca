#include "write/json.h"

#include <stdlib.h>
#include <string.h>

char *pm_json_text(json_t *json)
{
    char *text = json == NULL ? NULL : json_dumps(json, JSON_INDENT(2));
    char *line;

    json_decref(json);
    if (text == NULL)
        return NULL;
    line = realloc(text, strlen(text) + 2);
    if (line != NULL)
        strcat(line, "\n");
    else
        free(text);
    return line;
}
