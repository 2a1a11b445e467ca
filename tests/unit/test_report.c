/* src/report: what numbers look like to people, and files that somebody has changed. */
#include "folder.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/say.h"
#include "report/sheet.h"

static void numbers_for_people(void **state)
{
    char text[PM_SAY];

    (void)state;
    assert_string_equal(pm_say_count(text, "7"), "7");
    assert_string_equal(pm_say_count(text, "1234567"), "1,234,567");
    assert_string_equal(pm_say_count(text, "18446744073709551615"), "18,446,744,073,709,551,615");
    assert_string_equal(pm_say_count(text, "no number"), "");
    assert_string_equal(pm_say_scaled(text, 0, "B"), "0 B");
    assert_string_equal(pm_say_scaled(text, 0.0517, "bit/s"), "0.0517 bit/s");
    assert_string_equal(pm_say_scaled(text, 999.4, "B"), "999 B");
    assert_string_equal(pm_say_scaled(text, 999.6, "B"), "1 kB");
    assert_string_equal(pm_say_scaled(text, 72354394, "B"), "72.4 MB");
    assert_string_equal(pm_say_scaled(text, 9.3e18, "B"), "9.3 EB");
    assert_string_equal(pm_say_number(text, -1518.4), "-1,518");
    assert_string_equal(pm_say_number(text, 0.25), "0.25");
    assert_string_equal(pm_say_quantity(text, 859, "ns"), "859 ns");
    assert_string_equal(pm_say_quantity(text, 2500000, "ns"), "2.5 ms");
    assert_string_equal(pm_say_quantity(text, 7.5e12, "ns"), "2 h 5 min");
    assert_string_equal(pm_say_quantity(text, 3.2e16, "ns"), "370 d 8 h");
    assert_string_equal(pm_say_time(text, 0), "1970-01-01 00:00:00 UTC");
    assert_string_equal(pm_say_time(text, -1), "1969-12-31 23:59:59 UTC");
    assert_string_equal(pm_say_quantity(text, 5.37e17, "ns"), "17.0 years");
}

/* A sheet of a file with this text. */
static enum pm_status read_text(struct pm_sheet *sheet, const char *text, size_t n_bytes,
                                size_t rows_most)
{
    int folder = open(".", O_RDONLY | O_DIRECTORY);
    FILE *file = fopen("sheet.csv", "wb");
    enum pm_status status;

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, n_bytes, file), n_bytes);
    fclose(file);
    status = pm_sheet_read(sheet, folder, "sheet.csv", rows_most);
    close(folder);
    return status;
}

static void sheets(void **state)
{
    static const char text[] = "name,bytes\nTCP,-12.5\nUDP,7\n,\n";
    char huge[2000] = "huge\n";
    struct pm_sheet sheet;

    (void)state;
    memset(huge + 5, '9', 400);
    strcpy(huge + 405, "\n0.");
    memset(huge + 408, '9', 400);
    strcpy(huge + 808, "\ninf\nNaN\n");
    assert_int_equal(read_text(&sheet, text, strlen(text), 10), PM_OK);
    assert_int_equal(sheet.n_rows, 3);
    assert_int_equal(pm_sheet_column(&sheet, "bytes"), 1);
    assert_string_equal(pm_sheet_cell(&sheet, 1, 0), "UDP");
    assert_true(pm_sheet_number(&sheet, 0, 1) == -12.5);
    assert_true(pm_sheet_number(&sheet, 2, 1) == 0);
    assert_string_equal(pm_sheet_cell(&sheet, 0, pm_sheet_column(&sheet, "no such")), "");
    pm_sheet_free(&sheet);
    assert_int_equal(read_text(&sheet, huge, strlen(huge), 10), PM_OK); /* no number of ours */
    for (size_t row = 0; row < sheet.n_rows; row++)
        assert_true(pm_sheet_number(&sheet, row, 0) == 0);
    pm_sheet_free(&sheet);
    assert_int_equal(read_text(&sheet, text, strlen(text), 2), PM_OK);
    assert_int_equal(sheet.n_rows, 2);
    pm_sheet_free(&sheet);
}

/* Cut at any byte, or with lines of another length: what stands before still holds. */
static void sheets_that_were_changed(void **state)
{
    static const char text[] = "a,b\n1,2\n3,4\n5\n7,8\n";
    struct pm_sheet sheet;

    (void)state;
    for (size_t n = 0; n < sizeof text; n++) {
        assert_int_equal(read_text(&sheet, text, n, 10), PM_OK);
        assert_in_range(sheet.n_rows, 0, 2);
        for (size_t row = 0; row < sheet.n_rows; row++)
            assert_true(pm_sheet_number(&sheet, row, 1) == (double)(2 * row + 2));
        pm_sheet_free(&sheet);
    }
    assert_int_equal(read_text(&sheet, "\0\0,\n\0", 5, 10), PM_OK);
    pm_sheet_free(&sheet);
    unlink("sheet.csv");
    assert_int_equal(pm_sheet_read(&sheet, AT_FDCWD, "sheet.csv", 10), PM_OK);
    assert_int_equal(sheet.n_columns, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_for_people),
        IN_A_FOLDER(sheets),
        IN_A_FOLDER(sheets_that_were_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
