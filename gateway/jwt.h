//  gateway/jwt.h - a signed token, read and verified (RFC 7515, 7518, 7519, 8725, 9068)
#ifndef GATEWAY_JWT_H
#define GATEWAY_JWT_H

#include <zooid/record.h>

typedef struct key_set key_set_t;

enum { JWT_SIZE_MAX = 4096 };

typedef struct {
    zooid_presence_t presence;
    const char *iss, *aud, *sub, *scope;
    int64_t exp, iat, nbf;          //  Seconds
} jwt_claims_t;

typedef struct {
    const char *kid;
    jwt_claims_t claims;
    const char *signed_part;        //  Header, dot, claims: what the signature is of
    size_t signed_size;
    uint8_t signature [64];
} jwt_t;

//  What every token must say.
typedef struct {
    const char *issuer;
    const char *audience;
} jwt_policy_t;

//  Read a token and check all that needs no key, as of `now_ms`. Texts live in the arena; signed_part is the caller's.
//  ZOOID_INVALID: *ret_why (static) says why, in words that may be shown.
int
    jwt_read (jwt_t *self, const char *token, size_t size, const jwt_policy_t *policy, int64_t now_ms, zooid_arena_t *arena,
              const char **ret_why);
//  ZOOID_UNKNOWN: no such key. ZOOID_DENIED: the signature is not of that key.
int
    jwt_verify (const jwt_t *self, const key_set_t *keys);

//  base64url without padding (RFC 7515). ZOOID_INVALID: another character, a length that cannot be, bits that are no
//  data, or more than `limit` bytes.
int
    jwt_base64 (const char *text, size_t size, uint8_t *ret_data, size_t limit, size_t *ret_size);

#endif
