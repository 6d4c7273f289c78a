#include "inbox.h"
#include "scratch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    scratch_t *scratch;
    database_t *database;
    inbox_t inbox;
} fixture_t;

static int
s_setup (void **state)
{
    fixture_t *self = zooid_allocate (sizeof *self);
    self->scratch = scratch_new ();
    char why [DATABASE_WHY_SIZE] = "";
    if (database_open (&self->database, self->scratch->file, NULL, DATABASE_WRITES, why)
        || database_run (self->database, inbox_schema))
        return -1;
    self->inbox = (inbox_t) { .retention_ms = 1000, .limit = 100 };
    *state = self;
    return inbox_load (&self->inbox, self->database);
}

static int
s_teardown (void **state)
{
    fixture_t *self = *state;
    database_close (&self->database);
    scratch_destroy (&self->scratch);
    free (self);
    return 0;
}

static int
s_once (fixture_t *self, const char *module, const char *scope, const char *id, uint32_t keep, int64_t wall_ms)
{
    const zooid_identity_t identity = { .scope = scope, .id = id, .keep = keep };
    int rc = inbox_once (&self->inbox, self->database, module, &identity, wall_ms);
    database_rest (self->database);
    return rc;
}

static size_t
s_rows (fixture_t *self)
{
    inbox_t counted = { 0 };
    assert_int_equal (inbox_load (&counted, self->database), 0);
    return counted.count;
}

static void
test_inbox_knows_a_repeat_by_module_scope_and_id (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (s_once (self, "iot", "d1", "a", 0, 5), 0);
    assert_int_equal (s_once (self, "iot", "d1", "a", 0, 6), ZOOID_DUPLICATE);
    assert_int_equal (s_once (self, "iot", "d1", "a", 8, 6), ZOOID_DUPLICATE);
    assert_int_equal (s_once (self, "iot", "d2", "a", 0, 6), 0);
    assert_int_equal (s_once (self, "iot", "d1", "b", 0, 6), 0);
    assert_int_equal (s_once (self, "news", "d1", "a", 0, 6), 0);
    assert_int_equal (s_once (self, "iot", NULL, "a", 0, 6), 0);
    assert_int_equal (s_rows (self), 5);
    assert_int_equal (self->inbox.count, 5);
}

static void
test_inbox_refuses_an_identity_that_names_nothing (void **state)
{
    fixture_t *self = *state;
    char longest [257];
    memset (longest, 'x', sizeof longest);
    longest [255] = 0;
    assert_int_equal (s_once (self, "iot", longest, longest, 0, 5), 0);
    longest [255] = 'x';
    longest [256] = 0;
    assert_int_equal (s_once (self, "iot", "s", longest, 0, 5), -EINVAL);
    assert_int_equal (s_once (self, "iot", longest, "i", 0, 5), -EINVAL);
    assert_int_equal (s_once (self, "iot", "s", "", 0, 5), -EINVAL);
    assert_int_equal (s_once (self, "iot", "s", NULL, 0, 5), -EINVAL);
}

//  The third of its scope pushes the first out; those of another scope stay.
static void
test_inbox_keeps_the_last_n_of_a_scope (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (s_once (self, "iot", "other", "1", 2, 5), 0);
    char id [16];
    for (int i = 1; i <= 50; i++) {
        snprintf (id, sizeof id, "%d", i);
        assert_int_equal (s_once (self, "iot", "session", id, 2, 5), 0);
        assert_int_equal (s_once (self, "iot", "session", id, 2, 5), ZOOID_DUPLICATE);
        assert_true (s_rows (self) <= 3);
        assert_int_equal (self->inbox.count, s_rows (self));
    }
    assert_int_equal (s_once (self, "iot", "session", "49", 2, 5), ZOOID_DUPLICATE);
    assert_int_equal (s_once (self, "iot", "session", "48", 2, 5), 0);
    assert_int_equal (s_once (self, "iot", "other", "1", 2, 5), ZOOID_DUPLICATE);
    //  Age is no matter to them.
    assert_int_equal (inbox_prune (&self->inbox, self->database, 1000000), 0);
    assert_int_equal (s_once (self, "iot", "other", "1", 2, 1000000), ZOOID_DUPLICATE);
}

static void
test_inbox_forgets_after_the_retention_and_not_before (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (s_once (self, "iot", "s", "old", 0, 10000), 0);
    assert_int_equal (s_once (self, "iot", "s", "young", 0, 10500), 0);
    assert_int_equal (inbox_prune (&self->inbox, self->database, 11000), 0);
    assert_int_equal (s_once (self, "iot", "s", "old", 0, 11000), ZOOID_DUPLICATE);
    //  It looks again in a minute.
    self->inbox.due_at_ms = 0;
    assert_int_equal (inbox_prune (&self->inbox, self->database, 11001), 0);
    assert_int_equal (s_once (self, "iot", "s", "young", 0, 11001), ZOOID_DUPLICATE);
    assert_int_equal (s_once (self, "iot", "s", "old", 0, 11001), 0);
    assert_int_equal (self->inbox.count, s_rows (self));
}

//  Many that are due go in steps, a commit each, until none is left.
static void
test_inbox_forgets_many_in_small_steps (void **state)
{
    fixture_t *self = *state;
    self->inbox.limit = 10000;
    char id [16];
    for (int i = 0; i < 600; i++) {
        snprintf (id, sizeof id, "%d", i);
        assert_int_equal (s_once (self, "iot", "s", id, 0, 1), 0);
    }
    int steps = 0;
    size_t before = 600;
    for (; before > 0; steps++) {
        assert_int_equal (inbox_prune (&self->inbox, self->database, 5000), 0);
        size_t after = s_rows (self);
        assert_true (after < before);
        assert_true (before - after <= 256);
        before = after;
    }
    assert_int_equal (steps, 3);
    assert_int_equal (self->inbox.count, 0);
}

static void
test_inbox_forgets_the_oldest_when_there_are_too_many (void **state)
{
    fixture_t *self = *state;
    char id [16];
    for (int i = 0; i < 103; i++) {
        snprintf (id, sizeof id, "%d", i);
        assert_int_equal (s_once (self, "iot", i == 0 ? "gone" : "s", id, i == 0 ? 5 : 0, 1), 0);
    }
    assert_int_equal (inbox_prune (&self->inbox, self->database, 1), 0);
    assert_int_equal (s_rows (self), 100);
    assert_int_equal (s_once (self, "iot", "s", "3", 0, 1), ZOOID_DUPLICATE);
    assert_int_equal (s_once (self, "iot", "s", "2", 0, 1), 0);
    assert_int_equal (s_once (self, "iot", "gone", "0", 5, 1), 0);
}

static void
test_inbox_remembers_when_the_file_is_opened_again (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (s_once (self, "iot", "s", "1", 0, 1), 0);
    assert_int_equal (s_once (self, "iot", "k", "1", 4, 1), 0);
    database_close (&self->database);
    char why [DATABASE_WHY_SIZE] = "";
    assert_int_equal (database_open (&self->database, self->scratch->file, NULL, DATABASE_WRITES, why), 0);
    self->inbox.count = 0;
    assert_int_equal (inbox_load (&self->inbox, self->database), 0);
    assert_int_equal (self->inbox.count, 2);
    assert_int_equal (s_once (self, "iot", "s", "1", 0, 1), ZOOID_DUPLICATE);
    assert_int_equal (s_once (self, "iot", "k", "1", 4, 1), ZOOID_DUPLICATE);
}

int
main (void)
{
#define TEST(function) cmocka_unit_test_setup_teardown (function, s_setup, s_teardown)
    const struct CMUnitTest tests [] = {
        TEST (test_inbox_knows_a_repeat_by_module_scope_and_id),
        TEST (test_inbox_refuses_an_identity_that_names_nothing),
        TEST (test_inbox_keeps_the_last_n_of_a_scope),
        TEST (test_inbox_forgets_after_the_retention_and_not_before),
        TEST (test_inbox_forgets_many_in_small_steps),
        TEST (test_inbox_forgets_the_oldest_when_there_are_too_many),
        TEST (test_inbox_remembers_when_the_file_is_opened_again),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
