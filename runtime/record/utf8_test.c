#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

//  A second reading of RFC 3629, by decoding: slow and plain, to hold the table of lead bytes against.
static bool
s_is_valid_by_decoding (const uint8_t *text, size_t size)
{
    for (size_t i = 0; i < size; ) {
        uint32_t code = text [i];
        size_t length = code < 0x80 ? 1 : code >> 5 == 6 ? 2 : code >> 4 == 14 ? 3 : code >> 3 == 30 ? 4 : 0;
        if (!length || i + length > size)
            return false;
        if (length > 1)
            code &= 0xffu >> (length + 1);
        for (size_t j = 1; j < length; j++) {
            if (text [i + j] >> 6 != 2)
                return false;
            code = code << 6 | (text [i + j] & 63);
        }
        static const uint32_t least [] = { 0, 0, 0x80, 0x800, 0x10000 };
        if (code < least [length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
            return false;
        i += length;
    }
    return true;
}

static void
test_utf8_agrees_with_decoding_for_all_short_texts (void **state)
{
    (void) state;
    size_t valid = 0;
    for (uint32_t bytes = 0; bytes < 0x1000000; bytes++) {
        uint8_t text [3] = { (uint8_t) (bytes >> 16), (uint8_t) (bytes >> 8), (uint8_t) bytes };
        bool expected = s_is_valid_by_decoding (text, sizeof text);
        if (utf8_is_valid (text, sizeof text) != expected)
            fail_msg ("%02x %02x %02x", text [0], text [1], text [2]);
        valid += expected;
    }
    assert_true (valid > 2000000 && valid < 3000000);
}

static void
test_utf8_agrees_with_decoding_for_four_bytes (void **state)
{
    (void) state;
    static const uint8_t tails [] = { 0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff };
    for (unsigned lead = 0xf0; lead <= 0xff; lead++)
        for (unsigned second = 0; second <= 0xff; second++)
            for (size_t i = 0; i < sizeof tails; i++)
                for (size_t j = 0; j < sizeof tails; j++) {
                    uint8_t text [4] = { (uint8_t) lead, (uint8_t) second, tails [i], tails [j] };
                    assert_int_equal (utf8_is_valid (text, 4), s_is_valid_by_decoding (text, 4));
                }
}

static void
test_utf8_finds_a_bad_byte_at_every_place (void **state)
{
    (void) state;
    char text [40];
    memset (text, 'a', sizeof text);
    for (size_t size = 0; size <= sizeof text; size++)
        assert_true (utf8_is_valid (text, size));
    for (size_t at = 0; at < sizeof text; at++) {
        text [at] = (char) 0x80;
        assert_false (utf8_is_valid (text, sizeof text));
        assert_true (utf8_is_valid (text, at));
        text [at] = 'a';
    }
}

static void
test_utf8_cut_keeps_characters_whole (void **state)
{
    (void) state;
    const char *text = "a\xc3\xbc\xe2\x82\xac";
    static const size_t expected [] = { 0, 1, 1, 3, 3, 3, 6 };
    for (size_t size = 0; size <= 6; size++)
        assert_int_equal (utf8_cut (text, size), expected [size]);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_utf8_agrees_with_decoding_for_all_short_texts),
        cmocka_unit_test (test_utf8_agrees_with_decoding_for_four_bytes),
        cmocka_unit_test (test_utf8_finds_a_bad_byte_at_every_place),
        cmocka_unit_test (test_utf8_cut_keeps_characters_whole),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
