//  gateway/bind_test.c - where an operation's arguments come from in a request
#include "bind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    zooid_presence_t presence;
    const char *id, *title, *if_match, *session;
    int64_t count;
    zooid_list_t tags;
} draft_t;

static const zooid_field_t draft_fields [] = {
    ZOOID_STRING (draft_t, id, .max_length = 8),
    ZOOID_STRING (draft_t, title, .max_length = 8),
    ZOOID_STRING (draft_t, if_match, .in = ZOOID_IN_HEADER, .optional = true, .max_length = 8),
    ZOOID_STRING (draft_t, session, .in = ZOOID_IN_COOKIE, .optional = true, .max_length = 8),
    ZOOID_INTEGER (draft_t, count, .in = ZOOID_IN_QUERY, .optional = true, .integers = { true, 0, 9 }),
    ZOOID_LIST (draft_t, tags, .in = ZOOID_IN_QUERY, .optional = true, .max_length = 2, .of = ZOOID_ITEM (ZOOID_TYPE_STRING, const char *)),
};
static const zooid_record_t draft = ZOOID_RECORD ("draft", draft_t, draft_fields, .presence = ZOOID_PRESENCE (draft_t),
                                                  .doc = "For tests");

typedef struct {
    zooid_arena_t *arena;
    binding_t *binding;
} world_t;

static int
setup (void **state)
{
    world_t *world = zooid_allocate (sizeof *world);
    const char *why = NULL;
    zooid_arena_new (&world->arena, 0);
    assert_int_equal (binding_new (&world->binding, &draft, HTTP_POST, "/api/{id}", &why), 0);
    *state = world;
    return 0;
}

static int
teardown (void **state)
{
    world_t *world = *state;
    binding_destroy (&world->binding);
    zooid_arena_destroy (&world->arena);
    free (world);
    return 0;
}

//  Bind a request of this query, more headers and body. *ret_draft is filled when it is sound.
static int
s_bind (world_t *world, const char *query, const char *headers, const char *body, draft_t *ret_draft,
        zooid_violations_t *violations)
{
    char text [1024];
    http_head_t head;
    http_refusal_t refusal;
    snprintf (text, sizeof text, "POST /api/a%s%s HTTP/1.1\r\nHost: a\r\n%s\r\n", *query ? "?" : "", query, headers);
    assert_int_equal (http_head_read (&head, text, strlen (text), &refusal), 0);
    http_text_t captures [] = { { .data = "a%20b", .size = 5 } };
    zooid_buffer_t out = { .limit = 0 };
    *violations = (zooid_violations_t) { .count = 0 };
    int rc = binding_read (world->binding,
                           &(binding_input_t) { .head = &head,
                                                .captures = captures,
                                                .body = { .data = (const uint8_t *) body, .size = strlen (body) } },
                           world->arena, &out, violations);
    if (rc == 0)
        assert_int_equal (zooid_record_decode (&draft, (zooid_bytes_t) { .data = out.data, .size = out.size },
                                               world->arena, ret_draft, NULL),
                          0);
    zooid_buffer_fini (&out);
    return rc;
}

static void
test_bind_takes_each_field_from_its_place (void **state)
{
    draft_t value;
    zooid_violations_t violations;
    assert_int_equal (s_bind (*state, "count=%37&tags=x&t%61gs=y",
                              "If-Match: \"v1\"\r\nCookie: a=b; session=s1; c=d\r\n", "{\"title\":\"t\"}", &value,
                              &violations),
                      0);
    assert_string_equal (value.id, "a b");
    assert_string_equal (value.title, "t");
    assert_string_equal (value.if_match, "\"v1\"");
    assert_string_equal (value.session, "s1");
    assert_int_equal (value.count, 7);
    assert_int_equal (value.tags.count, 2);
    assert_string_equal (((const char *const *) value.tags.items) [1], "y");
}

static void
test_bind_leaves_absent_what_is_not_given (void **state)
{
    draft_t value;
    zooid_violations_t violations;
    assert_int_equal (s_bind (*state, "", "Cookie: xsession=s1\r\n", "{\"title\":\"t\"}", &value, &violations), 0);
    assert_false (ZOOID_HAS (&draft, draft_t, &value, count));
    assert_false (ZOOID_HAS (&draft, draft_t, &value, session));
    assert_false (ZOOID_HAS (&draft, draft_t, &value, tags));
}

static void
test_bind_tells_every_violation_at_once (void **state)
{
    draft_t value;
    zooid_violations_t violations;
    assert_int_equal (
        s_bind (*state, "count=10&tags=1&tags=2&tags=3&other=1", "", "{\"id\":\"x\"}", &value, &violations),
        ZOOID_INVALID);
    static const struct { const char *pointer, *code; } wanted [] = {
        { "/count", "maximum" }, { "/tags", "length" }, { "/other", "unknown" }, { "/id", "unknown" }, { "/title", "required" },
    };
    assert_int_equal (violations.count, ZOOID_COUNT (wanted));
    for (size_t index = 0; index < ZOOID_COUNT (wanted); index++) {
        bool found = false;
        for (size_t other = 0; other < violations.count; other++)
            found = found
                    || (strcmp (violations.items [other].pointer, wanted [index].pointer) == 0
                        && strcmp (violations.items [other].code, wanted [index].code) == 0);
        assert_true (found);
    }
}

static void
test_bind_takes_an_absent_body_as_an_empty_one (void **state)
{
    draft_t value;
    zooid_violations_t violations;
    assert_int_equal (s_bind (*state, "", "", "", &value, &violations), ZOOID_INVALID);
    assert_int_equal (violations.count, 1);
    assert_string_equal (violations.items [0].pointer, "/title");
    assert_string_equal (violations.items [0].code, "required");
}

static void
test_bind_refuses_a_path_that_names_no_field (void **state)
{
    (void) state;
    binding_t *binding = NULL;
    const char *why = NULL;
    assert_int_equal (binding_new (&binding, &draft, HTTP_GET, "/api/{nothing}", &why), ZOOID_INVALID);
    assert_non_null (why);
    assert_null (binding);
    assert_int_equal (binding_new (&binding, NULL, HTTP_GET, "/api", &why), 0);
    assert_null (binding_body (binding));
    binding_destroy (&binding);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test_setup_teardown (test_bind_takes_each_field_from_its_place, setup, teardown),
        cmocka_unit_test_setup_teardown (test_bind_leaves_absent_what_is_not_given, setup, teardown),
        cmocka_unit_test_setup_teardown (test_bind_tells_every_violation_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown (test_bind_takes_an_absent_body_as_an_empty_one, setup, teardown),
        cmocka_unit_test (test_bind_refuses_a_path_that_names_no_field),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
