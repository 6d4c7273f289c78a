#include "sample.h"

#include <zooid/msgpack.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static zooid_arena_t *s_arena;
static zooid_buffer_t s_packed;

static int
setup (void **state)
{
    (void) state;
    zooid_arena_new (&s_arena, 0);
    s_packed = (zooid_buffer_t) { 0 };
    return zooid_record_encode (&sample_required, &sample_value, &s_packed);
}

static int
teardown (void **state)
{
    (void) state;
    zooid_buffer_fini (&s_packed);
    zooid_arena_destroy (&s_arena);
    return 0;
}

//  The bytes in a block of their exact size, so that the sanitizer sees a read past the end.
static int
s_decode (const zooid_record_t *record, const void *data, size_t size, sample_t *ret_value, zooid_violations_t *violations)
{
    uint8_t *exact = malloc (size ? size : 1);
    if (size)
        memcpy (exact, data, size);
    int rc = zooid_record_decode (record, (zooid_bytes_t) { exact, size }, s_arena, ret_value, violations);
    assert_int_equal (zooid_record_validate (record, (zooid_bytes_t) { exact, size }, NULL, NULL), rc);
    free (exact);
    return rc;
}

static void
test_decode_copies_everything_to_the_arena (void **state)
{
    (void) state;
    sample_t value;
    zooid_violations_t violations = { .count = 0 };
    //  The bytes are gone when the value is read
    assert_int_equal (s_decode (&sample_required, s_packed.data, s_packed.size, &value, &violations), 0);
    assert_true (sample_equals (&sample_required, &sample_value, &value));
}

static void
test_decode_refuses_every_value_that_is_cut_short (void **state)
{
    (void) state;
    for (size_t size = 0; size < s_packed.size; size++) {
        sample_t value;
        zooid_violations_t violations = { .count = 0 };
        assert_int_equal (s_decode (&sample_required, s_packed.data, size, &value, &violations), ZOOID_INVALID);
        assert_true (violations.count > 0);
        zooid_arena_reset (s_arena);
    }
}

static void
test_decode_refuses_bytes_behind_the_end (void **state)
{
    (void) state;
    sample_t value;
    zooid_violations_t violations = { .count = 0 };
    zooid_pack_nil (&s_packed);
    assert_int_equal (s_decode (&sample_required, s_packed.data, s_packed.size, &value, &violations), ZOOID_INVALID);
    assert_int_equal (violations.count, 1);
    assert_string_equal (violations.items [0].code, "syntax");
    assert_string_equal (violations.items [0].pointer, "");
}

//  Any byte changed to any other: nothing is read out of bounds, and what is taken can be encoded.
static void
test_decode_survives_every_changed_byte (void **state)
{
    (void) state;
    size_t taken = 0;
    for (size_t at = 0; at < s_packed.size; at++) {
        uint8_t before = s_packed.data [at];
        for (unsigned byte = 0; byte < 256; byte++) {
            s_packed.data [at] = (uint8_t) byte;
            sample_t value;
            zooid_violations_t violations = { .count = 0 };
            int rc = s_decode (&sample_required, s_packed.data, s_packed.size, &value, &violations);
            assert_int_equal (rc, violations.count ? ZOOID_INVALID : 0);
            if (rc == 0) {
                zooid_buffer_t again = { 0 };
                assert_int_equal (zooid_record_encode (&sample_required, &value, &again), 0);
                zooid_buffer_fini (&again);
                taken++;
            }
            zooid_arena_reset (s_arena);
        }
        s_packed.data [at] = before;
    }
    assert_true (taken > s_packed.size);
}

static void
test_decode_finds_fields_in_any_order (void **state)
{
    (void) state;
    //  {"value": 2, "later": [1], "name": "x"}
    static const char packed [] = "\x83\xa5value\x02\xa5later\x91\x01\xa4name\xa1x";
    sample_reading_t value;
    assert_int_equal (zooid_record_decode (&sample_reading, (zooid_bytes_t) { (const uint8_t *) packed, sizeof packed - 1 }, s_arena,
                                           &value, NULL), 0);
    assert_string_equal (value.name, "x");
    assert_true (value.value == 2);
    assert_true (value.presence.present == 3 && value.presence.null == 0);
}

static void
test_decode_tells_all_violations_at_once (void **state)
{
    (void) state;
    //  {"count": 2000, "ratio": "x", "tags": ["a", 5], "readings": [{"name": "a"}, {"value": nil}]}
    static const char packed [] = "\x84\xa5" "count\xcd\x07\xd0\xa5ratio\xa1x\xa4tags\x92\xa1" "a\x05"
                                  "\xa8readings\x92\x81\xa4name\xa1" "a\x81\xa5value\xc0";
    static const struct { const char *pointer, *code; } expected [] = {
        { "/count", "maximum" }, { "/ratio", "type" }, { "/tags/1", "type" }, { "/readings/1/value", "type" },
        { "/readings/1/name", "required" },
    };
    sample_t value;
    zooid_violations_t violations = { .count = 0 };
    assert_int_equal (s_decode (&sample_optional, packed, sizeof packed - 1, &value, &violations), ZOOID_INVALID);
    assert_int_equal (violations.count, ZOOID_COUNT (expected));
    for (size_t i = 0; i < violations.count; i++) {
        assert_string_equal (violations.items [i].pointer, expected [i].pointer);
        assert_string_equal (violations.items [i].code, expected [i].code);
    }

    violations = (zooid_violations_t) { .count = 0 };
    assert_int_equal (s_decode (&sample_required, "\x80", 1, &value, &violations), ZOOID_INVALID);
    assert_int_equal (violations.count, sample_required.field_count);
    for (size_t i = 0; i < violations.count; i++)
        assert_string_equal (violations.items [i].code, "required");
}

static void
test_decode_refuses_hostile_counts_without_memory (void **state)
{
    (void) state;
    //  Each promises more than is there; the arena has room for little
    static const struct { const char *bytes; size_t size; } rows [] = {
        { "\xdd\x0f\xff\xff\xff", 5 }, { "\xdf\x0f\xff\xff\xff", 5 }, { "\x81\xa4tags\xdd\x0f\xff\xff\xff", 11 },
        { "\x81\xa7metrics\xdf\x0f\xff\xff\xff", 14 }, { "\x81\xa5" "extra\xdd\x0f\xff\xff\xff", 12 }, { "\x81\xa5title\xdb\xff\xff\xff\xff", 12 },
        { "\x81\xa4" "blob\xc6\xff\xff\xff\xff", 11 }, { "\x81\xdb\xff\xff\xff\xff", 6 },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        zooid_arena_t *small;
        zooid_arena_new (&small, 4096);
        sample_t value;
        zooid_violations_t violations = { .count = 0 };
        zooid_bytes_t msgpack = { (const uint8_t *) rows [i].bytes, rows [i].size };
        assert_int_equal (zooid_record_decode (&sample_optional, msgpack, small, &value, &violations), ZOOID_INVALID);
        assert_true (violations.count > 0);
        zooid_arena_destroy (&small);
    }
}

//  A list beyond its bound costs no memory, however long it is.
static void
test_decode_takes_nothing_for_a_list_beyond_its_bound (void **state)
{
    (void) state;
    zooid_buffer_t packed = { 0 };
    zooid_pack_map (&packed, 1);
    zooid_pack_text (&packed, "readings");
    zooid_pack_array (&packed, 100000);
    for (int i = 0; i < 100000; i++)
        zooid_pack_map (&packed, 0);
    zooid_arena_t *small;
    zooid_arena_new (&small, 1024);
    sample_t value;
    zooid_violations_t violations = { .count = 0 };
    assert_int_equal (zooid_record_decode (&sample_optional, (zooid_bytes_t) { packed.data, packed.size }, small, &value, &violations),
                      ZOOID_INVALID);
    assert_int_equal (violations.count, 1);
    assert_string_equal (violations.items [0].code, "length");
    zooid_arena_destroy (&small);
    zooid_buffer_fini (&packed);
}

static void
test_decode_faults_when_the_arena_ends (void **state)
{
    (void) state;
    size_t faults = 0;
    for (size_t limit = 16; ; limit += 16) {
        zooid_arena_t *small;
        zooid_arena_new (&small, limit);
        sample_t value;
        int rc = zooid_record_decode (&sample_required, (zooid_bytes_t) { s_packed.data, s_packed.size }, small, &value, NULL);
        zooid_arena_destroy (&small);
        if (rc == 0)
            break;
        assert_int_equal (rc, -ENOMEM);
        faults++;
    }
    assert_true (faults > 10);
}

static void
test_decode_takes_depth_32_and_refuses_33 (void **state)
{
    (void) state;
    //  {"extra": [[...]]}: the record's map is the first of the containers
    for (size_t depth = 32; depth <= 33; depth++) {
        zooid_buffer_t packed = { 0 };
        zooid_pack_map (&packed, 1);
        zooid_pack_text (&packed, "extra");
        for (size_t i = 0; i + 2 < depth; i++)
            zooid_pack_array (&packed, 1);
        zooid_pack_array (&packed, 0);
        sample_t value;
        zooid_violations_t violations = { .count = 0 };
        assert_int_equal (s_decode (&sample_optional, packed.data, packed.size, &value, &violations), depth == 32 ? 0 : ZOOID_INVALID);
        if (depth == 33)
            assert_string_equal (violations.items [0].code, "depth");
        zooid_buffer_t json = { 0 };
        assert_int_equal (zooid_json_write (&sample_optional, (zooid_bytes_t) { packed.data, packed.size }, &json),
                          depth == 32 ? 0 : ZOOID_INVALID);
        zooid_buffer_fini (&json);
        zooid_buffer_fini (&packed);
    }
}

//  More keys than are compared one with the other.
static void
test_decode_finds_a_name_that_stands_twice_in_a_long_map (void **state)
{
    (void) state;
    for (int twice = 0; twice < 2; twice++) {
        zooid_buffer_t packed = { 0 };
        zooid_pack_map (&packed, 1);
        zooid_pack_text (&packed, "metrics");
        zooid_pack_map (&packed, 20);
        for (int i = 0; i < 20; i++) {
            char key [2] = { (char) ('a' + (twice && i == 19 ? 3 : i)), 0 };
            zooid_pack_text (&packed, key);
            zooid_pack_integer (&packed, i);
        }
        sample_t value;
        zooid_violations_t violations = { .count = 0 };
        assert_int_equal (s_decode (&sample_optional, packed.data, packed.size, &value, &violations), twice ? ZOOID_INVALID : 0);
        assert_int_equal (violations.count, twice);
        if (!twice)
            assert_string_equal (value.metrics.keys [19], "t");
        zooid_buffer_fini (&packed);
    }
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test_setup_teardown (test_decode_copies_everything_to_the_arena, setup, teardown),
        cmocka_unit_test_setup_teardown (test_decode_refuses_every_value_that_is_cut_short, setup, teardown),
        cmocka_unit_test_setup_teardown (test_decode_refuses_bytes_behind_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown (test_decode_survives_every_changed_byte, setup, teardown),
        cmocka_unit_test_setup_teardown (test_decode_finds_fields_in_any_order, setup, teardown),
        cmocka_unit_test_setup_teardown (test_decode_tells_all_violations_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown (test_decode_refuses_hostile_counts_without_memory, setup, teardown),
        cmocka_unit_test_setup_teardown (test_decode_takes_nothing_for_a_list_beyond_its_bound, setup, teardown),
        cmocka_unit_test_setup_teardown (test_decode_faults_when_the_arena_ends, setup, teardown),
        cmocka_unit_test_setup_teardown (test_decode_takes_depth_32_and_refuses_33, setup, teardown),
        cmocka_unit_test_setup_teardown (test_decode_finds_a_name_that_stands_twice_in_a_long_map, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
