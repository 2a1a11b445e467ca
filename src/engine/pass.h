/*
 * One pass over parts of captures that lie in memory: they are split into runs, all of which are
 * worked on at once and joined in order (ordered.h): a run is walked from a guess, then proven or
 * walked again, and merged. A worker who has nothing more to do takes half of what is left of the
 * longest run.
 *
 * A run is proven where the run before it ended, and the first run of a part begins where the part
 * before ended: by induction from the file header every start is the right one, or is made so.
 * Wrong guesses cost at most one further walk of each run.
 */
#ifndef PM_PASS_H
#define PM_PASS_H

#include "engine/analysis.h"

/* How far a capture is proven, and what holds there. */
struct pm_frontier {
    uint64_t at;
    struct pm_section section;
    enum pm_damage damage; /* nothing behind it can be read */
};

/* A whole capture, or a window of it. */
struct pm_part {
    const struct pm_capture *capture;
    struct pm_input *input;
    struct pm_description *description;
    struct pm_view view;
    uint64_t fresh; /* behind what is left of the part before: runs are cut from here */
    struct pm_frontier frontier; /* where it begins; the pass moves it on */
    struct pm_section opening;   /* pcapng: what holds at its first packet */
};

struct pm_pass;

/* For as many passes as it takes. NULL: no memory. */
struct pm_pass *pm_pass_new(struct pm_analysis *analysis, uint64_t all_bytes);
void pm_pass_free(struct pm_pass *pass);

enum pm_status pm_pass_read(struct pm_pass *pass, struct pm_part *parts, size_t n_parts,
                            struct pm_error *error);

/* Tells progress of `bytes` that no run walks. */
void pm_pass_progress(struct pm_pass *pass, uint64_t bytes);

/* Notes damage of an input for the summary. */
void pm_pass_damage(struct pm_input *input, enum pm_damage damage, struct pm_input_damage what);

#endif
