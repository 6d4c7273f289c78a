#include <zooid/msgpack.h>
#include <zooid/record.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

#define BYTES(literal) ((zooid_bytes_t) { (const uint8_t *) (literal), sizeof (literal) - 1 })

//  Copied to a block of its exact size, so that the sanitizer sees a read past the end.
static void
s_expect (zooid_bytes_t msgpack, bool sound)
{
    uint8_t *exact = malloc (msgpack.size ? msgpack.size : 1);
    if (msgpack.size)
        memcpy (exact, msgpack.data, msgpack.size);
    bool is_sound = zooid_msgpack_is_sound ((zooid_bytes_t) { exact, msgpack.size });
    free (exact);
    assert_int_equal (is_sound, sound);
}

static void
test_cursor_reads_every_form (void **state)
{
    (void) state;
    static const struct { const char *bytes; size_t size; zooid_msgpack_type_t type; int64_t value; } rows [] = {
        { "\xc0", 1, ZOOID_MSGPACK_NIL, 0 }, { "\xc2", 1, ZOOID_MSGPACK_BOOLEAN, 0 }, { "\xc3", 1, ZOOID_MSGPACK_BOOLEAN, 1 },
        { "\x00", 1, ZOOID_MSGPACK_INTEGER, 0 }, { "\x7f", 1, ZOOID_MSGPACK_INTEGER, 127 }, { "\xe0", 1, ZOOID_MSGPACK_INTEGER, -32 },
        { "\xff", 1, ZOOID_MSGPACK_INTEGER, -1 }, { "\xcc\xff", 2, ZOOID_MSGPACK_INTEGER, 255 },
        { "\xcd\xff\xfe", 3, ZOOID_MSGPACK_INTEGER, 65534 }, { "\xce\xff\xff\xff\xfe", 5, ZOOID_MSGPACK_INTEGER, INT64_C (4294967294) },
        { "\xcf\x7f\xff\xff\xff\xff\xff\xff\xff", 9, ZOOID_MSGPACK_INTEGER, INT64_MAX },
        { "\xcf\x80\x00\x00\x00\x00\x00\x00\x00", 9, ZOOID_MSGPACK_UNSIGNED, INT64_MIN },
        { "\xd0\x80", 2, ZOOID_MSGPACK_INTEGER, -128 }, { "\xd1\x80\x00", 3, ZOOID_MSGPACK_INTEGER, -32768 },
        { "\xd2\x80\x00\x00\x00", 5, ZOOID_MSGPACK_INTEGER, INT32_MIN },
        { "\xd3\x80\x00\x00\x00\x00\x00\x00\x00", 9, ZOOID_MSGPACK_INTEGER, INT64_MIN },
        { "\xd3\x00\x00\x00\x00\x00\x00\x00\x05", 9, ZOOID_MSGPACK_INTEGER, 5 },
        { "\xca\x3f\xc0\x00\x00", 5, ZOOID_MSGPACK_REAL, 15 }, { "\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00", 9, ZOOID_MSGPACK_REAL, 15 },
        { "\xa2xy", 3, ZOOID_MSGPACK_STRING, 2 }, { "\xd9\x02xy", 4, ZOOID_MSGPACK_STRING, 2 }, { "\xda\x00\x02xy", 5, ZOOID_MSGPACK_STRING, 2 },
        { "\xdb\x00\x00\x00\x02xy", 7, ZOOID_MSGPACK_STRING, 2 }, { "\xa0", 1, ZOOID_MSGPACK_STRING, 0 },
        { "\xc4\x02xy", 4, ZOOID_MSGPACK_BYTES, 2 }, { "\xc5\x00\x02xy", 5, ZOOID_MSGPACK_BYTES, 2 },
        { "\xc6\x00\x00\x00\x02xy", 7, ZOOID_MSGPACK_BYTES, 2 }, { "\x92\x00\x00", 3, ZOOID_MSGPACK_ARRAY, 2 },
        { "\xdc\x00\x02\x00\x00", 5, ZOOID_MSGPACK_ARRAY, 2 }, { "\xdd\x00\x00\x00\x02\x00\x00", 7, ZOOID_MSGPACK_ARRAY, 2 },
        { "\x81\x00\x00", 3, ZOOID_MSGPACK_MAP, 1 }, { "\xde\x00\x01\x00\x00", 5, ZOOID_MSGPACK_MAP, 1 },
        { "\xdf\x00\x00\x00\x01\x00\x00", 7, ZOOID_MSGPACK_MAP, 1 }, { "", 0, ZOOID_MSGPACK_END, 0 },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        zooid_cursor_t cursor = { { (const uint8_t *) rows [i].bytes, rows [i].size } };
        zooid_token_t token;
        assert_int_equal (zooid_cursor_next (&cursor, &token), 0);
        assert_int_equal (token.type, rows [i].type);
        int64_t value = token.type == ZOOID_MSGPACK_BOOLEAN ? token.boolean : token.integer;
        if (token.type == ZOOID_MSGPACK_REAL)
            value = (int64_t) (token.real * 10);
        if (token.type == ZOOID_MSGPACK_STRING || token.type == ZOOID_MSGPACK_BYTES)
            value = (int64_t) token.bytes.size;
        if (token.type == ZOOID_MSGPACK_ARRAY || token.type == ZOOID_MSGPACK_MAP)
            value = (int64_t) token.count;
        assert_int_equal (value, rows [i].value);
        assert_int_equal (cursor.rest.size, token.count * (token.type == ZOOID_MSGPACK_MAP ? 2 : 1));
        s_expect ((zooid_bytes_t) { (const uint8_t *) rows [i].bytes, rows [i].size }, rows [i].size > 0);
    }
}

static void
test_cursor_refuses_every_form_that_is_cut_short (void **state)
{
    (void) state;
    static const char whole [] =
        "\xde\x00\x05"
        "\xa1" "a" "\x93\xcc\xff\xcd\xff\xff\xce\xff\xff\xff\xff"
        "\xd9\x01" "b" "\x93\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xd3\xff\xff\xff\xff\xff\xff\xff\xff\xd2\xff\xff\xff\xff"
        "\xda\x00\x01" "c" "\x92\xca\x00\x00\x00\x00\xcb\x00\x00\x00\x00\x00\x00\x00\x00"
        "\xdb\x00\x00\x00\x01" "d" "\xdc\x00\x02\xc4\x01x\xc5\x00\x01x"
        "\xa1" "e" "\xdd\x00\x00\x00\x03\xc6\x00\x00\x00\x01x\xd1\x00\x00\xdf\x00\x00\x00\x00";
    zooid_bytes_t bytes = BYTES (whole);
    s_expect (bytes, true);
    for (size_t size = 0; size < bytes.size; size++)
        s_expect ((zooid_bytes_t) { bytes.data, size }, false);
}

static void
test_cursor_is_unchanged_when_it_refuses (void **state)
{
    (void) state;
    static const char *const hostile [] = { "\xdd\x0f\xff\xff\xff", "\xda\xff\xff\x31\x32", "\xc1", "\xd4\x01\x02", "\xcf\x00" };
    static const size_t sizes [] = { 5, 5, 1, 3, 2 };
    for (size_t i = 0; i < ZOOID_COUNT (hostile); i++) {
        zooid_cursor_t cursor = { { (const uint8_t *) hostile [i], sizes [i] } };
        zooid_token_t token = { .count = 42 };
        assert_int_equal (zooid_cursor_next (&cursor, &token), ZOOID_INVALID);
        assert_int_equal (zooid_cursor_skip (&cursor, NULL), ZOOID_INVALID);
        assert_ptr_equal (cursor.rest.data, hostile [i]);
        assert_int_equal (cursor.rest.size, sizes [i]);
        assert_int_equal (token.count, 42);
    }
}

static void
test_cursor_refuses_counts_and_lengths_above_the_bytes_left (void **state)
{
    (void) state;
    s_expect (BYTES ("\xdd\x0f\xff\xff\xff"), false);
    s_expect (BYTES ("\xdd\xff\xff\xff\xff\x00"), false);
    s_expect (BYTES ("\xdf\xff\xff\xff\xff\x00\x00"), false);
    s_expect (BYTES ("\xdf\x80\x00\x00\x00\x00\x00"), false);
    s_expect (BYTES ("\xdb\xff\xff\xff\xff" "x"), false);
    s_expect (BYTES ("\xc6\xff\xff\xff\xff" "x"), false);
    s_expect (BYTES ("\x92\x00"), false);
    s_expect (BYTES ("\x81\x00"), false);
    s_expect (BYTES ("\x82\x00\x00\x00"), false);
    //  One short, and just enough
    s_expect (BYTES ("\xdc\x00\x03\x00\x00"), false);
    s_expect (BYTES ("\xdc\x00\x03\x00\x00\x00"), true);
}

//  A token alone promises no more than could be there: a pair takes two bytes.
static void
test_cursor_never_gives_a_count_above_the_bytes_left (void **state)
{
    (void) state;
    static const struct { const char *bytes; size_t size; int rc; } rows [] = {
        { "\x82\x00\x00\x00\x00", 5, 0 }, { "\x82\x00\x00\x00", 4, ZOOID_INVALID }, { "\xde\x00\x02\x00\x00\x00", 6, ZOOID_INVALID },
        { "\x93\x00\x00\x00", 4, 0 }, { "\x93\x00\x00", 3, ZOOID_INVALID }, { "\xdc\x00\x03\x00\x00", 5, ZOOID_INVALID },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        zooid_cursor_t cursor = { { (const uint8_t *) rows [i].bytes, rows [i].size } };
        zooid_token_t token;
        assert_int_equal (zooid_cursor_next (&cursor, &token), rows [i].rc);
    }
}

static void
test_cursor_refuses_extensions_and_the_reserved_tag (void **state)
{
    (void) state;
    s_expect (BYTES ("\xc1"), false);
    s_expect (BYTES ("\xc7\x01\x01x"), false);
    s_expect (BYTES ("\xc8\x00\x01\x01x"), false);
    s_expect (BYTES ("\xc9\x00\x00\x00\x01\x01x"), false);
    for (uint8_t tag = 0xd4; tag <= 0xd8; tag++) {
        uint8_t extension [18] = { tag };
        s_expect ((zooid_bytes_t) { extension, 2 + ((size_t) 1 << (tag - 0xd4)) }, false);
    }
}

static void
test_msgpack_is_not_sound_with_bytes_behind (void **state)
{
    (void) state;
    s_expect (BYTES (""), false);
    s_expect (BYTES ("\xc0"), true);
    s_expect (BYTES ("\xc0\xc0"), false);
    s_expect (BYTES ("\x90\x00"), false);
}

static void
test_msgpack_takes_depth_32_and_refuses_33 (void **state)
{
    (void) state;
    uint8_t nested [40];
    for (int maps = 0; maps < 2; maps++) {
        memset (nested, maps ? 0x81 : 0x91, sizeof nested);
        if (maps) {
            //  {0: {0: ...}}, the innermost empty
            uint8_t pairs [80];
            for (size_t depth = 32; depth <= 33; depth++) {
                for (size_t i = 0; i + 1 < depth; i++) {
                    pairs [2 * i] = 0x81;
                    pairs [2 * i + 1] = 0;
                }
                pairs [2 * (depth - 1)] = 0x80;
                s_expect ((zooid_bytes_t) { pairs, 2 * depth - 1 }, depth == 32);
            }
        }
        else
            for (size_t depth = 31; depth <= 34; depth++) {
                nested [depth - 1] = 0x90;
                s_expect ((zooid_bytes_t) { nested, depth }, depth <= 32);
                nested [depth - 1] = 0x91;
                nested [depth] = 0;
                s_expect ((zooid_bytes_t) { nested, depth + 1 }, depth <= 32);
                nested [depth] = 0x91;
            }
    }
}

static void
test_cursor_skips_one_value_and_tells_where_it_was (void **state)
{
    (void) state;
    zooid_cursor_t cursor = { BYTES ("\x93\x01\x02\x03\xa1x\xc0") };
    zooid_bytes_t value;
    static const size_t sizes [] = { 4, 2, 1 };
    for (size_t i = 0; i < ZOOID_COUNT (sizes); i++) {
        const uint8_t *before = cursor.rest.data;
        assert_int_equal (zooid_cursor_skip (&cursor, &value), 0);
        assert_ptr_equal (value.data, before);
        assert_int_equal (value.size, sizes [i]);
    }
    assert_int_equal (zooid_cursor_skip (&cursor, &value), ZOOID_INVALID);
}

static void
test_msgpack_finds_the_value_of_a_key (void **state)
{
    (void) state;
    //  {"a": [1], "ab": nil, 5: 6, "b": "x"}
    zooid_bytes_t map = BYTES ("\x84\xa1" "a\x91\x01\xa2" "ab\xc0\x05\x06\xa1" "b\xa1x");
    zooid_bytes_t value;
    assert_int_equal (zooid_msgpack_find (map, "b", &value), 0);
    assert_int_equal (value.size, 2);
    assert_memory_equal (value.data, "\xa1x", 2);
    assert_int_equal (zooid_msgpack_find (map, "ab", &value), 0);
    assert_int_equal (value.size, 1);
    assert_int_equal (zooid_msgpack_find (map, "c", &value), ZOOID_UNKNOWN);
    assert_int_equal (zooid_msgpack_find (map, "", &value), ZOOID_UNKNOWN);
    assert_int_equal (zooid_msgpack_find (BYTES ("\x91\x01"), "a", &value), ZOOID_UNKNOWN);
    assert_int_equal (zooid_msgpack_find (BYTES ("\x82\xa1" "a"), "a", &value), ZOOID_UNKNOWN);
    assert_int_equal (zooid_msgpack_find (BYTES (""), "a", &value), ZOOID_UNKNOWN);
}

//  ---- packing, held against msgpack-c: both write the shortest form

typedef struct {
    zooid_buffer_t ours;
    msgpack_sbuffer theirs;
    msgpack_packer packer;
} pair_t;

static void
s_begin (pair_t *self)
{
    self->ours = (zooid_buffer_t) { 0 };
    msgpack_sbuffer_init (&self->theirs);
    msgpack_packer_init (&self->packer, &self->theirs, msgpack_sbuffer_write);
}

static void
s_compare (pair_t *self)
{
    assert_false (self->ours.failed);
    assert_int_equal (self->ours.size, self->theirs.size);
    assert_memory_equal (self->ours.data, self->theirs.data, self->theirs.size);
    zooid_buffer_fini (&self->ours);
    msgpack_sbuffer_destroy (&self->theirs);
}

static void
test_pack_writes_integers_as_msgpack_c (void **state)
{
    (void) state;
    pair_t pair;
    s_begin (&pair);
    for (int shift = 0; shift < 64; shift++)
        for (int64_t near = -2; near <= 2; near++)
            for (int sign = -1; sign <= 1; sign += 2) {
                uint64_t size = ((uint64_t) 1 << shift) + (uint64_t) near;
                int64_t value = (int64_t) (sign < 0 ? 0 - size : size);
                zooid_pack_integer (&pair.ours, value);
                msgpack_pack_int64 (&pair.packer, value);
            }
    zooid_pack_integer (&pair.ours, INT64_MIN);
    msgpack_pack_int64 (&pair.packer, INT64_MIN);
    s_compare (&pair);
}

static void
test_pack_writes_lengths_and_counts_as_msgpack_c (void **state)
{
    (void) state;
    static const size_t sizes [] = { 0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536 };
    char *data = calloc (1, 65536);
    memset (data, 'x', 65536);
    pair_t pair;
    s_begin (&pair);
    for (size_t i = 0; i < ZOOID_COUNT (sizes); i++) {
        zooid_pack_string (&pair.ours, data, sizes [i]);
        msgpack_pack_str_with_body (&pair.packer, data, sizes [i]);
        zooid_pack_bytes (&pair.ours, data, sizes [i]);
        msgpack_pack_bin_with_body (&pair.packer, data, sizes [i]);
        zooid_pack_array (&pair.ours, sizes [i]);
        msgpack_pack_array (&pair.packer, sizes [i]);
        zooid_pack_map (&pair.ours, sizes [i]);
        msgpack_pack_map (&pair.packer, sizes [i]);
    }
    zooid_pack_string (&pair.ours, NULL, 0);
    msgpack_pack_str (&pair.packer, 0);
    zooid_pack_text (&pair.ours, "text");
    msgpack_pack_str_with_body (&pair.packer, "text", 4);
    s_compare (&pair);
    free (data);
}

static void
test_pack_writes_other_values_as_msgpack_c (void **state)
{
    (void) state;
    static const double reals [] = { 0, -0.0, 1.5, -1e300, DBL_MIN, DBL_MAX };
    pair_t pair;
    s_begin (&pair);
    for (size_t i = 0; i < ZOOID_COUNT (reals); i++) {
        zooid_pack_real (&pair.ours, reals [i]);
        msgpack_pack_double (&pair.packer, reals [i]);
    }
    zooid_pack_nil (&pair.ours);
    msgpack_pack_nil (&pair.packer);
    zooid_pack_boolean (&pair.ours, true);
    msgpack_pack_true (&pair.packer);
    zooid_pack_boolean (&pair.ours, false);
    msgpack_pack_false (&pair.packer);
    s_compare (&pair);
}

static void
test_pack_fails_the_buffer_when_its_limit_ends (void **state)
{
    (void) state;
    for (size_t limit = 1; limit < 9; limit++) {
        zooid_buffer_t out = { .limit = limit };
        zooid_pack_integer (&out, INT64_MAX);
        assert_true (out.failed);
        assert_int_equal (out.size, 0);
        zooid_buffer_fini (&out);
    }
    zooid_buffer_t out = { .limit = 9 };
    zooid_pack_integer (&out, INT64_MAX);
    assert_false (out.failed);
    zooid_buffer_fini (&out);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_cursor_reads_every_form),
        cmocka_unit_test (test_cursor_refuses_every_form_that_is_cut_short),
        cmocka_unit_test (test_cursor_is_unchanged_when_it_refuses),
        cmocka_unit_test (test_cursor_refuses_counts_and_lengths_above_the_bytes_left),
        cmocka_unit_test (test_cursor_never_gives_a_count_above_the_bytes_left),
        cmocka_unit_test (test_cursor_refuses_extensions_and_the_reserved_tag),
        cmocka_unit_test (test_msgpack_is_not_sound_with_bytes_behind),
        cmocka_unit_test (test_msgpack_takes_depth_32_and_refuses_33),
        cmocka_unit_test (test_cursor_skips_one_value_and_tells_where_it_was),
        cmocka_unit_test (test_msgpack_finds_the_value_of_a_key),
        cmocka_unit_test (test_pack_writes_integers_as_msgpack_c),
        cmocka_unit_test (test_pack_writes_lengths_and_counts_as_msgpack_c),
        cmocka_unit_test (test_pack_writes_other_values_as_msgpack_c),
        cmocka_unit_test (test_pack_fails_the_buffer_when_its_limit_ends),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
