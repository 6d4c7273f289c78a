#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fixture.h"

//  The keys that are published, once there are `count` of them; a new reference. Each question is a turn of the actor.
static json_t *
s_wait_for_keys (const fixture_t *fixture, size_t count)
{
    for (int questions = 0; questions < 10000; questions++) {
        json_t *set = fixture_result (fixture, "nobody:test", "", "auth.keys", NULL);
        if (json_array_size (json_object_get (set, "keys")) == count)
            return set;
        json_decref (set);
    }
    fail_msg ("never %zu keys", count);
    return NULL;
}

static void
test_key_that_is_old_is_followed_by_another (void **state)
{
    fixture_t *fixture = *state;
    char path [128], line [128];
    snprintf (path, sizeof path, "%s/local/auth/keys", fixture->folder);
    fixture_start (fixture, fixture_seed);
    json_t *set = s_wait_for_keys (fixture, 1);
    char kid [64];
    snprintf (kid, sizeof kid, "%s", fixture_text (json_array_get (json_object_get (set, "keys"), 0), "kid"));
    json_decref (set);
    fixture_stop (fixture);

    FILE *file = fopen (path, "r+e");
    assert_non_null (file);
    assert_non_null (fgets (line, sizeof line, file));
    rewind (file);
    fprintf (file, "ES256 %013d %s", 1, strrchr (line, ' ') + 1);      //  As long as it was, and of 1970
    fclose (file);

    for (int start = 0; start < 2; start++) {
        fixture_start (fixture, fixture_seed);
        set = s_wait_for_keys (fixture, 2);
        const json_t *keys = json_object_get (set, "keys");
        assert_string_equal (fixture_text (json_array_get (keys, 0), "kid"), kid);
        assert_string_not_equal (fixture_text (json_array_get (keys, 1), "kid"), kid);
        json_decref (set);
        fixture_assert_login (fixture, "reader", "reader-reader");
        fixture_stop (fixture);
    }
}

static void
test_restart_keeps_users_and_keys (void **state)
{
    fixture_t *fixture = *state;
    fixture_start (fixture, fixture_seed);
    json_t *before = fixture_result (fixture, "nobody:test", "", "auth.keys", NULL);
    char subject [64], again [64];
    fixture_subject (fixture, "reader", "reader-reader", subject);
    fixture_stop (fixture);
    fixture_start (fixture, fixture_seed);
    json_t *after = fixture_result (fixture, "nobody:test", "", "auth.keys", NULL);
    assert_true (json_equal (before, after));
    fixture_subject (fixture, "reader", "reader-reader", again);
    assert_string_equal (subject, again);
    json_decref (before);
    json_decref (after);
    fixture_stop (fixture);
}

#define TEST(function) cmocka_unit_test_setup_teardown (function, fixture_set_up, fixture_tear_down)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        TEST (test_key_that_is_old_is_followed_by_another),
        TEST (test_restart_keeps_users_and_keys),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
