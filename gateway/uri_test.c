//  gateway/uri_test.c
#include "uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static http_text_t
s_text (const char *text)
{
    return (http_text_t) { .data = text, .size = strlen (text) };
}

static void
test_uri_decodes_what_is_encoded (void **state)
{
    (void) state;
    static const struct { const char *text; uri_part_t part; const char *wanted; } rows [] = {
        { "", URI_PATH, "" }, { "a%20b", URI_PATH, "a b" }, { "a+b", URI_PATH, "a+b" }, { "a+b", URI_QUERY, "a b" },
        { "%C3%a4", URI_PATH, "\xc3\xa4" }, { "%2F%2e", URI_PATH, "/." }, { "%", URI_PATH, NULL }, { "a%2", URI_PATH, NULL },
        { "%zz", URI_PATH, NULL }, { "%00", URI_PATH, NULL }, { "a%00b", URI_QUERY, NULL }, { "%41", URI_PATH, "A" },
    };
    zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    for (size_t index = 0; index < ZOOID_COUNT (rows); index++) {
        const char *decoded = NULL;
        int rc = uri_decode (s_text (rows [index].text), rows [index].part, arena, &decoded);
        assert_int_equal (rc, rows [index].wanted ? 0 : ZOOID_INVALID);
        if (rows [index].wanted)
            assert_string_equal (decoded, rows [index].wanted);
    }
    zooid_arena_destroy (&arena);
}

static void
test_uri_query_gives_its_pairs_in_order (void **state)
{
    (void) state;
    static const struct {
        const char *name, *value;
    } wanted [] = { { "a", "1" }, { "b", "" }, { "c", "" }, { "d", "x=y" }, { "", "z" } };
    http_text_t query = s_text ("&a=1&b=&c&&d=x=y&=z&"), name, value;
    for (size_t index = 0; index < ZOOID_COUNT (wanted); index++) {
        assert_true (uri_query_next (&query, &name, &value));
        assert_true (http_text_is (name, wanted [index].name));
        assert_true (http_text_is (value, wanted [index].value));
    }
    assert_false (uri_query_next (&query, &name, &value));
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_uri_decodes_what_is_encoded),
        cmocka_unit_test (test_uri_query_gives_its_pairs_in_order),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
