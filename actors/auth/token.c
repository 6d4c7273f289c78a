//  The header names the algorithm, the key and `at+jwt`, so that no other kind of token that the same keys may sign one
//  day passes for an access token (RFC 8725, section 3.11). There is no reader here: who verifies has only the public
//  keys.
#include "token.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <zooid/record.h>

static int
s_append_encoded (zooid_buffer_t *out, const void *data, size_t size)
{
    size_t room = sodium_base64_encoded_len (size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    ZOOID_CLEANUP (zooid_release) char *text = zooid_allocate (room);
    sodium_bin2base64 (text, room, data, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    zooid_buffer_text (out, text);
    return out->failed ? zooid_fault (-ENOMEM) : 0;
}

static void
s_claim (zooid_buffer_t *out, const char *name, const char *value)
{
    zooid_buffer_format (out, "%s\"%s\":", out->size? ",": "{", name);
    size_t length = 0;
    while (value [length])
        length++;
    zooid_json_quote (value, length, out);
}

int
token_write (const token_claims_t *claims, const signing_key_t *key, zooid_buffer_t *out)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t header = { 0 };
    s_claim (&header, "alg", "ES256");
    s_claim (&header, "kid", key->kid);
    s_claim (&header, "typ", "at+jwt");
    zooid_buffer_text (&header, "}");

    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t payload = { 0 };
    s_claim (&payload, "iss", claims->issuer);
    s_claim (&payload, "aud", claims->audience);
    s_claim (&payload, "sub", claims->subject);
    s_claim (&payload, "username", claims->username);
    s_claim (&payload, "scope", claims->scope);
    s_claim (&payload, "jti", claims->id);
    zooid_buffer_format (&payload, ",\"iat\":%" PRId64 ",\"exp\":%" PRId64 "}", claims->issued_at_ms / 1000,
                         (claims->issued_at_ms + TOKEN_LIFETIME_MS) / 1000);
    if (header.failed || payload.failed)
        return zooid_fault (-ENOMEM);

    size_t start = out->size;
    int rc = s_append_encoded (out, header.data, header.size);
    if (rc)
        return zooid_fault (rc);
    zooid_buffer_text (out, ".");
    rc = s_append_encoded (out, payload.data, payload.size);
    if (rc)
        return zooid_fault (rc);
    uint8_t signature [KEY_SIGNATURE_SIZE];
    rc = signing_key_sign (key, (zooid_bytes_t) { out->data + start, out->size - start }, signature);
    if (rc)
        return zooid_fault (rc);
    zooid_buffer_text (out, ".");
    return zooid_fault (s_append_encoded (out, signature, sizeof signature));
}
