#include "number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
s_real (double value)
{
    static char text [NUMBER_SIZE + 1];
    text [number_write_real (value, text)] = 0;
    return text;
}

static void
test_number_writes_reals_as_short_as_possible (void **state)
{
    (void) state;
    static const struct { double value; const char *text; } rows [] = {
        { 0, "0.0" }, { -0.0, "-0.0" }, { 1, "1.0" }, { -1, "-1.0" }, { 21.5, "21.5" }, { 0.1, "0.1" }, { -0.05, "-0.05" },
        { 0.000001, "0.000001" }, { 0.0000001, "1e-07" }, { 100.25, "100.25" }, { 1.0 / 3, "0.3333333333333333" },
        { 0.1 + 0.2, "0.30000000000000004" }, { 999999999, "999999999.0" }, { 1e9, "1000000000.0" }, { 1e15, "1e+15" },
        { 1e300, "1e+300" }, { 5e-324, "4.94065645841247e-324" }, { DBL_MAX, "1.7976931348623157e+308" },
        { 9007199254740991.0, "9007199254740991.0" }, { 123456.789, "123456.789" },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++)
        assert_string_equal (s_real (rows [i].value), rows [i].text);
}

//  A generator with a fixed seed: the same values at every run.
static uint64_t
s_next (uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void
test_number_reads_every_written_real_back (void **state)
{
    (void) state;
    uint64_t seed = 88172645463325252u;
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = s_next (&seed);
        double value;
        memcpy (&value, &bits, sizeof value);
        if (i % 2)
            value = (double) (int64_t) (bits >> 20) / (i % 4 == 1 ? 1000 : 4096);
        if (!isfinite (value))
            continue;
        const char *text = s_real (value);
        double back;
        assert_int_equal (number_read_real (text, strlen (text), &back), 0);
        assert_memory_equal (&back, &value, sizeof value);
    }
}

static void
test_number_writes_a_point_in_every_locale (void **state)
{
    (void) state;
    //  Where no locale with a comma is installed there is nothing to be shown: the C locale stands
    static const char *const names [] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.UTF-8" };
    for (size_t i = 0; i < ZOOID_COUNT (names) && !setlocale (LC_NUMERIC, names [i]); i++)
        ;
    double value;
    assert_string_equal (s_real (1.0 / 3), "0.3333333333333333");
    assert_int_equal (number_read_real ("-1.25e2", 7, &value), 0);
    assert_true (value == -125);
    setlocale (LC_NUMERIC, "C");
}

static void
test_number_writes_integers_as_printf_does (void **state)
{
    (void) state;
    static const int64_t values [] = { 0, 1, -1, 9, 10, -10, 99, 100, INT64_MAX, INT64_MIN, NUMBER_SAFE, -NUMBER_SAFE };
    for (size_t i = 0; i < ZOOID_COUNT (values); i++) {
        char text [NUMBER_SIZE + 1], expected [NUMBER_SIZE];
        text [number_write_integer (values [i], text)] = 0;
        snprintf (expected, sizeof expected, "%" PRId64, values [i]);
        assert_string_equal (text, expected);
        int64_t back;
        assert_int_equal (number_read_integer (text, strlen (text), &back), 0);
        assert_int_equal (back, values [i]);
    }
}

static void
test_number_refuses_what_is_no_integer (void **state)
{
    (void) state;
    static const struct { const char *text; int rc; } rows [] = {
        { "", ZOOID_INVALID }, { "-", ZOOID_INVALID }, { "+1", ZOOID_INVALID }, { "01", ZOOID_INVALID }, { "-01", ZOOID_INVALID },
        { " 1", ZOOID_INVALID }, { "1 ", ZOOID_INVALID }, { "1.0", ZOOID_INVALID }, { "1e3", ZOOID_INVALID }, { "0x1", ZOOID_INVALID },
        { "9223372036854775808", ZOOID_FULL }, { "-9223372036854775809", ZOOID_FULL }, { "99999999999999999999", ZOOID_FULL },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        int64_t value = 42;
        assert_int_equal (number_read_integer (rows [i].text, strlen (rows [i].text), &value), rows [i].rc);
        assert_int_equal (value, 42);
    }
}

static void
test_number_reads_reals_as_json_has_them (void **state)
{
    (void) state;
    static const struct { const char *text; int rc; double value; } rows [] = {
        { "0", 0, 0 }, { "-0", 0, -0.0 }, { "1.5", 0, 1.5 }, { "1e3", 0, 1000 }, { "1E+3", 0, 1000 }, { "25e-1", 0, 2.5 },
        { "", ZOOID_INVALID, 0 }, { "-", ZOOID_INVALID, 0 }, { ".5", ZOOID_INVALID, 0 }, { "5.", ZOOID_INVALID, 0 },
        { "01", ZOOID_INVALID, 0 }, { "1e", ZOOID_INVALID, 0 }, { "1e+", ZOOID_INVALID, 0 }, { "nan", ZOOID_INVALID, 0 },
        { "inf", ZOOID_INVALID, 0 }, { "0x1p3", ZOOID_INVALID, 0 }, { " 1", ZOOID_INVALID, 0 }, { "1,5", ZOOID_INVALID, 0 },
        { "1e400", ZOOID_FULL, 0 }, { "-1e400", ZOOID_FULL, 0 },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        double value = 42;
        assert_int_equal (number_read_real (rows [i].text, strlen (rows [i].text), &value), rows [i].rc);
        assert_true (value == (rows [i].rc ? 42 : rows [i].value));
    }
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_number_writes_reals_as_short_as_possible),
        cmocka_unit_test (test_number_reads_every_written_real_back),
        cmocka_unit_test (test_number_writes_a_point_in_every_locale),
        cmocka_unit_test (test_number_writes_integers_as_printf_does),
        cmocka_unit_test (test_number_refuses_what_is_no_integer),
        cmocka_unit_test (test_number_reads_reals_as_json_has_them),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
