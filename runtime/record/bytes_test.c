#include <zooid/bytes.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

static void
test_buffer_is_empty_when_zero (void **state)
{
    (void) state;
    zooid_buffer_t buffer = { 0 };
    assert_string_equal (zooid_buffer_string (&buffer), "");
    assert_int_equal (buffer.size, 0);
    zooid_buffer_fini (&buffer);
    zooid_buffer_fini (&buffer);
}

static void
test_buffer_keeps_what_was_appended_when_it_grows (void **state)
{
    (void) state;
    zooid_buffer_t buffer = { 0 };
    for (int i = 0; i < 10000; i++) {
        uint8_t byte = (uint8_t) i;
        zooid_buffer_append (&buffer, &byte, 1);
    }
    assert_false (buffer.failed);
    assert_int_equal (buffer.size, 10000);
    for (int i = 0; i < 10000; i++)
        assert_int_equal (buffer.data [i], (uint8_t) i);
    zooid_buffer_fini (&buffer);
    assert_null (buffer.data);
}

static void
test_buffer_string_ends_with_nul_at_every_size (void **state)
{
    (void) state;
    zooid_buffer_t buffer = { 0 };
    for (size_t size = 1; size < 300; size++) {
        zooid_buffer_text (&buffer, "x");
        assert_int_equal (strlen (zooid_buffer_string (&buffer)), size);
        assert_int_equal (buffer.size, size);
    }
    zooid_buffer_fini (&buffer);
}

static void
test_buffer_takes_its_limit_and_refuses_one_past_it (void **state)
{
    (void) state;
    zooid_buffer_t buffer = { .limit = 4 };
    zooid_buffer_text (&buffer, "1234");
    assert_false (buffer.failed);
    zooid_buffer_text (&buffer, "5");
    assert_true (buffer.failed);
    assert_string_equal (zooid_buffer_string (&buffer), "1234");

    zooid_buffer_clear (&buffer);
    zooid_buffer_text (&buffer, "12345");
    assert_true (buffer.failed);
    assert_int_equal (buffer.size, 0);
    zooid_buffer_fini (&buffer);
}

static void
test_buffer_appends_nothing_after_a_failure (void **state)
{
    (void) state;
    zooid_buffer_t buffer = { .limit = 4 };
    zooid_buffer_text (&buffer, "too long");
    zooid_buffer_text (&buffer, "a");
    zooid_buffer_format (&buffer, "%d", 1);
    assert_int_equal (buffer.size, 0);
    zooid_buffer_clear (&buffer);
    zooid_buffer_text (&buffer, "a");
    assert_false (buffer.failed);
    assert_string_equal (zooid_buffer_string (&buffer), "a");
    zooid_buffer_fini (&buffer);
}

static void
test_buffer_formats_any_length (void **state)
{
    (void) state;
    zooid_buffer_t buffer = { 0 };
    zooid_buffer_format (&buffer, "%s-%d", "a", 7);
    zooid_buffer_format (&buffer, "%*d", 1000, 8);
    assert_int_equal (buffer.size, 1003);
    assert_memory_equal (buffer.data, "a-7 ", 4);
    assert_int_equal (buffer.data [1002], '8');
    zooid_buffer_fini (&buffer);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_buffer_is_empty_when_zero),
        cmocka_unit_test (test_buffer_keeps_what_was_appended_when_it_grows),
        cmocka_unit_test (test_buffer_string_ends_with_nul_at_every_size),
        cmocka_unit_test (test_buffer_takes_its_limit_and_refuses_one_past_it),
        cmocka_unit_test (test_buffer_appends_nothing_after_a_failure),
        cmocka_unit_test (test_buffer_formats_any_length),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
