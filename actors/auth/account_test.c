#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"

static json_t *
s_draft (const char *username, const char *role)
{
    return json_pack ("{s:s, s:s, s:[s]}", "username", username, "password", "a fine password", "roles", role);
}

static void
test_create_user_makes_one_who_can_sign_in (void **state)
{
    fixture_t *fixture = *state;
    fixture_start (fixture, fixture_seed);
    json_t *user = fixture_result (fixture, "user:x", "user *", "auth.create_user", s_draft ("ada", "reader"));
    assert_string_equal (fixture_text (user, "username"), "ada");
    assert_string_equal (json_string_value (json_array_get (json_object_get (user, "roles"), 0)), "reader");
    assert_null (json_object_get (user, "hash"));
    json_t *claims = fixture_login (fixture, "ada", "a fine password");
    assert_string_equal (fixture_text (claims, "sub"), fixture_text (user, "id"));
    assert_string_equal (fixture_text (claims, "scope"), "user iot:read analytics:read");

    char subject [64];
    snprintf (subject, sizeof subject, "user:%s", fixture_text (user, "id"));
    json_t *profile = fixture_result (fixture, subject, "user iot:read", "auth.me", NULL);
    assert_string_equal (fixture_text (profile, "username"), "ada");
    assert_int_equal (json_array_size (json_object_get (profile, "scopes")), 2);
    json_decref (profile);
    json_decref (claims);
    json_decref (user);
    fixture_stop (fixture);
}

static void
test_create_user_refuses_what_the_maker_may_not (void **state)
{
    fixture_t *fixture = *state;
    fixture_start (fixture, fixture_seed);
    fixture_assert_fails (fixture, "user:x", "user iot:read", "auth.create_user", s_draft ("ada", "reader"), "denied");
    fixture_assert_fails (fixture, "user:x", "user users:write", "auth.create_user", s_draft ("ada", "admin"),
                          "denied");
    fixture_assert_fails (fixture, "user:x", "user users:write iot:read", "auth.create_user", s_draft ("ada", "reader"),
                          "denied");
    fixture_assert_no_login (fixture, "ada", "a fine password");
    json_decref (fixture_result (fixture, "user:x", "user users:write iot:read analytics:read", "auth.create_user",
                                 s_draft ("ada", "reader")));
    fixture_stop (fixture);
}

static void
test_create_user_refuses_a_name_that_is_taken_or_none (void **state)
{
    fixture_t *fixture = *state;
    fixture_start (fixture, fixture_seed);
    fixture_assert_fails (fixture, "user:x", "*", "auth.create_user", s_draft ("reader", "reader"), "username_taken");
    fixture_assert_login (fixture, "reader", "reader-reader");
    fixture_assert_fails (fixture, "user:x", "*", "auth.create_user", s_draft ("Ada", "reader"), "invalid");
    fixture_assert_fails (fixture, "user:x", "*", "auth.create_user", s_draft ("", "reader"), "invalid");
    fixture_assert_fails (fixture, "user:x", "*", "auth.create_user", s_draft ("ada", "emperor"), "invalid");
    fixture_assert_fails (fixture, "user:x", "*", "auth.create_user",
                          json_pack ("{s:s, s:s, s:[]}", "username", "ada", "password", "1234567", "roles"), "invalid");
    fixture_stop (fixture);
}

static json_t *
s_long_draft (size_t username_length, size_t password_length)
{
    char username [128], password [256];
    memset (username, 'u', sizeof username);
    memset (password, 'p', sizeof password);
    username [username_length] = 0;
    password [password_length] = 0;
    return json_pack ("{s:s, s:s, s:[]}", "username", username, "password", password, "roles");
}

static void
test_account_limits_hold_at_the_limit_and_one_past (void **state)
{
    fixture_t *fixture = *state;
    fixture_start (fixture, fixture_seed);
    json_decref (fixture_result (fixture, "user:x", "*", "auth.create_user", s_long_draft (64, 128)));
    json_decref (fixture_result (fixture, "user:x", "*", "auth.create_user", s_long_draft (1, 8)));
    fixture_assert_fails (fixture, "user:x", "*", "auth.create_user", s_long_draft (65, 8), "invalid");
    fixture_assert_fails (fixture, "user:x", "*", "auth.create_user", s_long_draft (2, 129), "weak_password");
    fixture_assert_fails (fixture, "user:x", "*", "auth.create_user", s_long_draft (2, 7), "invalid");
    json_decref (fixture_result (fixture, "user:x", "*", "auth.list_users", json_pack ("{s:i}", "limit", 200)));
    fixture_assert_fails (fixture, "user:x", "*", "auth.list_users", json_pack ("{s:i}", "limit", 201), "invalid");
    fixture_assert_fails (fixture, "user:x", "*", "auth.list_users", json_pack ("{s:i}", "limit", 0), "invalid");
    fixture_stop (fixture);
}

static void
test_list_users_goes_page_by_page (void **state)
{
    static const char *const names [] = { "admin", "editor", "operator", "reader" };
    fixture_t *fixture = *state;
    fixture_start (fixture, fixture_seed);
    fixture_assert_fails (fixture, "user:x", "user", "auth.list_users", NULL, "denied");
    fixture_assert_fails (fixture, "user:x", "users:read", "auth.list_users",
                          json_pack ("{s:s}", "cursor", "bm9uc2Vuc2U"), "bad_cursor");
    json_t *arguments = json_pack ("{s:i}", "limit", 3);
    size_t seen = 0;
    for (int pages = 1; arguments; pages++) {
        json_t *page = fixture_result (fixture, "user:x", "users:read", "auth.list_users", arguments);
        json_t *items = json_object_get (page, "items");
        for (size_t i = 0; i < json_array_size (items); i++)
            assert_string_equal (fixture_text (json_array_get (items, i), "username"), names [seen++]);
        const json_t *next = json_object_get (page, "next");
        arguments = json_is_null (next)
            ? NULL : json_pack ("{s:i, s:s}", "limit", 3, "cursor", json_string_value (next));
        assert_true (pages <= 2);
        json_decref (page);
    }
    assert_int_equal (seen, ZOOID_COUNT (names));
    fixture_stop (fixture);
}

#define TEST(function) cmocka_unit_test_setup_teardown (function, fixture_set_up, fixture_tear_down)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        TEST (test_create_user_makes_one_who_can_sign_in),
        TEST (test_create_user_refuses_what_the_maker_may_not),
        TEST (test_create_user_refuses_a_name_that_is_taken_or_none),
        TEST (test_account_limits_hold_at_the_limit_and_one_past),
        TEST (test_list_users_goes_page_by_page),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
