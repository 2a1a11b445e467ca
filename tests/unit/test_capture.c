/* src/capture: file headers, records, damage, guesses, scouts, and files that change while they are
 * read.
 */
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "capture/scout.h"

enum { US = 0xa1b2c3d4, NS = 0xa1b23c4d, MODIFIED = 0xa1b2cd34, IXIA_US = 0x1c0001ab };

static enum pm_status open_bytes(struct pm_pcap *pcap, const struct bytes *bytes)
{
    struct pm_error error;

    return pm_pcap_open(pcap, bytes->at, bytes->n, "test", &error);
}

static struct pm_view view_of(const struct bytes *bytes, bool last)
{
    return (struct pm_view){.bytes = bytes->at, .end = bytes->n, .last = last};
}

/* Walks the records of a view; returns their number, and the last one in *record. */
static size_t walk_view(const struct bytes *bytes, const struct pm_view *view,
                        struct pm_record *record, struct pm_walk *walk)
{
    struct pm_pcap pcap;
    size_t n = 0;

    assert_int_equal(open_bytes(&pcap, bytes), PM_OK);
    *walk = (struct pm_walk){.view = view, .at = pcap.header_bytes, .end = view->end};
    while (pm_pcap_walk(&pcap, walk, record, 1) == 1)
        n++;
    return n;
}

static size_t walk(const struct bytes *bytes, struct pm_record *record, struct pm_walk *walk)
{
    struct pm_view view = view_of(bytes, true);

    return walk_view(bytes, &view, record, walk);
}

static void byte_orders_and_units(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        static const struct {
            uint32_t magic;
            int64_t unit_ns;
        } cases[] = {{US, 1000}, {NS, 1}};

        for (size_t i = 0; i < 2; i++) {
            struct bytes bytes = {0};
            struct pm_record record;
            struct pm_walk end;

            put_file_header(&bytes, cases[i].magic, 4, big);
            put_record(&bytes, 5, 7, 60, 60, big);
            put_record(&bytes, 4000000000, 999, 60, 1500, big);
            assert_int_equal(walk(&bytes, &record, &end), 2);
            assert_int_equal(end.damage, PM_WHOLE);
            assert_int_equal(record.ts_ns,
                             INT64_C(4000000000) * 1000000000 + 999 * cases[i].unit_ns);
            assert_int_equal(record.cap_len, 60);
            assert_int_equal(record.wire_len, 1500);
        }
    }
}

static void old_and_odd_variants(void **state)
{
    static const uint8_t more[8];
    struct bytes swapped = {0}, modified = {0}, ixia = {0};
    struct pm_record record;
    struct pm_walk end;

    (void)state;
    put_file_header(&swapped, US, 2, 0); /* before 2.3 the original length came first */
    put32(&swapped, 1, 0);
    put32(&swapped, 0, 0);
    put32(&swapped, 1500, 0);
    put32(&swapped, 8, 0);
    put(&swapped, more, 8);
    assert_int_equal(walk(&swapped, &record, &end), 1);
    assert_int_equal(record.cap_len, 8);
    assert_int_equal(record.wire_len, 1500);

    put_file_header(&modified, MODIFIED, 4, 1); /* 8 more bytes in each record header */
    put32(&modified, 1, 1);
    put32(&modified, 0, 1);
    put32(&modified, 4, 1);
    put32(&modified, 4, 1);
    put(&modified, more, 8);
    put(&modified, more, 4);
    assert_int_equal(walk(&modified, &record, &end), 1);
    assert_int_equal(end.damage, PM_WHOLE);

    put_file_header(&ixia, IXIA_US, 4, 0); /* 4 more bytes in the file header */
    put32(&ixia, 76, 0);
    put_record(&ixia, 1, 0, 60, 60, 0);
    assert_int_equal(walk(&ixia, &record, &end), 1);
}

static void refused_headers(void **state)
{
    struct bytes version = {0}, reserved = {0}, shorter = {0}, garbage = {0};
    struct pm_pcap pcap;

    (void)state;
    put_file_header(&version, US, 5, 0);
    assert_int_equal(open_bytes(&pcap, &version), PM_NOT_A_CAPTURE);
    put_file_header(&reserved, US, 4, 0);
    reserved.at[22] = 1;
    assert_int_equal(open_bytes(&pcap, &reserved), PM_NOT_A_CAPTURE);
    put_file_header(&shorter, US, 4, 0);
    shorter.n = 23;
    assert_int_equal(open_bytes(&pcap, &shorter), PM_NOT_A_CAPTURE);
    put32(&garbage, 0x12345678, 0);
    assert_int_equal(open_bytes(&pcap, &garbage), PM_NOT_A_CAPTURE);
    garbage.n = 0;
    put32(&garbage, 0x504b0304, 1);
    assert_int_equal(open_bytes(&pcap, &garbage), PM_UNSUPPORTED); /* zip */
}

/* Two good records, then `n` bytes of `tail`. */
static void expect_damage(const void *tail, size_t n, enum pm_damage damage)
{
    struct bytes bytes = {0};
    struct pm_record record;
    struct pm_walk end;
    size_t whole;

    put_file_header(&bytes, US, 4, 0);
    put_record(&bytes, 1, 0, 60, 60, 0);
    put_record(&bytes, 2, 0, 60, 60, 0);
    whole = bytes.n;
    put(&bytes, tail, n);
    assert_int_equal(walk(&bytes, &record, &end), 2);
    assert_int_equal(end.damage, damage);
    assert_int_equal(end.at, whole);
}

static void damage(void **state)
{
    static const uint8_t zeros[4096];
    struct bytes cut = {0}, length = {0}, second = {0}, hole = {0};

    (void)state;
    put_record(&cut, 3, 0, 60, 60, 0);
    expect_damage(cut.at, 15, PM_CUT_HEADER);
    expect_damage(cut.at, 16, PM_CUT_RECORD);
    expect_damage(cut.at, 75, PM_CUT_RECORD);
    put32(&length, 3, 0);
    put32(&length, 0, 0);
    put32(&length, 262145, 0); /* past the snap length and past what any packet has */
    put32(&length, 262145, 0);
    put(&length, zeros, 100);
    expect_damage(length.at, length.n, PM_BAD_LENGTH);
    expect_damage(zeros, sizeof zeros, PM_ZERO_TAIL);
    put(&hole, zeros, 64);
    put_record(&hole, 3, 0, 60, 60, 0);
    expect_damage(hole.at, hole.n, PM_ZERO_HOLE);
    put_file_header(&second, US, 4, 0);
    put_record(&second, 3, 0, 60, 60, 0);
    expect_damage(second.at, second.n, PM_SECOND_HEADER);
}

/* A record that goes on in the next window is no damage. */
static void windows_that_end_anywhere(void **state)
{
    struct bytes bytes = {0};
    struct pm_record record;
    struct pm_walk end;

    (void)state;
    put_file_header(&bytes, US, 4, 0);
    put_record(&bytes, 1, 0, 60, 60, 0);
    put_record(&bytes, 2, 0, 60, 60, 0);
    for (size_t n = 24; n <= bytes.n; n++) {
        struct pm_view window = {.bytes = bytes.at, .end = n};
        size_t whole = (n - 24) / 76;

        assert_int_equal(walk_view(&bytes, &window, &record, &end), whole);
        assert_int_equal(end.damage, PM_WHOLE);
        assert_int_equal(end.at, 24 + whole * 76);
    }
}

/* The first one of starts at or behind `at`. */
static uint64_t next_start(const uint64_t *starts, uint64_t at)
{
    while (*starts < at)
        starts++;
    return *starts;
}

static void guesses(void **state)
{
    struct bytes bytes = {0};
    struct pm_view view, records;
    struct pm_pcap pcap;
    uint64_t starts[20], found;

    (void)state;
    put_file_header(&bytes, US, 4, 0);
    for (uint32_t i = 0; i < 20; i++) {
        starts[i] = bytes.n;
        put_record(&bytes, 0x65000000 + i, i, 60 + i, 60 + i, 0);
    }
    assert_int_equal(open_bytes(&pcap, &bytes), PM_OK);
    view = records = view_of(&bytes, true);
    records.bytes = bytes.at + starts[0]; /* a glance compares with the first one */
    records.begin = starts[0];
    for (uint64_t at = starts[0] + 1; at <= starts[19]; at++) {
        struct pm_span span = {at, bytes.n};

        assert_true(pm_pcap_guess(&pcap, &view, span, &found));
        assert_int_equal(found, next_start(starts, at));
        assert_int_equal(pm_pcap_glance(&pcap, &records, span), found);
    }
    assert_false(pm_pcap_guess(&pcap, &view, (struct pm_span){starts[19] + 1, bytes.n}, &found));
}

/* A packet full of zeros: were all that follow looked at from each of them, this would take hours.
 */
static void a_guess_among_zeros(void **state)
{
    enum { ZEROS = 256 << 20 };
    uint8_t *zeros = calloc(1, ZEROS);
    struct pm_view view = {.bytes = zeros, .end = ZEROS};
    struct pm_span span = {0, ZEROS};
    struct pm_pcap pcap;
    struct bytes header = {0};
    uint64_t found;

    (void)state;
    assert_non_null(zeros);
    put_file_header(&header, US, 4, 0);
    assert_int_equal(open_bytes(&pcap, &header), PM_OK);
    assert_false(pm_pcap_guess(&pcap, &view, span, &found));
    assert_false(pm_pcapng_guess(&view, span, false, &found));
    free(zeros);
}

/* ---- scouts ---------------------------------------------------------------------------------- */

/* An enhanced packet block of a packet of zeros. */
static void put_packet_block(struct bytes *bytes, uint32_t cap_len, int big)
{
    static const uint8_t data[512];
    uint32_t length = 32 + (cap_len + 3) / 4 * 4;

    put32(bytes, PM_BLOCK_PACKET, big);
    put32(bytes, length, big);
    put32(bytes, 0, big); /* interface */
    put32(bytes, 0, big); /* time */
    put32(bytes, 0, big);
    put32(bytes, cap_len, big);
    put32(bytes, cap_len, big);
    put(bytes, data, length - 32);
    put32(bytes, length, big);
}

/* Scouts a piece in memory of just its size, which sanitizers guard. */
static void scout(const struct pm_capture *capture, bool big, const uint8_t *bytes, size_t n)
{
    uint8_t *copy = malloc(n);
    struct pm_view piece = {.bytes = copy, .begin = 1000, .end = 1000 + n};
    struct pm_section section = {.big_endian = big};

    memcpy(copy, bytes, n);
    pm_scout(capture, &section, &piece);
    free(copy);
}

static void scout_all(const struct pm_capture *capture, bool big, struct bytes *bytes)
{
    for (size_t n = 1; n <= bytes->n; n++)
        scout(capture, big, bytes->at, n);
    memset(bytes->at + bytes->n / 2, 0, bytes->n / 2); /* no lengths: lanes end, or never begin */
    scout(capture, big, bytes->at, bytes->n);
    memset(bytes->at + bytes->n / 2, 0xff, bytes->n / 2);
    scout(capture, big, bytes->at, bytes->n);
    for (size_t i = 0; i < bytes->n; i++)
        bytes->at[i] = (uint8_t)(i * i >> 3);
    scout(capture, big, bytes->at, bytes->n);
}

static void put_records(struct bytes *bytes, uint32_t extra_header, int big)
{
    static const uint8_t extra[16];

    bytes->n = 0;
    for (uint32_t i = 0; i < 60; i++) {
        put_record(bytes, 0x65000000 + i, i, 40 + i, 40 + i, big);
        put(bytes, extra, extra_header);
    }
}

static void scouts_stay_in_their_piece(void **state)
{
    static const struct {
        uint32_t magic, extra_header;
        uint16_t minor; /* of the version: lengths in order, either, swapped */
    } variants[] = {{US, 0, 4}, {US, 0, 3}, {US, 0, 2}, {MODIFIED, 8, 4}};
    struct bytes bytes;

    (void)state;
    for (int big = 0; big < 2; big++) {
        struct pm_capture pcapng = {.format = PM_FORMAT_PCAPNG};

        for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
            struct pm_capture pcap = {.format = PM_FORMAT_PCAP};

            bytes.n = 0;
            put_file_header(&bytes, variants[i].magic, variants[i].minor, big);
            assert_int_equal(open_bytes(&pcap.pcap, &bytes), PM_OK);
            put_records(&bytes, variants[i].extra_header, big);
            scout_all(&pcap, big, &bytes);
        }
        bytes.n = 0;
        for (uint32_t i = 0; i < 60; i++)
            put_packet_block(&bytes, 40 + i, big);
        scout_all(&pcapng, big, &bytes);
    }
}

/* Where a lane is to begin: at the next block that holds a packet. */
static void a_glance_at_blocks(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct bytes bytes = {0};
        struct pm_view view;
        uint64_t starts[20];

        for (uint32_t i = 0; i < 20; i++) {
            starts[i] = bytes.n;
            put_packet_block(&bytes, 40 + i, big);
        }
        view = view_of(&bytes, false);
        for (uint64_t at = 1; at <= starts[19]; at++)
            assert_int_equal(pm_pcapng_glance(&view, (struct pm_span){at, bytes.n}, big),
                             next_start(starts, at));
    }
}

/* ---- files that change ----------------------------------------------------------------------- */

static void on_sigbus(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (!pm_handle_sigbus(info->si_addr))
        signal(number, SIG_DFL);
}

static void make_file(char *path, int *fd, size_t n_bytes)
{
    static const uint8_t ones[4096] = {1};

    strcpy(path, "/tmp/test_capture.XXXXXX");
    *fd = mkstemp(path);
    assert_true(*fd >= 0);
    for (; n_bytes >= sizeof ones; n_bytes -= sizeof ones)
        assert_int_equal(write(*fd, ones, sizeof ones), sizeof ones);
}

static void a_file_that_shrinks(void **state)
{
    struct sigaction action = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO};
    char path[64];
    struct pm_source source;
    struct pm_map map;
    struct pm_error error;
    int fd;

    (void)state;
    sigaction(SIGBUS, &action, NULL);
    make_file(path, &fd, 64 << 10);
    assert_int_equal(pm_source_open(&source, path, NULL, &error), PM_OK);
    assert_true(pm_map_begin(&map, &source));
    assert_true(pm_source_unchanged(&source));
    assert_false(pm_map_lost_page(&map));
    assert_int_equal(ftruncate(fd, 4096), 0);
    assert_int_equal(map.bytes[0], 1);
    assert_int_equal(map.bytes[8192], 0); /* a lost page reads as zeros and kills nobody */
    assert_false(pm_source_unchanged(&source));
    assert_int_equal(ftruncate(fd, 64 << 10), 0);
    assert_true(pm_map_lost_page(&map)); /* the size is back, the bytes are not */
    assert_false(pm_source_unchanged(&source));
    pm_map_end(&map);
    pm_source_close(&source);
    close(fd);
    unlink(path);
}

static void a_file_that_grows(void **state)
{
    char path[64];
    struct pm_source source;
    struct pm_error error;
    int fd;

    (void)state;
    make_file(path, &fd, 8192);
    assert_int_equal(pm_source_open(&source, path, NULL, &error), PM_OK);
    assert_int_equal(ftruncate(fd, 64 << 10), 0);
    assert_true(pm_source_unchanged(&source));
    assert_int_equal(source.n_bytes, 8192);
    pm_source_close(&source);
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(byte_orders_and_units),     cmocka_unit_test(old_and_odd_variants),
        cmocka_unit_test(refused_headers),           cmocka_unit_test(damage),
        cmocka_unit_test(windows_that_end_anywhere), cmocka_unit_test(guesses),
        cmocka_unit_test(a_guess_among_zeros),       cmocka_unit_test(scouts_stay_in_their_piece),
        cmocka_unit_test(a_glance_at_blocks),        cmocka_unit_test(a_file_that_shrinks),
        cmocka_unit_test(a_file_that_grows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
