#include <zooid/contract.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>


static void
test_failure_kind_comes_back_from_its_name (void **state)
{
    (void) state;
    for (int kind = ZOOID_FAILURE_INVALID; kind <= ZOOID_FAILURE_OUTCOME_UNKNOWN; kind++) {
        const char *name = zooid_failure_kind_name ((zooid_failure_kind_t) kind);
        assert_int_equal (zooid_failure_kind (name), kind);
    }
    assert_string_equal (zooid_failure_kind_name (ZOOID_FAILURE_NOT_FOUND), "not_found");
    assert_string_equal (zooid_failure_kind_name (ZOOID_FAILURE_OUTCOME_UNKNOWN), "outcome_unknown");
}

static void
test_failure_kind_is_internal_when_unknown (void **state)
{
    (void) state;
    assert_int_equal (zooid_failure_kind ("bad_json"), ZOOID_FAILURE_INTERNAL);
    assert_int_equal (zooid_failure_kind (""), ZOOID_FAILURE_INTERNAL);
    assert_string_equal (zooid_failure_kind_name ((zooid_failure_kind_t) 0), "internal");
    assert_string_equal (zooid_failure_kind_name ((zooid_failure_kind_t) 99), "internal");
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_failure_kind_comes_back_from_its_name),
        cmocka_unit_test (test_failure_kind_is_internal_when_unknown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
