#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "password.h"

static const uint8_t s_salt [PASSWORD_SALT_SIZE] = "sixteen bytes...";

static void
test_password_is_acceptable_by_characters_not_bytes (void **state)
{
    (void) state;
    char text [PASSWORD_SIZE + 4];
    assert_false (password_is_acceptable (""));
    assert_false (password_is_acceptable ("1234567"));
    assert_true (password_is_acceptable ("12345678"));
    assert_false (password_is_acceptable ("ääää"));             //  8 bytes
    assert_true (password_is_acceptable ("ääääääää"));
    memset (text, 'x', sizeof text);
    text [PASSWORD_MAX] = 0;
    assert_true (password_is_acceptable (text));
    text [PASSWORD_MAX] = 'x';
    text [PASSWORD_MAX + 1] = 0;
    assert_false (password_is_acceptable (text));
    for (size_t i = 0; i < PASSWORD_MAX; i++)
        memcpy (text + 4 * i, "\xF0\x9F\x90\x9A", 4);           //  A shell, four bytes each
    text [PASSWORD_BYTES_MAX] = 0;
    assert_true (password_is_acceptable (text));
}

static void
test_password_hash_is_verified_by_libsodium_itself (void **state)
{
    (void) state;
    char hash [PASSWORD_HASH_SIZE];
    assert_int_equal (password_hash ("correct horse", s_salt, hash), 0);
    assert_ptr_equal (strstr (hash, "$argon2id$v=19$m=19456,t=2,p=1$"), hash);
    assert_int_equal (crypto_pwhash_str_verify (hash, "correct horse", 13), 0);
    assert_int_equal (crypto_pwhash_str_needs_rehash (hash, 2, 19922944), 0);
}

static void
test_password_verify_tells_right_from_wrong (void **state)
{
    (void) state;
    char hash [PASSWORD_HASH_SIZE];
    assert_int_equal (password_hash ("correct horse", s_salt, hash), 0);
    assert_int_equal (password_verify (hash, "correct horse"), 0);
    assert_int_equal (password_verify (hash, "correct horsf"), ZOOID_DENIED);
    assert_int_equal (password_verify (hash, "correct hors"), ZOOID_DENIED);
    assert_int_equal (password_verify (hash, ""), ZOOID_DENIED);
}

static void
test_password_verify_faults_when_hash_is_none (void **state)
{
    (void) state;
    assert_int_equal (password_verify ("", "x"), -EBADMSG);
    assert_int_equal (password_verify ("$argon2id$v=19$m=19456,t=2,p=1$", "x"), -EBADMSG);
    char endless [PASSWORD_HASH_SIZE];
    memset (endless, '$', sizeof endless);
    assert_int_equal (password_verify (endless, "x"), -EBADMSG);
}

static void
test_password_hash_differs_by_salt (void **state)
{
    (void) state;
    char one [PASSWORD_HASH_SIZE], other [PASSWORD_HASH_SIZE];
    assert_int_equal (password_hash ("same password", s_salt, one), 0);
    assert_int_equal (password_hash ("same password", (const uint8_t *) "another sixteen.", other), 0);
    assert_string_not_equal (one, other);
}

//  The decoy costs what a real hash costs: the same parameters, read by the same verifier to the end.
static void
test_password_decoy_is_sound_and_denies (void **state)
{
    (void) state;
    uint8_t random [PASSWORD_DECOY_RANDOM];
    char decoy [PASSWORD_HASH_SIZE];
    randombytes_buf (random, sizeof random);
    password_decoy (random, decoy);
    assert_int_equal (crypto_pwhash_str_needs_rehash (decoy, 2, 19922944), 0);
    assert_int_equal (password_verify (decoy, "anything"), ZOOID_DENIED);
}

static void
test_password_generate_is_acceptable_and_uses_all_chance (void **state)
{
    (void) state;
    uint8_t random [PASSWORD_RANDOM] = { 0 };
    char one [PASSWORD_GENERATED_SIZE], other [PASSWORD_GENERATED_SIZE];
    password_generate (random, one);
    assert_string_equal (one, "aaaaa-aaaaa-aaaaa-aaaaa-aaaaa");
    assert_true (password_is_acceptable (one));
    for (size_t i = 0; i < PASSWORD_RANDOM; i++) {
        memset (random, 0, sizeof random);
        random [i] = 31;
        password_generate (random, other);
        assert_string_not_equal (one, other);
    }
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_password_is_acceptable_by_characters_not_bytes),
        cmocka_unit_test (test_password_hash_is_verified_by_libsodium_itself),
        cmocka_unit_test (test_password_verify_tells_right_from_wrong),
        cmocka_unit_test (test_password_verify_faults_when_hash_is_none),
        cmocka_unit_test (test_password_hash_differs_by_salt),
        cmocka_unit_test (test_password_decoy_is_sound_and_denies),
        cmocka_unit_test (test_password_generate_is_acceptable_and_uses_all_chance),
    };
    return sodium_init () < 0 ? 1 : cmocka_run_group_tests (tests, NULL, NULL);
}
