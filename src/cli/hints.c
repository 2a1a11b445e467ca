/* What was probably meant by an option that is none: argp says no more than that it is unknown. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/cli.h"

/* The option with that letter, or whose name begins with `name`; NULL: there is none. Names that
 * are near are tried on the way. */
static const struct argp_option *find_option(const struct argp *argp, int letter, const char *name,
                                             struct pm_nearest *nearest)
{
    const struct argp_option *found = NULL;

    for (const struct argp_option *option = argp->options; option && option->name; option++) {
        if (name == NULL ? option->key == letter
                         : strncmp(option->name, name, nearest->length) == 0)
            return option;
        if (!(option->flags & OPTION_HIDDEN))
            pm_nearest_try(nearest, option->name);
    }
    for (const struct argp_child *child = argp->children; child && child->argp && !found; child++)
        found = find_option(child->argp, letter, name, nearest);
    return found;
}

/* Whether the next word is what the last letter of a bundle takes, as in -qo FOLDER. */
static bool takes_next(const struct argp *argp, const char *letters)
{
    struct pm_nearest nearest = pm_nearest_to("", 0);

    for (; *letters; letters++) {
        const struct argp_option *option = find_option(argp, *letters, NULL, &nearest);

        if (option == NULL || option->arg != NULL)
            return option != NULL && letters[1] == '\0';
    }
    return false;
}

static _Noreturn void refuse(const struct pm_nearest *nearest)
{
    cli_begin(CLI_ERROR);
    fprintf(stderr, "there is no option '--%.*s': did you mean '--%s'?\n", (int)nearest->length,
            nearest->meant, nearest->word);
    exit(EXIT_BAD_USAGE);
}

void cli_check_options(const struct argp *argp, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *name = argv[i] + 2;
        const struct argp_option *option;
        struct pm_nearest nearest;

        if (strncmp(argv[i], "--", 2) != 0) {
            i += argv[i][0] == '-' && takes_next(argp, argv[i] + 1);
            continue;
        }
        nearest = pm_nearest_to(name, strcspn(name, "="));
        option = find_option(argp, 0, name, &nearest);
        if (option == NULL && nearest.word != NULL)
            refuse(&nearest);
        if (option != NULL && option->arg != NULL && name[nearest.length] != '=')
            i++; /* what it takes may look like an option */
    }
}
