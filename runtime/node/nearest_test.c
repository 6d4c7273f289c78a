#include "nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void
test_nearest_distance_counts_single_changes (void **state)
{
    (void) state;
    static const struct { const char *a, *b; size_t distance; } pairs [] = {
        { "", "", 0 }, { "iot", "iot", 0 }, { "", "iot", 3 }, { "iot", "", 3 }, { "iot", "iots", 1 }, { "iot", "it", 1 },
        { "iot", "iat", 1 }, { "iot", "ito", 1 }, { "gateway", "gatewya", 1 }, { "kitten", "sitting", 3 }, { "ab", "ba", 1 },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs [0]; i++) {
        assert_int_equal (nearest_distance (pairs [i].a, pairs [i].b), pairs [i].distance);
        assert_int_equal (nearest_distance (pairs [i].b, pairs [i].a), pairs [i].distance);
    }
}

static void
test_nearest_distance_of_long_names_is_bounded (void **state)
{
    (void) state;
    char a [200], b [200];
    memset (a, 'a', sizeof a);
    memset (b, 'b', sizeof b);
    a [199] = b [199] = 0;
    assert_int_equal (nearest_distance (a, b), 63);
    assert_int_equal (nearest_distance (a, a + 100), 0);
}

static const char *
s_nearest (const char *wanted)
{
    static const char *const names [] = { "analytics", "auth", "gateway", "iot", "probe-old", "probe", "simulator" };
    nearest_t nearest;
    nearest_init (&nearest, wanted);
    for (size_t i = 0; i < sizeof names / sizeof names [0]; i++)
        nearest_offer (&nearest, names [i]);
    const char *name = nearest_name (&nearest);
    return name ? name : "";
}

static void
test_nearest_name_is_what_was_meant (void **state)
{
    (void) state;
    assert_string_equal (s_nearest ("analitics"), "analytics");
    assert_string_equal (s_nearest ("gatewya"), "gateway");
    assert_string_equal (s_nearest ("sim"), "simulator");
    assert_string_equal (s_nearest ("iot_service"), "iot");
    assert_string_equal (s_nearest ("prob"), "probe");
    assert_string_equal (s_nearest ("probe-ol"), "probe-old");
}

static void
test_nearest_name_is_none_when_nothing_is_like_it (void **state)
{
    (void) state;
    assert_string_equal (s_nearest ("xyzzy"), "");
    assert_string_equal (s_nearest (""), "");
    nearest_t nearest;
    nearest_init (&nearest, "iot");
    assert_null (nearest_name (&nearest));
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_nearest_distance_counts_single_changes),
        cmocka_unit_test (test_nearest_distance_of_long_names_is_bounded),
        cmocka_unit_test (test_nearest_name_is_what_was_meant),
        cmocka_unit_test (test_nearest_name_is_none_when_nothing_is_like_it),
    };
    return cmocka_run_group_tests_name ("node.nearest", tests, NULL, NULL);
}
