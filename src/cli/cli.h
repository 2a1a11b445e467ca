/* The program: options, commands, messages. It uses the library through its public header; units.h,
 * nearest.h, plain.h and now.h are the pieces of src/base that it shares. */
#ifndef PM_CLI_H
#define PM_CLI_H

#include <stdio.h>

#include <pcapmill/pcapmill.h>

enum {
    EXIT_COMPLETE = 0,
    EXIT_FAILED = 1,
    EXIT_BAD_USAGE = 2,
    EXIT_DAMAGED_INPUT = 3,
    EXIT_IS_LOCKED = 4,
    EXIT_INPUT_CHANGED = 5
};

struct cli_bar {
    double begin; /* seconds, as those of `drawn` */
    double drawn;
    bool visible;
};

/* What the command line asked for. */
struct cli_request {
    struct pm_options options;
    struct pm_output output;
    bool damaged_ok;
    bool list_on_stdin; /* --files-from - */
    bool json;
    bool quiet;
    bool verbose;
    enum { CLI_PROGRESS_AUTO, CLI_PROGRESS_ALWAYS, CLI_PROGRESS_NEVER } progress;
    unsigned rounds; /* of bench */
    char **paths;
    int n_paths;
    struct cli_bar bar;
};

/* Commands; each gets its own name as argv[0] and returns the exit status. */
int cli_analyze(int argc, char **argv);
int cli_info(int argc, char **argv);
int cli_bench(int argc, char **argv);
int cli_report(int argc, char **argv);

/* The options of a command: one list, less what does not apply. Leaves the program with status 2
 * where they are wrong. */
enum cli_command { CLI_ANALYZE, CLI_INFO, CLI_REPORT, CLI_BENCH, CLI_COMMANDS };
struct cli_command_text {
    const char *name;
    const char *what;
};
extern const struct cli_command_text cli_commands[CLI_COMMANDS];

/* The list itself, for what is made of it: the manual, completions. */
struct argp;
const struct argp *cli_argp(enum cli_command command);

/* Leaves the program, with status 2 and a hint, where an option is none but is like one. */
void cli_check_options(const struct argp *argp, int argc, char **argv);

struct cli_request cli_parse(int argc, char **argv, enum cli_command command);
void cli_free(struct cli_request *request);

/* Begins a line on stderr: with the program's name, or, a note of what was found, without; where
 * stderr is systemd's journal with a level before it, as sd-daemon(3) says. */
enum cli_level { CLI_ERROR = 3, CLI_WARNING = 4, CLI_NOTE = 6 };
void cli_begin(enum cli_level level);

/* Prints the message on stderr and returns the exit status for it. */
int cli_fail(const struct pm_error *error);

/* A text from outside, what terminals obey as '?'. */
void cli_print_text(const char *text, FILE *out);

/* Tells on stderr what is damaged in the inputs, unless the request is to be quiet. */
void cli_warn_damage(const struct cli_request *request, const struct pm_summary *summary);

void cli_print_version(void);

/* SIGINT, SIGTERM and SIGHUP set a flag that the library polls; SIGBUS in a capture is survived. */
void cli_catch_signals(void);
const volatile int *cli_stop_flag(void);

/* If a signal was caught, ends the program by it, as if it had not been. */
void cli_raise_caught(void);

/* A bar on stderr, where that is a terminal and the work is long. */
void cli_progress_begin(struct cli_request *request);
void cli_progress_end(struct cli_request *request);

#endif
