/* What the program says, wherever it says it. */
#include "cli/cli.h"

void cli_print_text(const char *text, FILE *out)
{
    for (; *text; text++)
        fputc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, out);
}

int cli_fail(const struct pm_error *error)
{
    if (error->status != PM_STOPPED)
        fprintf(stderr, "pcapmill: %s\n", error->message);
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
           "gnuplot scripts\nallocator: %s\n",
           pm_version(),
#ifdef PCAPMILL_JEMALLOC
           "jemalloc"
#else
           "libc"
#endif
    );
}
