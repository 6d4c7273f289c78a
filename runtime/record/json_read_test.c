#include "sample.h"

#include <zooid/msgpack.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static zooid_arena_t *s_arena;
static zooid_buffer_t s_out;

static int
setup (void **state)
{
    (void) state;
    zooid_arena_new (&s_arena, 0);
    s_out = (zooid_buffer_t) { 0 };
    return 0;
}

static int
teardown (void **state)
{
    (void) state;
    zooid_buffer_fini (&s_out);
    zooid_arena_destroy (&s_arena);
    return 0;
}

static void
test_json_read_tells_all_violations_at_once (void **state)
{
    (void) state;
    static const char text [] = "{\"count\":2000,\"ratio\":\"x\",\"tags\":[\"a\",5],\"nope\":1,\"a/b\":2,\"reading\":{\"value\":null}}";
    static const struct { const char *pointer, *code; } expected [] = {
        { "/nope", "unknown" }, { "/a~1b", "unknown" }, { "/count", "maximum" }, { "/ratio", "type" },
        { "/reading/name", "required" }, { "/reading/value", "type" }, { "/tags/1", "type" },
    };
    zooid_violations_t violations = { .count = 0 };
    assert_int_equal (zooid_json_read (&sample_optional, text, strlen (text), ZOOID_UNKNOWN_REFUSED, s_arena, &s_out, &violations),
                      ZOOID_INVALID);
    assert_int_equal (violations.count, ZOOID_COUNT (expected));
    for (size_t i = 0; i < violations.count; i++) {
        assert_string_equal (violations.items [i].pointer, expected [i].pointer);
        assert_string_equal (violations.items [i].code, expected [i].code);
    }
    assert_int_equal (s_out.size, 0);
}

static void
test_json_read_skips_unknown_names_when_told (void **state)
{
    (void) state;
    static const char text [] = "{\"later\":{\"deep\":[1e5]},\"count\":7}";
    assert_int_equal (zooid_json_read (&sample_optional, text, strlen (text), ZOOID_UNKNOWN_SKIPPED, s_arena, &s_out, NULL), 0);
    assert_int_equal (s_out.size, 8);
    assert_memory_equal (s_out.data, "\x81\xa5" "count\x07", 8);
}

static void
test_json_read_tells_where_the_syntax_is_wrong (void **state)
{
    (void) state;
    static const char *const wrong [] = {
        "", " ", "{", "}", "{\"count\":1", "{\"count\":1,}", "{\"count\" 1}", "{count:1}", "{'count':1}", "{\"count\":01}", "{\"count\":+1}",
        "{\"count\":1}x", "{\"count\":1} {}", "{\"count\":nul}", "{\"title\":\"\t\"}", "{\"title\":\"\\x\"}", "{\"title\":\"\xff\"}",
        "{\"count\":1,\"count\":2}", "{\"a\\u0000\":1}", "// no comment\n{}", "{\"count\":0x1}", "{\"ratio\":Infinity}", "\xef\xbb\xbf{}",
    };
    for (size_t i = 0; i < ZOOID_COUNT (wrong); i++) {
        zooid_violations_t violations = { .count = 0 };
        //  In a block of its exact size: jansson is given no NUL behind it
        size_t size = strlen (wrong [i]);
        char *exact = malloc (size ? size : 1);
        memcpy (exact, wrong [i], size);
        int rc = zooid_json_read (&sample_optional, exact, size, ZOOID_UNKNOWN_SKIPPED, s_arena, &s_out, &violations);
        free (exact);
        if (rc != ZOOID_INVALID || violations.count != 1 || strcmp (violations.items [0].code, "syntax") != 0)
            fail_msg ("%s", wrong [i]);
        assert_string_equal (violations.items [0].pointer, "");
        assert_non_null (strstr (violations.items [0].detail, "line 1, column "));
        assert_int_equal (s_out.size, 0);
    }
}

static void
test_json_read_wants_an_object (void **state)
{
    (void) state;
    static const char *const wrong [] = { "[]", "1", "\"x\"", "null", "true" };
    for (size_t i = 0; i < ZOOID_COUNT (wrong); i++) {
        zooid_violations_t violations = { .count = 0 };
        assert_int_equal (zooid_json_read (&sample_optional, wrong [i], strlen (wrong [i]), ZOOID_UNKNOWN_SKIPPED, s_arena, &s_out,
                                           &violations), ZOOID_INVALID);
        assert_string_equal (violations.items [0].code, "type");
    }
}

//  Text of `depth` arrays, one in the other, as the value of "extra".
static void
s_write_nested (zooid_buffer_t *text, size_t depth)
{
    zooid_buffer_text (text, "{\"extra\":");
    for (size_t i = 0; i < depth; i++)
        zooid_buffer_text (text, "[");
    for (size_t i = 0; i < depth; i++)
        zooid_buffer_text (text, "]");
    zooid_buffer_text (text, "}");
}

static void
test_json_read_takes_depth_32_and_refuses_33 (void **state)
{
    (void) state;
    static const struct { size_t depth; const char *code; } rows [] = { { 31, NULL }, { 32, "depth" }, { 1000, "depth" }, { 100000, "syntax" } };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        zooid_buffer_t text = { 0 };
        s_write_nested (&text, rows [i].depth);
        zooid_violations_t violations = { .count = 0 };
        int rc = zooid_json_read (&sample_optional, (char *) text.data, text.size, ZOOID_UNKNOWN_REFUSED, s_arena, &s_out, &violations);
        assert_int_equal (rc, rows [i].code ? ZOOID_INVALID : 0);
        if (rows [i].code)
            assert_string_equal (violations.items [0].code, rows [i].code);
        zooid_buffer_fini (&text);
    }
}

static void
test_json_read_faults_when_the_buffer_ends (void **state)
{
    (void) state;
    zooid_buffer_t small = { .limit = 100 };
    zooid_violations_t violations = { .count = 0 };
    assert_int_equal (zooid_json_read (&sample_required, sample_json, strlen (sample_json), ZOOID_UNKNOWN_REFUSED, s_arena, &small,
                                       &violations), -ENOMEM);
    assert_int_equal (violations.count, 0);
    assert_int_equal (small.size, 0);
    zooid_buffer_fini (&small);
}

static void
test_json_parse_takes_any_value (void **state)
{
    (void) state;
    static const struct { const char *text, *back; } rows [] = {
        { "null", "null" }, { " 7 ", "7" }, { "-7", "-7" }, { "1.5", "1.5" }, { "1.0", "1.0" }, { "\"x\"", "\"x\"" }, { "[]", "[]" },
        { "{\"b\":[1,2,{\"a\":true}],\"a\":false}", "{\"b\":[1,2,{\"a\":true}],\"a\":false}" }, { "9007199254740991", "9007199254740991" },
        { "-9007199254740991", "-9007199254740991" },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        zooid_buffer_t packed = { 0 }, json = { 0 };
        const char *why = NULL;
        assert_int_equal (zooid_json_parse (rows [i].text, strlen (rows [i].text), s_arena, &packed, &why), 0);
        assert_int_equal (zooid_json_write (NULL, (zooid_bytes_t) { packed.data, packed.size }, &json), 0);
        assert_string_equal (zooid_buffer_string (&json), rows [i].back);
        assert_null (why);
        zooid_buffer_fini (&packed);
        zooid_buffer_fini (&json);
    }
}

static void
test_json_parse_tells_why_not (void **state)
{
    (void) state;
    static const struct { const char *text, *part; } rows [] = {
        { "{\n  \"a\": }", "line 2, column " }, { "[1, 9007199254740992]", "/1 must be at most 9007199254740991" },
        { "", "line 1" }, { "{\"a\":1,\"a\":2}", "duplicate" }, { "123456789012345678901234567890", "line 1" },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        const char *why = "";
        assert_int_equal (zooid_json_parse (rows [i].text, strlen (rows [i].text), s_arena, &s_out, &why), ZOOID_INVALID);
        if (!strstr (why, rows [i].part))
            fail_msg ("%s: %s", rows [i].text, why);
        assert_int_equal (s_out.size, 0);
    }
}

static void
test_field_parse_reads_a_text_by_the_type (void **state)
{
    (void) state;
    //  {field of the sample, text, JSON of what was read; NULL: the code of what is wrong follows}
    static const struct { const char *field, *text, *json, *code; } rows [] = {
        { "flag", "true", "true", NULL }, { "flag", "false", "false", NULL }, { "flag", "yes", NULL, "syntax" }, { "flag", "1", NULL, "type" },
        { "count", "-10", "-10", NULL }, { "count", "1001", NULL, "maximum" }, { "count", "", NULL, "syntax" }, { "count", "7x", NULL, "syntax" },
        { "count", "\"7\"", NULL, "type" }, { "serial", "9223372036854775807", "9223372036854775807", NULL }, { "serial", "x", NULL, "type" },
        { "ratio", "0.5", "0.5", NULL }, { "ratio", "1", "1.0", NULL }, { "ratio", "nan", NULL, "syntax" },
        { "title", "5", "\"5\"", NULL }, { "title", "null", "\"null\"", NULL }, { "title", "", NULL, "length" }, { "title", "\xff", NULL, "utf8" },
        { "code", "A-1", "\"A-1\"", NULL }, { "code", "a", NULL, "characters" }, { "id", "x", NULL, "length" },
        { "level", "very high", "\"very high\"", NULL }, { "level", "mid", NULL, "choice" }, { "at", "1970-01-01T00:00:01Z", "1000", NULL },
        { "at", "1000", NULL, "type" }, { "span", "20ms", "20", NULL }, { "span", "7d", "604800000", NULL }, { "span", "1500", "1500", NULL },
        { "span", "7", "7", NULL }, { "span", "x", NULL, "type" }, { "blob", "AP8=", "\"AP8=\"", NULL }, { "blob", "AP8", NULL, "type" },
        { "tags", "[\"a\",\"b\"]", "[\"a\",\"b\"]", NULL }, { "tags", "a,b", NULL, "syntax" }, { "tags", "[1]", NULL, "type" },
        { "metrics", "{\"a\":1}", "{\"a\":1.0}", NULL }, { "reading", "{\"name\":\"x\"}", "{\"name\":\"x\"}", NULL },
        { "reading", "{\"name\":\"x\",\"y\":1}", NULL, "unknown" }, { "extra", "[null]", "[null]", NULL },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        const zooid_field_t *field = sample_required.fields;
        while (strcmp (field->name, rows [i].field) != 0)
            field++;
        zooid_buffer_t packed = { 0 }, json = { 0 };
        zooid_violations_t violations = { .count = 0 };
        int rc = zooid_field_parse (field, rows [i].text, "/query", s_arena, &packed, &violations);
        if (rc != (rows [i].json ? 0 : ZOOID_INVALID))
            fail_msg ("%s of %s: %s", rows [i].text, rows [i].field, rc ? violations.items [0].detail : "was taken");
        if (rc) {
            assert_string_equal (violations.items [0].code, rows [i].code);
            assert_memory_equal (violations.items [0].pointer, "/query", 6);
            assert_int_equal (packed.size, 0);
        }
        else {
            assert_int_equal (zooid_json_write (NULL, (zooid_bytes_t) { packed.data, packed.size }, &json), 0);
            //  An integer beyond what JSON keeps is written as a string where no record describes it
            const char *text = zooid_buffer_string (&json);
            if (strcmp (rows [i].field, "serial") == 0)
                assert_non_null (strstr (text, rows [i].json));
            else
                assert_string_equal (text, rows [i].json);
        }
        zooid_buffer_fini (&packed);
        zooid_buffer_fini (&json);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        TEST (test_json_read_tells_all_violations_at_once),
        TEST (test_json_read_skips_unknown_names_when_told),
        TEST (test_json_read_tells_where_the_syntax_is_wrong),
        TEST (test_json_read_wants_an_object),
        TEST (test_json_read_takes_depth_32_and_refuses_33),
        TEST (test_json_read_faults_when_the_buffer_ends),
        TEST (test_json_parse_takes_any_value),
        TEST (test_json_parse_tells_why_not),
        TEST (test_field_parse_reads_a_text_by_the_type),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
