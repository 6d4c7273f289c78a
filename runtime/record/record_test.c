//  Presence, titles, and the way round: struct -> msgpack -> JSON -> msgpack -> struct.
#include "sample.h"

#include <zooid/msgpack.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static void
test_record_has_what_was_set (void **state)
{
    (void) state;
    sample_t value = { .count = 3 };
    assert_false (ZOOID_HAS (&sample_optional, sample_t, &value, count));
    assert_false (zooid_record_is_null (&sample_optional, &value, offsetof (sample_t, count)));
    ZOOID_SET (&sample_optional, sample_t, &value, count);
    assert_true (ZOOID_HAS (&sample_optional, sample_t, &value, count));
    assert_false (ZOOID_HAS (&sample_optional, sample_t, &value, title));
    ZOOID_SET_NULL (&sample_optional, sample_t, &value, count);
    assert_false (ZOOID_HAS (&sample_optional, sample_t, &value, count));
    assert_true (zooid_record_is_null (&sample_optional, &value, offsetof (sample_t, count)));
    ZOOID_SET (&sample_optional, sample_t, &value, count);
    assert_true (ZOOID_HAS (&sample_optional, sample_t, &value, count));
    assert_false (zooid_record_is_null (&sample_optional, &value, offsetof (sample_t, count)));
}

static void
test_record_has_required_fields_without_a_bit (void **state)
{
    (void) state;
    sample_t value = { 0 };
    assert_true (ZOOID_HAS (&sample_required, sample_t, &value, count));
    assert_false (zooid_record_is_null (&sample_required, &value, offsetof (sample_t, count)));
}

static void
test_record_title_is_pascal_case (void **state)
{
    (void) state;
    static const struct { const char *name, *title; } rows [] = {
        { "article", "Article" }, { "article_draft", "ArticleDraft" }, { "a_b2_c", "AB2C" }, { "x__y_", "XY" },
    };
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 0);
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++)
        assert_string_equal (zooid_record_title (&(zooid_record_t) { .name = rows [i].name }, arena), rows [i].title);
    zooid_arena_destroy (&arena);
}

//  struct -> msgpack -> JSON -> msgpack -> struct; the two msgpacks are the same bytes.
static void
s_go_round (const zooid_record_t *record, const sample_t *value, const char *expected_json)
{
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 0);
    zooid_buffer_t packed = { 0 }, json = { 0 }, again = { 0 };
    zooid_violations_t violations = { .count = 0 };
    sample_t back;

    assert_int_equal (zooid_record_encode (record, value, &packed), 0);
    zooid_bytes_t msgpack = { packed.data, packed.size };
    assert_true (zooid_msgpack_is_sound (msgpack));
    assert_int_equal (zooid_record_decode (record, msgpack, arena, &back, &violations), 0);
    assert_true (sample_equals (record, value, &back));

    assert_int_equal (zooid_json_write (record, msgpack, &json), 0);
    if (expected_json)
        assert_string_equal (zooid_buffer_string (&json), expected_json);
    assert_int_equal (zooid_json_read (record, zooid_buffer_string (&json), json.size, ZOOID_UNKNOWN_REFUSED, arena, &again,
                                       &violations), 0);
    assert_int_equal (again.size, packed.size);
    assert_memory_equal (again.data, packed.data, packed.size);
    assert_int_equal (zooid_record_decode (record, (zooid_bytes_t) { again.data, again.size }, arena, &back, &violations), 0);
    assert_true (sample_equals (record, value, &back));
    assert_int_equal (violations.count, 0);

    zooid_buffer_fini (&packed);
    zooid_buffer_fini (&json);
    zooid_buffer_fini (&again);
    zooid_arena_destroy (&arena);
}

static void
test_record_comes_back_with_every_type (void **state)
{
    (void) state;
    s_go_round (&sample_required, &sample_value, sample_json);
    s_go_round (&sample_optional, &sample_value, sample_json);
}

static void
test_record_comes_back_with_nothing (void **state)
{
    (void) state;
    s_go_round (&sample_optional, &(sample_t) { .count = 0 }, "{}");
}

//  Absent, null and zero are three things, for each field alone.
static void
test_record_tells_absent_from_null_from_zero (void **state)
{
    (void) state;
    static const char *const zeros [] = {
        "false", "0", "\"0\"", "0.0", NULL, "\"\"", NULL, "\"low\"", "\"1970-01-01T00:00:00.000Z\"", "0", "\"\"",
        "{\"name\":\"\"}", "[]", "[]", "{}", "null",
    };
    assert_int_equal (ZOOID_COUNT (zeros), sample_optional.field_count);
    for (size_t i = 0; i < sample_optional.field_count; i++) {
        const zooid_field_t *field = &sample_optional.fields [i];
        sample_t value = { .code = "", .reading = { .name = "" } };
        char json [128];

        zooid_record_set_null (&sample_optional, &value, field->offset);
        snprintf (json, sizeof json, "{\"%s\":null}", field->name);
        s_go_round (&sample_optional, &value, json);

        //  A title has one byte at least, an id is never empty, and the zero of an `any` is null itself
        if (!zeros [i] || field->type == ZOOID_TYPE_ANY)
            continue;
        zooid_record_set (&sample_optional, &value, field->offset);
        snprintf (json, sizeof json, "{\"%s\":%s}", field->name, zeros [i]);
        s_go_round (&sample_optional, &value, json);
    }
}

static void
test_record_comes_back_with_all_64_fields (void **state)
{
    (void) state;
    typedef struct { zooid_presence_t presence; int64_t values [ZOOID_FIELDS_MAX]; } wide_t;
    zooid_field_t fields [ZOOID_FIELDS_MAX];
    char names [ZOOID_FIELDS_MAX] [8];
    wide_t value, back;
    memset (&value, 0, sizeof value);
    zooid_record_t record = { .name = "wide", .size = sizeof (wide_t), .fields = fields, .field_count = ZOOID_FIELDS_MAX,
                              .presence = ZOOID_PRESENCE (wide_t) };
    for (size_t i = 0; i < ZOOID_FIELDS_MAX; i++) {
        snprintf (names [i], sizeof names [i], "f%zu", i);
        fields [i] = (zooid_field_t) { .name = names [i], .type = ZOOID_TYPE_INTEGER, .size = sizeof (int64_t), .optional = true,
                                       .offset = offsetof (wide_t, values) + i * sizeof (int64_t) };
        value.values [i] = (int64_t) i * 1000;
        zooid_record_set (&record, &value, fields [i].offset);
    }
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 0);
    const char *why = "";
    assert_int_equal (zooid_record_check (&record, arena, &why), 0);
    zooid_buffer_t packed = { 0 };
    assert_int_equal (zooid_record_encode (&record, &value, &packed), 0);
    assert_int_equal (zooid_record_decode (&record, (zooid_bytes_t) { packed.data, packed.size }, arena, &back, NULL), 0);
    assert_true (value.presence.present == UINT64_MAX);
    assert_memory_equal (&value, &back, sizeof value);
    zooid_buffer_fini (&packed);
    zooid_arena_destroy (&arena);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_record_has_what_was_set),
        cmocka_unit_test (test_record_has_required_fields_without_a_bit),
        cmocka_unit_test (test_record_title_is_pascal_case),
        cmocka_unit_test (test_record_comes_back_with_every_type),
        cmocka_unit_test (test_record_comes_back_with_nothing),
        cmocka_unit_test (test_record_tells_absent_from_null_from_zero),
        cmocka_unit_test (test_record_comes_back_with_all_64_fields),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
