#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>
#include <zooid/page.h>

typedef struct {
    zooid_presence_t presence;
    const char *device;
    int64_t from;
    int64_t limit;
    const char *cursor;
} list_t;
static const zooid_field_t list_fields [] = {
    ZOOID_STRING (list_t, device, .max_length = 64),
    ZOOID_INTEGER (list_t, from, .optional = true),
    ZOOID_INTEGER (list_t, limit, .optional = true),
    ZOOID_STRING (list_t, cursor, .optional = true),
};
static const zooid_record_t list = ZOOID_RECORD ("list", list_t, list_fields, .presence = ZOOID_PRESENCE (list_t));
static const zooid_record_t other_list = ZOOID_RECORD ("other_list", list_t, list_fields,
    .presence = ZOOID_PRESENCE (list_t));

typedef struct {
    int64_t at;
    const char *name;
} place_t;
static const zooid_field_t place_fields [] = {
    ZOOID_INTEGER (place_t, at),
    ZOOID_STRING (place_t, name, .max_length = 1000),
};
static const zooid_record_t place = ZOOID_RECORD ("place", place_t, place_fields);

static zooid_arena_t *s_arena;

static const char *
s_cursor (const list_t *given, int64_t at, const char *name)
{
    return zooid_page_cursor (&list, given, &place, &(place_t) { at, name }, s_arena);
}

static void
test_page_place_is_what_the_cursor_was_made_of (void **state)
{
    (void) state;
    const list_t given = { .device = "d1" };
    //  Every remainder of three, so that each length of a last group is met.
    static const char *const names [] = { "", "a", "ab", "abc", "greenhouse-1" };
    for (size_t i = 0; i < ZOOID_COUNT (names); i++) {
        const char *cursor = s_cursor (&given, 1795361128123, names [i]);
        assert_non_null (cursor);
        assert_int_equal (strspn (cursor, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                          strlen (cursor));
        place_t found;
        assert_int_equal (zooid_page_place (&list, &given, cursor, &place, s_arena, &found), 0);
        assert_int_equal (found.at, 1795361128123);
        assert_string_equal (found.name, names [i]);
    }
}

static void
test_page_cursor_ignores_limit_and_cursor (void **state)
{
    (void) state;
    list_t given = { .device = "d1" };
    const char *cursor = s_cursor (&given, 1, "a");
    given.limit = 200;
    given.cursor = cursor;
    ZOOID_SET (&list, list_t, &given, limit);
    ZOOID_SET (&list, list_t, &given, cursor);
    place_t found;
    assert_int_equal (zooid_page_place (&list, &given, cursor, &place, s_arena, &found), 0);
}

static void
test_page_cursor_is_refused_with_other_filters (void **state)
{
    (void) state;
    const list_t given = { .device = "d1" }, other_device = { .device = "d2" };
    list_t other_from = given;
    other_from.from = 7;
    ZOOID_SET (&list, list_t, &other_from, from);
    const char *cursor = s_cursor (&given, 1, "a");
    place_t found;
    assert_int_equal (zooid_page_place (&list, &other_device, cursor, &place, s_arena, &found), ZOOID_INVALID);
    assert_int_equal (zooid_page_place (&list, &other_from, cursor, &place, s_arena, &found), ZOOID_INVALID);
    assert_int_equal (zooid_page_place (&other_list, &given, cursor, &place, s_arena, &found), ZOOID_INVALID);
}

static void
test_page_cursor_is_refused_when_it_is_none (void **state)
{
    (void) state;
    const list_t given = { .device = "d1" };
    const char *cursor = s_cursor (&given, 1, "ab");
    place_t found;
    //  Cut short anywhere, or with one character too many.
    for (size_t length = 0; length < strlen (cursor); length++) {
        const char *cut = zooid_arena_copy (s_arena, cursor, length);
        assert_int_equal (zooid_page_place (&list, &given, cut, &place, s_arena, &found), ZOOID_INVALID);
    }
    static const char *const wrong [] = { "", "=", "%", "A", "AAAAAAAAAAAA", "!!!!!!!!!!!!!!!!" };
    for (size_t i = 0; i < ZOOID_COUNT (wrong); i++)
        assert_int_equal (zooid_page_place (&list, &given, wrong [i], &place, s_arena, &found), ZOOID_INVALID);
    assert_int_equal (zooid_page_place (&list, &given, zooid_arena_format (s_arena, "%sA", cursor), &place, s_arena, &found),
                      ZOOID_INVALID);
    assert_int_equal (zooid_page_place (&list, &given, zooid_arena_format (s_arena, "%s=", cursor), &place, s_arena, &found),
                      ZOOID_INVALID);
    //  One that is longer than any of ours is not even read.
    char *longest = zooid_arena_take (s_arena, ZOOID_PAGE_CURSOR_MAX + 2);
    memset (longest, 'A', ZOOID_PAGE_CURSOR_MAX + 1);
    assert_int_equal (zooid_page_place (&list, &given, longest, &place, s_arena, &found), ZOOID_INVALID);
}

static void
test_page_cursor_is_none_when_the_place_is_too_large (void **state)
{
    (void) state;
    char name [1000];
    memset (name, 'x', sizeof name - 1);
    name [sizeof name - 1] = 0;
    const list_t given = { .device = "d1" };
    assert_null (s_cursor (&given, 1, name));
    name [700] = 0;
    assert_non_null (s_cursor (&given, 1, name));
}

static int
s_set_up (void **state)
{
    (void) state;
    zooid_arena_new (&s_arena, 0);
    return 0;
}

static int
s_tear_down (void **state)
{
    (void) state;
    zooid_arena_destroy (&s_arena);
    return 0;
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test_setup_teardown (test_page_place_is_what_the_cursor_was_made_of, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_page_cursor_ignores_limit_and_cursor, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_page_cursor_is_refused_with_other_filters, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_page_cursor_is_refused_when_it_is_none, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_page_cursor_is_none_when_the_place_is_too_large, s_set_up, s_tear_down),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
