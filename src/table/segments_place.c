#include "table/segments_place.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/workers.h"

/* Segments of one part: a head is fetched so far ahead, the slot that names it twice as far. */
enum { LOOK_AHEAD = 8 };

struct placing {
    struct pm_segments *segments;
    uint32_t begin;
    const struct pm_shift *shift;
    unsigned parts;
    atomic_uint taken;       /* parts */
    pthread_mutex_t details; /* guards what is kept beside segments */
    pthread_mutex_t lock;    /* guards what follows */
    struct pm_store left;    /* uint32_t: segments whose search has left their part, those of a
                                five-tuple in order */
    enum pm_status status;
};

/* What one thread works on. */
struct part {
    struct placing *placing;
    struct pm_index_part slots;
    uint32_t added; /* entries filled */
};

static struct pm_segment *segment_of(const struct part *part, uint32_t number)
{
    return pm_segment_at(part->placing->segments, number);
}

/* ---- asking for what is soon needed ---------------------------------------------------------- */

static inline __attribute__((always_inline)) bool is_mine(const struct part *part, uint32_t number)
{
    return number != PM_NONE && pm_index_in_part(&part->placing->segments->index, part->slots,
                                                 segment_of(part, number)->key.hash);
}

static inline __attribute__((always_inline)) void fetch_hash(const struct part *part,
                                                             uint32_t number)
{
    if (number != PM_NONE)
        __builtin_prefetch(&segment_of(part, number)->key.hash);
}

static inline __attribute__((always_inline)) void fetch_slot(const struct part *part,
                                                             uint32_t number)
{
    if (!is_mine(part, number))
        return;
    pm_index_prefetch(&part->placing->segments->index, segment_of(part, number)->key.hash);
    __builtin_prefetch(&segment_of(part, number)->first_packet, 1);
}

/* What a segment may continue, and will be compared with and counted in. */
static inline __attribute__((always_inline)) void fetch_head(const struct part *part,
                                                             uint32_t number)
{
    const struct pm_segments *segments = part->placing->segments;
    const struct pm_index_entry *entry;

    if (!is_mine(part, number))
        return;
    entry = pm_index_seek_in(&segments->index, part->slots, segment_of(part, number)->key.hash,
                             pm_index_any, NULL, NULL);
    if (entry != NULL && entry->item != 0)
        pm_segment_fetch(segments, pm_index_item(entry));
}

/* ---- the rule -------------------------------------------------------------------------------- */

static enum pm_flow_cut cut_before(const struct pm_segments *segments, uint32_t before,
                                   const struct pm_segment *segment)
{
    struct pm_opening opening = pm_segment_opening(segment);

    return before == PM_NONE ? PM_CUT_NONE
                             : pm_flow_cut(pm_segment_at(segments, before), &opening,
                                           segments->settings->idle_timeout_ns);
}

static enum pm_status append(struct placing *placing, uint32_t to, uint32_t number)
{
    bool alone = !pm_segment_appends_details(placing->segments, to, number);
    enum pm_status status;

    if (!alone)
        pthread_mutex_lock(&placing->details);
    status = pm_segment_append(placing->segments, to, number);
    if (!alone)
        pthread_mutex_unlock(&placing->details);
    return status;
}

/* `entry`: of the five-tuple, or the free one for it. A segment that begins a flow is a head, and
 * names the one before it, until flows get their numbers. */
static enum pm_status place(struct part *part, uint32_t number, struct pm_index_entry *entry)
{
    struct pm_segment *segment = segment_of(part, number);
    uint32_t before = pm_index_item(entry);

    segment->flow = before;
    if (before == PM_NONE)
        part->added++;
    else if (cut_before(part->placing->segments, before, segment) == PM_CUT_NONE)
        return append(part->placing, before, number);
    segment->head = true;
    *entry = (struct pm_index_entry){.hash = segment->key.hash, .item = number + 1};
    return PM_OK;
}

/* ---- parts ----------------------------------------------------------------------------------- */

static enum pm_status leave(struct placing *placing, uint32_t number)
{
    uint32_t kept;

    pthread_mutex_lock(&placing->lock);
    kept = pm_store_add(&placing->left);
    if (kept != PM_NONE)
        *(uint32_t *)pm_store_at(&placing->left, kept) = number;
    pthread_mutex_unlock(&placing->lock);
    return kept == PM_NONE ? PM_NO_MEMORY : PM_OK;
}

/* Each segment is compared only with what lies to its left, which has its new numbers. Cost: 26 ns
 * a segment that begins a flow (bench: settle/flows). Where flows go on from run to run it was 200,
 * for want of their heads, and is less than 100 since those are asked for. */
static enum pm_status place_part(struct part *part)
{
    struct placing *placing = part->placing;
    struct pm_segments *segments = placing->segments;
    const struct pm_store *store = &segments->store;
    uint32_t ahead = LOOK_AHEAD * placing->parts;

    for (uint32_t i = pm_store_seek(store, placing->begin); i != PM_NONE;
         i = pm_store_next(store, i)) {
        struct pm_segment *segment = pm_segment_at(segments, i);
        struct pm_index_entry *entry;

        fetch_hash(part, pm_store_seek(store, i + 3 * ahead));
        fetch_slot(part, pm_store_seek(store, i + 2 * ahead));
        fetch_head(part, pm_store_seek(store, i + ahead));
        if (!is_mine(part, i))
            continue;
        pm_segment_renumber(segment, placing->shift);
        entry = pm_index_seek_in(&segments->index, part->slots, segment->key.hash,
                                 pm_segment_has_key, store, &segment->key);
        PM_TRY(entry == NULL ? leave(placing, i) : place(part, i, entry));
    }
    return PM_OK;
}

static void hand_in(struct part *part, enum pm_status status)
{
    struct placing *placing = part->placing;

    pthread_mutex_lock(&placing->lock);
    placing->segments->index.used += part->added;
    if (status != PM_OK)
        placing->status = status;
    pthread_mutex_unlock(&placing->lock);
}

static void work(void *context, unsigned worker)
{
    struct placing *placing = context;
    unsigned number;

    (void)worker;
    while ((number = atomic_fetch_add(&placing->taken, 1)) < placing->parts) {
        struct part part = {.placing = placing,
                            .slots =
                                pm_index_part(&placing->segments->index, number, placing->parts)};

        hand_in(&part, place_part(&part));
    }
}

/* ---- what is left for one -------------------------------------------------------------------- */

static enum pm_status place_left(struct placing *placing)
{
    struct pm_segments *segments = placing->segments;
    struct part all = {.placing = placing};
    const struct pm_store *left = &placing->left;

    for (uint32_t i = pm_store_first(left); i != PM_NONE; i = pm_store_next(left, i)) {
        uint32_t number = *(const uint32_t *)pm_store_at(left, i);
        const struct pm_flow_key *key = &pm_segment_at(segments, number)->key;

        PM_TRY(place(
            &all, number,
            pm_index_seek(&segments->index, key->hash, pm_segment_has_key, &segments->store, key)));
    }
    segments->index.used += all.added;
    return PM_OK;
}

static enum pm_status number_flows(struct pm_segments *segments, uint32_t begin)
{
    const struct pm_store *store = &segments->store;

    for (uint32_t i = pm_store_seek(store, begin); i != PM_NONE; i = pm_store_next(store, i)) {
        const struct pm_segment *segment = pm_segment_at(segments, i);

        if (segment->head)
            PM_TRY(pm_flow_begin(segments, i, segment->flow,
                                 cut_before(segments, segment->flow, segment)));
    }
    return PM_OK;
}

static unsigned parts_for(const struct pm_settings *settings, uint64_t n)
{
    uint64_t worth;

    if (settings->threads <= 1)
        return 1;
    worth = n / settings->segments_each;
    return worth == 0 ? 1 : worth < settings->threads ? (unsigned)worth : settings->threads;
}

enum pm_status pm_segments_place(struct pm_segments *segments, uint32_t begin, uint64_t n,
                                 const struct pm_shift *shift)
{
    struct placing placing = {.segments = segments,
                              .begin = begin,
                              .shift = shift,
                              .parts = parts_for(segments->settings, n),
                              .details = PTHREAD_MUTEX_INITIALIZER,
                              .lock = PTHREAD_MUTEX_INITIALIZER};

    pm_store_init(&placing.left, sizeof(uint32_t));
    pm_workers_run(placing.parts, work, &placing);
    if (placing.status == PM_OK)
        placing.status = place_left(&placing);
    if (placing.status == PM_OK)
        placing.status = number_flows(segments, begin);
    pm_store_free(&placing.left);
    pthread_mutex_destroy(&placing.details);
    pthread_mutex_destroy(&placing.lock);
    return placing.status;
}
