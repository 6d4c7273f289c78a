//  gateway/sign_in_test.c - who gets in: tokens, scopes, keys
#include "gateway_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static int
setup (void **state)
{
    fixture_t *fixture = zooid_allocate (sizeof *fixture);
    fixture_init (fixture, &(fixture_options_t) { .settings = NULL });
    *state = fixture;
    return 0;
}

static int
teardown (void **state)
{
    fixture_t *fixture = *state;
    assert_int_equal (fixture_fini (fixture), 0);
    free (fixture);
    return 0;
}

static void
s_expect (const fixture_t *fixture, const char *path, const char *token, int status, const char *challenge)
{
    answer_t answer;
    int got = fixture_request (fixture, "GET", path, token, NULL, &answer);
    if (got != status)
        fail_msg ("%d instead of %d for %s: %s", got, status, token, answer.body);
    const char *given = answer_header (&answer, "WWW-Authenticate");
    if (challenge && (!given || !strstr (given, challenge)))
        fail_msg ("WWW-Authenticate is %s, without %s", given ? given : "absent", challenge);
    if (!challenge)
        assert_null (given);
    answer_fini (&answer);
}

static void
test_sign_in_lets_a_sound_token_in_again_and_again (void **state)
{
    char *token = fixture_token (&(token_options_t) { .scope = NULL });
    for (int round = 0; round < 3; round++) {
        answer_t answer;
        assert_int_equal (fixture_request (*state, "GET", "/api/things/a", token, NULL, &answer), 200);
        assert_non_null (strstr (answer.body, "\"subject\":\"user:u1\""));
        answer_fini (&answer);
    }
    free (token);
}

static void
test_sign_in_refuses_tokens_that_are_not_ours (void **state)
{
    static const token_options_t rows [] = {
        { .by_stranger = true },
        { .expires_in_s = -1 },
        { .issuer = "other" },
        { .audience = "other" },
        { .header = "{\"alg\":\"none\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}" },
        { .header = "{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}" },
        { .header = "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\"}" },
        { .header = "{\"alg\":\"ES256\",\"kid\":\"k1\"}" },
        { .header = "{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}" },
        { .header = "{\"alg\":\"ES256\",\"kid\":\"k2\",\"typ\":\"at+jwt\"}" },
        { .header = "{\"alg\":\"ES256\",\"kid\":\"../k1\",\"typ\":\"at+jwt\"}" },
        { .header = "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"at+jwt\",\"jku\":\"http://evil/\"}" },
        { .header = "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"at+jwt\",\"crit\":[\"x\"]}" },
        { .header = "{\"alg\":\"ES256\",\"alg\":\"none\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}" },
        { .header = "not json" },
    };
    for (size_t index = 0; index < ZOOID_COUNT (rows); index++) {
        char *token = fixture_token (&rows [index]);
        s_expect (*state, "/api/things/a", token, 401, "error=\"invalid_token\"");
        free (token);
    }
}

static void
test_sign_in_refuses_tokens_that_were_changed (void **state)
{
    char *token = fixture_token (&(token_options_t) { .scope = NULL });
    size_t size = strlen (token);
    char *dot = strrchr (token, '.');
    char kept = dot [1];
    dot [1] = kept == 'A' ? 'B' : 'A';
    s_expect (*state, "/api/things/a", token, 401, "invalid_token");
    dot [1] = 0;                            //  alg none by leaving the signature out
    s_expect (*state, "/api/things/a", token, 401, "invalid_token");
    dot [0] = 0;
    s_expect (*state, "/api/things/a", token, 401, "invalid_token");
    s_expect (*state, "/api/things/a", "x", 401, "invalid_token");
    s_expect (*state, "/api/things/a", "..", 401, "invalid_token");
    assert_true (size > 100);
    free (token);
}

static void
test_sign_in_wants_the_scope_of_the_operation (void **state)
{
    char *token = fixture_token (&(token_options_t) { .scope = "user sample:writer" }),
         *all = fixture_token (&(token_options_t) { .scope = "*" });
    s_expect (*state, "/api/things/a", NULL, 401, "Bearer realm");
    s_expect (*state, "/api/things/a", token, 403, "scope=\"sample:read\"");
    s_expect (*state, "/api/things/a", all, 200, NULL);
    s_expect (*state, "/metrics", NULL, 401, "Bearer");
    s_expect (*state, "/metrics", token, 403, "metrics:read");
    s_expect (*state, "/metrics", all, 200, NULL);
    free (token);
    free (all);
}

static void
test_sign_in_takes_no_other_scheme (void **state)
{
    client_t client;
    answer_t answer;
    client_open (&client, *state);
    client_print (&client, "GET /api/things/a HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YTpi\r\n\r\n");
    assert_true (client_receive (&client, false, &answer));
    assert_int_equal (answer.status, 401);
    answer_fini (&answer);
    client_close (&client);
}

static void
test_sign_in_is_not_needed_where_the_contract_says_public (void **state)
{
    char *stranger = fixture_token (&(token_options_t) { .by_stranger = true }),
         *own = fixture_token (&(token_options_t) { .scope = NULL });
    const char *tokens [] = { NULL, stranger, own };
    for (size_t index = 0; index < ZOOID_COUNT (tokens); index++) {
        answer_t answer;
        assert_int_equal (fixture_request (*state, "GET", "/api/open", tokens [index], NULL, &answer), 200);
        assert_non_null (
            strstr (answer.body, tokens [index] == own ? "\"subject\":\"user:u1\"" : "\"subject\":\"nobody:http\""));
        answer_fini (&answer);
    }
    free (stranger);
    free (own);
}

static void
test_sign_in_is_unavailable_without_keys (void **state)
{
    (void) state;
    fixture_t fixture;
    fixture_init (&fixture, &(fixture_options_t) { .without_keys = true });
    char *token = fixture_token (&(token_options_t) { .scope = NULL });
    answer_t answer;
    assert_int_equal (fixture_request (&fixture, "GET", "/api/things/a", token, NULL, &answer), 503);
    assert_string_equal (answer_header (&answer, "Retry-After"), "1");
    answer_fini (&answer);
    free (token);
    assert_int_equal (fixture_fini (&fixture), 0);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_sign_in_lets_a_sound_token_in_again_and_again),
        cmocka_unit_test (test_sign_in_refuses_tokens_that_are_not_ours),
        cmocka_unit_test (test_sign_in_refuses_tokens_that_were_changed),
        cmocka_unit_test (test_sign_in_wants_the_scope_of_the_operation),
        cmocka_unit_test (test_sign_in_takes_no_other_scheme),
        cmocka_unit_test (test_sign_in_is_not_needed_where_the_contract_says_public),
        cmocka_unit_test (test_sign_in_is_unavailable_without_keys),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
