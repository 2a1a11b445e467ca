/* pcapmill analyze: captures in, a folder out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/cli.h"

static void cut_suffix(char *name, const char *const *suffixes)
{
    size_t length = strlen(name);

    for (; *suffixes; suffixes++) {
        size_t n = strlen(*suffixes);

        if (length > n && strcasecmp(name + length - n, *suffixes) == 0) {
            name[length - n] = '\0';
            return;
        }
    }
}

/* NAME.mill: the base name of the first capture, less its suffixes, in letters that are safe. */
static char *default_folder(const char *path)
{
    static const char *const packed[] = {".gz", ".zst", ".xz", ".lz4", ".bz2", NULL};
    static const char *const kinds[] = {".pcap", ".pcapng", ".cap", ".dmp", NULL};
    const char *base = strrchr(path, '/');
    char *name = malloc(strlen(path) + sizeof ".mill" + sizeof "stdin");

    if (name == NULL)
        return NULL;
    strcpy(name, strcmp(path, "-") == 0 ? "stdin" : base != NULL ? base + 1 : path);
    cut_suffix(name, packed);
    cut_suffix(name, kinds);
    for (char *at = name; *at; at++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", *at))
            *at = '_';
    return strcat(name, ".mill");
}

static void remark_twin(const struct pm_input *input)
{
    if (input->same_as == NULL)
        return;
    cli_begin(CLI_WARNING);
    fputc('\'', stderr);
    cli_print_text(input->path, stderr);
    fputs("' holds the same bytes as '", stderr);
    cli_print_text(input->same_as, stderr);
    fputs("': leave one of them out\n", stderr);
}

/* On a terminal, or with -v, what was found; otherwise nothing. */
static void report(const struct cli_request *request, const struct pm_analysis *analysis)
{
    const struct pm_summary *summary = pm_analysis_summary(analysis);

    if (request->quiet || request->json || !(request->verbose || isatty(STDERR_FILENO)))
        return;
    cli_begin(CLI_NOTE);
    fprintf(stderr, "%llu packet%s, %llu bytes", (unsigned long long)summary->packets,
            summary->packets == 1 ? "" : "s", (unsigned long long)summary->wire_bytes);
    if (summary->duplicate_packets != 0)
        fprintf(stderr, ", without %llu duplicate%s",
                (unsigned long long)summary->duplicate_packets,
                summary->duplicate_packets == 1 ? "" : "s");
    fputs(": ", stderr);
    cli_print_text(request->output.folder, stderr);
    fputc('\n', stderr);
    for (size_t i = 0; i < summary->n_inputs; i++)
        remark_twin(&summary->inputs[i]);
    if (!request->verbose)
        return;
    for (size_t i = 0; i < pm_table_count(analysis); i++) {
        struct pm_table_info table = pm_table_get(analysis, i);

        cli_begin(CLI_NOTE);
        fprintf(stderr, "  %-10s %10llu rows  %s\n", table.name, (unsigned long long)table.rows,
                table.description);
    }
}

static int finish(const struct cli_request *request, const struct pm_analysis *analysis)
{
    const struct pm_summary *summary = pm_analysis_summary(analysis);

    cli_warn_damage(request, summary);
    report(request, analysis);
    return summary->damaged && !request->damaged_ok ? EXIT_DAMAGED_INPUT : EXIT_COMPLETE;
}

static enum pm_status run(struct cli_request *request, struct pm_analysis **analysis,
                          struct pm_error *error)
{
    struct pm_publication *publication;
    enum pm_status status = pm_publication_begin(&request->output, &publication, error);

    if (status != PM_OK)
        return status;
    cli_progress_begin(request);
    status = pm_analyze((const char *const *)request->paths, (size_t)request->n_paths,
                        &request->options, analysis, error);
    cli_progress_end(request);
    if (status == PM_OK)
        status = pm_publication_publish(publication, *analysis, error);
    pm_publication_end(publication);
    return status;
}

int cli_analyze(int argc, char **argv)
{
    struct cli_request request = cli_parse(argc, argv, CLI_ANALYZE);
    char *folder = request.output.folder ? NULL : default_folder(request.paths[0]);
    struct pm_analysis *analysis = NULL;
    struct pm_error error = {.status = PM_OK};
    int status;

    if (folder != NULL)
        request.output.folder = folder;
    cli_catch_signals();
    request.options.stop = request.output.stop = cli_stop_flag();
    request.output.summary_fd = request.json ? STDOUT_FILENO : 0;
    status = request.output.folder == NULL               ? EXIT_FAILED
             : run(&request, &analysis, &error) == PM_OK ? finish(&request, analysis)
                                                         : cli_fail(&error);
    pm_analysis_free(analysis);
    free(folder);
    cli_free(&request);
    if (error.status == PM_STOPPED)
        cli_raise_caught();
    return status;
}
