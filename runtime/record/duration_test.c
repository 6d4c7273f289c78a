#include "duration.h"
#include "number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

static void
test_duration_reads_every_unit (void **state)
{
    (void) state;
    static const struct { const char *text; int64_t ms; } rows [] = {
        { "0ms", 0 }, { "20ms", 20 }, { "30s", 30000 }, { "15m", 900000 }, { "12h", 43200000 }, { "7d", 604800000 },
        { "9007199254740991ms", NUMBER_SAFE }, { "9007199254740s", INT64_C (9007199254740000) },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        int64_t ms;
        assert_int_equal (duration_read (rows [i].text, strlen (rows [i].text), &ms), 0);
        assert_int_equal (ms, rows [i].ms);
    }
}

static void
test_duration_refuses_what_is_none (void **state)
{
    (void) state;
    static const struct { const char *text; int rc; } rows [] = {
        { "", ZOOID_INVALID }, { "d", ZOOID_INVALID }, { "7", ZOOID_INVALID }, { "7 d", ZOOID_INVALID }, { "-7d", ZOOID_INVALID },
        { "+7d", ZOOID_INVALID }, { "7D", ZOOID_INVALID }, { "1.5s", ZOOID_INVALID }, { "7days", ZOOID_INVALID }, { "7dd", ZOOID_INVALID },
        { "1h30m", ZOOID_INVALID }, { "00000000000000001ms", ZOOID_INVALID }, { "9007199254740992ms", ZOOID_FULL },
        { "9007199254741s", ZOOID_FULL }, { "9999999999999999d", ZOOID_FULL },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        int64_t ms = 42;
        assert_int_equal (duration_read (rows [i].text, strlen (rows [i].text), &ms), rows [i].rc);
        assert_int_equal (ms, 42);
    }
}

static void
test_duration_is_written_in_its_largest_unit (void **state)
{
    (void) state;
    static const struct { int64_t ms; const char *text; } rows [] = {
        { 0, "0ms" }, { 1500, "1500ms" }, { 90000, "90s" }, { 5400000, "90m" }, { 7200000, "2h" }, { 604800000, "7d" },
        { NUMBER_SAFE, "9007199254740991ms" },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        char text [DURATION_SIZE];
        duration_write (rows [i].ms, text);
        assert_string_equal (text, rows [i].text);
    }
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_duration_reads_every_unit),
        cmocka_unit_test (test_duration_refuses_what_is_none),
        cmocka_unit_test (test_duration_is_written_in_its_largest_unit),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
