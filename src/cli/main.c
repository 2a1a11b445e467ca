/* pcapmill COMMAND ...: find the command and hand over. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "cli/cli.h"

#ifdef PCAPMILL_JEMALLOC
/* Read by jemalloc before main. Tables grow fast and are thrown away together, so freed memory is
 * kept for the next run (retain, no decay), in huge pages (thp): without it two threads spend their
 * time in the kernel's lock on the memory map, and are slower than one. So are large pieces
 * (oversize_threshold: none is too large): the indexes that a table has outgrown are a thirtieth of
 * its memory, and giving them back took a tenth of a flood's time. */
__attribute__((visibility("default"))) const char *malloc_conf =
    "thp:always,metadata_thp:auto,retain:true,dirty_decay_ms:-1,"
    "muzzy_decay_ms:-1,oversize_threshold:0,narenas:16";
#endif

static int (*const runs[CLI_COMMANDS])(int argc, char **argv) = {[CLI_ANALYZE] = cli_analyze,
                                                                 [CLI_INFO] = cli_info,
                                                                 [CLI_REPORT] = cli_report,
                                                                 [CLI_BENCH] = cli_bench};

static void print_help(FILE *out)
{
    fputs("pcapmill turns packet captures into exact tables and plots, using every core.\n\n"
          "  pcapmill analyze capture.pcap            write capture.mill/\n"
          "  pcapmill analyze -o day monday*.pcap     several files as one record\n"
          "  pcapmill info capture.pcap               counts, times and rates\n\n"
          "Commands:\n",
          out);
    for (int i = 0; i < CLI_COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", cli_commands[i].name, cli_commands[i].what);
    fputs("\n'pcapmill COMMAND --help' tells the options of a command.\n", out);
}

/* Files must not be opened as 0, 1 or 2, where messages would land in them. What is opened there
 * instead cannot be written: output to a closed descriptor fails, as it should. */
static void open_standard_files(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= 2);
    if (fd > 2)
        close(fd);
}

/* What was printed must have arrived: a full disk behind stdout is a failure. */
static int close_stdout(int status)
{
    if (fflush(stdout) == 0)
        return status;
    cli_begin(CLI_ERROR);
    fputs("cannot write to standard output\n", stderr);
    return status == EXIT_COMPLETE ? EXIT_FAILED : status;
}

static int refuse_command(const char *word)
{
    struct pm_nearest nearest = pm_nearest_to(word, strlen(word));

    for (int i = 0; i < CLI_COMMANDS; i++)
        pm_nearest_try(&nearest, cli_commands[i].name);
    cli_begin(CLI_ERROR);
    fputs("there is no command '", stderr);
    cli_print_text(word, stderr);
    if (nearest.word != NULL)
        fprintf(stderr, "': did you mean '%s'?\n", nearest.word);
    else
        fputs("': try 'pcapmill --help'\n", stderr);
    return EXIT_BAD_USAGE;
}

int main(int argc, char **argv)
{
    open_standard_files();
    signal(SIGPIPE, SIG_IGN); /* a closed pipe, or a file size limit, is an error of write() */
    signal(SIGXFSZ, SIG_IGN);
    if (argc < 2) {
        print_help(stderr);
        return EXIT_BAD_USAGE;
    }
    if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0) {
        print_help(stdout);
        return close_stdout(EXIT_COMPLETE);
    }
    if (strcmp(argv[1], "-V") == 0 || strcmp(argv[1], "--version") == 0) {
        cli_print_version();
        return close_stdout(EXIT_COMPLETE);
    }
    for (int i = 0; i < CLI_COMMANDS; i++)
        if (strcmp(argv[1], cli_commands[i].name) == 0)
            return close_stdout(runs[i](argc - 1, argv + 1));
    return refuse_command(argv[1]);
}
