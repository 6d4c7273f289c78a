#include "sample.h"

#include <zooid/msgpack.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <string.h>

#define BYTES(literal) ((zooid_bytes_t) { (const uint8_t *) (literal), sizeof (literal) - 1 })

static void
s_expect (const zooid_record_t *record, zooid_bytes_t msgpack, const char *expected)
{
    zooid_buffer_t out = { 0 };
    zooid_buffer_text (&out, "x");
    assert_int_equal (zooid_json_write (record, msgpack, &out), expected ? 0 : ZOOID_INVALID);
    assert_string_equal (zooid_buffer_string (&out) + 1, expected ? expected : "");
    zooid_buffer_fini (&out);
}

static void
test_json_write_spells_values_that_no_record_describes (void **state)
{
    (void) state;
    s_expect (NULL, BYTES ("\xc0"), "null");
    s_expect (NULL, BYTES ("\x93\x01\xff\xc3"), "[1,-1,true]");
    s_expect (NULL, BYTES ("\x82\xa1" "a\x80\xa1" "b\x90"), "{\"a\":{},\"b\":[]}");
    s_expect (NULL, BYTES ("\xc4\x02\x00\xff"), "\"AP8=\"");
    s_expect (NULL, BYTES ("\xcf\x00\x1f\xff\xff\xff\xff\xff\xff"), "9007199254740991");
    s_expect (NULL, BYTES ("\xcf\x00\x20\x00\x00\x00\x00\x00\x00"), "\"9007199254740992\"");
    s_expect (NULL, BYTES ("\xd3\xff\xe0\x00\x00\x00\x00\x00\x00"), "\"-9007199254740992\"");
    s_expect (NULL, BYTES ("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), "\"18446744073709551615\"");
    s_expect (NULL, BYTES ("\xcb\x40\x35\x80\x00\x00\x00\x00\x00"), "21.5");
    s_expect (NULL, BYTES ("\xca\x3f\xc0\x00\x00"), "1.5");
}

static void
test_json_write_refuses_what_json_cannot_say (void **state)
{
    (void) state;
    s_expect (NULL, BYTES (""), NULL);
    s_expect (NULL, BYTES ("\xc0\xc0"), NULL);
    s_expect (NULL, BYTES ("\x91"), NULL);
    s_expect (NULL, BYTES ("\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"), NULL);
    s_expect (NULL, BYTES ("\xa1\xff"), NULL);
    s_expect (NULL, BYTES ("\x81\x01\x02"), NULL);
    s_expect (NULL, BYTES ("\x81\xa1\xff\x02"), NULL);
    s_expect (NULL, BYTES ("\xd4\x00\x00"), NULL);
    s_expect (NULL, BYTES ("\xdd\x0f\xff\xff\xff"), NULL);
}

static void
test_json_write_refuses_what_is_not_of_the_record (void **state)
{
    (void) state;
    s_expect (&sample_reading, BYTES ("\x81\xa4name\xa1x"), "{\"name\":\"x\"}");
    s_expect (&sample_reading, BYTES ("\x80"), NULL);
    s_expect (&sample_reading, BYTES ("\x90"), NULL);
    s_expect (&sample_reading, BYTES ("\xc0"), NULL);
    s_expect (&sample_reading, BYTES ("\x81\xa4name\x05"), NULL);
    s_expect (&sample_reading, BYTES ("\x81\xa4name\xc0"), NULL);
    s_expect (&sample_reading, BYTES ("\x82\xa4name\xa1x\xa4name\xa1y"), NULL);
    s_expect (&sample_optional, BYTES ("\x81\xa5level\xa3mid"), NULL);
    s_expect (&sample_optional, BYTES ("\x81\xa2" "at\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"), NULL);
    s_expect (&sample_optional, BYTES ("\x81\xa5" "count\xcf\x00\x20\x00\x00\x00\x00\x00\x00"), NULL);
    s_expect (&sample_optional, BYTES ("\x81\xa5" "count\xc0"), "{\"count\":null}");
}

static void
test_json_write_does_not_show_unknown_fields (void **state)
{
    (void) state;
    s_expect (&sample_reading, BYTES ("\x83\xa5later\x91\x01\xa4name\xa1x\xa4" "more\xc0"), "{\"name\":\"x\"}");
    s_expect (&sample_optional, BYTES ("\x81\xa5later\x91\x01"), "{}");
}

static void
test_json_quote_escapes_what_json_wants_escaped (void **state)
{
    (void) state;
    static const struct { const char *text; size_t size; const char *quoted; } rows [] = {
        { "", 0, "\"\"" }, { "plain", 5, "\"plain\"" }, { "a\"b\\c/", 6, "\"a\\\"b\\\\c/\"" }, { "\b\t\n\f\r", 5, "\"\\b\\t\\n\\f\\r\"" },
        { "\x00\x1f\x7f", 3, "\"\\u0000\\u001f\\u007f\"" }, { "\xc3\xbc", 2, "\"\xc3\xbc\"" },
        { "a\xff" "b\xc3", 4, "\"a\xef\xbf\xbd" "b\xef\xbf\xbd\"" }, { "\xff\n\"", 3, "\"\xef\xbf\xbd\\n\\\"\"" },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        zooid_buffer_t out = { 0 };
        zooid_json_quote (rows [i].text, rows [i].size, &out);
        assert_string_equal (zooid_buffer_string (&out), rows [i].quoted);
        zooid_buffer_fini (&out);
    }
}

//  What we write, another reader reads as the same text.
static void
test_json_quote_is_read_back_by_jansson (void **state)
{
    (void) state;
    char text [127];
    for (size_t i = 0; i < sizeof text; i++)
        text [i] = (char) (i + 1);
    zooid_buffer_t out = { 0 };
    zooid_json_quote (text, sizeof text, &out);
    json_t *value = json_loadb ((char *) out.data, out.size, JSON_DECODE_ANY, NULL);
    assert_non_null (value);
    assert_int_equal (json_string_length (value), sizeof text);
    assert_memory_equal (json_string_value (value), text, sizeof text);
    json_decref (value);
    zooid_buffer_fini (&out);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_json_write_spells_values_that_no_record_describes),
        cmocka_unit_test (test_json_write_refuses_what_json_cannot_say),
        cmocka_unit_test (test_json_write_refuses_what_is_not_of_the_record),
        cmocka_unit_test (test_json_write_does_not_show_unknown_fields),
        cmocka_unit_test (test_json_quote_escapes_what_json_wants_escaped),
        cmocka_unit_test (test_json_quote_is_read_back_by_jansson),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
