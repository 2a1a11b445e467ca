/*
 * Keeping only packets that match an expression, by libpcap's compiler and its interpreter.
 *
 * A filter belongs to one thread: it compiles the expression anew for every link type, in either
 * byte order, that it meets.
 */
#ifndef PM_FILTER_H
#define PM_FILTER_H

#include "capture/walk.h"

struct pm_filter_program;

struct pm_filter {
    const char *expression; /* NULL: every packet matches */
    struct pm_filter_program *programs;
    size_t n_programs;
    size_t latest; /* the program that matched last: neighbours share their link type */
};

/* Is it an expression for this link type? The sentence says where not (PM_USAGE). */
enum pm_status pm_filter_check(const char *expression, uint16_t link_type, struct pm_error *error);

/* Does the record match? PM_USAGE: the expression does not fit the record's link type. */
enum pm_status pm_filter_match(struct pm_filter *filter, const struct pm_record *record,
                               bool *matches);

void pm_filter_free(struct pm_filter *filter);

#endif
