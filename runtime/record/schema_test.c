#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <string.h>

static json_t *
s_schema (const zooid_record_t *record)
{
    zooid_buffer_t out = { 0 };
    zooid_record_schema (record, "#/components/schemas/", &out);
    json_error_t error;
    json_t *schema = json_loadb ((char *) out.data, out.size, JSON_REJECT_DUPLICATES, &error);
    if (!schema)
        fail_msg ("%s: %s", error.text, zooid_buffer_string (&out));
    zooid_buffer_fini (&out);
    return schema;
}

static void
s_expect (json_t *schema, const char *name, const char *expected)
{
    json_t *wanted = json_loads (expected, 0, NULL);
    assert_non_null (wanted);
    json_t *found = json_object_get (json_object_get (schema, "properties"), name);
    if (!json_equal (found, wanted)) {
        char *text = json_dumps (found, JSON_ENCODE_ANY);
        fail_msg ("%s: %s", name, text);
    }
    json_decref (wanted);
}

static void
test_schema_says_every_rule (void **state)
{
    (void) state;
    static const struct { const char *name, *required, *optional; } rows [] = {
        { "flag", "{\"type\":\"boolean\"}", "{\"type\":[\"boolean\",\"null\"]}" },
        { "count", "{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":-10,\"maximum\":1000}",
          "{\"type\":[\"integer\",\"null\"],\"format\":\"int64\",\"minimum\":-10,\"maximum\":1000}" },
        { "serial", "{\"type\":\"string\",\"pattern\":\"^(0|-?[1-9][0-9]{0,18})$\"}", NULL },
        { "ratio", "{\"type\":\"number\",\"format\":\"double\",\"minimum\":-1.5,\"maximum\":1.5}", NULL },
        { "title", "{\"type\":\"string\",\"minLength\":1,\"maxLength\":16}", NULL },
        { "code", "{\"type\":\"string\",\"maxLength\":4096,\"pattern\":\"^[A-Z0-9-]*$\"}", NULL },
        { "id", "{\"type\":\"string\",\"format\":\"uuid\"}", NULL },
        { "level", "{\"type\":\"string\",\"enum\":[\"low\",\"high\",\"very high\"]}",
          "{\"type\":[\"string\",\"null\"],\"enum\":[\"low\",\"high\",\"very high\",null]}" },
        { "at", "{\"type\":\"string\",\"format\":\"date-time\"}", NULL },
        { "span", "{\"type\":[\"integer\",\"string\"],\"format\":\"int64\",\"minimum\":-9007199254740991,\"maximum\":9007199254740991,"
                  "\"pattern\":\"^[0-9]{1,16}(ms|s|m|h|d)$\",\"x-unit\":\"ms\"}", NULL },
        { "blob", "{\"type\":\"string\",\"contentEncoding\":\"base64\",\"maxLength\":88}", NULL },
        { "reading", "{\"$ref\":\"#/components/schemas/SampleReading\"}",
          "{\"anyOf\":[{\"$ref\":\"#/components/schemas/SampleReading\"},{\"type\":\"null\"}]}" },
        { "tags", "{\"type\":\"array\",\"maxItems\":4,\"items\":{\"type\":\"string\",\"maxLength\":4096}}", NULL },
        { "readings", "{\"type\":\"array\",\"maxItems\":8,\"items\":{\"$ref\":\"#/components/schemas/SampleReading\"}}", NULL },
        { "metrics", "{\"type\":\"object\",\"maxProperties\":20,\"additionalProperties\":{\"type\":\"number\",\"format\":\"double\"}}", NULL },
        { "extra", "{}", "{}" },
    };
    json_t *required = s_schema (&sample_required), *optional = s_schema (&sample_optional);
    assert_int_equal (json_object_size (json_object_get (required, "properties")), ZOOID_COUNT (rows));
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        s_expect (required, rows [i].name, rows [i].required);
        if (rows [i].optional)
            s_expect (optional, rows [i].name, rows [i].optional);
    }
    assert_int_equal (json_array_size (json_object_get (required, "required")), ZOOID_COUNT (rows));
    assert_null (json_object_get (optional, "required"));
    assert_string_equal (json_string_value (json_object_get (required, "type")), "object");
    json_decref (required);
    json_decref (optional);
}

static void
test_schema_carries_what_people_read (void **state)
{
    (void) state;
    typedef struct { const char *password; int64_t age; } login_t;
    static const zooid_field_t fields [] = {
        ZOOID_STRING (login_t, password, .secret = true, .max_length = 64, .min_length = 9, .doc = "At \"least\" nine"),
        ZOOID_INTEGER (login_t, age, .unit = "years", .example = "30", .integers = { true, 0, INT64_MAX }),
    };
    static const zooid_record_t login = ZOOID_RECORD ("login", login_t, fields, .doc = "Who\nare you");
    json_t *schema = s_schema (&login);
    //  Nine bytes are three characters at least
    s_expect (schema, "password", "{\"type\":\"string\",\"minLength\":3,\"maxLength\":64,\"format\":\"password\","
                                  "\"description\":\"At \\\"least\\\" nine\",\"writeOnly\":true}");
    s_expect (schema, "age", "{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":0,\"maximum\":9007199254740991,"
                             "\"x-unit\":\"years\",\"examples\":[30]}");
    assert_string_equal (json_string_value (json_object_get (schema, "description")), "Who\nare you");
    json_decref (schema);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_schema_says_every_rule),
        cmocka_unit_test (test_schema_carries_what_people_read),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
