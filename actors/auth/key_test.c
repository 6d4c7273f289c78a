#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "key.h"

//  RFC 7515, appendix A.3
static const char s_rfc_d [] = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
static const char s_rfc_x [] = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
static const char s_rfc_y [] = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

static void
s_decode (const char *text, uint8_t ret_bytes [32])
{
    size_t size = 0;
    assert_int_equal (sodium_base642bin (ret_bytes, 32, text, strlen (text), NULL, &size, NULL,
                                         sodium_base64_VARIANT_URLSAFE_NO_PADDING), 0);
    assert_int_equal (size, 32);
}

static void
test_key_has_the_point_that_the_rfc_gives (void **state)
{
    (void) state;
    uint8_t scalar [KEY_SCALAR_SIZE];
    s_decode (s_rfc_d, scalar);
    signing_key_t key = { 0 };
    assert_int_equal (signing_key_init (&key, scalar, 1), 0);
    assert_string_equal (key.x, s_rfc_x);
    assert_string_equal (key.y, s_rfc_y);
    signing_key_fini (&key);
}

static void
test_key_id_is_the_hash_of_the_required_members (void **state)
{
    (void) state;
    uint8_t scalar [KEY_SCALAR_SIZE], hash [32], kid [32];
    s_decode (s_rfc_d, scalar);
    signing_key_t key = { 0 };
    assert_int_equal (signing_key_init (&key, scalar, 1), 0);
    char members [256];
    snprintf (members, sizeof members, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}",
              s_rfc_x, s_rfc_y);
    assert_int_equal (EVP_Digest (members, strlen (members), hash, NULL, EVP_sha256 (), NULL), 1);
    s_decode (key.kid, kid);
    assert_memory_equal (kid, hash, sizeof hash);
    signing_key_fini (&key);
}

static void
test_key_refuses_a_scalar_outside_of_the_group (void **state)
{
    (void) state;
    //  The order of P-256 (SEC 2, section 2.4.2)
    static const uint8_t order [KEY_SCALAR_SIZE] = {
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    };
    signing_key_t key = { 0 };
    uint8_t scalar [KEY_SCALAR_SIZE] = { 0 };
    assert_int_equal (signing_key_init (&key, scalar, 1), ZOOID_INVALID);
    memset (scalar, 0xFF, sizeof scalar);
    assert_int_equal (signing_key_init (&key, scalar, 1), ZOOID_INVALID);
    assert_int_equal (signing_key_init (&key, order, 1), ZOOID_INVALID);
    memcpy (scalar, order, sizeof scalar);
    scalar [31]--;
    assert_int_equal (signing_key_init (&key, scalar, 1), 0);
    signing_key_fini (&key);
}

static void
test_key_is_wiped_when_it_ends (void **state)
{
    (void) state;
    static const signing_key_t nothing;
    signing_key_t key = { 0 };
    uint8_t scalar [KEY_SCALAR_SIZE];
    s_decode (s_rfc_d, scalar);
    assert_int_equal (signing_key_init (&key, scalar, 1), 0);
    signing_key_fini (&key);
    assert_memory_equal (&key, &nothing, sizeof key);
    signing_key_fini (&key);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_key_has_the_point_that_the_rfc_gives),
        cmocka_unit_test (test_key_id_is_the_hash_of_the_required_members),
        cmocka_unit_test (test_key_refuses_a_scalar_outside_of_the_group),
        cmocka_unit_test (test_key_is_wiped_when_it_ends),
    };
    return sodium_init () < 0 ? 1 : cmocka_run_group_tests (tests, NULL, NULL);
}
