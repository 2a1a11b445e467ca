#include "engine/filter.h"

#include <stdlib.h>

#include "base/libpcap.h"

enum { SNAP_LEN_MOST = 262144 };

struct pm_filter_program {
    uint16_t link_type;
    bool big_endian;
    struct pm_libpcap libpcap;
    struct bpf_program code;
};

static uint32_t in_order(uint32_t value, bool big)
{
    return big ? __builtin_bswap32(value) : value;
}

/* libpcap compiles for a file that it reads, with its byte order and with what other systems write
 * in it, or for a link type of this system. So it is given a file: a header in memory. */
static pcap_t *open_header(const struct pm_libpcap *libpcap, uint16_t link_type, bool big)
{
    uint32_t header[6] = {in_order(0xa1b2c3d4, big),    big ? 0x04000200 : 0x00040002, 0, 0,
                          in_order(SNAP_LEN_MOST, big), in_order(link_type, big)};
    char message[PCAP_ERRBUF_SIZE];
    FILE *file = fmemopen(header, sizeof header, "rb");
    pcap_t *pcap = file == NULL ? NULL : libpcap->fopen_offline(file, message);

    if (pcap == NULL && file != NULL)
        fclose(file);
    return pcap;
}

/* For the program's link type and byte order, by its libpcap. An empty `message` of
 * PCAP_ERRBUF_SIZE bytes: it went well. */
static void compile(const char *expression, struct pm_filter_program *program, char *message)
{
    const struct pm_libpcap *libpcap = &program->libpcap;
    pcap_t *pcap = open_header(libpcap, program->link_type, program->big_endian);

    message[0] = '\0';
    if (pcap == NULL) {
        snprintf(message, PCAP_ERRBUF_SIZE, "link type %u is not known to libpcap",
                 program->link_type);
        return;
    }
    if (libpcap->compile(pcap, &program->code, expression, 1, PCAP_NETMASK_UNKNOWN) != 0)
        snprintf(message, PCAP_ERRBUF_SIZE, "%s", libpcap->geterr(pcap));
    libpcap->close(pcap);
}

enum pm_status pm_filter_check(const char *expression, uint16_t link_type, struct pm_error *error)
{
    struct pm_filter_program program = {.link_type = link_type};
    char message[PCAP_ERRBUF_SIZE];

    if (!pm_libpcap_load(&program.libpcap))
        return pm_fail(error, PM_UNSUPPORTED,
                       "filters need libpcap (" PM_LIBPCAP_FILE
                       "), which cannot be loaded: install it");
    compile(expression, &program, message);
    if (message[0] != '\0')
        return pm_fail(error, PM_USAGE,
                       "'%s' is no filter for this capture: %s; see pcap-filter(7)", expression,
                       message);
    program.libpcap.freecode(&program.code);
    return PM_OK;
}

static enum pm_status add_program(struct pm_filter *filter, const struct pm_record *record)
{
    struct pm_filter_program program = {.link_type = record->link_type,
                                        .big_endian = record->big_endian};
    struct pm_filter_program *programs =
        realloc(filter->programs, (filter->n_programs + 1) * sizeof *filter->programs);
    char message[PCAP_ERRBUF_SIZE];

    if (programs == NULL)
        return PM_NO_MEMORY;
    filter->programs = programs;
    if (!pm_libpcap_load(&program.libpcap))
        return PM_UNSUPPORTED;
    compile(filter->expression, &program, message);
    if (message[0] != '\0')
        return PM_USAGE;
    filter->latest = filter->n_programs++;
    programs[filter->latest] = program;
    return PM_OK;
}

static bool is_for(const struct pm_filter_program *program, const struct pm_record *record)
{
    return program->link_type == record->link_type && program->big_endian == record->big_endian;
}

static enum pm_status turn_to(struct pm_filter *filter, const struct pm_record *record)
{
    for (size_t i = 0; i < filter->n_programs; i++)
        if (is_for(&filter->programs[i], record)) {
            filter->latest = i;
            return PM_OK;
        }
    return add_program(filter, record);
}

enum pm_status pm_filter_match(struct pm_filter *filter, const struct pm_record *record,
                               bool *matches)
{
    const struct pm_filter_program *program;

    if (filter->n_programs == 0 || !is_for(&filter->programs[filter->latest], record))
        PM_TRY(turn_to(filter, record));
    program = &filter->programs[filter->latest];
    *matches = program->libpcap.bpf_filter(program->code.bf_insns, record->data, record->wire_len,
                                           record->cap_len) != 0;
    return PM_OK;
}

void pm_filter_free(struct pm_filter *filter)
{
    for (size_t i = 0; i < filter->n_programs; i++)
        filter->programs[i].libpcap.freecode(&filter->programs[i].code);
    free(filter->programs);
    filter->programs = NULL;
    filter->n_programs = 0;
}
