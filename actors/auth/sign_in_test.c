#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <zooid/log.h>

#include "fixture.h"

static void
test_sign_in_gives_a_token_of_the_published_key (void **state)
{
    fixture_t *fixture = *state;
    fixture_start (fixture, fixture_seed);
    json_t *claims = fixture_login (fixture, "operator", "operator-operator");
    assert_string_equal (fixture_text (claims, "iss"), "zooid");
    assert_string_equal (fixture_text (claims, "aud"), "zooid");
    assert_string_equal (fixture_text (claims, "username"), "operator");
    assert_string_equal (fixture_text (claims, "scope"),
                         "user iot:read analytics:read iot:ingest system:read metrics:read");
    json_int_t issued_at = json_integer_value (json_object_get (claims, "iat"));
    assert_int_equal (json_integer_value (json_object_get (claims, "exp")) - issued_at, 600);
    json_decref (claims);

    json_t *login = fixture_sign_in (fixture, "reader", "reader-reader");
    json_t *set = fixture_result (fixture, "nobody:test", "", "auth.keys", NULL);
    json_t *keys = json_object_get (set, "keys");
    assert_int_equal (json_array_size (keys), 1);
    const json_t *key = json_array_get (keys, 0);
    assert_string_equal (fixture_text (key, "kty"), "EC");
    assert_string_equal (fixture_text (key, "alg"), "ES256");
    assert_null (json_object_get (key, "d"));
    const char *token = fixture_text (json_object_get (login, "result"), "access_token");
    uint8_t header [512];
    size_t size = 0;
    assert_int_equal (sodium_base642bin (header, sizeof header - 1, token, strcspn (token, "."), NULL, &size, NULL,
                                         sodium_base64_VARIANT_URLSAFE_NO_PADDING), 0);
    header [size] = 0;
    assert_non_null (strstr ((const char *) header, fixture_text (key, "kid")));
    json_decref (set);
    json_decref (login);
    fixture_stop (fixture);
}

static void
test_sign_in_answers_wrong_and_unknown_alike (void **state)
{
    fixture_t *fixture = *state;
    fixture_start (fixture, fixture_seed);
    json_t *wrong = fixture_sign_in (fixture, "reader", "reader-readex");
    json_t *unknown = fixture_sign_in (fixture, "nobody", "reader-reader");
    assert_string_equal (fixture_text (wrong, "failure"), "bad_credentials");
    assert_true (json_equal (wrong, unknown));
    json_decref (wrong);
    json_decref (unknown);
    fixture_stop (fixture);
}

//  What takes time is the hash: an unknown name costs one, as a known one does. The clock itself proves little on a
//  busy machine.
static void
test_sign_in_hashes_for_unknown_users_too (void **state)
{
    fixture_t *fixture = *state;
    fixture_start (fixture, fixture_seed);
    assert_int_equal (fixture_figure (fixture, "auth_hashes"), 0);
    fixture_assert_login (fixture, "reader", "reader-reader");
    fixture_assert_no_login (fixture, "reader", "a wrong password");
    assert_int_equal (fixture_figure (fixture, "auth_hashes"), 2);
    fixture_assert_no_login (fixture, "nobody", "a wrong password");
    assert_int_equal (fixture_figure (fixture, "auth_hashes"), 3);
    fixture_assert_no_login (fixture, "no such name!", "x");
    assert_int_equal (fixture_figure (fixture, "auth_hashes"), 4);
    assert_int_equal (fixture_figure (fixture, "auth_logins"), 1);
    assert_int_equal (fixture_figure (fixture, "auth_logins_wrong"), 3);
    fixture_stop (fixture);
}

static void
test_sign_in_is_throttled_whether_the_user_exists_or_not (void **state)
{
    static const char *const names [] = { "reader", "nobody" };
    fixture_t *fixture = *state;
    fixture_start (fixture, fixture_seed);
    for (size_t i = 0; i < ZOOID_COUNT (names); i++) {
        for (int j = 0; j < 5; j++)
            fixture_assert_no_login (fixture, names [i], "a wrong password");
        json_t *answer = fixture_sign_in (fixture, names [i], "reader-reader");
        assert_string_equal (fixture_text (answer, "failure"), "rate_limited");
        json_decref (answer);
    }
    assert_int_equal (fixture_figure (fixture, "auth_hashes"), 10);
    assert_int_equal (fixture_figure (fixture, "auth_logins_throttled"), 2);
    fixture_assert_login (fixture, "editor", "editor-editor");
    fixture_stop (fixture);
}

static void
test_sign_in_forgives_wrong_passwords_after_a_right_one (void **state)
{
    fixture_t *fixture = *state;
    fixture_start (fixture, fixture_seed);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++)
            fixture_assert_no_login (fixture, "reader", "a wrong password");
        fixture_assert_login (fixture, "reader", "reader-reader");
    }
    fixture_stop (fixture);
}

static void
test_sign_in_refuses_when_too_many_passwords_wait (void **state)
{
    fixture_t *fixture = *state;
    fixture_start (fixture, fixture_seed);
    char *reply = NULL;
    assert_int_equal (zooid_node_ask (fixture->node, "caller.burst", "{\"count\": 120}", 60000, &reply), 0);
    json_t *tally = json_loads (reply, 0, NULL);
    free (reply);
    json_int_t wrong = json_integer_value (json_object_get (tally, "wrong"));
    json_int_t overloaded = json_integer_value (json_object_get (tally, "overloaded"));
    assert_int_equal (json_integer_value (json_object_get (tally, "other")), 0);
    assert_int_equal (wrong + overloaded, 120);
    assert_true (wrong >= 65 && overloaded > 0);        //  One is hashed, 64 wait; what was done meanwhile made room
    json_decref (tally);
    fixture_assert_login (fixture, "reader", "reader-reader");
    fixture_stop (fixture);
}

#define TEST(function) cmocka_unit_test_setup_teardown (function, fixture_set_up, fixture_tear_down)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        TEST (test_sign_in_gives_a_token_of_the_published_key),
        TEST (test_sign_in_answers_wrong_and_unknown_alike),
        TEST (test_sign_in_hashes_for_unknown_users_too),
        TEST (test_sign_in_is_throttled_whether_the_user_exists_or_not),
        TEST (test_sign_in_forgives_wrong_passwords_after_a_right_one),
        TEST (test_sign_in_refuses_when_too_many_passwords_wait),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
