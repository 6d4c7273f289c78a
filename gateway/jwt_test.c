//  gateway/jwt_test.c - tokens, the keys they are verified with, and the memory of those that were
#include "jwt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include <zooid/msgpack.h>

#include "gateway_fixture.h"
#include "keys.h"
#include "tokens.h"

static const jwt_policy_t policy = { .issuer = "zooid", .audience = "zooid" };

typedef struct {
    zooid_arena_t *arena;
    key_set_t *keys;
    int64_t now_ms;
} world_t;

static int
setup (void **state)
{
    world_t *world = zooid_allocate (sizeof *world);
    zooid_buffer_t packed = { .limit = 0 };
    zooid_arena_new (&world->arena, 0);
    key_set_new (&world->keys);
    fixture_pack_keys (&packed);
    assert_int_equal (
        key_set_read (world->keys, (zooid_bytes_t) { .data = packed.data, .size = packed.size }, world->arena), 0);
    assert_int_equal (key_set_count (world->keys), 1);
    world->now_ms = (int64_t) time (NULL) * 1000;
    zooid_buffer_fini (&packed);
    *state = world;
    return 0;
}

static int
teardown (void **state)
{
    world_t *world = *state;
    key_set_destroy (&world->keys);
    zooid_arena_destroy (&world->arena);
    free (world);
    return 0;
}

static int
s_check (world_t *world, const char *token, int64_t now_ms, jwt_t *ret_jwt, const char **ret_why)
{
    int rc = jwt_read (ret_jwt, token, strlen (token), &policy, now_ms, world->arena, ret_why);
    return rc ? rc : jwt_verify (ret_jwt, world->keys);
}

static void
test_jwt_is_taken_until_the_second_it_ends (void **state)
{
    world_t *world = *state;
    jwt_t jwt;
    const char *why = NULL;
    char *token = fixture_token (&(token_options_t) { .expires_in_s = 100 });
    assert_int_equal (s_check (world, token, world->now_ms, &jwt, &why), 0);
    assert_string_equal (jwt.claims.sub, "u1");
    assert_string_equal (jwt.claims.scope, "sample:read sample:write user");
    int64_t ends = jwt.claims.exp * 1000;
    assert_int_equal (s_check (world, token, ends - 1, &jwt, &why), 0);
    assert_int_equal (s_check (world, token, ends, &jwt, &why), ZOOID_INVALID);
    assert_string_equal (why, "The token has expired.");
    assert_int_equal (s_check (world, token, world->now_ms - 59000, &jwt, &why), 0);
    assert_int_equal (s_check (world, token, world->now_ms - 90000, &jwt, &why), ZOOID_INVALID);     //  Made in the future
    free (token);
}

static void
test_jwt_is_refused_when_any_bit_is_changed (void **state)
{
    world_t *world = *state;
    char *token = fixture_token (&(token_options_t) { .scope = NULL });
    size_t size = strlen (token), refused = 0;
    for (size_t index = 0; index < size; index++) {
        jwt_t jwt;
        const char *why = NULL;
        char kept = token [index];
        token [index] = kept == 'A' ? 'Q' : 'A';
        refused += s_check (world, token, world->now_ms, &jwt, &why) != 0;
        token [index] = kept;
    }
    assert_int_equal (refused, size);
    free (token);
}

static void
test_jwt_names_a_key_that_is_not_known (void **state)
{
    world_t *world = *state;
    jwt_t jwt;
    const char *why = NULL;
    char *token = fixture_token (
        &(token_options_t) { .header = "{\"alg\":\"ES256\",\"kid\":\"k2\",\"typ\":\"at+jwt\"}" });
    assert_int_equal (s_check (world, token, world->now_ms, &jwt, &why), ZOOID_UNKNOWN);
    free (token);
    token = fixture_token (&(token_options_t) { .by_stranger = true });
    assert_int_equal (s_check (world, token, world->now_ms, &jwt, &why), ZOOID_DENIED);
    free (token);
}

static void
test_jwt_longer_than_its_limit_is_refused (void **state)
{
    world_t *world = *state;
    jwt_t jwt;
    const char *why = NULL;
    char *long_scope = malloc (JWT_SIZE_MAX);
    memset (long_scope, 'x', JWT_SIZE_MAX - 1);
    long_scope [JWT_SIZE_MAX - 1] = 0;
    char *token = fixture_token (&(token_options_t) { .scope = long_scope });
    assert_true (strlen (token) > JWT_SIZE_MAX);
    assert_int_equal (s_check (world, token, world->now_ms, &jwt, &why), ZOOID_INVALID);
    free (token);
    free (long_scope);
}

static void
test_base64_is_strict (void **state)
{
    (void) state;
    static const struct { const char *text; int rc; const char *data; } rows [] = {
        { "", 0, "" }, { "YQ", 0, "a" }, { "YWI", 0, "ab" }, { "YWJj", 0, "abc" }, { "YQ==", ZOOID_INVALID, NULL }, { "YR", ZOOID_INVALID, NULL },
        { "Y", ZOOID_INVALID, NULL }, { "Y+", ZOOID_INVALID, NULL }, { "YW J", ZOOID_INVALID, NULL }, { "YWJjZA", ZOOID_INVALID, NULL },
    };
    for (size_t index = 0; index < ZOOID_COUNT (rows); index++) {
        uint8_t data [3];
        size_t size = 0;
        assert_int_equal (jwt_base64 (rows [index].text, strlen (rows [index].text), data, sizeof data, &size),
                          rows [index].rc);
        if (rows [index].data)
            assert_memory_equal (data, rows [index].data, strlen (rows [index].data));
    }
}

static void
test_keys_leave_out_what_is_no_key (void **state)
{
    world_t *world = *state;
    static const struct { const char *json; int rc; size_t count; } rows [] = {
        { "{\"keys\":[]}", 0, 0 },
        { "{\"keys\":[{\"kty\":\"RSA\",\"crv\":\"\",\"x\":\"\",\"y\":\"\",\"kid\":\"a\"}]}", 0, 0 },
        { "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\","
          "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\",\"kid\":\"off the curve\"}]}", 0, 0 },
        { "{}", ZOOID_INVALID, 0 },
        { "[]", ZOOID_INVALID, 0 },
    };
    for (size_t index = 0; index < ZOOID_COUNT (rows); index++) {
        key_set_t *keys = NULL;
        zooid_buffer_t packed = { .limit = 0 };
        const char *why = NULL;
        key_set_new (&keys);
        assert_int_equal (zooid_json_parse (rows [index].json, strlen (rows [index].json), world->arena, &packed, &why),
                          0);
        assert_int_equal (
            key_set_read (keys, (zooid_bytes_t) { .data = packed.data, .size = packed.size }, world->arena),
            rows [index].rc);
        assert_int_equal (key_set_count (keys), rows [index].count);
        key_set_destroy (&keys);
        zooid_buffer_fini (&packed);
    }
}

static void
test_tokens_are_remembered_until_they_end (void **state)
{
    (void) state;
    tokens_t *tokens = NULL;
    zooid_principal_t *principal = NULL;
    zooid_principal_new (&principal, "user:u1", NULL, 0, 1000);
    tokens_new (&tokens, 42);
    tokens_add (tokens, "token", 5, principal);
    assert_ptr_equal (tokens_find (tokens, "token", 5, 999), principal);
    assert_null (tokens_find (tokens, "tokem", 5, 0));
    assert_null (tokens_find (tokens, "toke", 4, 0));
    assert_null (tokens_find (tokens, "token", 5, 1000));
    assert_null (tokens_find (tokens, "token", 5, 0));          //  It was forgotten
    tokens_add (tokens, "token", 5, principal);
    tokens_clear (tokens);
    assert_null (tokens_find (tokens, "token", 5, 0));
    for (unsigned index = 0; index < 4 * TOKENS_MAX; index++) {
        char text [32];
        snprintf (text, sizeof text, "token %u", index);
        tokens_add (tokens, text, strlen (text), principal);
        assert_ptr_equal (tokens_find (tokens, text, strlen (text), 0), principal);
    }
    tokens_destroy (&tokens);
    zooid_principal_destroy (&principal);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_jwt_is_taken_until_the_second_it_ends),
        cmocka_unit_test (test_jwt_is_refused_when_any_bit_is_changed),
        cmocka_unit_test (test_jwt_names_a_key_that_is_not_known),
        cmocka_unit_test (test_jwt_longer_than_its_limit_is_refused),
        cmocka_unit_test (test_base64_is_strict),
        cmocka_unit_test (test_keys_leave_out_what_is_no_key),
        cmocka_unit_test (test_tokens_are_remembered_until_they_end),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
