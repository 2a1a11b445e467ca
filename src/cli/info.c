/* pcapmill info: what capinfos tells, on stdout. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/libpcap.h"
#include "cli/cli.h"

typedef unsigned long long number;

enum { INTERFACES_MOST = 20 }; /* lines of them; --json has more */

/* Nanoseconds since the epoch as 2013-02-26T22:02:35.123456789Z. */
static void print_time(const char *label, int64_t ns)
{
    int64_t fraction = ns % 1000000000;
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm utc;
    char text[64];

    if (fraction < 0) {
        fraction += 1000000000;
        seconds--;
    }
    gmtime_r(&seconds, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    printf("%-18s %s.%09lldZ\n", label, text, (long long)fraction);
}

/* libpcap's names are by its own numbers, which differ for three link types that are decoded. */
static int libpcap_number(uint32_t link_type)
{
    enum { LINKTYPE_ATM_RFC1483 = 100, LINKTYPE_RAW = 101, LINKTYPE_ATM_CLIP = 106 };

    return link_type == LINKTYPE_ATM_RFC1483 ? DLT_ATM_RFC1483
           : link_type == LINKTYPE_RAW       ? DLT_RAW
           : link_type == LINKTYPE_ATM_CLIP  ? DLT_ATM_CLIP
                                             : (int)link_type;
}

/* Its name, or what it is; NULL: it has none, or libpcap is not installed. */
static const char *link_text(uint32_t link_type, bool described)
{
    struct pm_libpcap libpcap;
    int dlt = libpcap_number(link_type);

    if (!pm_libpcap_load(&libpcap))
        return NULL;
    return described ? libpcap.datalink_val_to_description(dlt) : libpcap.datalink_val_to_name(dlt);
}

static void print_interface(const struct pm_interface_info *interface)
{
    const char *link = link_text(interface->link_type, false);

    printf("%-18s ", "Interface");
    cli_print_text(interface->name != NULL ? interface->name : "without a name", stdout);
    printf(", %s", link != NULL ? link : "link type unknown");
    if (interface->snap_len != 0)
        printf(", snap length %u", interface->snap_len);
    if (interface->counted)
        printf(", %llu packets received, %llu dropped", (number)interface->received_packets,
               (number)interface->dropped_packets);
    putchar('\n');
}

static void print_input(const struct pm_input *input)
{
    const char *link = link_text(input->link_type, true);

    printf("%-18s ", "File");
    cli_print_text(input->path, stdout);
    printf("\n%-18s %s, %llu bytes\n", "Format", input->format, (number)input->file_bytes);
    if (input->compression != NULL)
        printf("%-18s %s, %llu bytes\n", "Compression", input->compression,
               (number)input->packed_bytes);
    printf("%-18s %u (%s)\n", "Link type", input->link_type, link ? link : "unknown");
    for (size_t i = 0; i < input->n_interfaces && i < INTERFACES_MOST; i++)
        print_interface(&input->interfaces[i]);
    if (input->n_interfaces > INTERFACES_MOST)
        printf("%-18s %zu more\n", "", input->n_interfaces - INTERFACES_MOST);
    for (size_t i = 0; i < input->n_damages; i++)
        printf("%-18s %s at byte %llu, %llu bytes left, %llu packets skipped\n", "Damage",
               input->damages[i].kind, (number)input->damages[i].offset,
               (number)input->damages[i].left_bytes, (number)input->damages[i].skipped_packets);
}

static void print_rates(const struct pm_summary *summary)
{
    uint64_t ns = (uint64_t)summary->last_ts_ns - (uint64_t)summary->first_ts_ns;
    double seconds = (double)ns * 1e-9;

    printf("%-18s %llu.%09llu s\n", "Duration", (number)(ns / 1000000000),
           (number)(ns % 1000000000));
    if (seconds > 0) {
        printf("%-18s %.3f Mbit/s\n", "Mean rate", (double)summary->wire_bytes * 8 / seconds / 1e6);
        printf("%-18s %.1f packets/s\n", "", (double)summary->packets / seconds);
    }
}

static void print_summary(const struct pm_summary *summary)
{
    for (size_t i = 0; i < summary->n_inputs; i++)
        print_input(&summary->inputs[i]);
    printf("%-18s %llu\n", "Packets", (number)summary->packets);
    if (summary->filtered_packets != 0)
        printf("%-18s %llu\n", "Filtered out", (number)summary->filtered_packets);
    if (summary->duplicate_packets != 0)
        printf("%-18s %llu\n", "Duplicates", (number)summary->duplicate_packets);
    printf("%-18s %llu bytes\n", "On the wire", (number)summary->wire_bytes);
    printf("%-18s %llu bytes\n", "Captured", (number)summary->captured_bytes);
    if (summary->packets != 0)
        printf("%-18s %.2f bytes\n", "Mean length",
               (double)summary->wire_bytes / (double)summary->packets);
    if (summary->timed_packets == 0)
        return;
    print_time("Earliest packet", summary->first_ts_ns);
    print_time("Latest packet", summary->last_ts_ns);
    print_rates(summary);
    printf("%-18s %s\n", "In order of time", summary->ordered ? "yes" : "no");
}

static int print(const struct cli_request *request, const struct pm_analysis *analysis)
{
    const struct pm_summary *summary = pm_analysis_summary(analysis);

    if (request->json) {
        char *text = pm_analysis_json(analysis);

        if (text == NULL)
            return EXIT_FAILED;
        fputs(text, stdout);
        free(text);
    } else {
        print_summary(summary);
    }
    return summary->damaged && !request->damaged_ok ? EXIT_DAMAGED_INPUT : EXIT_COMPLETE;
}

int cli_info(int argc, char **argv)
{
    struct cli_request request = cli_parse(argc, argv, CLI_INFO);
    struct pm_analysis *analysis;
    struct pm_error error;
    int status;

    cli_catch_signals();
    request.options.stop = cli_stop_flag();
    request.options.tables = "";
    cli_progress_begin(&request);
    if (pm_analyze((const char *const *)request.paths, (size_t)request.n_paths, &request.options,
                   &analysis, &error) == PM_OK) {
        cli_progress_end(&request);
        status = print(&request, analysis);
        pm_analysis_free(analysis);
    } else {
        cli_progress_end(&request);
        status = cli_fail(&error);
        if (error.status == PM_STOPPED)
            cli_raise_caught();
    }
    cli_free(&request);
    return status;
}
