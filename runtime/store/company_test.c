#include "company.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { LIMIT_US = 2000 };

static void
test_company_does_not_wait_for_a_lone_caller (void **state)
{
    (void) state;
    company_t company = { 0 };
    for (int i = 0; i < 10; i++) {
        assert_int_equal (company_wait_us (&company, 1, LIMIT_US), 0);
        company_committed (&company, 1, 0, 256, 900);
    }
}

static void
test_company_waits_for_both_halves_when_callers_come_back (void **state)
{
    (void) state;
    company_t company = { 0 };
    company_committed (&company, 1, 63, 256, 900);
    assert_int_equal (company.expected, 64);
    assert_int_equal (company_wait_us (&company, 63, LIMIT_US), 900);
    company_waited (&company, 64);
    company_committed (&company, 64, 0, 256, 900);
    assert_int_equal (company_wait_us (&company, 64, LIMIT_US), 0);
    assert_int_equal (company_wait_us (&company, 1, LIMIT_US), 900);
}

static void
test_company_waits_no_longer_than_its_limit_on_a_slow_disk (void **state)
{
    (void) state;
    company_t company = { 0 };
    company_committed (&company, 1, 1, 256, 30000);
    assert_int_equal (company_wait_us (&company, 1, LIMIT_US), LIMIT_US);
}

static void
test_company_expects_no_more_than_a_group_holds (void **state)
{
    (void) state;
    company_t company = { 0 };
    company_committed (&company, 256, 4000, 256, 900);
    assert_int_equal (company.expected, 256);
    assert_int_equal (company_wait_us (&company, 256, LIMIT_US), 0);
}

//  Jobs that come at their own pace: each wait that ends without them doubles how many groups do not wait.
static void
test_company_gives_up_waiting_when_it_does_not_pay (void **state)
{
    (void) state;
    company_t company = { 0 };
    int waits = 0;
    for (int i = 0; i < 1000; i++) {
        company_committed (&company, 5, 5, 256, 900);
        if (company_wait_us (&company, 5, LIMIT_US) > 0) {
            waits++;
            company_waited (&company, 6);
        }
    }
    assert_in_range (waits, 5, 25);
    company.skips = 0;
    company_waited (&company, 10);
    company_committed (&company, 5, 5, 256, 900);
    assert_int_equal (company_wait_us (&company, 5, LIMIT_US), 900);
}

static void
test_company_learns_nothing_from_a_group_that_wrote_nothing (void **state)
{
    (void) state;
    company_t company = { 0 };
    company_committed (&company, 2, 2, 256, 800);
    company_committed (&company, 2, 2, 256, 0);
    assert_int_equal (company.sync_us, 800);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_company_does_not_wait_for_a_lone_caller),
        cmocka_unit_test (test_company_waits_for_both_halves_when_callers_come_back),
        cmocka_unit_test (test_company_waits_no_longer_than_its_limit_on_a_slow_disk),
        cmocka_unit_test (test_company_expects_no_more_than_a_group_holds),
        cmocka_unit_test (test_company_gives_up_waiting_when_it_does_not_pay),
        cmocka_unit_test (test_company_learns_nothing_from_a_group_that_wrote_nothing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
