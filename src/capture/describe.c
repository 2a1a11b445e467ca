#include "capture/describe.h"

#include <stdlib.h>
#include <string.h>

#include "capture/option.h"
#include "capture/pcapng.h"

enum { SHB_HARDWARE = 2, SHB_OS = 3, SHB_USERAPPL = 4 };
enum { IF_NAME = 2, IF_DESCRIPTION = 3 };
enum { ISB_IFRECV = 4, ISB_IFDROP = 5, ISB_OSDROP = 7 };

/* The options behind `fixed` bytes of a block's body. */
static struct pm_options_walk options_of(const uint8_t *block, uint32_t fixed, bool big)
{
    uint32_t length = pm_read32(block + 4, big);

    return (struct pm_options_walk){.at = block + 8 + fixed, .end = block + length - 4, .big = big};
}

static bool keep_text(const char **text, const struct pm_options_walk *options)
{
    size_t length =
        options->length < PM_DESCRIBED_TEXT_MAX ? options->length : PM_DESCRIBED_TEXT_MAX;

    while (length < options->length && length > 0 && (options->value[length] & 0xc0) == 0x80)
        length--;        /* not inside a character of UTF-8 */
    free((char *)*text); /* where an option comes twice, the last one stands */
    *text = strndup((const char *)options->value, length);
    return *text != NULL;
}

/* A counter; all ones say that it is not known, and so does one that nothing could have counted.
 * False: not known. */
static bool read_counter(const struct pm_options_walk *options, uint64_t *number)
{
    if (options->length != 8)
        return false;
    *number = pm_read64(options->value, options->big);
    return *number >> 62 == 0;
}

/* One more item of zeros at the end of an array; NULL: no memory. */
static void *append(void **items, size_t *n, size_t size)
{
    char *grown = realloc(*items, (*n + 1) * size);

    if (grown == NULL)
        return NULL;
    *items = grown;
    return memset(grown + (*n)++ * size, 0, size);
}

static bool describe_section(struct pm_description *description, const uint8_t *block)
{
    struct pm_section_info *section;
    struct pm_options_walk options = options_of(block, 16, description->big_endian);
    bool kept = true;

    description->first_interface = description->n_interfaces;
    description->full = description->n_sections == PM_DESCRIBED_MAX;
    if (description->full)
        return true;
    section = append((void **)&description->sections, &description->n_sections, sizeof *section);
    while (section != NULL && kept && pm_option_next(&options))
        switch (options.code) {
        case PM_OPTION_COMMENT:
            kept = keep_text(&section->comment, &options);
            break;
        case SHB_HARDWARE:
            kept = keep_text(&section->hardware, &options);
            break;
        case SHB_OS:
            kept = keep_text(&section->os, &options);
            break;
        case SHB_USERAPPL:
            kept = keep_text(&section->application, &options);
            break;
        }
    return section != NULL && kept;
}

static bool describe_interface(struct pm_description *description, const uint8_t *block)
{
    struct pm_interface_info *interface;
    struct pm_options_walk options = options_of(block, 8, description->big_endian);
    bool kept = true;

    if (description->full || description->n_interfaces == PM_DESCRIBED_MAX)
        return true;
    interface =
        append((void **)&description->interfaces, &description->n_interfaces, sizeof *interface);
    if (interface == NULL)
        return false;
    interface->section = description->n_sections - 1;
    interface->link_type = pm_read16(block + 8, description->big_endian);
    interface->snap_len = pm_read32(block + 12, description->big_endian);
    while (kept && pm_option_next(&options))
        switch (options.code) {
        case PM_OPTION_COMMENT:
            kept = keep_text(&interface->comment, &options);
            break;
        case IF_NAME:
            kept = keep_text(&interface->name, &options);
            break;
        case IF_DESCRIPTION:
            kept = keep_text(&interface->description, &options);
            break;
        }
    return kept;
}

/* interface (4), time (8); the counters of a later block stand for those of an earlier one. */
static void describe_counters(struct pm_description *description, const uint8_t *block)
{
    struct pm_options_walk options;
    struct pm_interface_info *interface;
    uint32_t number;

    if (pm_read32(block + 4, description->big_endian) < 24)
        return;
    number = pm_read32(block + 8, description->big_endian);
    if (number >= description->n_interfaces - description->first_interface)
        return;
    interface = &description->interfaces[description->first_interface + number];
    interface->received_packets = interface->dropped_packets = 0;
    interface->counted = false;
    options = options_of(block, 12, description->big_endian);
    while (pm_option_next(&options)) {
        uint64_t count;

        if (options.code < ISB_IFRECV || options.code > ISB_OSDROP ||
            !read_counter(&options, &count))
            continue;
        interface->counted = true;
        if (options.code == ISB_IFRECV)
            interface->received_packets = count;
        else if (options.code == ISB_IFDROP || options.code == ISB_OSDROP)
            interface->dropped_packets += count;
    }
}

bool pm_describe(struct pm_description *description, const struct pm_view *view, uint64_t at)
{
    const uint8_t *block = pm_view_at(view, at);

    if (pm_le32(block) == PM_BLOCK_SECTION) {
        description->big_endian = pm_pcapng_big_endian(block);
        return describe_section(description, block);
    }
    if (pm_read32(block, description->big_endian) == PM_BLOCK_INTERFACE)
        return describe_interface(description, block);
    describe_counters(description, block);
    return true;
}

void pm_description_free(struct pm_description *description)
{
    for (size_t i = 0; i < description->n_sections; i++) {
        free((char *)description->sections[i].hardware);
        free((char *)description->sections[i].os);
        free((char *)description->sections[i].application);
        free((char *)description->sections[i].comment);
    }
    for (size_t i = 0; i < description->n_interfaces; i++) {
        free((char *)description->interfaces[i].name);
        free((char *)description->interfaces[i].description);
        free((char *)description->interfaces[i].comment);
    }
    free(description->sections);
    free(description->interfaces);
    *description = (struct pm_description){0};
}
