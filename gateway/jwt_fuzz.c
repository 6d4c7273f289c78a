//  gateway/jwt_fuzz.c - libFuzzer entry of the reader of tokens
//
//  The oracle beside the sanitizer: what is read says what the policy wants, and nothing made up verifies.
#include "jwt.h"

#include <assert.h>
#include <string.h>

#include "keys.h"

int
    LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static const jwt_policy_t policy = { .issuer = "zooid", .audience = "zooid" };
    enum { NOW_MS = 1000 };
    zooid_arena_t *arena = NULL;
    key_set_t *keys = NULL;
    jwt_t jwt;
    const char *why = NULL;
    zooid_arena_new (&arena, 1048576);
    key_set_new (&keys);
    if (jwt_read (&jwt, (const char *) data, size, &policy, NOW_MS, arena, &why) == 0) {
        assert (strcmp (jwt.claims.iss, "zooid") == 0 && strcmp (jwt.claims.aud, "zooid") == 0);
        assert (jwt.claims.exp * 1000 > NOW_MS && *jwt.claims.sub && *jwt.kid && size <= JWT_SIZE_MAX);
        assert (jwt_verify (&jwt, keys) == ZOOID_UNKNOWN);
    }
    else
        assert (why);
    key_set_destroy (&keys);
    zooid_arena_destroy (&arena);
    return 0;
}
