#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "fixture.h"

static json_t *
s_claim (const char *ticket, const char *origin)
{
    return origin ? json_pack ("{s:s, s:s}", "ticket", ticket, "origin", origin)
                  : json_pack ("{s:s}", "ticket", ticket);
}

static void
s_assert_no_redeem (const fixture_t *fixture, const char *ticket, const char *origin)
{
    fixture_assert_fails (fixture, "actor:gateway", "identity:redeem", "auth.redeem", s_claim (ticket, origin),
                          "bad_ticket");
}

static void
s_ticket (const fixture_t *fixture, const char *subject, const char *origin, char ret_ticket [64])
{
    json_t *grant = fixture_result (fixture, subject, "user iot:read", "auth.ticket",
                              origin ? json_pack ("{s:s}", "origin", origin) : NULL);
    snprintf (ret_ticket, 64, "%s", fixture_text (grant, "ticket"));
    assert_int_equal (json_integer_value (json_object_get (grant, "expires_in")), 30);
    json_decref (grant);
}

static void
test_ticket_is_redeemed_once_where_it_was_issued (void **state)
{
    fixture_t *fixture = *state;
    char ticket [64], subject [64];
    fixture_start (fixture, fixture_seed);
    fixture_subject (fixture, "reader", "reader-reader", subject);
    s_ticket (fixture, subject, "http://localhost:8000", ticket);
    json_t *identity = fixture_result (fixture, "actor:gateway", "identity:redeem", "auth.redeem",
                                 s_claim (ticket, "http://localhost:8000"));
    assert_string_equal (fixture_text (identity, "subject"), subject);
    assert_int_equal (json_array_size (json_object_get (identity, "scopes")), 2);
    json_decref (identity);
    s_assert_no_redeem (fixture, ticket, "http://localhost:8000");

    s_ticket (fixture, subject, "http://localhost:8000", ticket);
    s_assert_no_redeem (fixture, ticket, "http://evil.example");
    s_assert_no_redeem (fixture, ticket, "http://localhost:8000");
    fixture_stop (fixture);
}

static void
test_ticket_is_for_users_and_redeemed_by_those_who_may (void **state)
{
    fixture_t *fixture = *state;
    char ticket [64];
    fixture_start (fixture, fixture_seed);
    fixture_assert_fails (fixture, "actor:mqtt", "user", "auth.ticket", NULL, "denied");
    fixture_assert_fails (fixture, "user:x", "iot:read", "auth.ticket", NULL, "denied");
    s_ticket (fixture, "user:0193a000-0000-7000-8000-000000000000", NULL, ticket);
    fixture_assert_fails (fixture, "user:x", "user iot:read", "auth.redeem", s_claim (ticket, NULL), "denied");
    fixture_stop (fixture);
}

static void
test_ticket_is_refused_when_its_token_has_ended (void **state)
{
    fixture_t *fixture = *state;
    fixture_start (fixture, fixture_seed);
    json_t *answer = fixture_call_until (fixture, "user:x", "user", 0, "auth.ticket", NULL);
    assert_string_equal (fixture_text (answer, "failure"), "unauthenticated");
    json_decref (answer);
    fixture_stop (fixture);
}

static void
test_ticket_ends_with_a_change_of_password (void **state)
{
    fixture_t *fixture = *state;
    char ticket [64], subject [64];
    fixture_start (fixture, fixture_seed);
    fixture_subject (fixture, "reader", "reader-reader", subject);
    s_ticket (fixture, subject, NULL, ticket);
    json_decref (fixture_result (fixture, subject, "user", "auth.password",
                                 json_pack ("{s:s, s:s}", "old", "reader-reader", "new", "another password")));
    s_assert_no_redeem (fixture, ticket, NULL);
    fixture_stop (fixture);
}

#define TEST(function) cmocka_unit_test_setup_teardown (function, fixture_set_up, fixture_tear_down)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        TEST (test_ticket_is_redeemed_once_where_it_was_issued),
        TEST (test_ticket_is_for_users_and_redeemed_by_those_who_may),
        TEST (test_ticket_is_refused_when_its_token_has_ended),
        TEST (test_ticket_ends_with_a_change_of_password),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
