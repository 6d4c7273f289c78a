#include "sample.h"

#include <string.h>

static const char *const s_levels [] = { "low", "high", "very high", NULL };

static const zooid_field_t s_reading_fields [] = {
    ZOOID_STRING (sample_reading_t, name, .max_length = 8),
    ZOOID_REAL (sample_reading_t, value, .optional = true),
};
const zooid_record_t sample_reading =
    ZOOID_RECORD ("sample_reading", sample_reading_t, s_reading_fields, .presence = ZOOID_PRESENCE (sample_reading_t));

#define FIELDS(...)                                                                                                       \
    ZOOID_BOOLEAN (sample_t, flag, __VA_ARGS__),                                                                          \
    ZOOID_INTEGER (sample_t, count, .integers = { true, -10, 1000 }, __VA_ARGS__),                                        \
    ZOOID_INTEGER (sample_t, serial, .decimal = true, __VA_ARGS__),                                                       \
    ZOOID_REAL (sample_t, ratio, .reals = { true, -1.5, 1.5 }, __VA_ARGS__),                                              \
    ZOOID_STRING (sample_t, title, .min_length = 1, .max_length = 16, __VA_ARGS__),                                       \
    ZOOID_STRING (sample_t, code, .characters = "A-Z0-9-", __VA_ARGS__),                                                  \
    ZOOID_ID (sample_t, id, __VA_ARGS__),                                                                                 \
    ZOOID_ENUMERATION (sample_t, level, .names = s_levels, __VA_ARGS__),                                                  \
    ZOOID_TIMESTAMP (sample_t, at, __VA_ARGS__),                                                                          \
    ZOOID_DURATION (sample_t, span, .unit = "ms", __VA_ARGS__),                                                           \
    ZOOID_BYTES (sample_t, blob, .max_length = 64, __VA_ARGS__),                                                          \
    ZOOID_EMBEDDED (sample_t, reading, sample_reading_t, .record = &sample_reading, __VA_ARGS__),                         \
    ZOOID_LIST (sample_t, tags, .max_length = 4, .of = ZOOID_ITEM (ZOOID_TYPE_STRING, const char *), __VA_ARGS__),        \
    ZOOID_LIST (sample_t, readings, .max_length = 8,                                                                      \
                .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, sample_reading_t, .record = &sample_reading), __VA_ARGS__),          \
    ZOOID_MAP (sample_t, metrics, .max_length = 20, .of = ZOOID_ITEM (ZOOID_TYPE_REAL, double), __VA_ARGS__),             \
    ZOOID_ANY (sample_t, extra, __VA_ARGS__)

static const zooid_field_t s_required_fields [] = { FIELDS (.optional = false) };
static const zooid_field_t s_optional_fields [] = { FIELDS (.optional = true, .nullable = true) };

const zooid_record_t sample_required =
    ZOOID_RECORD ("sample_required", sample_t, s_required_fields, .presence = ZOOID_PRESENCE (sample_t));
const zooid_record_t sample_optional =
    ZOOID_RECORD ("sample_optional", sample_t, s_optional_fields, .presence = ZOOID_PRESENCE (sample_t));

static const char *const s_tags [] = { "", "two", "\xc3\xbc\"\\\n" };
static const sample_reading_t s_readings [] = {
    { .presence = { .present = 3 }, .name = "a", .value = -0.25 },
    { .presence = { .present = 1 }, .name = "b" },
};
static const char *const s_keys [] = { "", "humidity", "t/~" };
static const double s_metrics [] = { 0, 61.5, 1e300 };
static const uint8_t s_blob [] = { 0x00, 0xff, 0x10, 0x80 };
static const uint8_t s_extra [] = { 0x82, 0xa1, 'a', 0x93, 0x01, 0xc0, 0xc3, 0xa1, 'b', 0x80 };    //  {"a":[1,null,true],"b":{}}

const sample_t sample_value = {
    .presence = { .present = 0xffff },
    .flag = true,
    .count = 7,
    .serial = INT64_MIN,
    .ratio = 0.1,
    .title = "First light",
    .code = "A-1",
    .id = "01926b2c-7c3e-7a51-9d2f-3b1c5e8a9f40",
    .level = 2,
    .at = INT64_C (1795359836000),
    .span = 90000,
    .blob = { s_blob, sizeof s_blob },
    .reading = { .presence = { .present = 3 }, .name = "t", .value = 21.5 },
    .tags = { s_tags, ZOOID_COUNT (s_tags) },
    .readings = { s_readings, ZOOID_COUNT (s_readings) },
    .metrics = { s_keys, s_metrics, ZOOID_COUNT (s_keys) },
    .extra = { { s_extra, sizeof s_extra } },
};

const char *const sample_json =
    "{\"flag\":true,\"count\":7,\"serial\":\"-9223372036854775808\",\"ratio\":0.1,\"title\":\"First light\",\"code\":\"A-1\","
    "\"id\":\"01926b2c-7c3e-7a51-9d2f-3b1c5e8a9f40\",\"level\":\"very high\",\"at\":\"2026-11-22T15:03:56.000Z\",\"span\":90000,"
    "\"blob\":\"AP8QgA==\",\"reading\":{\"name\":\"t\",\"value\":21.5},\"tags\":[\"\",\"two\",\"\xc3\xbc\\\"\\\\\\n\"],"
    "\"readings\":[{\"name\":\"a\",\"value\":-0.25},{\"name\":\"b\"}],"
    "\"metrics\":{\"\":0.0,\"humidity\":61.5,\"t/~\":1e+300},\"extra\":{\"a\":[1,null,true],\"b\":{}}}";

static bool
s_equals (const zooid_field_t *field, const void *a, const void *b);

static bool
s_bytes_equal (zooid_bytes_t a, zooid_bytes_t b)
{
    return a.size == b.size && (!a.size || memcmp (a.data, b.data, a.size) == 0);
}

static bool
s_items_equal (const zooid_field_t *of, const char *a, const char *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!s_equals (of, a + i * of->size, b + i * of->size))
            return false;
    return true;
}

static bool
s_maps_equal (const zooid_field_t *field, const zooid_map_t *a, const zooid_map_t *b)
{
    if (a->count != b->count || !s_items_equal (field->of, a->values, b->values, a->count))
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp (a->keys [i], b->keys [i]) != 0)
            return false;
    return true;
}

static bool
s_records_equal (const zooid_record_t *record, const char *a, const char *b)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const zooid_field_t *field = &record->fields [i];
        bool has = zooid_record_has (record, a, field->offset);
        if (has != zooid_record_has (record, b, field->offset)
            || zooid_record_is_null (record, a, field->offset) != zooid_record_is_null (record, b, field->offset)
            || (has && !s_equals (field, a + field->offset, b + field->offset)))
            return false;
    }
    return true;
}

static bool
s_equals (const zooid_field_t *field, const void *a, const void *b)
{
    const zooid_list_t *list_a = a, *list_b = b;
    switch (field->type) {
    case ZOOID_TYPE_STRING:
    case ZOOID_TYPE_ID:     return strcmp (*(const char *const *) a, *(const char *const *) b) == 0;
    case ZOOID_TYPE_BYTES:
    case ZOOID_TYPE_ANY:    return s_bytes_equal (*(const zooid_bytes_t *) a, *(const zooid_bytes_t *) b);
    case ZOOID_TYPE_RECORD: return s_records_equal (field->record, a, b);
    case ZOOID_TYPE_MAP:    return s_maps_equal (field, a, b);
    case ZOOID_TYPE_LIST:
        return list_a->count == list_b->count && s_items_equal (field->of, list_a->items, list_b->items, list_a->count);
    default:                return memcmp (a, b, field->size) == 0;
    }
}

bool
sample_equals (const zooid_record_t *record, const sample_t *a, const sample_t *b)
{
    return s_records_equal (record, (const char *) a, (const char *) b);
}
