#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "role.h"

static const role_set_t s_all = (1u << ROLE_COUNT) - 1;

static void
s_assert_scopes (role_set_t roles, const char *text)
{
    char written [ROLE_SCOPE_TEXT_SIZE];
    role_set_scope_text (roles, written);
    assert_string_equal (written, text);
}

static void
test_role_gives_its_scopes_and_everybody_user (void **state)
{
    (void) state;
    s_assert_scopes (0, "user");
    s_assert_scopes (1u << ROLE_ADMIN, "user *");
    s_assert_scopes (1u << ROLE_READER, "user iot:read analytics:read");
    s_assert_scopes (1u << ROLE_OPERATOR, "user iot:read analytics:read iot:ingest system:read metrics:read");
    s_assert_scopes (1u << ROLE_EDITOR, "user iot:read analytics:read content:read content:write");
}

static void
test_role_set_has_each_scope_once (void **state)
{
    (void) state;
    const char *scopes [ROLE_SCOPES_MAX];
    size_t count = role_set_scopes (s_all, scopes);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal (scopes [i], scopes [j]);
    s_assert_scopes (1u << ROLE_READER | 1u << ROLE_OPERATOR,
                     "user iot:read analytics:read iot:ingest system:read metrics:read");
}

static void
test_role_set_is_the_same_after_a_write_and_a_read (void **state)
{
    (void) state;
    char text [ROLE_TEXT_SIZE];
    for (role_set_t roles = 0; roles <= s_all; roles++) {
        role_set_write (roles, text);
        assert_int_equal (role_set_read (text), roles);
        int32_t indexes [ROLE_COUNT];
        size_t count = role_set_indexes (roles, indexes);
        assert_int_equal (role_set_of ((zooid_list_t) { indexes, count }), roles);
    }
}

static void
test_role_set_leaves_out_what_is_no_role (void **state)
{
    (void) state;
    assert_int_equal (role_set_read ("admi adminx  reader "), 1u << ROLE_READER);
    assert_int_equal (role_set_read (""), 0);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_role_gives_its_scopes_and_everybody_user),
        cmocka_unit_test (test_role_set_has_each_scope_once),
        cmocka_unit_test (test_role_set_is_the_same_after_a_write_and_a_read),
        cmocka_unit_test (test_role_set_leaves_out_what_is_no_role),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
