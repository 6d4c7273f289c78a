#include "rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <time.h>

static void
test_timestamp_writes_known_moments (void **state)
{
    (void) state;
    static const struct { int64_t at_ms; const char *text; } rows [] = {
        { 0, "1970-01-01T00:00:00.000Z" }, { -1, "1969-12-31T23:59:59.999Z" }, { 1, "1970-01-01T00:00:00.001Z" },
        { INT64_C (1795359836000), "2026-11-22T15:03:56.000Z" }, { INT64_C (951782400000), "2000-02-29T00:00:00.000Z" },
        { INT64_C (951868800000), "2000-03-01T00:00:00.000Z" }, { RULES_TIMESTAMP_MIN, "0000-01-01T00:00:00.000Z" },
        { RULES_TIMESTAMP_MAX, "9999-12-31T23:59:59.999Z" }, { INT64_C (-2203891200000), "1900-03-01T00:00:00.000Z" },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        char text [ZOOID_TIMESTAMP_SIZE];
        zooid_timestamp_write (rows [i].at_ms, text);
        assert_string_equal (text, rows [i].text);
        int64_t back;
        assert_int_equal (zooid_timestamp_read (text, &back), 0);
        assert_int_equal (back, rows [i].at_ms);
    }
}

static void
test_timestamp_agrees_with_gmtime_on_every_day (void **state)
{
    (void) state;
    for (int64_t at_ms = RULES_TIMESTAMP_MIN; at_ms <= RULES_TIMESTAMP_MAX; at_ms += 86400000) {
        char text [ZOOID_TIMESTAMP_SIZE], expected [64];
        zooid_timestamp_write (at_ms, text);
        time_t seconds = (time_t) (at_ms / 1000);
        struct tm parts;
        gmtime_r (&seconds, &parts);
        int year = parts.tm_year + 1900;
        snprintf (expected, sizeof expected, "%04d-%02d-%02dT00:00:00.000Z", year, parts.tm_mon + 1, parts.tm_mday);
        assert_string_equal (text, expected);
        int64_t back;
        assert_int_equal (zooid_timestamp_read (text, &back), 0);
        assert_int_equal (back, at_ms);
    }
}

static void
test_timestamp_writes_the_nearest_when_out_of_range (void **state)
{
    (void) state;
    char text [ZOOID_TIMESTAMP_SIZE];
    zooid_timestamp_write (INT64_MAX, text);
    assert_string_equal (text, "9999-12-31T23:59:59.999Z");
    zooid_timestamp_write (INT64_MIN, text);
    assert_string_equal (text, "0000-01-01T00:00:00.000Z");
}

static void
test_timestamp_reads_every_form_of_the_rfc (void **state)
{
    (void) state;
    static const struct { const char *text; int64_t at_ms; } rows [] = {
        { "1970-01-01T00:00:00Z", 0 }, { "1970-01-01t00:00:00z", 0 }, { "1970-01-01 00:00:00Z", 0 },
        { "1970-01-01T00:00:00.5Z", 500 }, { "1970-01-01T00:00:00.123999999Z", 123 }, { "1970-01-01T01:00:00+01:00", 0 },
        { "1969-12-31T19:30:00-04:30", 0 }, { "1970-01-01T00:00:00-00:00", 0 },
        { "1990-12-31T23:59:60Z", INT64_C (662688000000) }, { "1990-12-31T15:59:60.7-08:00", INT64_C (662688000000) },
        { "2024-02-29T00:00:00Z", INT64_C (1709164800000) },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        int64_t at_ms;
        assert_int_equal (zooid_timestamp_read (rows [i].text, &at_ms), 0);
        assert_int_equal (at_ms, rows [i].at_ms);
    }
}

static void
test_timestamp_refuses_what_is_none (void **state)
{
    (void) state;
    static const char *const wrong [] = {
        "", "now", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01T00:00Z", "1970-1-01T00:00:00Z", "70-01-01T00:00:00Z",
        "1970-00-01T00:00:00Z", "1970-13-01T00:00:00Z", "1970-01-00T00:00:00Z", "1970-01-32T00:00:00Z", "1970-04-31T00:00:00Z",
        "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "1970-01-01T00:00:61Z",
        "1970-01-01T00:00:60Z", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00,5Z", "1970-01-01T00:00:00+24:00",
        "1970-01-01T00:00:00+00:60", "1970-01-01T00:00:00+0000", "1970-01-01T00:00:00Z ", " 1970-01-01T00:00:00Z",
        "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z", "10000-01-01T00:00:00Z", "-001-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < ZOOID_COUNT (wrong); i++) {
        int64_t at_ms = 42;
        if (zooid_timestamp_read (wrong [i], &at_ms) != ZOOID_INVALID)
            fail_msg ("%s was read", wrong [i]);
        assert_int_equal (at_ms, 42);
    }
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_timestamp_writes_known_moments),
        cmocka_unit_test (test_timestamp_agrees_with_gmtime_on_every_day),
        cmocka_unit_test (test_timestamp_writes_the_nearest_when_out_of_range),
        cmocka_unit_test (test_timestamp_reads_every_form_of_the_rfc),
        cmocka_unit_test (test_timestamp_refuses_what_is_none),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
