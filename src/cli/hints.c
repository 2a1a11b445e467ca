/* What was probably meant by an option that is none: argp says no more than that it is unknown. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/cli.h"

/* The option that a word of the command line is, by its letter or by the beginning of its name;
 * NULL: there is none. Names that are near are tried on the way. */
static const struct argp_option *find_option(const struct argp *argp, const char *word,
                                             struct pm_nearest *nearest)
{
    bool is_long = word[1] == '-';
    const char *name = word + 1 + is_long;
    const struct argp_option *found = NULL;

    for (const struct argp_option *option = argp->options; option && option->name; option++) {
        if (is_long ? strncmp(option->name, name, strcspn(name, "=")) == 0 : option->key == *name)
            return option;
        if (!(option->flags & OPTION_HIDDEN))
            pm_nearest_try(nearest, option->name);
    }
    for (const struct argp_child *child = argp->children; child && child->argp && !found; child++)
        found = find_option(child->argp, word, nearest);
    return found;
}

void cli_check_options(const struct argp *argp, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *word = argv[i];
        const struct argp_option *option;
        struct pm_nearest nearest;

        if (word[0] != '-' || word[1] == '\0')
            continue;
        nearest = pm_nearest_to(word + 2, strcspn(word + 2, "="));
        option = find_option(argp, word, &nearest);
        if (option == NULL && word[1] == '-' && nearest.word != NULL) {
            cli_begin(CLI_ERROR);
            fputs("there is no option '", stderr);
            cli_print_text(word, stderr);
            fprintf(stderr, "': did you mean '--%s'?\n", nearest.word);
            exit(EXIT_BAD_USAGE);
        }
        if (option != NULL && option->arg != NULL &&
            (word[1] == '-' ? strchr(word, '=') == NULL : word[2] == '\0'))
            i++; /* what it takes may look like an option */
    }
}
