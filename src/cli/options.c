/* The options, as one list for argp. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/values.h"

enum {
    KEY_ORIGIN = 256,
    KEY_IDLE,
    KEY_TUNNELS,
    KEY_KEY,
    KEY_COLUMNS,
    KEY_TOP,
    KEY_USAGE,
    KEY_RENDER,
    KEY_FILES_FROM,
    KEY_DEDUP,
    KEY_STRICT,
    KEY_DAMAGED_OK,
    KEY_FORCE,
    KEY_WAIT,
    KEY_PROGRESS,
    KEY_JSON,
    KEY_RUN_BYTES,
    KEY_WINDOW_BYTES,
    KEY_BATCH,
    KEY_EDGE_PACKETS,
    KEY_SPLT,
    KEY_ROUNDS,
    KEY_HASH_SEED
};

/* Of every command. */
static const struct argp_option every_options[] = {
    {"help", 'h', NULL, 0, "this text", -1},
    {"usage", KEY_USAGE, NULL, 0, "all options in a few lines", -1},
    {"version", 'V', NULL, 0, "the version, and what was built in", -1},
    {0}};

/* Of those that read captures. */
static const struct argp_option work_options[] = {
    {"threads", 'j', "N", 0, "worker threads (default: the CPUs this process may use)", 1},
    {"files-from", KEY_FILES_FROM, "FILE", 0,
     "read more names of captures from FILE, one a line; - is stdin", 1},
    {"filter", 'f', "EXPR", 0, "keep only packets that match, as pcap-filter(7) says", 2},
    {"filter-file", 'F', "FILE", 0, "the same, with the expression in a file", 2},
    {"dedup", KEY_DEDUP, "N", 0,
     "leave out packets that equal one of the N before them, up to 64, as mirror ports give them",
     2},
    {"strict", KEY_STRICT, NULL, 0, "fail, with status 1, where records are damaged", 3},
    {"damaged-ok", KEY_DAMAGED_OK, NULL, 0, "status 0 where records are damaged, instead of 3", 3},
    {"json", KEY_JSON, NULL, 0, "the summary as JSON on stdout", 4},
    {"quiet", 'q', NULL, 0, "say nothing but errors", 4},
    {"run-bytes", KEY_RUN_BYTES, "SIZE", OPTION_HIDDEN, NULL, 0},
    {"window-bytes", KEY_WINDOW_BYTES, "SIZE", OPTION_HIDDEN, NULL, 0},
    {"batch", KEY_BATCH, "N", OPTION_HIDDEN, NULL, 0},
    {"edge-packets", KEY_EDGE_PACKETS, "N", OPTION_HIDDEN, NULL, 0},
    {"hash-seed", KEY_HASH_SEED, "N", OPTION_HIDDEN, NULL, 0},
    {0}};

/* What is said while they work. */
static const struct argp_option talk_options[] = {
    {"progress", KEY_PROGRESS, "WHEN", 0, "progress bar: auto, always or never", 4},
    {"verbose", 'v', NULL, 0, "say what was found", 4},
    {0}};

/* What the tables say. */
static const struct argp_option table_options[] = {
    {"interval", 'i', "TIME[,TIME]", 0,
     "width of a rate bin (default: 1s); up to three more, each for a table of its own", 2},
    {"origin", KEY_ORIGIN, "WHEN", 0,
     "what rate bins are aligned to: first (packet), epoch, or seconds since it", 2},
    {"tables", 't', "LIST", 0,
     "the tables to write, names joined by ','; with a '+' before them: these too", 2},
    {"packets", 'p', NULL, 0, "also write the table of packets", 2},
    {"idle-timeout", KEY_IDLE, "TIME", 0, "a longer silence ends a flow; 0: never (default: 120s)",
     2},
    {"tunnels", KEY_TUNNELS, "WHICH", 0,
     "the IP header that names a flow in a tunnel: outer or inner (default: outer)", 2},
    {"key", KEY_KEY, "LIST", 0,
     "what else tells flows apart: vlan, tunnel (always with inner), or both", 2},
    {"columns", KEY_COLUMNS, "WHICH", 0,
     "the columns of flows: basic, tcp (those and more of TCP) or all (default: basic)", 2},
    {"splt", KEY_SPLT, "N", 0,
     "lengths and times of each flow's first N packets, up to 50: the table splt", 2},
    {"top", KEY_TOP, "N", 0, "rows of the top lists of plots and report (default: 20)", 2},
    {0}};

static const struct argp_option folder_options[] = {
    {"output", 'o', "DIR", 0, "the folder to write (default: NAME.mill in this folder)", 1},
    {"render", KEY_RENDER, "FORMAT", 0, "run gnuplot on the plots: svg, png or none", 2},
    {"force", KEY_FORCE, NULL, 0, "replace DIR, if it is empty or was written by pcapmill", 3},
    {"wait", KEY_WAIT, "TIME", 0, "wait for another run that writes DIR", 3},
    {0}};

static const struct argp_option bench_options[] = {
    {"rounds", KEY_ROUNDS, "N", 0, "run every number of threads so often (default: 5)", 1}, {0}};

static void add_path(struct cli_request *request, const char *path)
{
    size_t size = (size_t)(request->n_paths + 1) * sizeof *request->paths;
    char **paths = realloc(request->paths, size);

    if (paths == NULL || (paths[request->n_paths] = strdup(path)) == NULL)
        exit(EXIT_FAILED);
    request->paths = paths;
    request->n_paths++;
}

void cli_free(struct cli_request *request)
{
    for (int i = 0; i < request->n_paths; i++)
        free(request->paths[i]);
    free(request->paths);
}

/* Empty lines are no names. */
static void add_paths_from(struct cli_request *request, const char *list)
{
    FILE *file = strcmp(list, "-") == 0 ? stdin : fopen(list, "re");
    int code = errno;
    size_t room = 0;
    char *line = NULL;
    ssize_t n;

    while (file != NULL && (n = getline(&line, &room, file)) > 0) {
        if (n > 0 && line[n - 1] == '\n')
            line[--n] = '\0';
        if (n > 0 && line[n - 1] == '\r') /* lists of other systems */
            line[--n] = '\0';
        if (n != 0)
            add_path(request, line);
    }
    free(line);
    if (file == NULL || ferror(file)) {
        cli_begin(CLI_ERROR);
        fputs("cannot read names of captures from '", stderr);
        cli_print_text(list, stderr);
        fprintf(stderr, "': %s\n", strerror(file == NULL ? code : errno));
        exit(EXIT_FAILED);
    }
    if (file != stdin)
        fclose(file);
    request->list_on_stdin |= file == stdin;
}

/* The text of a file, for the life of the program. */
static char *read_filter(const char *path)
{
    FILE *file = fopen(path, "re");
    size_t room = 0;
    char *text = NULL;

    if (file == NULL || getdelim(&text, &room, '\0', file) < 0) {
        cli_begin(CLI_ERROR);
        fputs("cannot read a filter from '", stderr);
        cli_print_text(path, stderr);
        fputs("'\n", stderr);
        exit(EXIT_FAILED);
    }
    fclose(file);
    return text;
}

/* Ends the program after what was asked for alone. */
static _Noreturn void leave(void)
{
    exit(ferror(stdout) || fflush(stdout) ? EXIT_FAILED : EXIT_COMPLETE);
}

/* argp's own help bears no -h. */
enum { HELP = ARGP_HELP_SHORT_USAGE | ARGP_HELP_PRE_DOC | ARGP_HELP_LONG | ARGP_HELP_POST_DOC };

/* Each word at the place of its enum. */
static const char *const tunnels_words[] = {
    [PM_TUNNELS_OUTER] = "outer", [PM_TUNNELS_INNER] = "inner", NULL};
static const char *const columns_words[] = {
    [PM_FLOW_BASIC] = "basic", [PM_FLOW_TCP] = "tcp", [PM_FLOW_ALL] = "all", NULL};
static const char *const progress_words[] = {[CLI_PROGRESS_AUTO] = "auto",
                                             [CLI_PROGRESS_ALWAYS] = "always",
                                             [CLI_PROGRESS_NEVER] = "never",
                                             NULL};

static error_t parse_every(int key, char *value, struct argp_state *state)
{
    switch (key) {
    case 'h':
    case KEY_USAGE:
        argp_state_help(state, stdout, key == 'h' ? HELP : ARGP_HELP_USAGE);
        leave();
    case 'V':
        cli_print_version();
        leave();
    case ARGP_KEY_ARG:
        add_path(state->input, value);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static error_t parse_work(int key, char *value, struct argp_state *state)
{
    struct cli_request *request = state->input;

    switch (key) {
    case 'j':
        request->options.threads = (unsigned)cli_count_of("threads", value, 1024);
        break;
    case KEY_FILES_FROM:
        add_paths_from(request, value);
        break;
    case 'f':
        request->options.filter = value;
        break;
    case 'F':
        request->options.filter = read_filter(value);
        break;
    case KEY_DEDUP:
        request->options.dedup = (unsigned)cli_count_of("dedup", value, PM_DEDUP_MOST);
        break;
    case KEY_STRICT:
        request->options.strict = true;
        break;
    case KEY_DAMAGED_OK:
        request->damaged_ok = true;
        break;
    case KEY_JSON:
        request->json = true;
        break;
    case 'q':
        request->quiet = true;
        break;
    case KEY_RUN_BYTES:
        request->options.run_bytes = cli_size_of("run-bytes", value);
        break;
    case KEY_WINDOW_BYTES:
        request->options.window_bytes = cli_size_of("window-bytes", value);
        break;
    case KEY_BATCH:
        request->options.batch_packets = (unsigned)cli_count_of("batch", value, 256);
        break;
    case KEY_EDGE_PACKETS:
        request->options.edge_packets = (uint32_t)cli_count_of("edge-packets", value, UINT32_MAX);
        break;
    case KEY_HASH_SEED:
        request->options.hash_seed = cli_count_of("hash-seed", value, UINT64_MAX);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static error_t parse_tables(int key, char *value, struct argp_state *state)
{
    struct cli_request *request = state->input;

    switch (key) {
    case 'i':
        cli_set_intervals(&request->options, value);
        break;
    case KEY_ORIGIN:
        cli_set_origin(&request->options, value);
        break;
    case 't':
        if (*value == '\0')
            cli_refuse_value("tables", value, "names of tables joined by ','");
        request->options.tables = value;
        break;
    case 'p':
        request->options.packets = true;
        break;
    case KEY_IDLE:
        request->options.idle_timeout_ns = cli_time_of("idle-timeout", value);
        break;
    case KEY_TUNNELS:
        request->options.tunnels = cli_choice_of("tunnels", value, tunnels_words);
        break;
    case KEY_KEY:
        cli_set_key(&request->options, value);
        break;
    case KEY_COLUMNS:
        request->options.flow_columns = cli_choice_of("columns", value, columns_words);
        break;
    case KEY_TOP:
        request->options.top = (unsigned)cli_count_of("top", value, 5000);
        break;
    case KEY_SPLT:
        request->options.splt = (unsigned)cli_count_of("splt", value, PM_SPLT_MOST);
        if (request->options.splt == 0)
            cli_refuse_value("splt", value, "a whole number above 0");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static error_t parse_talk(int key, char *value, struct argp_state *state)
{
    struct cli_request *request = state->input;

    switch (key) {
    case KEY_PROGRESS:
        request->progress = cli_choice_of("progress", value, progress_words);
        break;
    case 'v':
        request->verbose = true;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static error_t parse_folder(int key, char *value, struct argp_state *state)
{
    struct cli_request *request = state->input;

    switch (key) {
    case 'o':
        request->output.folder = value;
        break;
    case KEY_RENDER:
        request->output.render = value;
        break;
    case KEY_FORCE:
        request->output.force = true;
        break;
    case KEY_WAIT:
        request->output.wait_ns = cli_time_of("wait", value);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* A command hands its request on to the parsers of its options. */
static void hand_on(struct argp_state *state)
{
    for (const struct argp_child *child = state->root_argp->children; child->argp != NULL; child++)
        state->child_inputs[child - state->root_argp->children] = state->input;
}

static error_t parse_command(int key, char *value, struct argp_state *state)
{
    (void)value;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    hand_on(state);
    return 0;
}

static error_t parse_bench(int key, char *value, struct argp_state *state)
{
    struct cli_request *request = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        request->rounds = 5;
        hand_on(state);
        break;
    case KEY_ROUNDS:
        request->rounds = (unsigned)cli_count_of("rounds", value, 1000);
        if (request->rounds == 0)
            cli_refuse_value("rounds", value, "a whole number above 0");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp every_argp = {.options = every_options, .parser = parse_every};
static const struct argp work_argp = {.options = work_options, .parser = parse_work};
static const struct argp talk_argp = {.options = talk_options, .parser = parse_talk};
static const struct argp table_argp = {.options = table_options, .parser = parse_tables};
static const struct argp folder_argp = {.options = folder_options, .parser = parse_folder};

static const struct argp info_argp = {
    .parser = parse_command,
    .args_doc = "CAPTURE...",
    .children =
        (const struct argp_child[]){
            {&every_argp, 0, NULL, 0}, {&work_argp, 0, NULL, 0}, {&talk_argp, 0, NULL, 0}, {0}},
    .doc = "Tells what is in captures: counts, times and rates.\n\n"
           "  pcapmill info capture.pcap\n"
           "  pcapmill info --json capture.pcap | jq .packets\v"
           "Several captures are one traffic record, in the order given; - is standard input. They "
           "may be compressed: gzip, zstd, xz, lz4, bzip2.",
};

static const struct argp analyze_argp = {
    .parser = parse_command,
    .args_doc = "CAPTURE...",
    .children = (const struct argp_child[]){{&every_argp, 0, NULL, 0},
                                            {&work_argp, 0, NULL, 0},
                                            {&talk_argp, 0, NULL, 0},
                                            {&table_argp, 0, NULL, 0},
                                            {&folder_argp, 0, NULL, 0},
                                            {0}},
    .doc =
        "Turns captures into a folder of tables (CSV) and plots.\n\n"
        "  pcapmill analyze capture.pcap                writes capture.mill/\n"
        "  pcapmill analyze -o day -i 1m monday*.pcap   several files as one record\n"
        "  tcpdump -w - | pcapmill analyze -            from a pipe\n"
        "  pcapmill analyze -t flows,hosts -p x.pcap    these tables, and every packet\v"
        "Several captures are one traffic record, in the order given; - is standard input. They "
        "may be compressed: gzip, zstd, xz, lz4, bzip2.\n\n"
        "Tables: rates, flows, pairs, hosts, services, protocols, sizes, gaps, stats, anomalies; "
        "on request features, splt (of 20 packets), burstiness and packets.\n\n"
        "Exit status: 0 complete, 1 failed, 2 usage, 3 an input is damaged, 4 the folder is "
        "locked, 5 an input changed while it was read.",
};

static const struct argp bench_argp = {
    .options = bench_options,
    .parser = parse_bench,
    .args_doc = "CAPTURE...",
    .children =
        (const struct argp_child[]){
            {&every_argp, 0, NULL, 0}, {&work_argp, 0, NULL, 0}, {&table_argp, 0, NULL, 0}, {0}},
    .doc = "Tells what each stage of an analysis costs, with 1, 2, 4 ... N threads.\n\n"
           "  pcapmill bench capture.pcap\n"
           "  pcapmill bench -j1 --rounds 11 -p --json capture.pcap\v"
           "Tables are written to a folder that is removed again, in $TMPDIR or else in memory, "
           "where there is /dev/shm. No time is told before all runs have written the same tables.",
};

static const struct argp report_argp = {
    .parser = parse_command,
    .args_doc = "DIR...",
    .children = (const struct argp_child[]){{&every_argp, 0, NULL, 0}, {0}},
    .doc = "Writes report.html and report.txt of folders anew, of the files in them.\n\n"
           "  pcapmill report capture.mill",
};

const struct cli_command_text cli_commands[CLI_COMMANDS] = {
    [CLI_ANALYZE] = {"analyze", "captures in, a folder of tables and plots out"},
    [CLI_INFO] = {"info", "what is in a capture, on stdout"},
    [CLI_REPORT] = {"report", "report.html and report.txt of a folder, anew"},
    [CLI_BENCH] = {"bench", "what each stage of an analysis costs, on stdout"},
};

const struct argp *cli_argp(enum cli_command command)
{
    static const struct argp *const lists[CLI_COMMANDS] = {[CLI_ANALYZE] = &analyze_argp,
                                                           [CLI_INFO] = &info_argp,
                                                           [CLI_REPORT] = &report_argp,
                                                           [CLI_BENCH] = &bench_argp};

    return lists[command];
}

struct cli_request cli_parse(int argc, char **argv, enum cli_command command)
{
    struct cli_request request = {0};
    char name[32];

    pm_options_init(&request.options);
    argp_err_exit_status = EXIT_BAD_USAGE;
    setenv("ARGP_HELP_FMT", "no-dup-args-note", false); /* a remark on what goes without saying */
    snprintf(name, sizeof name, "pcapmill %s", argv[0]);
    argv[0] = name;
    cli_check_options(cli_argp(command), argc, argv);
    argp_parse(cli_argp(command), argc, argv, ARGP_NO_HELP, NULL, &request);
    for (int i = 0; i < request.n_paths; i++)
        if (request.list_on_stdin && strcmp(request.paths[i], "-") == 0) {
            cli_begin(CLI_ERROR);
            fputs("standard input cannot be a capture and the list of them\n", stderr);
            exit(EXIT_BAD_USAGE);
        }
    if (request.n_paths == 0) {
        cli_begin(CLI_ERROR);
        fprintf(stderr, "name a %s: see '%s --help'\n",
                command == CLI_REPORT ? "folder" : "capture", name);
        exit(EXIT_BAD_USAGE);
    }
    return request;
}
