//  gateway/jwt.c - a signed token, read and verified
//
//  There is one algorithm, ES256, because keys here are of one kind: what a header says of it is checked and never
//  obeyed. The header may have `alg`, `kid` and `typ` and nothing else: whatever could point elsewhere for a key
//  (`jku`, `jwk`, `x5u`, `x5c`) or demand an extension (`crit`) is refused by not being known. `kid` is looked up
//  among the keys that were given to us and is never a path or a query.
#include "jwt.h"
#include "keys.h"

#include <string.h>
#include <strings.h>

enum { JWT_CLOCK_SKEW_S = 60 };     //  How far ahead of us the issuer's clock may be; an end is an end

typedef struct {
    const char *alg, *kid, *typ;
} jwt_header_t;

static const zooid_field_t header_fields [] = {
    ZOOID_STRING (jwt_header_t, alg, .max_length = 16),
    ZOOID_STRING (jwt_header_t, kid, .min_length = 1, .max_length = 64, .characters = "A-Za-z0-9_-"),
    ZOOID_STRING (jwt_header_t, typ, .max_length = 16),
};
static const zooid_record_t header_record = ZOOID_RECORD ("jwt_header", jwt_header_t, header_fields,
                                                          .doc = "JOSE header");

#define SECONDS .integers = { true, 0, INT64_C (253402300799) }
static const zooid_field_t claims_fields [] = {
    ZOOID_STRING (jwt_claims_t, iss, .max_length = 256),
    ZOOID_STRING (jwt_claims_t, aud, .max_length = 256),
    ZOOID_STRING (jwt_claims_t, sub, .min_length = 1, .max_length = 128),
    ZOOID_STRING (jwt_claims_t, scope, .optional = true, .max_length = 4096),
    ZOOID_INTEGER (jwt_claims_t, exp, SECONDS),
    ZOOID_INTEGER (jwt_claims_t, iat, .optional = true, SECONDS),
    ZOOID_INTEGER (jwt_claims_t, nbf, .optional = true, SECONDS),
};
static const zooid_record_t claims_record = ZOOID_RECORD ("jwt_claims", jwt_claims_t, claims_fields,
    .presence = ZOOID_PRESENCE (jwt_claims_t), .doc = "Claims of an access token");

//  ---- base64url

static int
s_six_bits (char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

int
jwt_base64 (const char *text, size_t size, uint8_t *ret_data, size_t limit, size_t *ret_size)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t count = 0;
    if (size % 4 == 1)
        return ZOOID_INVALID;
    for (size_t index = 0; index < size; index++) {
        int six = s_six_bits (text [index]);
        if (six < 0)
            return ZOOID_INVALID;
        bits = (bits << 6 | (uint32_t) six) & 0xffff;
        have += 6;
        if (have >= 8) {
            if (count == limit)
                return ZOOID_INVALID;
            have -= 8;
            ret_data [count++] = (uint8_t) (bits >> have);
        }
    }
    if (bits & ((1u << have) - 1))
        return ZOOID_INVALID;
    *ret_size = count;
    return 0;
}

//  ---- reading

//  One of the JSON parts into its struct.
static int
s_read_part (const char *text, size_t size, const zooid_record_t *record, zooid_unknown_t unknown, zooid_arena_t *arena,
             void *ret_value)
{
    uint8_t *json = zooid_arena_take (arena, size + 1);
    size_t json_size = 0;
    if (!json || jwt_base64 (text, size, json, size, &json_size))
        return ZOOID_INVALID;
    zooid_buffer_t packed = { .limit = 0 };
    int rc = zooid_json_read (record, (const char *) json, json_size, unknown, arena, &packed, NULL);
    if (rc == 0)
        rc = zooid_record_decode (record, (zooid_bytes_t) { .data = packed.data, .size = packed.size }, arena,
                                  ret_value, NULL);
    zooid_buffer_fini (&packed);
    return rc;
}

static int
s_check_claims (const jwt_claims_t *claims, const jwt_policy_t *policy, int64_t now_ms, const char **ret_why)
{
    int64_t now = now_ms / 1000;
    *ret_why = NULL;
    if (strcmp (claims->iss, policy->issuer) != 0)
        *ret_why = "The token is of another issuer.";
    else if (strcmp (claims->aud, policy->audience) != 0)
        *ret_why = "The token is for another audience.";
    else if (claims->exp <= now)
        *ret_why = "The token has expired.";
    else if (ZOOID_HAS (&claims_record, jwt_claims_t, claims, nbf) && claims->nbf > now + JWT_CLOCK_SKEW_S)
        *ret_why = "The token is not valid yet.";
    else if (ZOOID_HAS (&claims_record, jwt_claims_t, claims, iat) && claims->iat > now + JWT_CLOCK_SKEW_S)
        *ret_why = "The token was made in the future.";
    return *ret_why ? ZOOID_INVALID : 0;
}

int
jwt_read (jwt_t *self, const char *token, size_t size, const jwt_policy_t *policy, int64_t now_ms, zooid_arena_t *arena,
          const char **ret_why)
{
    *ret_why = "The token is no signed token in three parts.";
    const char *first = size <= JWT_SIZE_MAX ? memchr (token, '.', size) : NULL;
    const char *claims = first ? first + 1 : NULL, *end = token + size;
    const char *second = claims ? memchr (claims, '.', (size_t) (end - claims)) : NULL;
    if (!second || memchr (second + 1, '.', (size_t) (end - second - 1)))
        return ZOOID_INVALID;

    jwt_header_t header;
    *ret_why = "The token's header is not of the members alg, kid and typ.";
    if (s_read_part (token, (size_t) (first - token), &header_record, ZOOID_UNKNOWN_REFUSED, arena, &header))
        return ZOOID_INVALID;
    *ret_why = "The token is not signed with ES256.";
    if (strcmp (header.alg, "ES256") != 0)
        return ZOOID_INVALID;
    *ret_why = "The token is no access token (typ at+jwt).";
    if (strcasecmp (header.typ, "at+jwt") != 0)
        return ZOOID_INVALID;

    size_t signature = 0;
    *ret_why = "The token's signature is not of 64 bytes.";
    if (jwt_base64 (second + 1, (size_t) (end - second - 1), self->signature, sizeof self->signature, &signature)
        || signature != sizeof self->signature)
        return ZOOID_INVALID;
    *ret_why = "The token's claims lack iss, aud, sub or exp, or one is of another type.";
    if (s_read_part (claims, (size_t) (second - claims), &claims_record, ZOOID_UNKNOWN_SKIPPED, arena, &self->claims))
        return ZOOID_INVALID;
    self->kid = header.kid;
    self->signed_part = token;
    self->signed_size = (size_t) (second - token);
    return s_check_claims (&self->claims, policy, now_ms, ret_why);
}

int
jwt_verify (const jwt_t *self, const key_set_t *keys)
{
    return key_set_verify (keys, self->kid, self->signed_part, self->signed_size, self->signature);
}
