#include "cli/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "cli/cli.h"

void cli_refuse_value(const char *option, const char *value, const char *what)
{
    cli_begin(CLI_ERROR);
    fprintf(stderr, "--%s takes %s, not '", option, what);
    cli_print_text(value, stderr);
    fputs("'\n", stderr);
    exit(EXIT_BAD_USAGE);
}

uint64_t cli_count_of(const char *option, const char *value, uint64_t max)
{
    uint64_t count;
    char what[64];

    snprintf(what, sizeof what, "a whole number up to %llu", (unsigned long long)max);
    if (!pm_parse_count(value, max, &count))
        cli_refuse_value(option, value, what);
    return count;
}

uint64_t cli_size_of(const char *option, const char *value)
{
    uint64_t size;

    if (!pm_parse_size(value, &size))
        cli_refuse_value(option, value, "a size such as 17 or 64K");
    return size;
}

int64_t cli_time_of(const char *option, const char *value)
{
    int64_t ns;

    if (!pm_parse_time(value, &ns))
        cli_refuse_value(option, value, "a time such as 250us, 1s or 5m");
    return ns;
}

unsigned cli_choice_of(const char *option, const char *value, const char *const *words)
{
    char what[128] = "";
    size_t n = 0;

    for (unsigned i = 0; words[i] != NULL && n < sizeof what; i++) {
        const char *before = i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ";

        if (strcmp(value, words[i]) == 0)
            return i;
        n += (size_t)snprintf(what + n, sizeof what - n, "%s%s", before, words[i]);
    }
    cli_refuse_value(option, value, what);
}

void cli_set_intervals(struct pm_options *options, const char *value)
{
    char text[32];
    const char *at = value;

    memset(options->intervals_ns, 0, sizeof options->intervals_ns);
    for (int i = 0; i < PM_INTERVALS_MOST; i++) {
        size_t length = strcspn(at, ",");
        int64_t *ns = &options->intervals_ns[i];

        snprintf(text, sizeof text, "%.*s", (int)length, at);
        if (length >= sizeof text || !pm_parse_time(text, ns) || *ns < 1000000 ||
            *ns > INT64_C(3600) * 1000000000)
            cli_refuse_value("interval", value, "times from 1ms to 1h, such as 1s or 10ms,1s,1m");
        if (at[length] == '\0')
            return;
        at += length + 1;
    }
    cli_refuse_value("interval", value, "up to four times");
}

void cli_set_origin(struct pm_options *options, const char *value)
{
    if (strcmp(value, "first") == 0)
        options->origin = PM_ORIGIN_FIRST;
    else if (strcmp(value, "epoch") == 0)
        options->origin = PM_ORIGIN_EPOCH;
    else if (pm_parse_seconds(value, &options->origin_ns))
        options->origin = PM_ORIGIN_TIME;
    else
        cli_refuse_value("origin", value,
                         "first, epoch, or seconds since the epoch up to 9223372036");
}

void cli_set_key(struct pm_options *options, const char *value)
{
    const char *at = value;

    for (;;) {
        size_t length = strcspn(at, ",");

        if (length == 4 && strncmp(at, "vlan", 4) == 0)
            options->key_vlan = true;
        else if (length == 6 && strncmp(at, "tunnel", 6) == 0)
            options->key_tunnel = true;
        else
            cli_refuse_value("key", value, "vlan, tunnel, or both with a ',' between them");
        if (at[length] == '\0')
            return;
        at += length + 1;
    }
}
