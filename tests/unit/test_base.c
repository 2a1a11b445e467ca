/* src/base: numbers, addresses, units, bins, words, and the two containers. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/loglinear.h"
#include "base/moments.h"
#include "base/nearest.h"
#include "base/number.h"
#include "base/plain.h"
#include "base/sorted.h"
#include "base/store.h"
#include "base/units.h"
#include "base/wide.h"

static void expect_text(char *end, char *text, const char *expected)
{
    *end = '\0';
    assert_string_equal(text, expected);
}

static void integers(void **state)
{
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {{0, "0"},
                 {9, "9"},
                 {10, "10"},
                 {-1, "-1"},
                 {12345, "12345"},
                 {INT64_MAX, "9223372036854775807"},
                 {INT64_MIN, "-9223372036854775808"}};
    char text[PM_NUMBER_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_text(pm_write_integer(text, cases[i].value), text, cases[i].text);
}

/* All numbers up to 10^6, which go through every digit of every lane, and those around 10^n. */
static void as_printf_writes_them(void **state)
{
    char text[PM_NUMBER_MAX], expected[PM_NUMBER_MAX];

    (void)state;
    for (uint64_t power = 1000000; power != 0; power = power < UINT64_MAX / 10 ? power * 10 : 0)
        for (uint64_t value = power == 1000000 ? 0 : power - 3; value < power + 3; value++) {
            snprintf(expected, sizeof expected, "%" PRIu64, value);
            expect_text(pm_write_unsigned(text, value), text, expected);
        }
}

/* Whatever order they are joined in, and where a sum of squares takes more than 128 bits. */
static void moments(void **state)
{
    struct pm_moments left = {0}, right = {0}, nothing = {0};

    (void)state;
    pm_moments_join(&left, &nothing);
    assert_true(pm_moments_mean(&left) == 0 && pm_moments_deviation(&left, 1, 1) == 0);
    pm_moments_add(&left, 2);
    assert_true(pm_moments_deviation(&left, 1, 1) == 0);
    pm_moments_add(&right, 5);
    pm_moments_add(&right, 1);
    pm_moments_join(&left, &right);
    assert_int_equal(left.min, 1);
    assert_int_equal(left.max, 5);
    assert_true(pm_moments_mean(&left) == 2666667);
    assert_true(pm_moments_deviation(&left, 1, 1) == 1699673); /* sqrt(26) / 3 */
    left = (struct pm_moments){0};
    for (int i = 0; i < 1000; i++)
        pm_moments_add(&left, UINT64_C(120000000000) + (i & 1) * 2);
    assert_true(pm_moments_mean(&left) == (__int128)120000000001 * 1000000);
    assert_true(pm_moments_deviation(&left, 1, 1) == 1000000);
    assert_true(pm_moments_deviation(&left, 8, 3) == 2666667);
    assert_true(pm_moments_variance(&left) == 1000000);
}

/* Times between a clock and one that lies: the sum of squares passes 128 bits, and the deviation is
 * still that of the nanoseconds. */
static void moments_of_large_values(void **state)
{
    struct pm_moments one_by_one = {0}, at_once = {0};
    const uint64_t large = UINT64_C(18000000000000000000);

    (void)state;
    for (int i = 0; i < 3000; i++)
        pm_moments_add(&one_by_one, large + (i % 3 == 0) * 300);
    pm_moments_add_many(&at_once, large, 2000);
    pm_moments_add_many(&at_once, large + 300, 1000);
    assert_memory_equal(&one_by_one, &at_once, sizeof at_once);
    assert_true(pm_moments_mean(&at_once) == ((__int128)large + 100) * 1000000);
    assert_true(pm_moments_deviation(&at_once, 1, 1) == 141421356); /* sqrt(2) * 100 */
    assert_true(pm_moments_deviation(&at_once, 8000000000, 1000) == (__int128)1131370849898476);
    assert_true(pm_moments_variance(&at_once) == (__int128)20000 * 1000000);
}

static void wide_numbers(void **state)
{
    const unsigned __int128 all = ~(unsigned __int128)0;
    struct pm_wide square = pm_wide_square(all), less;

    (void)state;
    assert_true(pm_wide_root(square) == all);
    less = pm_wide_subtract(square, pm_wide_of(1));
    assert_true(pm_wide_root(less) == all - 1);
    assert_true(pm_wide_low(pm_wide_divide(pm_wide_multiply(pm_wide_of(1000), 7), 49)) == 142);
    assert_true(pm_wide_low(square) == (__int128)(all >> 1));
    assert_true(pm_wide_real(pm_wide_multiply(pm_wide_of(3), UINT64_C(1) << 63)) == 0x3p63L);
}

static void fixed_point(void **state)
{
    char text[PM_NUMBER_MAX];

    (void)state;
    expect_text(pm_write_fixed(text, 0, 6), text, "0.000000");
    expect_text(pm_write_fixed(text, -1500000, 6), text, "-1.500000");
    expect_text(pm_write_fixed(text, 1000000007, 9), text, "1.000000007");
    expect_text(pm_write_fixed(text, (__int128)INT64_MAX * 1000000, 6), text,
                "9223372036854775807.000000");
    assert_true(pm_round_divide(5, 2) == 3);
    assert_true(pm_round_divide(-5, 2) == -3);
    assert_true(pm_round_divide(4, 3) == 1);
}

static void addresses(void **state)
{
    static const struct {
        uint64_t high, low;
        const char *text;
    } cases[] = {
        {0, 0, "::"},
        {0, 1, "::1"},
        {0x20010db800000000, 1, "2001:db8::1"},
        {0x20010db800000001, 0x0001000100010001, "2001:db8:0:1:1:1:1:1"}, /* RFC 5952, 4.2.2 */
        {0x2001000000000001, 0x0000000000000001, "2001:0:0:1::1"},        /* 4.2.3 */
        {0x20010db800000000, 0x0001000000000001, "2001:db8::1:0:0:1"},
        {0xfe80000000000000, 0, "fe80::"},
        {0, 0x0000ffff01020304, "::ffff:1.2.3.4"},
    };
    char text[PM_NUMBER_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_text(pm_write_address(text, 6, (struct pm_address){cases[i].high, cases[i].low}),
                    text, cases[i].text);
    expect_text(pm_write_address(text, 4, (struct pm_address){0, 0xc0a80001}), text, "192.168.0.1");
    expect_text(pm_write_address(text, 0, (struct pm_address){0, 1}), text, "");
}

static void units(void **state)
{
    int64_t ns;
    uint64_t bytes;

    (void)state;
    assert_true(pm_parse_time("250us", &ns) && ns == 250000);
    assert_true(pm_parse_time("1h", &ns) && ns == INT64_C(3600) * 1000000000);
    assert_true(pm_parse_time("0", &ns) && ns == 0);
    assert_false(pm_parse_time("5", &ns));
    assert_false(pm_parse_time("", &ns));
    assert_false(pm_parse_time("-1s", &ns));
    assert_false(pm_parse_time("99999999999999999999s", &ns));
    assert_false(pm_parse_time("9223372036854775807s", &ns));
    assert_true(pm_parse_size("64M", &bytes) && bytes == 64u << 20);
    assert_true(pm_parse_size("17", &bytes) && bytes == 17);
    assert_false(pm_parse_size("1X", &bytes));
    assert_false(pm_parse_size("1MB", &bytes));
    assert_true(pm_parse_seconds("-1.25", &ns) && ns == -1250000000);
    assert_false(pm_parse_seconds("1.0000000001", &ns));
}

static void bins(void **state)
{
    (void)state;
    for (unsigned bin = 0; bin + 1 < PM_LOGLINEAR_BINS; bin++) {
        assert_int_equal(pm_loglinear_bin(pm_loglinear_low(bin)), bin);
        assert_int_equal(pm_loglinear_bin(pm_loglinear_high(bin)), bin);
        assert_true(pm_loglinear_high(bin) + 1 == pm_loglinear_low(bin + 1));
    }
    assert_int_equal(pm_loglinear_bin(UINT64_MAX), PM_LOGLINEAR_BINS - 1);
}

static bool same_number(const void *numbers, uint32_t item, const void *key)
{
    return *(const uint64_t *)pm_store_at(numbers, item) == *(const uint64_t *)key;
}

/* All keys share a hash, or few do: found all the same. */
static void index_finds(void **state)
{
    struct pm_index index;
    struct pm_store store;

    (void)state;
    for (uint32_t spread = 1; spread <= 1000; spread *= 1000) {
        pm_store_init(&store, sizeof(uint64_t));
        assert_true(pm_index_init(&index, 0));
        for (uint64_t key = 0; key < 2000; key++) {
            uint32_t hash = (uint32_t)(key % spread) * 2654435761u, item;

            assert_int_equal(pm_index_find(&index, hash, same_number, &store, &key), PM_NONE);
            item = pm_store_add(&store);
            *(uint64_t *)pm_store_at(&store, item) = key;
            assert_true(pm_index_add(&index, hash, item));
        }
        for (uint64_t key = 0; key < 2000; key++)
            assert_int_equal(pm_index_find(&index, (uint32_t)(key % spread) * 2654435761u,
                                           same_number, &store, &key),
                             key);
        pm_index_free(&index);
        pm_store_free(&store);
    }
}

static void fill(struct pm_store *store, uint64_t first, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        *(uint64_t *)pm_store_at(store, pm_store_add(store)) = first + i;
}

/* Whatever the lengths, joining keeps order, count and the numbers that it promises. */
static void stores_join(void **state)
{
    enum { BLOCK = 1 << 15 };
    static const uint64_t lengths[] = {0, 1, 5, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK};

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (size_t j = 0; j < sizeof lengths / sizeof *lengths; j++) {
            struct pm_store a, b;
            uint32_t shift;
            uint64_t expected = 0;

            pm_store_init(&a, sizeof(uint64_t));
            pm_store_init(&b, sizeof(uint64_t));
            fill(&a, 0, lengths[i]);
            fill(&b, lengths[i], lengths[j]);
            assert_int_equal(pm_store_block(&a), BLOCK);
            assert_true(pm_store_join(&a, &b, &shift));
            assert_int_equal(pm_store_count(&a), lengths[i] + lengths[j]);
            if (lengths[j] != 0)
                assert_int_equal(*(uint64_t *)pm_store_at(&a, shift), lengths[i]);
            for (uint32_t item = pm_store_first(&a); item != PM_NONE;
                 item = pm_store_next(&a, item))
                assert_int_equal(*(uint64_t *)pm_store_at(&a, item), expected++);
            assert_int_equal(expected, lengths[i] + lengths[j]);
            pm_store_free(&a);
            pm_store_free(&b);
        }
}

/* ---- sorting --------------------------------------------------------------------------------- */

struct ranked {
    uint64_t rank;
    uint64_t tie;
};

static uint64_t rank_of(const void *item)
{
    return ((const struct ranked *)item)->rank;
}

static uint64_t tie_prefix(const void *item)
{
    return ((const struct ranked *)item)->tie / 40;
}

static int compare_ties(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;

    return (a->tie > b->tie) - (a->tie < b->tie);
}

static void assert_sorted(const struct pm_store *store, const struct pm_order *order)
{
    struct pm_sorted sorted;

    assert_true(pm_sorted_init(&sorted, store, order));
    assert_int_equal(sorted.n, pm_store_count(store));
    for (uint64_t i = 1; i < sorted.n; i++) {
        const struct ranked *a = pm_sorted_at(&sorted, i - 1), *b = pm_sorted_at(&sorted, i);
        bool equal = order->rank == NULL || a->rank == b->rank;

        assert_true((!equal && a->rank > b->rank) || (equal && a->tie < b->tie));
        assert_true(order->rank != NULL || b->tie == i);
    }
    pm_sorted_free(&sorted);
}

static void sorts_by_rank_then_prefix_then_comparison(void **state)
{
    static const struct pm_order orders[] = {{rank_of, NULL, compare_ties},
                                             {rank_of, tie_prefix, compare_ties},
                                             {NULL, tie_prefix, compare_ties},
                                             {NULL, NULL, compare_ties}};
    struct pm_store store;

    (void)state;
    pm_store_init(&store, sizeof(struct ranked));
    assert_sorted(&store, &orders[0]);
    for (uint64_t i = 0; i < 20000; i++) {
        struct ranked *item = pm_store_at(&store, pm_store_add(&store));

        item->tie = i * 7919 % 20000;
        item->rank = item->tie % 3 == 0 ? 5 : item->tie * 0x9e3779b97f4a7c15u;
    }
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        assert_sorted(&store, &orders[i]);
    pm_store_free(&store);
}

static const char *nearest_of(const char *meant)
{
    static const char *const words[] = {"flows", "hosts", "pairs", "packets", "threads"};
    struct pm_nearest nearest = pm_nearest_to(meant, strlen(meant));

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        pm_nearest_try(&nearest, words[i]);
    return nearest.word == NULL ? "" : nearest.word;
}

static void nearest_words(void **state)
{
    (void)state;
    assert_string_equal(nearest_of("flow"), "flows");
    assert_string_equal(nearest_of("treads"), "threads");
    assert_string_equal(nearest_of("hsots"), "hosts"); /* two letters that change places */
    assert_string_equal(nearest_of("packtes"), "packets");
    assert_string_equal(nearest_of("flags"), ""); /* two of five differ */
    assert_string_equal(nearest_of("x"), "");
    assert_string_equal(nearest_of(""), "");
    assert_string_equal(nearest_of("a word of more letters than any option or table can have"), "");
}

static void expect_plain(const char *text, const char *expected)
{
    char plain[64] = "", letter[5];

    while (*text) {
        text = pm_plain_next(text, letter);
        strcat(plain, letter);
    }
    assert_string_equal(plain, expected);
}

static void plain_text(void **state)
{
    (void)state;
    expect_plain("caf\u00e9 \u65e5\U0001f600.pcap", "caf\u00e9 \u65e5\U0001f600.pcap");
    expect_plain("\x1b[31m\n\x7f", "?[31m??");
    expect_plain("csi\xc2\x9b"
                 "2J",
                 "csi?2J");
    expect_plain("\u202egnp.exe", "?gnp.exe");
    expect_plain("\xff\xc3", "??");                /* no UTF-8, and cut at the end */
    expect_plain("\xc0\x80\xed\xa0\x80", "?????"); /* too long, and a surrogate */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers),
        cmocka_unit_test(as_printf_writes_them),
        cmocka_unit_test(fixed_point),
        cmocka_unit_test(moments),
        cmocka_unit_test(moments_of_large_values),
        cmocka_unit_test(wide_numbers),
        cmocka_unit_test(addresses),
        cmocka_unit_test(units),
        cmocka_unit_test(bins),
        cmocka_unit_test(index_finds),
        cmocka_unit_test(stores_join),
        cmocka_unit_test(sorts_by_rank_then_prefix_then_comparison),
        cmocka_unit_test(nearest_words),
        cmocka_unit_test(plain_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
