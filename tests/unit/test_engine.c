/* src/engine: items are finished in order, whatever the threads; the first failure ends the work.
 * Workers may use the CPUs that their caller may. */
#include "unit.h"

#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "engine/ordered.h"
#include "engine/workers.h"

enum { ITEMS = 1000, SPLITS = 3, WORKERS = 9 };

struct log {
    atomic_int worked;
    atomic_int left;
    atomic_size_t n_split;
    size_t finished[ITEMS + SPLITS];
    size_t n_finished; /* finish is called by one at a time: no lock */
    size_t fails_at;
    enum { IN_WORK, IN_FINISH, IN_LEAVE } fails;
};

static enum pm_status work(void *context, unsigned worker, size_t item)
{
    struct log *log = context;
    struct timespec moment = {.tv_nsec = (long)(item % 7) * 1000};

    (void)worker;
    nanosleep(&moment, NULL);
    atomic_fetch_add(&log->worked, 1);
    return item == log->fails_at && log->fails == IN_WORK ? PM_IO : PM_OK;
}

static enum pm_status finish(void *context, unsigned worker, size_t item)
{
    struct log *log = context;

    (void)worker;
    log->finished[log->n_finished++] = item;
    return item == log->fails_at && log->fails == IN_FINISH ? PM_DAMAGED : PM_OK;
}

static enum pm_status leave(void *context, unsigned worker, size_t item)
{
    struct log *log = context;

    (void)worker;
    atomic_fetch_add(&log->left, 1);
    return item == log->fails_at && log->fails == IN_LEAVE ? PM_CHANGED : PM_OK;
}

static void in_order(void **state)
{
    static const unsigned workers[] = {1, 2, 3, 8, 64};

    (void)state;
    for (size_t i = 0; i < sizeof workers / sizeof *workers; i++) {
        struct log log = {.fails_at = ITEMS};
        struct pm_ordered ordered = {ITEMS, &log, work, finish, leave};

        assert_int_equal(pm_ordered_run(workers[i], &ordered), PM_OK);
        assert_int_equal(log.n_finished, ITEMS);
        assert_int_equal(log.left, ITEMS);
        for (size_t item = 0; item < ITEMS; item++)
            assert_int_equal(log.finished[item], item);
    }
}

/* The last items, which take until there is nothing more to split, are split once each, the very
 * last one first. */
static enum pm_status wait_for_splits(void *context, unsigned worker, size_t item)
{
    struct log *log = context;

    while (item >= ITEMS - SPLITS && item < ITEMS && log->n_split < SPLITS)
        sched_yield();
    return work(context, worker, item);
}

static bool split(void *context, size_t *of)
{
    struct log *log = context;

    if (log->n_split == SPLITS)
        return false;
    *of = ITEMS - 1 - log->n_split++;
    return true;
}

static void parts_behind_their_wholes(void **state)
{
    struct log log = {.fails_at = ITEMS + SPLITS};
    struct pm_ordered ordered = {ITEMS,  &log,           wait_for_splits,
                                 finish, .split = split, .n_more = SPLITS};

    (void)state;
    assert_int_equal(pm_ordered_run(SPLITS + 1, &ordered), PM_OK);
    assert_int_equal(log.n_finished, ITEMS + SPLITS);
    for (size_t item = 0, at = 0; item < ITEMS; item++) {
        assert_int_equal(log.finished[at++], item);
        if (item >= ITEMS - SPLITS)
            assert_int_equal(log.finished[at++], ITEMS + ITEMS - 1 - item);
    }
}

static void nothing_to_do(void **state)
{
    struct log log = {.fails_at = ITEMS};
    struct pm_ordered none = {0, &log, work, finish};

    (void)state;
    assert_int_equal(pm_ordered_run(4, &none), PM_OK);
    assert_int_equal(atomic_load(&log.worked), 0);
}

static void a_failure_ends_it(void **state)
{
    static const enum pm_status statuses[] = {
        [IN_WORK] = PM_IO, [IN_FINISH] = PM_DAMAGED, [IN_LEAVE] = PM_CHANGED};

    (void)state;
    for (int where = IN_WORK; where <= IN_LEAVE; where++) {
        struct log log = {.fails_at = 100, .fails = where};
        struct pm_ordered ordered = {ITEMS, &log, work, finish, leave};

        assert_int_equal(pm_ordered_run(3, &ordered), statuses[where]);
        assert_in_range(log.n_finished, where == IN_WORK ? 0 : 101, where == IN_LEAVE ? 150 : 101);
        assert_in_range(atomic_load(&log.worked), 101, 150);
    }
}

static void a_failure_ends_the_splits(void **state)
{
    struct log log = {.fails_at = ITEMS - SPLITS};
    struct pm_ordered ordered = {ITEMS,  &log,           wait_for_splits,
                                 finish, .split = split, .n_more = SPLITS};

    (void)state;
    assert_int_equal(pm_ordered_run(SPLITS + 1, &ordered), PM_IO);
    assert_in_range(log.n_finished, 0, ITEMS - SPLITS);
}

struct places {
    atomic_int calls[WORKERS];
    cpu_set_t cpus[WORKERS]; /* that each worker may use */
};

static void note_place(void *context, unsigned worker)
{
    struct places *places = context;

    atomic_fetch_add(&places->calls[worker], 1);
    sched_getaffinity(0, sizeof places->cpus[worker], &places->cpus[worker]);
}

static void expect_places(const cpu_set_t *cpus)
{
    for (unsigned n = 1; n <= WORKERS; n++) {
        struct places places = {0};

        pm_workers_run(n, note_place, &places);
        for (unsigned worker = 0; worker < WORKERS; worker++) {
            assert_int_equal(places.calls[worker], worker < n);
            if (worker < n)
                assert_true(CPU_EQUAL(&places.cpus[worker], cpus));
        }
    }
}

/* More workers than CPUs, too, and a caller who is held to one CPU. */
static void workers_may_use_what_the_caller_may(void **state)
{
    cpu_set_t all, one;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    expect_places(&all);
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    expect_places(&one);
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order),
        cmocka_unit_test(parts_behind_their_wholes),
        cmocka_unit_test(nothing_to_do),
        cmocka_unit_test(a_failure_ends_it),
        cmocka_unit_test(a_failure_ends_the_splits),
        cmocka_unit_test(workers_may_use_what_the_caller_may),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
