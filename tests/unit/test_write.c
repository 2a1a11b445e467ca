/* src/write: CSV text, Arrow, files with their digest, and folders that appear whole or not at all.
 */
#include "folder.h"
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "write/arrow.h"
#include "write/csv.h"
#include "write/file.h"
#include "write/folder.h"

/* ---- csv ------------------------------------------------------------------------------------- */

static const struct pm_column columns[] = {{"number", PM_CELL_INTEGER, "", ""},
                                           {"seconds", PM_CELL_FIXED9, "s", ""},
                                           {"word", PM_CELL_WORD, "", ""},
                                           {"ip", PM_CELL_ADDRESS, "", ""}};

static void emit(const void *context, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    (void)context;
    for (uint64_t row = begin; row < end; row++) {
        pm_put_time(sink, -(int64_t)row);
        pm_put_fixed9(sink, (__int128)row * 1500000000);
        pm_put_word(sink, row == 0 ? "" : "UDP");
        pm_put_address(sink, row == 0 ? 0 : 4, (struct pm_address){.low = 0x7f000000 + row});
        pm_end_row(sink);
    }
}

static void csv_text(void **state)
{
    struct pm_rows rows = {.columns = columns, .n_columns = 4, .n_rows = 2, .emit = emit};
    struct pm_text text;

    (void)state;
    assert_int_equal(pm_csv_format(&rows, 0, 0, &text), PM_OK);
    assert_string_equal(text.bytes, "number,seconds,word,ip\n");
    free(text.bytes);
    assert_int_equal(pm_csv_format(&rows, 0, 2, &text), PM_OK);
    assert_string_equal(text.bytes, "number,seconds,word,ip\n"
                                    "0,0.000000000,,\n"
                                    "-1,1.500000000,UDP,127.0.0.1\n");
    free(text.bytes);
}

/* However a table is cut into stretches, its text is the same; the buffer grows on the way. */
static void csv_stretches(void **state)
{
    enum { ROWS = 50000 };
    struct pm_rows rows = {.columns = columns, .n_columns = 4, .n_rows = ROWS, .emit = emit};
    struct pm_text whole, part;
    size_t at = 0;

    (void)state;
    assert_int_equal(pm_csv_format(&rows, 0, ROWS, &whole), PM_OK);
    assert_int_equal(strlen(whole.bytes), whole.n_bytes);
    for (uint64_t begin = 0; begin < ROWS; begin += 12345) {
        uint64_t end = begin + 12345 < ROWS ? begin + 12345 : ROWS;

        assert_int_equal(pm_csv_format(&rows, begin, end, &part), PM_OK);
        assert_memory_equal(whole.bytes + at, part.bytes, part.n_bytes);
        at += part.n_bytes;
        free(part.bytes);
    }
    assert_int_equal(at, whole.n_bytes);
    free(whole.bytes);
}

/* ---- Arrow ----------------------------------------------------------------------------------- */

static const struct pm_column timed_columns[] = {{"first_ts_ns", PM_CELL_TIME, "ns", ""},
                                                 {"seconds", PM_CELL_FIXED9, "s", ""},
                                                 {"word", PM_CELL_WORD, "", ""},
                                                 {"timestamp", PM_CELL_TIME, "ns", ""}};

static void emit_timed(const void *context, uint64_t begin, uint64_t end, struct pm_sink *sink)
{
    static const char *const words[] = {"", "UDP", "a word that is longer than eight letters"};

    (void)context;
    for (uint64_t row = begin; row < end; row++) {
        pm_put_time(sink, INT64_MIN + (int64_t)row);
        pm_put_fixed9(sink, row == 0 ? (__int128)INT64_MAX * 1000 : (__int128)row * 1500000000);
        pm_put_word(sink, words[row % 3]);
        pm_put_time(sink, (int64_t)row);
        pm_end_row(sink);
    }
}

static void count_end(void *ends)
{
    ++*(int *)ends;
}

static void expect_row(const struct ArrowArray *array, int64_t row, uint64_t number)
{
    static const char *const words[] = {"", "UDP", "a word that is longer than eight letters"};
    const struct ArrowArray *text = array->children[2];
    const int32_t *offsets = text->buffers[1];
    const char *word = words[number % 3];
    bool there = ((const uint8_t *)text->buffers[0])[row / 8] >> row % 8 & 1;

    assert_int_equal(((const int64_t *)array->children[0]->buffers[1])[row],
                     INT64_MIN + (int64_t)number);
    assert_int_equal(((const int64_t *)array->children[4]->buffers[1])[row],
                     INT64_MIN + (int64_t)number);
    assert_int_equal(((const int64_t *)array->children[5]->buffers[1])[row], number);
    assert_true(((const double *)array->children[1]->buffers[1])[row] ==
                (number == 0 ? 9223372036854.775807 : (double)number * 1.5));
    assert_int_equal(there, *word != '\0');
    assert_int_equal(offsets[row + 1] - offsets[row], strlen(word));
    assert_memory_equal((const char *)text->buffers[2] + offsets[row], word, strlen(word));
}

/* Batches and children may be moved out, and released in any order, also after the stream. */
static void arrow_batches(void **state)
{
    enum { ROWS = 150000 };
    static const char *const names[] = {"first_ts_ns", "seconds",  "word",
                                        "timestamp",   "first_ts", "timestamp_ts"};
    struct pm_rows rows = {
        .columns = timed_columns, .n_columns = 4, .n_rows = ROWS, .emit = emit_timed};
    struct ArrowArrayStream stream;
    struct ArrowArray batch, kept = {0};
    struct ArrowSchema schema;
    uint64_t number = 0;
    int ends = 0;

    (void)state;
    assert_true(pm_arrow_stream(&rows, count_end, &ends, &stream));
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    assert_int_equal(schema.n_children, 6);
    for (int i = 0; i < 6; i++)
        assert_string_equal(schema.children[i]->name, names[i]);
    assert_string_equal(schema.children[4]->format, "tsn:UTC");
    schema.release(&schema);
    while (stream.get_next(&stream, &batch) == 0 && batch.release != NULL) {
        assert_int_equal(batch.n_children, 6);
        for (int64_t row = 0; row < batch.length; row++)
            expect_row(&batch, row, number++);
        if (kept.release != NULL)
            kept.release(&kept);
        kept = *batch.children[2];
        batch.children[2]->release = NULL;
        batch.release(&batch);
    }
    assert_int_equal(number, ROWS);
    assert_int_equal(ends, 0);
    stream.release(&stream);
    assert_int_equal(ends, 1);
    assert_int_equal(kept.null_count, ROWS / 3 - (2 * 65536 + 2) / 3); /* multiples of 3 */
    kept.release(&kept);
}

static void arrow_of_no_rows(void **state)
{
    struct pm_rows rows = {.columns = timed_columns, .n_columns = 4, .emit = emit_timed};
    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    int ends = 0;

    (void)state;
    assert_true(pm_arrow_stream(&rows, count_end, &ends, &stream));
    assert_int_equal(stream.get_next(&stream, &batch), 0);
    assert_null(batch.release);
    stream.release(&stream);
    assert_int_equal(ends, 1);
}

/* ---- files and folders: each test in a folder of its own ------------------------------------- */

static unsigned entries(const char *path)
{
    DIR *listing = opendir(path);
    unsigned n = 0;

    assert_non_null(listing);
    while (readdir(listing) != NULL)
        n++;
    closedir(listing);
    return n - 2;
}

static void digests(void **state)
{
    struct pm_file file;
    char sha256[PM_SHA256_TEXT], text[8];
    FILE *written;

    (void)state;
    assert_int_equal(pm_file_create(&file, AT_FDCWD, "abc"), 0);
    assert_int_equal(pm_file_take(&file, "a", 1), 0);
    assert_int_equal(pm_file_take(&file, "bc", 2), 1);
    pm_file_digest(&file, sha256);
    assert_string_equal(sha256, /* FIPS 180-2, appendix B.1 */
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(pm_file_write(&file, 1, "bc", 2), 0);
    assert_int_equal(pm_file_write(&file, 0, "a", 1), 0);
    assert_int_equal(pm_file_close(&file), 0);
    written = fopen("abc", "r");
    assert_non_null(written);
    assert_string_equal(fgets(text, sizeof text, written), "abc");
    fclose(written);
    assert_int_equal(pm_file_create(&file, AT_FDCWD, "abc"), EEXIST);
    assert_int_equal(symlink("elsewhere", "link"), 0);
    assert_int_equal(pm_file_create(&file, AT_FDCWD, "link"), EEXIST);
}

static void publish(const char *path, bool force, const char *content)
{
    struct pm_folder folder;
    struct pm_error error;

    assert_int_equal(pm_folder_begin(&folder, path, force, 0, NULL, &error), PM_OK);
    assert_int_equal(pm_file_put(folder.work_fd, "summary.json", content, strlen(content)), 0);
    assert_int_equal(pm_folder_publish(&folder, NULL, &error), PM_OK);
    pm_folder_end(&folder);
}

static void a_folder_appears_whole(void **state)
{
    static const char ours[] = "{\n  \"schema\": \"pcapmill-1\"\n}\n";
    struct pm_folder folder;
    struct pm_error error;
    struct stat status;

    (void)state;
    assert_int_equal(pm_folder_begin(&folder, "out", false, 0, NULL, &error), PM_OK);
    assert_int_equal(stat("out", &status), -1);
    pm_folder_end(&folder); /* given up: nothing is left */
    assert_int_equal(entries("."), 0);
    publish("out", false, ours);
    assert_int_equal(stat("out/summary.json", &status), 0);
    assert_int_equal(entries("."), 1);
    assert_int_equal(pm_folder_begin(&folder, "out", false, 0, NULL, &error), PM_EXISTS);
    publish("./out/", true, ours);
    assert_int_equal(entries("."), 1);
}

static void strangers_are_left_alone(void **state)
{
    struct pm_folder folder;
    struct pm_error error;

    (void)state;
    assert_int_equal(mkdir("mine", 0777), 0);
    assert_int_equal(mkdir("mine/photos", 0777), 0);
    assert_int_equal(pm_folder_begin(&folder, "mine", true, 0, NULL, &error), PM_EXISTS);
    assert_int_equal(symlink("mine", "link"), 0);
    assert_int_equal(pm_folder_begin(&folder, "link", true, 0, NULL, &error), PM_EXISTS);
    assert_int_equal(entries("mine"), 1);
    assert_int_equal(entries("."), 2);
}

static void one_at_a_time(void **state)
{
    struct pm_folder first, second;
    struct pm_error error;

    (void)state;
    assert_int_equal(pm_folder_begin(&first, "out", false, 0, NULL, &error), PM_OK);
    assert_int_equal(pm_folder_begin(&second, "out", false, 0, NULL, &error), PM_LOCKED);
    assert_int_equal(pm_folder_begin(&second, "out", false, 50000000, NULL, &error), PM_LOCKED);
    pm_folder_end(&first);
    assert_int_equal(pm_folder_begin(&second, "out", false, 0, NULL, &error), PM_OK);
    pm_folder_end(&second);
}

static void remains_of_killed_runs_go(void **state)
{
    struct stat status;

    (void)state;
    assert_int_equal(mkdir(".out.tmp.abc123", 0777), 0);
    assert_int_equal(mkdir(".out.tmp.abc123/plots", 0777), 0);
    assert_int_equal(mkdir(".out.tmp.other-name", 0777), 0);
    publish("out", false, "{}");
    assert_int_equal(stat(".out.tmp.abc123", &status), -1);
    assert_int_equal(stat(".out.tmp.other-name", &status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_text),
        cmocka_unit_test(csv_stretches),
        cmocka_unit_test(arrow_batches),
        cmocka_unit_test(arrow_of_no_rows),
        IN_A_FOLDER(digests),
        IN_A_FOLDER(a_folder_appears_whole),
        IN_A_FOLDER(strangers_are_left_alone),
        IN_A_FOLDER(one_at_a_time),
        IN_A_FOLDER(remains_of_killed_runs_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
