/* What the values of options say. A wrong one ends the program: one sentence, status 2. */
#ifndef PM_VALUES_H
#define PM_VALUES_H

#include <pcapmill/pcapmill.h>

/* `what` is what the option takes. */
_Noreturn void cli_refuse_value(const char *option, const char *value, const char *what);

uint64_t cli_count_of(const char *option, const char *value, uint64_t max);
uint64_t cli_size_of(const char *option, const char *value);
int64_t cli_time_of(const char *option, const char *value); /* ns */

/* The place of the value in a list of few short words that ends with NULL. */
unsigned cli_choice_of(const char *option, const char *value, const char *const *words);

/* Of one option each. */
void cli_set_intervals(struct pm_options *options, const char *value);
void cli_set_origin(struct pm_options *options, const char *value);
void cli_set_key(struct pm_options *options, const char *value);

#endif
