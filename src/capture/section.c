#include "capture/section.h"

#include <stdlib.h>
#include <string.h>

bool pm_section_add(struct pm_section *section, const struct pm_interface *interface)
{
    if (section->n_interfaces == PM_INTERFACES_MAX)
        return true;
    if (section->n_interfaces == section->room) {
        uint32_t room = section->room ? section->room * 2 : 4;
        struct pm_interface *interfaces =
            realloc(section->interfaces, room * sizeof *section->interfaces);

        if (interfaces == NULL)
            return false;
        section->interfaces = interfaces;
        section->room = room;
    }
    section->interfaces[section->n_interfaces++] = *interface;
    return true;
}

bool pm_section_copy(struct pm_section *into, const struct pm_section *from)
{
    *into = *from;
    into->interfaces = NULL;
    into->room = into->n_interfaces;
    if (from->n_interfaces == 0)
        return true;
    into->interfaces = malloc(from->n_interfaces * sizeof *into->interfaces);
    if (into->interfaces == NULL)
        return false;
    memcpy(into->interfaces, from->interfaces, from->n_interfaces * sizeof *into->interfaces);
    return true;
}

static bool same_interface(const struct pm_interface *a, const struct pm_interface *b)
{
    return a->link_type == b->link_type && a->fcs_bytes == b->fcs_bytes &&
           a->odd_option == b->odd_option && a->has_time == b->has_time && a->binary == b->binary &&
           a->exponent == b->exponent && a->snap_len == b->snap_len && a->offset_s == b->offset_s;
}

bool pm_section_equal(const struct pm_section *a, const struct pm_section *b)
{
    if (a->n_interfaces != b->n_interfaces || a->big_endian != b->big_endian ||
        a->unreadable != b->unreadable)
        return false;
    for (uint32_t i = 0; i < a->n_interfaces; i++)
        if (!same_interface(&a->interfaces[i], &b->interfaces[i]))
            return false;
    return true;
}

void pm_section_free(struct pm_section *section)
{
    free(section->interfaces);
    *section = (struct pm_section){0};
}
