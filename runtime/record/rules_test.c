//  Every rule of every type at its limit and one past it, by each of the ways in: msgpack, JSON, a struct. All must say
//  the same.
#include "sample.h"

#include <zooid/msgpack.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct { zooid_presence_t presence; bool v; } boolean_box_t;
typedef struct { zooid_presence_t presence; int64_t v; } integer_box_t;
typedef struct { zooid_presence_t presence; double v; } real_box_t;
typedef struct { zooid_presence_t presence; const char *v; } text_box_t;
typedef struct { zooid_presence_t presence; int32_t v; } name_box_t;
typedef struct { zooid_presence_t presence; zooid_bytes_t v; } bytes_box_t;
typedef struct { zooid_presence_t presence; sample_reading_t v; } record_box_t;
typedef struct { zooid_presence_t presence; zooid_list_t v; } list_box_t;
typedef struct { zooid_presence_t presence; zooid_map_t v; } map_box_t;
typedef struct { zooid_presence_t presence; zooid_any_t v; } any_box_t;

static const char *const s_names [] = { "low", "high", NULL };

//  One record for each kind of field, named by what it is.
#define BOX(name_, field_, box_, ...)                                                                               \
    static const zooid_field_t name_##_fields [] = { field_ (box_, v, __VA_ARGS__) };                               \
    static const zooid_record_t name_ = ZOOID_RECORD (#name_, box_, name_##_fields, .presence = ZOOID_PRESENCE (box_))

BOX (boolean, ZOOID_BOOLEAN, boolean_box_t, .doc = "");
BOX (integer, ZOOID_INTEGER, integer_box_t, .doc = "");
BOX (bounded, ZOOID_INTEGER, integer_box_t, .integers = { true, -3, 300 });
BOX (single, ZOOID_INTEGER, integer_box_t, .integers = { true, 1, 1 });
BOX (decimal, ZOOID_INTEGER, integer_box_t, .decimal = true);
BOX (real, ZOOID_REAL, real_box_t, .doc = "");
BOX (bounded_real, ZOOID_REAL, real_box_t, .reals = { true, -0.5, 1.5 });
BOX (string, ZOOID_STRING, text_box_t, .min_length = 2, .max_length = 4);
BOX (loose_string, ZOOID_STRING, text_box_t, .doc = "");
BOX (classed, ZOOID_STRING, text_box_t, .characters = "A-Cx_-");
BOX (identifier, ZOOID_ID, text_box_t, .doc = "");
BOX (enumeration, ZOOID_ENUMERATION, name_box_t, .names = s_names);
BOX (timestamp, ZOOID_TIMESTAMP, integer_box_t, .doc = "");
BOX (bounded_timestamp, ZOOID_TIMESTAMP, integer_box_t, .integers = { true, 0, 86400000 });
BOX (duration, ZOOID_DURATION, integer_box_t, .integers = { true, 1000, 60000 });
BOX (blob, ZOOID_BYTES, bytes_box_t, .min_length = 2, .max_length = 3);
BOX (list, ZOOID_LIST, list_box_t, .min_length = 1, .max_length = 2, .of = ZOOID_ITEM (ZOOID_TYPE_INTEGER, int64_t));
BOX (map, ZOOID_MAP, map_box_t, .min_length = 1, .max_length = 2, .of = ZOOID_ITEM (ZOOID_TYPE_INTEGER, int64_t));
BOX (nested, ZOOID_EMBEDDED, record_box_t, sample_reading_t, .record = &sample_reading);
BOX (any, ZOOID_ANY, any_box_t, .doc = "");
BOX (maybe, ZOOID_INTEGER, integer_box_t, .optional = true);
BOX (nullable, ZOOID_INTEGER, integer_box_t, .nullable = true);
BOX (maybe_null, ZOOID_INTEGER, integer_box_t, .optional = true, .nullable = true);

//  A value of the field "v": as msgpack (NULL: cannot be said), as JSON (NULL: cannot be said), and what is wrong with it
//  (NULL: nothing). What is sound is written back as `canonical`, or as `json` when that is NULL.
typedef struct {
    const zooid_record_t *record;
    const char *msgpack;
    size_t size;
    const char *json;
    const char *code;
    const char *pointer;
    const char *canonical;
} row_t;

#define M(literal) (literal), sizeof (literal) - 1
#define NONE NULL, 0

static const row_t s_rows [] = {
    { &boolean, M ("\xc3"), "true", NULL, NULL, NULL },
    { &boolean, M ("\xc2"), "false", NULL, NULL, NULL },
    { &boolean, M ("\x01"), "1", "type", "/v", NULL },
    { &boolean, M ("\xa4true"), "\"true\"", "type", "/v", NULL },
    { &boolean, M ("\xc0"), "null", "type", "/v", NULL },

    { &integer, M ("\x00"), "0", NULL, NULL, NULL },
    { &integer, M ("\xcf\x00\x1f\xff\xff\xff\xff\xff\xff"), "9007199254740991", NULL, NULL, NULL },
    { &integer, M ("\xcf\x00\x20\x00\x00\x00\x00\x00\x00"), "9007199254740992", "maximum", "/v", NULL },
    { &integer, M ("\xd3\xff\xe0\x00\x00\x00\x00\x00\x01"), "-9007199254740991", NULL, NULL, NULL },
    { &integer, M ("\xd3\xff\xe0\x00\x00\x00\x00\x00\x00"), "-9007199254740992", "minimum", "/v", NULL },
    { &integer, M ("\xcf\x80\x00\x00\x00\x00\x00\x00\x00"), "1e19", "maximum", "/v", NULL },
    { &integer, NONE, "-1e19", "minimum", "/v", NULL },
    { &integer, NONE, "9223372036854775808", "maximum", "", NULL },
    { &integer, NONE, "3.0", NULL, NULL, "3" },
    { &integer, NONE, "1e3", NULL, NULL, "1000" },
    { &integer, M ("\xcb\x40\x08\x00\x00\x00\x00\x00\x00"), "3.5", "type", "/v", NULL },
    { &integer, M ("\xa1" "3"), "\"3\"", "type", "/v", NULL },
    { &integer, M ("\xc3"), "true", "type", "/v", NULL },
    { &integer, M ("\xc0"), "null", "type", "/v", NULL },
    { &integer, M ("\x90"), "[]", "type", "/v", NULL },
    { &integer, M ("\x81\xa1" "a\x90"), "{\"a\":[]}", "type", "/v", NULL },

    { &bounded, M ("\xfd"), "-3", NULL, NULL, NULL },
    { &bounded, M ("\xfc"), "-4", "minimum", "/v", NULL },
    { &bounded, M ("\xcd\x01\x2c"), "300", NULL, NULL, NULL },
    { &bounded, M ("\xcd\x01\x2d"), "301", "maximum", "/v", NULL },

    { &decimal, M ("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"), "\"-9223372036854775808\"", NULL, NULL, NULL },
    { &decimal, M ("\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"), "\"9223372036854775807\"", NULL, NULL, NULL },
    { &decimal, M ("\xcf\x80\x00\x00\x00\x00\x00\x00\x00"), "\"9223372036854775808\"", "maximum", "/v", NULL },
    { &decimal, NONE, "\"-9223372036854775809\"", "minimum", "/v", NULL },
    { &decimal, NONE, "7", "type", "/v", NULL },
    { &decimal, NONE, "\"07\"", "type", "/v", NULL },
    { &decimal, NONE, "\"\"", "type", "/v", NULL },
    { &decimal, M ("\xa1" "7"), NULL, "type", "/v", NULL },

    { &real, M ("\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a"), "0.1", NULL, NULL, NULL },
    { &real, M ("\xca\x3f\xc0\x00\x00"), "1.5", NULL, NULL, NULL },
    { &real, M ("\x07"), "7", NULL, NULL, "7.0" },
    { &real, M ("\xff"), "-1", NULL, NULL, "-1.0" },
    { &real, M ("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), "1.8446744073709552e19", NULL, NULL, "1.8446744073709552e+19" },
    { &real, M ("\xcb\x7f\xef\xff\xff\xff\xff\xff\xff"), "1.7976931348623157e308", NULL, NULL, "1.7976931348623157e+308" },
    { &real, M ("\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00"), NULL, "type", "/v", NULL },
    { &real, M ("\xcb\xff\xf0\x00\x00\x00\x00\x00\x00"), NULL, "type", "/v", NULL },
    { &real, M ("\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"), NULL, "type", "/v", NULL },
    { &real, M ("\xca\x7f\x80\x00\x00"), NULL, "type", "/v", NULL },
    { &real, NONE, "1e400", "maximum", "", NULL },
    { &real, NONE, "NaN", "syntax", "", NULL },
    { &real, M ("\xa3" "1.5"), "\"1.5\"", "type", "/v", NULL },
    { &real, M ("\xc0"), "null", "type", "/v", NULL },

    { &bounded_real, M ("\xcb\xbf\xe0\x00\x00\x00\x00\x00\x00"), "-0.5", NULL, NULL, NULL },
    { &bounded_real, M ("\xcb\xbf\xe0\x00\x00\x00\x00\x00\x01"), "-0.50000000000000011", "minimum", "/v", NULL },
    { &bounded_real, M ("\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00"), "1.5", NULL, NULL, NULL },
    { &bounded_real, M ("\xcb\x3f\xf8\x00\x00\x00\x00\x00\x01"), "1.5000000000000002", "maximum", "/v", NULL },
    { &bounded_real, M ("\x02"), "2", "maximum", "/v", NULL },

    { &string, M ("\xa1x"), "\"x\"", "length", "/v", NULL },
    { &string, M ("\xa2xy"), "\"xy\"", NULL, NULL, NULL },
    { &string, M ("\xa4wxyz"), "\"wxyz\"", NULL, NULL, NULL },
    { &string, M ("\xa4\xc3\xbc\xc3\xbc"), "\"\xc3\xbc\\u00fc\"", NULL, NULL, "\"\xc3\xbc\xc3\xbc\"" },
    { &string, M ("\xa5vwxyz"), "\"vwxyz\"", "length", "/v", NULL },
    { &string, M ("\xa5x\xc3\xbc\xc3\xbc"), "\"x\xc3\xbc\xc3\xbc\"", "length", "/v", NULL },
    { &string, M ("\xa3x\0y"), NULL, "characters", "/v", NULL },
    { &string, NONE, "\"x\\u0000y\"", "syntax", "", NULL },
    { &string, M ("\xa2\xc3\x28"), NULL, "utf8", "/v", NULL },
    { &string, M ("\xa3\xed\xa0\x80"), NULL, "utf8", "/v", NULL },
    { &string, NONE, "\"\xc3\x28\"", "syntax", "", NULL },
    { &string, NONE, "\"\\ud800x\"", "syntax", "", NULL },
    { &string, M ("\xc4\x02xy"), NULL, "type", "/v", NULL },
    { &string, M ("\x05"), "5", "type", "/v", NULL },
    { &loose_string, M ("\xa0"), "\"\"", NULL, NULL, NULL },
    { &loose_string, M ("\xa3\"\\\n"), "\"\\\"\\\\\\n\"", NULL, NULL, NULL },
    { &loose_string, M ("\xa4\x01\x1f\x7f/"), "\"\\u0001\\u001f\\u007f/\"", NULL, NULL, NULL },
    { &loose_string, M ("\xa4\xf0\x9f\x90\x99"), "\"\\ud83d\\udc19\"", NULL, NULL, "\"\xf0\x9f\x90\x99\"" },

    { &classed, M ("\xa6" "ABCx_-"), "\"ABCx_-\"", NULL, NULL, NULL },
    { &classed, M ("\xa0"), "\"\"", NULL, NULL, NULL },
    { &classed, M ("\xa1" "D"), "\"D\"", "characters", "/v", NULL },
    { &classed, M ("\xa1" "@"), "\"@\"", "characters", "/v", NULL },
    { &classed, M ("\xa2\xc3\xbc"), "\"\xc3\xbc\"", "characters", "/v", NULL },

    { &identifier, M ("\xd9\x24" "01926b2c-7c3e-7a51-9d2f-3b1c5e8a9f40"), "\"01926b2c-7c3e-7a51-9d2f-3b1c5e8a9f40\"", NULL, NULL, NULL },
    { &identifier, M ("\xd9\x24" "01926B2C-7c3e-7a51-9d2f-3b1c5e8a9f40"), "\"01926B2C-7c3e-7a51-9d2f-3b1c5e8a9f40\"", "characters", "/v", NULL },
    { &identifier, M ("\xd9\x24" "01926b2c-7c3e-7a51-9d2f03b1c5e8a9f40"), "\"01926b2c-7c3e-7a51-9d2f03b1c5e8a9f40\"", "characters", "/v", NULL },
    { &identifier, M ("\xd9\x24" "01926b2c-7c3e-7a51-9d2f-3b1c5e8a9f4g"), "\"01926b2c-7c3e-7a51-9d2f-3b1c5e8a9f4g\"", "characters", "/v", NULL },
    { &identifier, M ("\xd9\x23" "01926b2c-7c3e-7a51-9d2f-3b1c5e8a9f4"), "\"01926b2c-7c3e-7a51-9d2f-3b1c5e8a9f4\"", "length", "/v", NULL },
    { &identifier, M ("\xd9\x25" "01926b2c-7c3e-7a51-9d2f-3b1c5e8a9f400"), "\"01926b2c-7c3e-7a51-9d2f-3b1c5e8a9f400\"", "length", "/v", NULL },

    { &enumeration, M ("\xa3low"), "\"low\"", NULL, NULL, NULL },
    { &enumeration, M ("\xa4high"), "\"high\"", NULL, NULL, NULL },
    { &enumeration, M ("\xa4higH"), "\"higH\"", "choice", "/v", NULL },
    { &enumeration, M ("\xa2lo"), "\"lo\"", "choice", "/v", NULL },
    { &enumeration, M ("\xa4low\0"), NULL, "choice", "/v", NULL },
    { &enumeration, M ("\xa0"), "\"\"", "choice", "/v", NULL },
    { &enumeration, M ("\x00"), "0", "type", "/v", NULL },

    { &timestamp, M ("\x00"), "\"1970-01-01T00:00:00.000Z\"", NULL, NULL, NULL },
    { &timestamp, NONE, "\"1970-01-01T01:00:00+01:00\"", NULL, NULL, "\"1970-01-01T00:00:00.000Z\"" },
    { &timestamp, M ("\xcf\x00\x00\xe6\x77\xd2\x1f\xdb\xff"), "\"9999-12-31T23:59:59.999Z\"", NULL, NULL, NULL },
    { &timestamp, M ("\xcf\x00\x00\xe6\x77\xd2\x1f\xdc\x00"), NULL, "maximum", "/v", NULL },
    { &timestamp, M ("\xd3\xff\xff\xc7\x75\x90\xfb\xa0\x00"), "\"0000-01-01T00:00:00.000Z\"", NULL, NULL, NULL },
    { &timestamp, M ("\xd3\xff\xff\xc7\x75\x90\xfb\x9f\xff"), NULL, "minimum", "/v", NULL },
    { &timestamp, NONE, "0", "type", "/v", NULL },
    { &timestamp, NONE, "\"1970-02-30T00:00:00Z\"", "type", "/v", NULL },
    { &bounded_timestamp, NONE, "\"1970-01-02T00:00:00.000Z\"", NULL, NULL, NULL },
    { &bounded_timestamp, M ("\xce\x05\x26\x5c\x00"), "\"1970-01-02T00:00:00Z\"", NULL, NULL, "\"1970-01-02T00:00:00.000Z\"" },
    { &bounded_timestamp, M ("\xce\x05\x26\x5c\x01"), "\"1970-01-02T00:00:00.001Z\"", "maximum", "/v", NULL },
    { &bounded_timestamp, M ("\xff"), "\"1969-12-31T23:59:59.999Z\"", "minimum", "/v", NULL },

    { &duration, M ("\xcd\x03\xe8"), "1000", NULL, NULL, NULL },
    { &duration, NONE, "\"1s\"", NULL, NULL, "1000" },
    { &duration, NONE, "\"1m\"", NULL, NULL, "60000" },
    { &duration, M ("\xcd\x03\xe7"), "\"999ms\"", "minimum", "/v", NULL },
    { &duration, M ("\xcd\xea\x61"), "60001", "maximum", "/v", NULL },
    { &duration, NONE, "\"1x\"", "type", "/v", NULL },
    { &duration, NONE, "1000.5", "type", "/v", NULL },
    { &duration, NONE, "\"9999999999999999d\"", "maximum", "/v", NULL },
    { &duration, M ("\xa2" "1s"), NULL, "type", "/v", NULL },

    { &blob, M ("\xc4\x02\x00\xff"), "\"AP8=\"", NULL, NULL, NULL },
    { &blob, M ("\xc4\x03\x00\xff\x00"), "\"AP8A\"", NULL, NULL, NULL },
    { &blob, M ("\xc4\x01\x00"), "\"AA==\"", "length", "/v", NULL },
    { &blob, M ("\xc4\x04\x00\x00\x00\x00"), "\"AAAAAA==\"", "length", "/v", NULL },
    { &blob, NONE, "\"A*8=\"", "type", "/v", NULL },
    { &blob, NONE, "\"AP8\"", "length", "/v", NULL },
    { &blob, M ("\xa2xy"), NULL, "type", "/v", NULL },

    { &list, M ("\x91\x01"), "[1]", NULL, NULL, NULL },
    { &list, M ("\x92\x01\x02"), "[1,2]", NULL, NULL, NULL },
    { &list, M ("\x90"), "[]", "length", "/v", NULL },
    { &list, M ("\x93\x01\x02\x03"), "[1,2,3]", "length", "/v", NULL },
    { &list, M ("\x92\x01\xc0"), "[1,null]", "type", "/v/1", NULL },
    { &list, M ("\x80"), "{}", "type", "/v", NULL },

    { &map, M ("\x81\xa1" "a\x01"), "{\"a\":1}", NULL, NULL, NULL },
    { &map, M ("\x82\xa0\x01\xa1" "b\x02"), "{\"\":1,\"b\":2}", NULL, NULL, NULL },
    { &map, M ("\x80"), "{}", "length", "/v", NULL },
    { &map, M ("\x83\xa1" "a\x01\xa1" "b\x02\xa1" "c\x03"), "{\"a\":1,\"b\":2,\"c\":3}", "length", "/v", NULL },
    { &map, M ("\x81\xa3" "a/~\xc3"), "{\"a/~\":true}", "type", "/v/a~1~0", NULL },
    { &map, M ("\x82\xa1" "a\x01\xa1" "a\x02"), "{\"a\":1,\"a\":2}", "syntax", NULL, NULL },
    { &map, M ("\x81\x05\x01"), NULL, "syntax", "/v", NULL },
    { &map, M ("\x81\xa1\xff\x01"), NULL, "utf8", "/v/?", NULL },
    { &map, M ("\x81\xa2" "a\0\x01"), NULL, "characters", "/v/a?", NULL },
    { &map, M ("\x90"), "[]", "type", "/v", NULL },

    { &nested, M ("\x81\xa4name\xa1x"), "{\"name\":\"x\"}", NULL, NULL, NULL },
    { &nested, M ("\x82\xa4name\xa1x\xa5value\x01"), "{\"name\":\"x\",\"value\":1}", NULL, NULL, "{\"name\":\"x\",\"value\":1.0}" },
    { &nested, M ("\x80"), "{}", "required", "/v/name", NULL },
    { &nested, M ("\x81\xa4name\xa9xxxxxxxxx"), "{\"name\":\"xxxxxxxxx\"}", "length", "/v/name", NULL },
    { &nested, M ("\xc0"), "null", "type", "/v", NULL },
    { &nested, NONE, "{\"name\":\"x\",\"nane\":1}", "unknown", "/v/nane", NULL },
    { &nested, M ("\x82\xa4name\xa1x\xa4nane\x01"), NULL, NULL, NULL, NULL },
    { &nested, M ("\x82\xa4name\xa1x\xa4name\xa1y"), NULL, "syntax", "/v/name", NULL },

    { &any, M ("\xc0"), "null", NULL, NULL, NULL },
    { &any, M ("\xc3"), "true", NULL, NULL, NULL },
    { &any, M ("\x93\x01\xa1x\x80"), "[1,\"x\",{}]", NULL, NULL, NULL },
    { &any, M ("\xcb\x40\x35\x00\x00\x00\x00\x00\x00"), "21.0", NULL, NULL, NULL },
    { &any, NONE, "[9007199254740992]", "maximum", "/v/0", NULL },
    { &any, M ("\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"), NULL, "type", "/v", NULL },
    { &any, M ("\x91\xa1\xff"), NULL, "utf8", "/v/0", NULL },
    { &any, M ("\x81\xa1" "a\xa1\0"), NULL, "characters", "/v/a", NULL },
    { &any, M ("\x81\x01\x02"), NULL, "type", "/v", NULL },
    { &any, M ("\x82\xa1" "a\x01\xa1" "a\x02"), NULL, "syntax", "/v", NULL },
    { &any, M ("\xd4\x01\x02"), NULL, "syntax", "/v", NULL },

    { &maybe, M ("\x00"), "0", NULL, NULL, NULL },
    { &maybe, M ("\xc0"), "null", "type", "/v", NULL },
    { &nullable, M ("\x00"), "0", NULL, NULL, NULL },
    { &nullable, M ("\xc0"), "null", NULL, NULL, NULL },
    { &maybe_null, M ("\xc0"), "null", NULL, NULL, NULL },
};

static zooid_arena_t *s_arena;

static int
setup (void **state)
{
    (void) state;
    zooid_arena_new (&s_arena, 0);
    return 0;
}

static int
teardown (void **state)
{
    (void) state;
    zooid_arena_destroy (&s_arena);
    return 0;
}

//  {"v": value}
static void
s_pack_box (const row_t *row, zooid_buffer_t *out)
{
    zooid_pack_map (out, 1);
    zooid_pack_text (out, "v");
    zooid_buffer_append (out, row->msgpack, row->size);
}

static void
s_compare_verdict (size_t index, const row_t *row, int rc, const zooid_violations_t *violations)
{
    if (rc != (row->code ? ZOOID_INVALID : 0))
        fail_msg ("row %zu (%s): %s", index, row->record->name, rc ? violations->items [0].detail : "was taken");
    if (!row->code)
        return;
    bool same = strcmp (violations->items [0].code, row->code) == 0
        && (!row->pointer || strcmp (violations->items [0].pointer, row->pointer) == 0);
    if (violations->count != 1 || !same || !violations->items [0].detail [0])
        fail_msg ("row %zu (%s): %zu: %s at \"%s\": %s", index, row->record->name, violations->count,
                  violations->items [0].code, violations->items [0].pointer, violations->items [0].detail);
}

static void
s_expect_json (size_t index, const row_t *row, zooid_bytes_t msgpack)
{
    const char *value = row->canonical ? row->canonical : row->json;
    if (!value)
        return;
    zooid_buffer_t json = { 0 };
    assert_int_equal (zooid_json_write (row->record, msgpack, &json), 0);
    char expected [256];
    snprintf (expected, sizeof expected, "{\"v\":%s}", value);
    if (strcmp (zooid_buffer_string (&json), expected) != 0)
        fail_msg ("row %zu (%s): %s is not %s", index, row->record->name, zooid_buffer_string (&json), expected);
    zooid_buffer_fini (&json);
}

static void
test_rules_hold_for_msgpack (void **state)
{
    (void) state;
    for (size_t i = 0; i < ZOOID_COUNT (s_rows); i++) {
        const row_t *row = &s_rows [i];
        if (!row->msgpack)
            continue;
        zooid_buffer_t packed = { 0 };
        s_pack_box (row, &packed);
        zooid_bytes_t msgpack = { packed.data, packed.size };
        _Alignas (max_align_t) char value [256];
        zooid_violations_t decoded = { .count = 0 }, validated = { .count = 0 };
        int rc = zooid_record_decode (row->record, msgpack, s_arena, value, &decoded);
        s_compare_verdict (i, row, rc, &decoded);
        rc = zooid_record_validate (row->record, msgpack, s_arena, &validated);
        s_compare_verdict (i, row, rc, &validated);
        assert_int_equal (zooid_record_validate (row->record, msgpack, NULL, NULL), rc);
        if (rc == 0)
            s_expect_json (i, row, msgpack);
        zooid_buffer_fini (&packed);
        zooid_arena_reset (s_arena);
    }
}

//  What was decoded from sound msgpack is encoded again: the rules of the struct are the same ones.
static void
test_rules_hold_for_structs (void **state)
{
    (void) state;
    size_t sound = 0;
    for (size_t i = 0; i < ZOOID_COUNT (s_rows); i++) {
        const row_t *row = &s_rows [i];
        if (!row->msgpack || row->code)
            continue;
        zooid_buffer_t packed = { 0 }, again = { 0 };
        s_pack_box (row, &packed);
        _Alignas (max_align_t) char value [256], back [256];
        assert_int_equal (zooid_record_decode (row->record, (zooid_bytes_t) { packed.data, packed.size }, s_arena, value, NULL), 0);
        assert_int_equal (zooid_record_encode (row->record, value, &again), 0);
        zooid_bytes_t msgpack = { again.data, again.size };
        assert_int_equal (zooid_record_decode (row->record, msgpack, s_arena, back, NULL), 0);
        s_expect_json (i, row, msgpack);
        sound++;
        zooid_buffer_fini (&packed);
        zooid_buffer_fini (&again);
        zooid_arena_reset (s_arena);
    }
    assert_true (sound > 30);
}

static void
test_rules_hold_for_json (void **state)
{
    (void) state;
    for (size_t i = 0; i < ZOOID_COUNT (s_rows); i++) {
        const row_t *row = &s_rows [i];
        if (!row->json)
            continue;
        char text [256];
        int size = snprintf (text, sizeof text, "{\"v\":%s}", row->json);
        zooid_buffer_t out = { 0 };
        zooid_buffer_text (&out, "before");
        zooid_violations_t violations = { .count = 0 };
        int rc = zooid_json_read (row->record, text, (size_t) size, ZOOID_UNKNOWN_REFUSED, s_arena, &out, &violations);
        s_compare_verdict (i, row, rc, &violations);
        assert_memory_equal (out.data, "before", 6);
        if (rc)
            assert_int_equal (out.size, 6);
        else {
            zooid_bytes_t msgpack = { out.data + 6, out.size - 6 };
            assert_int_equal (zooid_record_validate (row->record, msgpack, NULL, NULL), 0);
            s_expect_json (i, row, msgpack);
        }
        zooid_buffer_fini (&out);
        zooid_arena_reset (s_arena);
    }
}

static void
test_rules_say_what_would_be_right (void **state)
{
    (void) state;
    static const struct { const zooid_record_t *record; const char *text, *detail; } rows [] = {
        { &single, "2", "must be 1" },
        { &single, "0", "must be 1" },
        { &bounded, "301", "must be at most 300" },
        { &bounded, "-4", "must be at least -3" },
        { &decimal, "9223372036854775808", "must be at most 9223372036854775807" },
        { &decimal, "-9223372036854775809", "must be at least -9223372036854775808" },
        { &duration, "5ms", "must be at least 1s" },
        { &duration, "2m", "must be at most 1m" },
        { &duration, "9999999999999999d", "must be at most 1m" },
        { &bounded_timestamp, "1970-01-03T00:00:00Z", "must be 1970-01-02T00:00:00.000Z or earlier" },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t out = { 0 };
        zooid_violations_t violations = { .count = 0 };
        assert_int_equal (zooid_field_parse (rows [i].record->fields, rows [i].text, "", s_arena, &out, &violations),
                          ZOOID_INVALID);
        assert_string_equal (violations.items [0].detail, rows [i].detail);
    }
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test_setup_teardown (test_rules_hold_for_msgpack, setup, teardown),
        cmocka_unit_test_setup_teardown (test_rules_hold_for_structs, setup, teardown),
        cmocka_unit_test_setup_teardown (test_rules_hold_for_json, setup, teardown),
        cmocka_unit_test_setup_teardown (test_rules_say_what_would_be_right, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
