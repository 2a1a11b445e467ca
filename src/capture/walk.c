#include "capture/walk.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/work.h"

static const char *const damage_names[] = {
    [PM_CUT_HEADER] = "cut_header",
    [PM_CUT_RECORD] = "cut_record",
    [PM_BAD_LENGTH] = "bad_length",
    [PM_ZERO_TAIL] = "zero_tail",
    [PM_ZERO_HOLE] = "zero_hole",
    [PM_SECOND_HEADER] = "second_header",
    [PM_BAD_SECTION] = "bad_section",
    [PM_NO_INTERFACE] = "no_interface",
    [PM_CUT_STREAM] = "cut_stream",
    [PM_BAD_STREAM] = "bad_stream",
    [PM_TRAILING_GARBAGE] = "trailing_garbage",
};

const char *pm_damage_name(enum pm_damage damage)
{
    return damage_names[damage];
}

bool pm_all_zero(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= 8; at += 8) {
        PM_WORK();
        if (pm_be64(at) != 0)
            return false;
    }
    for (; at < end; at++)
        if (*at != 0)
            return false;
    return true;
}

bool pm_marks_add(struct pm_marks *marks, uint64_t at)
{
    if (marks->n == marks->room) {
        size_t room = marks->room ? marks->room * 2 : 16;
        uint64_t *grown = realloc(marks->at, room * sizeof *grown);

        if (grown == NULL)
            return false;
        marks->at = grown;
        marks->room = room;
    }
    marks->at[marks->n++] = at;
    return true;
}

void pm_marks_free(struct pm_marks *marks)
{
    free(marks->at);
    *marks = (struct pm_marks){0};
}
