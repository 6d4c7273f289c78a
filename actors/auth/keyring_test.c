#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keyring.h"
#include "secret.h"

static char s_folder [64];

static int
s_set_up (void **state)
{
    (void) state;
    snprintf (s_folder, sizeof s_folder, "%s/keyring-XXXXXX", P_tmpdir);
    return mkdtemp (s_folder) ? 0 : -1;
}

static int
s_tear_down (void **state)
{
    (void) state;
    secret_remove (s_folder, keyring_file);
    return rmdir (s_folder);
}

static void
s_add (keyring_t *keyring, uint8_t seed, int64_t wall_ms)
{
    uint8_t scalar [KEY_SCALAR_SIZE];
    memset (scalar, seed, sizeof scalar);
    assert_int_equal (keyring_add (keyring, scalar, wall_ms), 0);
}

static void
s_save (const char *text)
{
    const zooid_bytes_t data = { (const uint8_t *) text, strlen (text) };
    assert_int_equal (secret_write (s_folder, keyring_file, data), 0);
}

static void
test_keyring_is_the_same_after_a_write_and_a_load (void **state)
{
    (void) state;
    keyring_t keyring = { 0 }, loaded = { 0 };
    assert_int_equal (keyring_load (&loaded, s_folder), ZOOID_UNKNOWN);
    s_add (&keyring, 1, 1000);
    s_add (&keyring, 2, 2000);
    char text [KEYRING_TEXT_MAX];
    size_t size = 0;
    keyring_write (&keyring, text, &size);
    assert_int_equal (size, strlen (text));
    s_save (text);
    assert_int_equal (keyring_load (&loaded, s_folder), 0);
    assert_int_equal (loaded.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal (loaded.keys [i].kid, keyring.keys [i].kid);
        assert_int_equal (loaded.keys [i].created_at, keyring.keys [i].created_at);
    }
    assert_string_equal (keyring_signer (&loaded)->kid, keyring.keys [1].kid);
    keyring_fini (&keyring);
    keyring_fini (&loaded);
}

static void
test_keyring_signs_with_the_last_and_keeps_those_before_for_the_overlap (void **state)
{
    (void) state;
    keyring_t keyring = { 0 };
    assert_null (keyring_signer (&keyring));
    s_add (&keyring, 1, 1000);
    s_add (&keyring, 2, 2000);
    char first [KEY_TEXT_SIZE], second [KEY_TEXT_SIZE];
    memcpy (first, keyring.keys [0].kid, sizeof first);
    memcpy (second, keyring.keys [1].kid, sizeof second);
    assert_string_equal (keyring_signer (&keyring)->kid, second);

    s_add (&keyring, 3, 2000 + KEYRING_OVERLAP_MS);         //  The first was retired at 2000: the overlap just holds
    assert_int_equal (keyring.count, 3);
    assert_string_equal (keyring.keys [0].kid, first);

    s_add (&keyring, 4, 2001 + KEYRING_OVERLAP_MS);
    assert_int_equal (keyring.count, 3);
    assert_string_equal (keyring.keys [0].kid, second);
    keyring_fini (&keyring);
}

static void
test_keyring_drops_the_oldest_when_full (void **state)
{
    (void) state;
    keyring_t keyring = { 0 };
    for (int i = 1; i <= KEYRING_MAX + 1; i++)
        s_add (&keyring, (uint8_t) i, i);
    assert_int_equal (keyring.count, KEYRING_MAX);
    assert_int_equal (keyring.keys [0].created_at, 2);
    assert_int_equal (keyring_signer (&keyring)->created_at, KEYRING_MAX + 1);
    keyring_fini (&keyring);
}

static void
test_keyring_load_refuses_what_it_did_not_write (void **state)
{
    (void) state;
    static const char *const broken [] = {
        "",
        "\n",
        "ES256 1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",          //  No end of line: cut short
        "ES256 1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ\n",         //  31 bytes
        "ES256 1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n",
        "ES256 1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE \n",
        "ES256 -1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n",
        "ES256 x AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n",
        "none 1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n",
        "ES256 1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",        //  Zero is no key
        "ES256 1 __________________________________________8\n",        //  Beyond the order
        "ES256 1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n\n",
        "ES256 1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n"
        "ES256 1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n"
        "ES256 1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n"
        "ES256 1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n"
        "ES256 1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n",
    };
    for (size_t i = 0; i < ZOOID_COUNT (broken); i++) {
        keyring_t keyring = { 0 };
        s_save (broken [i]);
        if (keyring_load (&keyring, s_folder) != -EBADMSG)
            fail_msg ("taken: %s", broken [i]);
        assert_int_equal (keyring.count, 0);
    }
    keyring_t keyring = { 0 };
    s_save ("ES256 1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n");
    assert_int_equal (keyring_load (&keyring, s_folder), 0);
    keyring_fini (&keyring);
}

static void
test_keyring_copy_has_keys_of_its_own (void **state)
{
    (void) state;
    keyring_t keyring = { 0 }, copy = { 0 };
    s_add (&keyring, 1, 1000);
    assert_int_equal (keyring_copy (&copy, &keyring), 0);
    char kid [KEY_TEXT_SIZE];
    memcpy (kid, keyring.keys [0].kid, sizeof kid);
    keyring_fini (&keyring);
    assert_string_equal (keyring_signer (&copy)->kid, kid);
    uint8_t signature [KEY_SIGNATURE_SIZE];
    const zooid_bytes_t data = { (const uint8_t *) "x", 1 };
    assert_int_equal (signing_key_sign (keyring_signer (&copy), data, signature), 0);
    keyring_fini (&copy);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test_setup_teardown (test_keyring_is_the_same_after_a_write_and_a_load, s_set_up, s_tear_down),
        cmocka_unit_test (test_keyring_signs_with_the_last_and_keeps_those_before_for_the_overlap),
        cmocka_unit_test (test_keyring_drops_the_oldest_when_full),
        cmocka_unit_test_setup_teardown (test_keyring_load_refuses_what_it_did_not_write, s_set_up, s_tear_down),
        cmocka_unit_test (test_keyring_copy_has_keys_of_its_own),
    };
    return sodium_init () < 0 ? 1 : cmocka_run_group_tests (tests, NULL, NULL);
}
