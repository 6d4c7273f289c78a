#include <zooid/result.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void
test_fault_keeps_its_value_and_tells_where (void **state)
{
    (void) state;
    assert_int_equal (zooid_fault_at (-ENOENT, "store.c", 42), -ENOENT);
    assert_non_null (strstr (zooid_fault_trace (), "store.c:42: "));
    assert_non_null (strstr (zooid_fault_trace (), strerror (ENOENT)));
}

static void
test_fault_passes_outcomes_without_a_trace (void **state)
{
    (void) state;
    assert_int_equal (zooid_fault_at (-EIO, "first.c", 1), -EIO);
    assert_int_equal (zooid_fault_at (0, "other.c", 2), 0);
    assert_int_equal (zooid_fault_at (ZOOID_FULL, "other.c", 3), ZOOID_FULL);
    assert_non_null (strstr (zooid_fault_trace (), "first.c:1: "));
}

static void
test_allocate_gives_zeroes_and_release_nulls (void **state)
{
    (void) state;
    ZOOID_CLEANUP (zooid_release) unsigned char *block = zooid_allocate (100);
    for (int i = 0; i < 100; i++)
        assert_int_equal (block [i], 0);
    char *text = zooid_duplicate ("text");
    assert_string_equal (text, "text");
    zooid_release (&text);
    assert_null (text);
    zooid_release (&text);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_fault_keeps_its_value_and_tells_where),
        cmocka_unit_test (test_fault_passes_outcomes_without_a_trace),
        cmocka_unit_test (test_allocate_gives_zeroes_and_release_nulls),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
