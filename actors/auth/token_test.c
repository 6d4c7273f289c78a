//  The token is read here by two programs that share nothing with its writer: OpenSSL by hand, and cjose.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cjose/cjose.h>
#include <cmocka.h>
#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "token.h"

static const token_claims_t s_claims = {
    .issuer = "zooid", .audience = "the \"audience\"", .subject = "0193-id", .username = "ada",
    .scope = "user iot:read", .id = "jti-1", .issued_at_ms = 1795360000999,
};

static void
s_key (signing_key_t *key, uint8_t seed)
{
    uint8_t scalar [KEY_SCALAR_SIZE];
    memset (scalar, seed, sizeof scalar);
    assert_int_equal (signing_key_init (key, scalar, 1), 0);
}

static char *
s_token (const token_claims_t *claims, const signing_key_t *key)
{
    zooid_buffer_t out = { 0 };
    assert_int_equal (token_write (claims, key, &out), 0);
    char *token = strdup (zooid_buffer_string (&out));
    zooid_buffer_fini (&out);
    return token;
}

static bool
s_decode (const char *text, size_t size, uint8_t *ret_data, size_t capacity, size_t *ret_size)
{
    return sodium_base642bin (ret_data, capacity, text, size, NULL, ret_size, NULL,
                              sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

static EVP_PKEY *
s_public_key (const signing_key_t *key)
{
    uint8_t point [65] = { 4 };
    size_t size = 0;
    assert_true (s_decode (key->x, strlen (key->x), point + 1, 32, &size) && size == 32);
    assert_true (s_decode (key->y, strlen (key->y), point + 33, 32, &size) && size == 32);
    char group [] = "prime256v1";
    OSSL_PARAM parameters [] = {
        OSSL_PARAM_construct_utf8_string (OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string (OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
        OSSL_PARAM_construct_end (),
    };
    EVP_PKEY *public_key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (NULL, "EC", NULL);
    assert_int_equal (EVP_PKEY_fromdata_init (context), 1);
    assert_int_equal (EVP_PKEY_fromdata (context, &public_key, EVP_PKEY_PUBLIC_KEY, parameters), 1);
    EVP_PKEY_CTX_free (context);
    return public_key;
}

//  RFC 7515, section 5.2, by hand.
static bool
s_verifies (const char *token, EVP_PKEY *public_key)
{
    const char *dot = strrchr (token, '.');
    uint8_t raw [96];
    size_t size = 0;
    if (!dot || !s_decode (dot + 1, strlen (dot + 1), raw, sizeof raw, &size) || size != 64)
        return false;
    ECDSA_SIG *signature = ECDSA_SIG_new ();
    ECDSA_SIG_set0 (signature, BN_bin2bn (raw, 32, NULL), BN_bin2bn (raw + 32, 32, NULL));
    uint8_t *der = NULL;
    int der_size = i2d_ECDSA_SIG (signature, &der);
    ECDSA_SIG_free (signature);
    EVP_MD_CTX *digest = EVP_MD_CTX_new ();
    bool verifies = der_size > 0
                 && EVP_DigestVerifyInit (digest, NULL, EVP_sha256 (), NULL, public_key) == 1
                 && EVP_DigestVerify (digest, der, (size_t) der_size, (const uint8_t *) token,
                                      (size_t) (dot - token)) == 1;
    EVP_MD_CTX_free (digest);
    OPENSSL_free (der);
    return verifies;
}

static json_t *
s_part (const char *token, int index)
{
    for (; index; index--)
        token = strchr (token, '.') + 1;
    uint8_t data [1024];
    size_t size = 0;
    assert_true (s_decode (token, strcspn (token, "."), data, sizeof data, &size));
    json_t *part = json_loadb ((const char *) data, size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null (part);
    return part;
}

static void
s_assert_text (const json_t *part, const char *name, const char *value)
{
    assert_string_equal (json_string_value (json_object_get (part, name)), value);
}

static void
test_token_says_what_it_was_told (void **state)
{
    (void) state;
    signing_key_t key = { 0 };
    s_key (&key, 7);
    char *token = s_token (&s_claims, &key);
    json_t *header = s_part (token, 0), *payload = s_part (token, 1);
    assert_int_equal (json_object_size (header), 3);
    s_assert_text (header, "alg", "ES256");
    s_assert_text (header, "typ", "at+jwt");
    s_assert_text (header, "kid", key.kid);
    assert_int_equal (json_object_size (payload), 8);
    s_assert_text (payload, "iss", "zooid");
    s_assert_text (payload, "aud", "the \"audience\"");
    s_assert_text (payload, "sub", "0193-id");
    s_assert_text (payload, "username", "ada");
    s_assert_text (payload, "scope", "user iot:read");
    s_assert_text (payload, "jti", "jti-1");
    assert_int_equal (json_integer_value (json_object_get (payload, "iat")), 1795360000);
    assert_int_equal (json_integer_value (json_object_get (payload, "exp")), 1795360600);
    json_decref (header);
    json_decref (payload);
    free (token);
    signing_key_fini (&key);
}

static void
test_token_is_verified_by_openssl_and_refused_when_altered (void **state)
{
    (void) state;
    signing_key_t key = { 0 }, other = { 0 };
    s_key (&key, 7);
    s_key (&other, 8);
    EVP_PKEY *public_key = s_public_key (&key), *other_key = s_public_key (&other);
    char *token = s_token (&s_claims, &key);
    assert_true (s_verifies (token, public_key));
    assert_false (s_verifies (token, other_key));
    for (char *at = token; *at; at++) {
        char kept = *at;
        *at = kept == 'A' ? 'B' : 'A';
        if (s_verifies (token, public_key))
            fail_msg ("verified with another character at %td", at - token);
        *at = kept;
    }
    assert_true (s_verifies (token, public_key));
    EVP_PKEY_free (public_key);
    EVP_PKEY_free (other_key);
    free (token);
    signing_key_fini (&key);
    signing_key_fini (&other);
}

static void
test_token_is_verified_by_cjose_with_the_public_key_alone (void **state)
{
    (void) state;
    signing_key_t key = { 0 }, other = { 0 };
    s_key (&key, 7);
    s_key (&other, 8);
    char *token = s_token (&s_claims, &key);
    for (int is_other = 0; is_other < 2; is_other++) {
        const signing_key_t *shown = is_other ? &other : &key;
        char text [256];
        int length = snprintf (text, sizeof text, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"}",
                               shown->x, shown->y);
        cjose_err error;
        cjose_jwk_t *jwk = cjose_jwk_import (text, (size_t) length, &error);
        assert_non_null (jwk);
        cjose_jws_t *jws = cjose_jws_import (token, strlen (token), &error);
        assert_non_null (jws);
        assert_int_equal (cjose_jws_verify (jws, jwk, &error), !is_other);
        cjose_jws_release (jws);
        cjose_jwk_release (jwk);
    }
    free (token);
    signing_key_fini (&key);
    signing_key_fini (&other);
}

//  r and s are padded to 32 bytes each. About one token in 128 has a leading zero in one of them: of 2,000, 16 are
//  expected and none has a chance of 10^-7.
static void
test_token_signature_has_64_bytes_when_a_number_is_short (void **state)
{
    (void) state;
    signing_key_t key = { 0 };
    s_key (&key, 7);
    EVP_PKEY *public_key = s_public_key (&key);
    size_t short_ones = 0;
    for (int i = 0; i < 2000; i++) {
        char id [16];
        snprintf (id, sizeof id, "%d", i);
        token_claims_t claims = s_claims;
        claims.id = id;
        char *token = s_token (&claims, &key);
        const char *text = strrchr (token, '.') + 1;
        uint8_t signature [64];
        size_t size = 0;
        assert_true (s_decode (text, strlen (text), signature, sizeof signature, &size));
        assert_int_equal (size, 64);
        if (signature [0] == 0 || signature [32] == 0) {
            short_ones++;
            assert_true (s_verifies (token, public_key));
        }
        free (token);
    }
    assert_true (short_ones > 0);
    EVP_PKEY_free (public_key);
    signing_key_fini (&key);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_token_says_what_it_was_told),
        cmocka_unit_test (test_token_is_verified_by_openssl_and_refused_when_altered),
        cmocka_unit_test (test_token_is_verified_by_cjose_with_the_public_key_alone),
        cmocka_unit_test (test_token_signature_has_64_bytes_when_a_number_is_short),
    };
    return sodium_init () < 0 ? 1 : cmocka_run_group_tests (tests, NULL, NULL);
}
