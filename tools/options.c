/* Writes what follows from the commands' lists of options: the manual page, and completions for
 * shells.
 *
 * usage: options man TEXT >PAGE      the line @COMMANDS@ of TEXT becomes the commands and their
 *                                    options
 *        options bash|zsh|fish */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "table/table.h"

/* ---- the lists ------------------------------------------------------------------------------- */

typedef void (*visitor)(int command, const struct argp_option *option);

static void each_option(int command, visitor visit)
{
    const struct argp *argp = cli_argp(command);
    const struct argp_child *child = argp->children;

    for (const struct argp_option *option = argp->options; option && option->name; option++)
        visit(command, option);
    for (; child->argp != NULL; child++)
        for (const struct argp_option *option = child->argp->options; option->name; option++)
            if (!(option->flags & OPTION_HIDDEN))
                visit(command, option);
}

/* The letter of an option, or 0. */
static char letter_of(const struct argp_option *option)
{
    return option->key > ' ' && option->key < 0x7f ? (char)option->key : '\0';
}

/* The words that an option takes, where it takes few. */
static const char *words_of(const struct argp_option *option)
{
    static const struct {
        const char *name;
        const char *words;
    } lists[] = {{"columns", "basic tcp all"}, {"tunnels", "outer inner"},
                 {"key", "vlan tunnel"},       {"origin", "first epoch"},
                 {"render", "svg png none"},   {"progress", "auto always never"}};
    static char tables[512];

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strcmp(lists[i].name, option->name) == 0)
            return lists[i].words;
    if (strcmp(option->name, "tables") != 0)
        return NULL;
    *tables = '\0';
    for (int i = 0; i < PM_N_TABLES; i++)
        if (pm_tables[i]->own_name == NULL) {
            strcat(tables, *tables ? " " : "");
            strcat(tables, pm_tables[i]->name);
        }
    return tables;
}

static bool takes_file(const struct argp_option *option)
{
    return option->arg != NULL &&
           (strcmp(option->arg, "FILE") == 0 || strcmp(option->arg, "DIR") == 0);
}

/* ---- the manual page ------------------------------------------------------------------------- */

/* Marks that roff would read as its own; a vertical tab parts what argp says before its options
 * from what it says behind. */
static void put_roff(const char *text)
{
    bool at_begin = true;

    for (; *text && *text != '\v'; text++) {
        if (at_begin && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        at_begin = *text == '\n';
        if (*text == '-')
            fputs("\\-", stdout);
        else if (*text == '\\')
            fputs("\\e", stdout);
        else
            putchar(*text);
    }
}

static void put_man_option(int command, const struct argp_option *option)
{
    char letter = letter_of(option);

    (void)command;
    puts(".TP");
    if (letter != '\0')
        printf("\\fB\\-%c\\fR, ", letter);
    fputs("\\fB\\-\\-", stdout);
    put_roff(option->name);
    fputs("\\fR", stdout);
    if (option->arg != NULL)
        printf("=\\fI%s\\fR", option->arg);
    putchar('\n');
    put_roff(option->doc);
    putchar('\n');
}

static void put_man_command(int command)
{
    const struct argp *argp = cli_argp(command);
    const char *examples = strchr(argp->doc, '\n'), *behind = strchr(argp->doc, '\v');

    printf(".SS pcapmill %s [\\fIOPTION\\fR]... %s\n%.*s\n.PP\n.EX\n", cli_commands[command].name,
           argp->args_doc, (int)(examples - argp->doc), argp->doc);
    put_roff(examples + 2);
    puts("\n.EE");
    if (behind != NULL) {
        puts(".PP");
        for (behind++; *behind; behind++)
            if (behind[0] == '\n' && behind[1] == '\n') {
                puts("\n.PP");
                behind++;
            } else {
                fputs(*behind == '-' ? "\\-" : (char[]){*behind, '\0'}, stdout);
            }
        putchar('\n');
    }
    each_option(command, put_man_option);
}

static int put_man(const char *path)
{
    FILE *text = fopen(path, "r");
    char line[512];

    if (text == NULL)
        return 2;
    while (fgets(line, sizeof line, text) != NULL)
        if (strcmp(line, "@COMMANDS@\n") != 0)
            fputs(line, stdout);
        else
            for (int command = 0; command < CLI_COMMANDS; command++)
                put_man_command(command);
    fclose(text);
    return 0;
}

/* ---- completions ----------------------------------------------------------------------------- */

static void put_bash_option(int command, const struct argp_option *option)
{
    char letter = letter_of(option);

    (void)command;
    if (letter != '\0')
        printf(" -%c", letter);
    printf(" --%s", option->name);
}

static void put_bash_words(int command, const struct argp_option *option)
{
    char letter = letter_of(option);
    const char *words = words_of(option);

    (void)command;
    if (option->arg == NULL)
        return;
    printf("    --%s", option->name);
    if (letter != '\0')
        printf("|-%c", letter);
    if (words != NULL)
        printf(") COMPREPLY=($(compgen -W '%s' -- \"$word\")); return ;;\n", words);
    else if (takes_file(option))
        puts(") mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); return ;;");
    else
        puts(") return ;;");
}

static void put_bash(void)
{
    puts("# bash completion for pcapmill; made from its lists of options.\n"
         "_pcapmill() {\n"
         "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} options "
         "kind\n"
         "    if [ \"$COMP_CWORD\" -eq 1 ]; then");
    fputs("        COMPREPLY=($(compgen -W '", stdout);
    for (int command = 0; command < CLI_COMMANDS; command++)
        printf("%s ", cli_commands[command].name);
    puts("--help --version' -- \"$word\"))\n        return\n    fi\n"
         "    [ \"$word\" = = ] && word=\n"
         "    [ \"$before\" = = ] && before=${COMP_WORDS[COMP_CWORD - 2]}\n"
         "    case $before in");
    each_option(CLI_ANALYZE, put_bash_words);
    each_option(CLI_BENCH, put_bash_words); /* a case that stands above wins */
    puts("    esac\n    case ${COMP_WORDS[1]} in");
    for (int command = 0; command < CLI_COMMANDS; command++) {
        printf("    %s) options='", cli_commands[command].name);
        each_option(command, put_bash_option);
        puts("' ;;");
    }
    puts("    esac\n"
         "    case $word in\n"
         "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
         "    *)  [ \"${COMP_WORDS[1]}\" = report ] && kind=-d || kind=-f\n"
         "        mapfile -t COMPREPLY < <(compgen $kind -- \"$word\") ;;\n"
         "    esac\n"
         "}\n"
         "complete -o filenames -F _pcapmill pcapmill");
}

/* In single quotes: a quote ends them, stands for itself, and begins them again. */
static void put_quoted(const char *text, const char *escaped)
{
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (strchr(escaped, *text) != NULL)
            printf("\\%c", *text);
        else
            putchar(*text);
}

static void put_zsh_option(int command, const struct argp_option *option)
{
    const char *words = words_of(option);

    (void)command;
    if (letter_of(option) != '\0')
        printf("      '(-%c --%s)'{-%c,--%s%s}'[", letter_of(option), option->name,
               letter_of(option), option->name, option->arg != NULL ? "=" : "");
    else
        printf("      '--%s%s[", option->name, option->arg != NULL ? "=" : "");
    put_quoted(option->doc, "[]:");
    putchar(']');
    if (option->arg != NULL) {
        putchar(':');
        put_quoted(option->arg, "[]:");
        putchar(':');
        if (words != NULL)
            printf("(%s)", words);
        else if (takes_file(option))
            fputs("_files", stdout);
    }
    puts("' \\");
}

static void put_zsh(void)
{
    puts("#compdef pcapmill\n"
         "# zsh completion for pcapmill; made from its lists of options.\n"
         "_pcapmill() {\n  if (( CURRENT == 2 )); then\n    local -a commands=(");
    for (int command = 0; command < CLI_COMMANDS; command++) {
        printf("      '%s:", cli_commands[command].name);
        put_quoted(cli_commands[command].what, ":");
        puts("'");
    }
    puts("    )\n    _describe command commands\n    return\n  fi\n"
         "  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in");
    for (int command = 0; command < CLI_COMMANDS; command++) {
        printf("  %s)\n    _arguments \\\n", cli_commands[command].name);
        each_option(command, put_zsh_option);
        puts("      '*:file:_files' ;;");
    }
    puts("  esac\n}\n_pcapmill \"$@\"");
}

static void put_fish_option(int command, const struct argp_option *option)
{
    const char *words = words_of(option);

    printf("complete -c pcapmill -n '__fish_seen_subcommand_from %s' -l %s",
           cli_commands[command].name, option->name);
    if (letter_of(option) != '\0')
        printf(" -s %c", letter_of(option));
    if (words != NULL)
        printf(" -x -a '%s'", words);
    else if (option->arg != NULL)
        fputs(takes_file(option) ? " -r" : " -x", stdout);
    fputs(" -d '", stdout);
    for (const char *at = option->doc; *at; at++)
        printf(*at == '\'' || *at == '\\' ? "\\%c" : "%c", *at);
    puts("'");
}

static void put_fish(void)
{
    puts("# fish completion for pcapmill; made from its lists of options.");
    for (int command = 0; command < CLI_COMMANDS; command++)
        printf("complete -c pcapmill -f -n __fish_use_subcommand -a %s -d '%s'\n",
               cli_commands[command].name, cli_commands[command].what);
    for (int command = 0; command < CLI_COMMANDS; command++)
        each_option(command, put_fish_option);
}

int main(int argc, char **argv)
{
    int status = 0;

    if (argc == 3 && strcmp(argv[1], "man") == 0)
        status = put_man(argv[2]);
    else if (argc == 2 && strcmp(argv[1], "bash") == 0)
        put_bash();
    else if (argc == 2 && strcmp(argv[1], "zsh") == 0)
        put_zsh();
    else if (argc == 2 && strcmp(argv[1], "fish") == 0)
        put_fish();
    else
        status = 2;
    return status != 0 ? status : fflush(stdout) != 0 || ferror(stdout);
}
