#include "sample.h"

#include <zooid/msgpack.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

//  A value that breaks its record is refused whole: what stood in the buffer stays.
static void
s_expect_defect (const zooid_record_t *record, const sample_t *value)
{
    zooid_buffer_t out = { 0 };
    zooid_buffer_text (&out, "before");
    assert_int_equal (zooid_record_encode (record, value, &out), -EINVAL);
    assert_string_equal (zooid_buffer_string (&out), "before");
    zooid_buffer_fini (&out);
}

static void
test_encode_refuses_values_that_break_the_record (void **state)
{
    (void) state;
    enum { BROKEN = 30 };
    static const char *const five [] = { "", "", "", "", "" };
    static const char *const twice [] = { "a", "a" };
    static const char *const no_key [] = { NULL, "a" };
    static const double two [] = { 1, 2 };
    static const double infinite [] = { 1, INFINITY };
    static const uint8_t large [65], cut_short [] = { 0x92, 0x01 }, two_values [] = { 0x01, 0x02 };
    sample_t values [BROKEN];
    size_t count = 0;
#define BREAK(member_, ...) values [count] = sample_value, values [count++].member_ = __VA_ARGS__
    BREAK (count, -11);
    BREAK (count, 1001);
    BREAK (ratio, -1.6);
    BREAK (ratio, NAN);
    BREAK (ratio, INFINITY);
    BREAK (title, NULL);
    BREAK (title, "");
    BREAK (title, "17 bytes too long");
    BREAK (title, "\xff");
    BREAK (code, "a");
    BREAK (id, "");
    BREAK (id, NULL);
    BREAK (level, -1);
    BREAK (level, 3);
    BREAK (at, INT64_MAX);
    BREAK (at, INT64_MIN);
    BREAK (span, INT64_C (9007199254740992));
    BREAK (blob, (zooid_bytes_t) { large, sizeof large });
    BREAK (blob, (zooid_bytes_t) { NULL, 1 });
    BREAK (reading, (sample_reading_t) { .name = NULL });
    BREAK (reading, (sample_reading_t) { .presence = { 2, 0 }, .name = "", .value = NAN });
    BREAK (tags, (zooid_list_t) { five, 5 });
    BREAK (tags, (zooid_list_t) { NULL, 1 });
    BREAK (tags, (zooid_list_t) { no_key, 1 });
    BREAK (metrics, (zooid_map_t) { twice, two, 2 });
    BREAK (metrics, (zooid_map_t) { no_key, two, 2 });
    BREAK (metrics, (zooid_map_t) { five, infinite, 2 });
    BREAK (metrics, (zooid_map_t) { NULL, two, 1 });
    BREAK (extra, (zooid_any_t) { { cut_short, sizeof cut_short } });
    BREAK (extra, (zooid_any_t) { { two_values, sizeof two_values } });
#undef BREAK
    assert_int_equal (count, BROKEN);
    for (size_t i = 0; i < count; i++) {
        s_expect_defect (&sample_required, &values [i]);
        s_expect_defect (&sample_optional, &values [i]);
    }
}

static void
test_encode_does_not_look_at_fields_that_are_absent_or_null (void **state)
{
    (void) state;
    sample_t value = { .ratio = NAN, .level = 99, .tags = { NULL, 7 } };
    zooid_buffer_t out = { 0 };
    assert_int_equal (zooid_record_encode (&sample_optional, &value, &out), 0);
    assert_int_equal (out.size, 1);
    ZOOID_SET_NULL (&sample_optional, sample_t, &value, ratio);
    assert_int_equal (zooid_record_encode (&sample_optional, &value, &out), 0);
    assert_int_equal (out.size, 1 + 1 + 6 + 1);
    zooid_buffer_fini (&out);
}

static void
test_encode_leaves_the_buffer_as_it_was_when_its_limit_ends (void **state)
{
    (void) state;
    zooid_buffer_t whole = { 0 };
    assert_int_equal (zooid_record_encode (&sample_required, &sample_value, &whole), 0);
    for (size_t limit = 1; limit <= whole.size; limit++) {
        zooid_buffer_t out = { .limit = limit };
        assert_int_equal (zooid_record_encode (&sample_required, &sample_value, &out), limit < whole.size ? -ENOMEM : 0);
        assert_int_equal (out.size, limit < whole.size ? 0 : whole.size);
        assert_int_equal (out.failed, limit < whole.size);
        zooid_buffer_fini (&out);
    }
    zooid_buffer_fini (&whole);
}

//  A record that holds a list of itself.
typedef struct { zooid_list_t children; } tree_t;
static const zooid_record_t s_tree;
static const zooid_field_t s_tree_fields [] = {
    ZOOID_LIST (tree_t, children, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, tree_t, .record = &s_tree)),
};
static const zooid_record_t s_tree = ZOOID_RECORD ("tree", tree_t, s_tree_fields);

static void
test_encode_takes_depth_32_and_refuses_33 (void **state)
{
    (void) state;
    //  Each level opens a map and an array
    tree_t levels [17];
    memset (levels, 0, sizeof levels);
    for (size_t i = 0; i + 1 < ZOOID_COUNT (levels); i++)
        levels [i].children = (zooid_list_t) { &levels [i + 1], 1 };
    zooid_buffer_t out = { 0 };
    assert_int_equal (zooid_record_encode (&s_tree, &levels [1], &out), 0);
    assert_true (zooid_msgpack_is_sound ((zooid_bytes_t) { out.data, out.size }));
    zooid_buffer_t json = { 0 };
    assert_int_equal (zooid_json_write (&s_tree, (zooid_bytes_t) { out.data, out.size }, &json), 0);
    assert_int_equal (zooid_record_validate (&s_tree, (zooid_bytes_t) { out.data, out.size }, NULL, NULL), 0);
    assert_int_equal (zooid_record_encode (&s_tree, &levels [0], &out), -EINVAL);

    //  The same from outside: one level more than could be encoded
    zooid_buffer_t deeper = { 0 };
    zooid_pack_map (&deeper, 1);
    zooid_pack_text (&deeper, "children");
    zooid_pack_array (&deeper, 1);
    zooid_buffer_append (&deeper, out.data, out.size);
    zooid_bytes_t msgpack = { deeper.data, deeper.size };
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 0);
    zooid_violations_t violations = { .count = 0 };
    tree_t tree;
    assert_int_equal (zooid_record_decode (&s_tree, msgpack, arena, &tree, &violations), ZOOID_INVALID);
    assert_string_equal (violations.items [0].code, "depth");
    assert_int_equal (strlen (violations.items [0].pointer), 16 * strlen ("/children/0"));
    assert_int_equal (zooid_json_write (&s_tree, msgpack, &json), ZOOID_INVALID);
    zooid_arena_destroy (&arena);
    zooid_buffer_fini (&deeper);
    zooid_buffer_fini (&json);
    zooid_buffer_fini (&out);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_encode_refuses_values_that_break_the_record),
        cmocka_unit_test (test_encode_does_not_look_at_fields_that_are_absent_or_null),
        cmocka_unit_test (test_encode_leaves_the_buffer_as_it_was_when_its_limit_ends),
        cmocka_unit_test (test_encode_takes_depth_32_and_refuses_33),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
