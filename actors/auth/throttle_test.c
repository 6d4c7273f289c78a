#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>

#include "throttle.h"

static const uint8_t s_key [THROTTLE_KEY_SIZE] = { 1, 2, 3 };

//  Take until refused; how many were granted.
static int
s_take_all (throttle_t *throttle, const char *account, int64_t now_ms, int64_t *ret_wait_ms)
{
    int granted = 0;
    while (granted < 10000 && throttle_take (throttle, account, now_ms, ret_wait_ms) == 0)
        granted++;
    return granted;
}

static void
test_throttle_refuses_an_account_after_its_burst (void **state)
{
    (void) state;
    throttle_t throttle;
    int64_t wait_ms = 0;
    throttle_init (&throttle, s_key);
    assert_int_equal (s_take_all (&throttle, "ada", 1000, &wait_ms), THROTTLE_ACCOUNT_BURST);
    assert_int_equal (wait_ms, THROTTLE_ACCOUNT_INTERVAL_MS);
    assert_int_equal (throttle_take (&throttle, "bob", 1000, &wait_ms), 0);
}

static void
test_throttle_grants_again_exactly_when_it_said (void **state)
{
    (void) state;
    throttle_t throttle;
    int64_t wait_ms = 0;
    throttle_init (&throttle, s_key);
    s_take_all (&throttle, "ada", 1000, &wait_ms);
    int64_t then_ms = 1000 + wait_ms;
    assert_int_equal (throttle_take (&throttle, "ada", then_ms - 1, &wait_ms), ZOOID_FULL);
    assert_int_equal (wait_ms, 1);
    assert_int_equal (s_take_all (&throttle, "ada", then_ms, &wait_ms), 1);
    assert_int_equal (s_take_all (&throttle, "ada", then_ms + 1000000, &wait_ms), THROTTLE_ACCOUNT_BURST);
}

static void
test_throttle_forgives_what_succeeded (void **state)
{
    (void) state;
    throttle_t throttle;
    int64_t wait_ms = 0;
    throttle_init (&throttle, s_key);
    for (int i = 0; i < 10 * THROTTLE_ALL_BURST; i++) {
        assert_int_equal (throttle_take (&throttle, "ada", 1000, &wait_ms), 0);
        throttle_forgive (&throttle, "ada");
    }
    assert_int_equal (s_take_all (&throttle, "ada", 1000, &wait_ms), THROTTLE_ACCOUNT_BURST);
    throttle_forgive (&throttle, "ada");
    assert_int_equal (s_take_all (&throttle, "ada", 1000, &wait_ms), THROTTLE_ACCOUNT_BURST);
}

static void
test_throttle_refuses_everybody_after_one_guess_at_many_names (void **state)
{
    (void) state;
    throttle_t throttle;
    int64_t wait_ms = 0;
    throttle_init (&throttle, s_key);
    int granted = 0;
    for (int i = 0; i < 2 * THROTTLE_ALL_BURST; i++) {
        char account [32];
        snprintf (account, sizeof account, "user%d", i);
        granted += throttle_take (&throttle, account, 1000, &wait_ms) == 0;
    }
    assert_int_equal (granted, THROTTLE_ALL_BURST);
    assert_int_equal (wait_ms, THROTTLE_ALL_INTERVAL_MS);
    assert_int_equal (throttle_take (&throttle, "ada", 1000, &wait_ms), ZOOID_FULL);
    assert_int_equal (throttle_take (&throttle, "ada", 1000 + wait_ms, &wait_ms), 0);
}

static void
test_throttle_starts_empty_at_the_beginning_of_time (void **state)
{
    (void) state;
    throttle_t throttle;
    int64_t wait_ms = 0;
    throttle_init (&throttle, s_key);
    assert_int_equal (s_take_all (&throttle, "ada", 0, &wait_ms), THROTTLE_ACCOUNT_BURST);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_throttle_refuses_an_account_after_its_burst),
        cmocka_unit_test (test_throttle_grants_again_exactly_when_it_said),
        cmocka_unit_test (test_throttle_forgives_what_succeeded),
        cmocka_unit_test (test_throttle_refuses_everybody_after_one_guess_at_many_names),
        cmocka_unit_test (test_throttle_starts_empty_at_the_beginning_of_time),
    };
    return sodium_init () < 0 ? 1 : cmocka_run_group_tests (tests, NULL, NULL);
}
