#include <zooid/fault.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
test_fault_is_on_when_it_is_named_whole (void **state)
{
    (void) state;
    setenv ("ZOOID_FAULT", "one,,three_and_more,two", 1);
    assert_true (zooid_fault_is_on ("one"));
    assert_true (zooid_fault_is_on ("two"));
    assert_false (zooid_fault_is_on ("three"));
    assert_false (zooid_fault_is_on ("on"));
    assert_false (zooid_fault_is_on (""));
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_fault_is_on_when_it_is_named_whole),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
