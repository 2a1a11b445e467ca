/*
 * Work on items 0 … n - 1 that many threads do at once and one at a time finishes in order: runs
 * that are walked and joined, rows that are formatted and written. Where the last items take long,
 * they can be split for those who are done.
 *
 *     workers:  take the next item ─▶ work ─▶ hand it in ─┐           ┌─▶ leave
 *     in order:                                 finish  ◀─┘ ──────────┘
 *               by whoever handed in the item that the others wait for, or has to wait for it
 *
 * No worker gets more than a few items ahead of the last one finished, so what lies between the two
 * stays bounded whatever the number of items.
 */
#ifndef PM_ORDERED_H
#define PM_ORDERED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct pm_ordered {
    size_t n_items;
    void *context;
    enum pm_status (*work)(void *context, unsigned worker, size_t item);
    enum pm_status (*finish)(void *context, unsigned worker, size_t item);

    /* What is left to do with an item that is finished, by the same worker, while others may go on.
     * NULL: nothing. */
    enum pm_status (*leave)(void *context, unsigned worker, size_t item);

    /* Asked, once all items are taken, for a part of the work on item *of that another worker can
     * take off it: it becomes the next item by number, of which there are at most n_more, and is
     * finished right behind *of, which is not finished yet. One call at a time. NULL: never. */
    bool (*split)(void *context, size_t *of);
    size_t n_more;
};

/* The first failure ends it: items that no worker has taken are left, and its status is returned.
 */
enum pm_status pm_ordered_run(unsigned workers, const struct pm_ordered *ordered);

#endif
