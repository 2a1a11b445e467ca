/* What the program says, wherever it says it. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/plain.h"
#include "cli/cli.h"

/* Whether stderr is the journal's, which systemd says in $JOURNAL_STREAM as "device:inode". */
static bool writes_to_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat file;

    return stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
           fstat(STDERR_FILENO, &file) == 0 && file.st_dev == device && file.st_ino == inode;
}

void cli_begin(enum cli_level level)
{
    if (writes_to_journal())
        fprintf(stderr, "<%d>", level);
    if (level != CLI_NOTE)
        fputs("pcapmill: ", stderr);
}

void cli_print_text(const char *text, FILE *out)
{
    char letter[5];

    while (*text) {
        text = pm_plain_next(text, letter);
        fputs(letter, out);
    }
}

static void warn_of(const struct pm_input *input, const struct pm_input_damage *damage)
{
    cli_begin(CLI_WARNING);
    fputc('\'', stderr);
    cli_print_text(input->path, stderr);
    fprintf(stderr, "' is damaged at byte %llu (%s): ", (unsigned long long)damage->offset,
            damage->kind);
    if (damage->skipped_packets != 0)
        fprintf(stderr, "%llu packets were skipped\n", (unsigned long long)damage->skipped_packets);
    else if (damage->left_bytes == 0)
        fprintf(stderr, "the %llu packets before are in the tables\n",
                (unsigned long long)input->packets);
    else
        fprintf(stderr,
                "the %llu packets before are in the tables, the %llu bytes behind are not; a "
                "better copy would give them all\n",
                (unsigned long long)input->packets, (unsigned long long)damage->left_bytes);
}

void cli_warn_damage(const struct cli_request *request, const struct pm_summary *summary)
{
    for (size_t i = 0; !request->quiet && i < summary->n_inputs; i++)
        for (size_t at = 0; at < summary->inputs[i].n_damages; at++)
            warn_of(&summary->inputs[i], &summary->inputs[i].damages[at]);
}

int cli_fail(const struct pm_error *error)
{
    if (error->status != PM_STOPPED) {
        cli_begin(CLI_ERROR);
        fprintf(stderr, "%s\n", error->message);
    }
    switch (error->status) {
    case PM_USAGE:
        return EXIT_BAD_USAGE;
    case PM_LOCKED:
        return EXIT_IS_LOCKED;
    case PM_CHANGED:
        return EXIT_INPUT_CHANGED;
    default:
        return EXIT_FAILED;
    }
}

void cli_print_version(void)
{
    printf("pcapmill %s\nreads: pcap, pcapng; gzip, zstd, xz, lz4, bzip2\nwrites: csv, json, "
           "sql for DuckDB, gnuplot scripts, html\nallocator: %s\n",
           pm_version(),
#ifdef PCAPMILL_JEMALLOC
           "jemalloc"
#else
           "libc"
#endif
    );
}
