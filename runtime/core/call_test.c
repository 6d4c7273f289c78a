//  Tell and ask in virtual time: how each can end.
#include "test_world.h"

//  ---- ask

static void
test_ask_is_answered_with_what_the_handler_replied (void **state)
{
    world_t *world = *state;
    assert_int_equal (world_ask (world, &(zooid_call_t) { .operation = "echo.echo", NOTE ("a", 5) }, 1, 0), 0);
    assert_int_equal (world->answers, 1);
    assert_string_equal (world->failure, "");
    assert_string_equal (world->text, "a");
    assert_int_equal (world->answer.number, 5);
    assert_string_equal (seen.subject, "actor:probe");
}

static void
test_ask_ends_with_named_failure_of_the_operation (void **state)
{
    world_t *world = *state;
    world_ask (world, &(zooid_call_t) { .operation = "echo.refuse" }, 1, 0);
    assert_int_equal (world->answers, 1);
    assert_string_equal (world->failure, "too_silly");
    assert_int_equal (world->kind, ZOOID_FAILURE_CONFLICT);
    assert_string_equal (world->detail, "because of 7");
}

static void
test_ask_ends_unavailable_when_nobody_serves_it (void **state)
{
    world_t *world = *state;
    world_ask (world, &(zooid_call_t) { .operation = "echo.nothing" }, 1, 0);
    assert_int_equal (world->answers, 1);
    assert_string_equal (world->failure, "unavailable");
}

static void
test_ask_ends_invalid_when_arguments_break_the_record (void **state)
{
    world_t *world = *state;
    static const zooid_field_t loose_fields [] = {
        ZOOID_STRING (note_t, text, .max_length = 1000, .doc = "Text"),
        ZOOID_INTEGER (note_t, number, .doc = "Number"),
    };
    static const zooid_record_t loose = ZOOID_RECORD ("note", note_t, loose_fields, .doc = "Loose");
    world_ask (world, &(zooid_call_t) { .operation = "echo.echo", .takes = &loose, .arguments = &(note_t) { "a", -1 } }, 1, 0);
    assert_string_equal (world->failure, "invalid");
    assert_int_equal (world->kind, ZOOID_FAILURE_INVALID);
}

static void
test_ask_ends_denied_when_principal_lacks_scope (void **state)
{
    world_t *world = *state;
    ZOOID_CLEANUP (zooid_principal_destroy) zooid_principal_t *nobody = NULL;
    zooid_principal_new (&nobody, "nobody", NULL, 0, 0);
    world_ask (world, &(zooid_call_t) { .operation = "echo.echo", NOTE ("a", 5), .principal = nobody }, 1, 0);
    assert_string_equal (world->failure, "denied");
    assert_int_equal (world->kind, ZOOID_FAILURE_DENIED);
}

static void
test_ask_ends_internal_when_handler_gives_no_answer (void **state)
{
    world_t *world = *state;
    world_ask (world, &(zooid_call_t) { .operation = "echo.silent" }, 1, 0);
    assert_string_equal (world->failure, "internal");
}

static void
test_ask_is_answered_empty_when_operation_gives_nothing (void **state)
{
    world_t *world = *state;
    world_ask (world, &(zooid_call_t) { .operation = "echo.store", NOTE ("a", 5) }, 1, 0);
    assert_int_equal (world->answers, 1);
    assert_string_equal (world->failure, "");
}

static void
test_ask_is_answered_later_by_a_request_taken (void **state)
{
    world_t *world = *state;
    world_ask (world, &(zooid_call_t) { .operation = "echo.later", NOTE ("a", 100) }, 1, 99);
    assert_int_equal (world->answers, 0);
    zooid_system_run (world->system, world_now (world) + 1);
    assert_int_equal (world->answers, 1);
    assert_string_equal (world->text, "later");
    assert_int_equal (seen.destroyed, 1);
}

static void
test_ask_ends_by_deadline_and_late_reply_is_a_dead_letter (void **state)
{
    world_t *world = *state;
    world_ask (world, &(zooid_call_t) { .operation = "echo.later", NOTE ("a", 100), .deadline_ms = 50 }, 1, 49);
    assert_int_equal (world->answers, 0);
    zooid_system_run (world->system, world_now (world) + 1);
    assert_string_equal (world->failure, "deadline");
    zooid_system_run (world->system, world_now (world) + 1000);
    assert_int_equal (world->answers, 1);
}

static void
test_ask_ends_internal_when_request_is_destroyed (void **state)
{
    world_t *world = *state;
    world_ask (world, &(zooid_call_t) { .operation = "echo.drop" }, 1, 0);
    assert_int_equal (world->answers, 1);
    assert_string_equal (world->failure, "internal");
}

static void
test_ask_ends_overloaded_when_mailbox_is_full (void **state)
{
    world_t *world = *state;
    world_ask (world, &(zooid_call_t) { .operation = "echo.store", NOTE ("a", 1) }, 9, 0);
    assert_int_equal (world->answers, 9);
    assert_int_equal (seen.tells, 8);
}

static void
test_ask_relayed_keeps_the_principal (void **state)
{
    world_t *world = *state;
    static const char *const scopes [] = { "echo:read" };
    ZOOID_CLEANUP (zooid_principal_destroy) zooid_principal_t *user = NULL;
    zooid_principal_new (&user, "user:1", scopes, 1, 0);
    world_ask (world, &(zooid_call_t) { .operation = "probe.relay", NOTE ("r", 3), .principal = user }, 1, 0);
    assert_int_equal (world->answers, 1);
    assert_string_equal (world->text, "r");
    assert_string_equal (seen.subject, "user:1");
}

//  ---- tell

static void
test_tell_arrives_in_order (void **state)
{
    world_t *world = *state;
    assert_int_equal (world_tell (world, &(zooid_call_t) { .operation = "echo.store", .takes = &note }, 8), 0);
    assert_int_equal (seen.number_count, 8);
    for (int64_t i = 0; i < 8; i++)
        assert_int_equal (seen.numbers [i], i);
}

static void
test_tell_says_full_unknown_denied (void **state)
{
    world_t *world = *state;
    assert_int_equal (world_tell (world, &(zooid_call_t) { .operation = "echo.store", .takes = &note }, 9), ZOOID_FULL);
    assert_int_equal (seen.tells, 8);
    assert_int_equal (world_tell (world, &(zooid_call_t) { .operation = "no.such" }, 1), ZOOID_UNKNOWN);
    ZOOID_CLEANUP (zooid_principal_destroy) zooid_principal_t *nobody = NULL;
    zooid_principal_new (&nobody, "nobody", NULL, 0, 0);
    assert_int_equal (world_tell (world, &(zooid_call_t) { .operation = "echo.echo", .takes = &note, .principal = nobody }, 1), ZOOID_DENIED);
}

static void
test_call_is_refused_when_the_actor_named_does_not_serve_it (void **state)
{
    world_t *world = *state;
    zooid_call_t call = { .operation = "echo.store", NOTE ("a", 1), .to = world->probe };
    assert_int_equal (world_tell (world, &call, 1), ZOOID_UNKNOWN);
    world_ask (world, &call, 1, 0);
    assert_string_equal (world->failure, "unavailable");
    assert_int_equal (seen.tells, 0);
    call.to = world->echo;
    assert_int_equal (world_tell (world, &call, 1), 0);
    assert_int_equal (seen.tells, 1);
}

static int
s_note_refused (zooid_context_t *self, void *state, const zooid_actor_figures_t *actors, size_t count)
{
    (void) self;
    for (size_t i = 0; i < count; i++)
        if (strcmp (actors [i].actor, "echo") == 0)
            *(uint64_t *) state = actors [i].refused;
    return 0;
}

static int
s_figures_turn (zooid_context_t *self, void *state)
{
    return zooid_figures (self, 1000, s_note_refused, state, NULL);
}

static void
test_call_denied_is_counted_as_refused (void **state)
{
    world_t *world = *state;
    ZOOID_CLEANUP (zooid_principal_destroy) zooid_principal_t *nobody = NULL;
    zooid_principal_new (&nobody, "nobody", NULL, 0, 0);
    zooid_call_t call = { .operation = "echo.echo", NOTE ("a", 5), .principal = nobody };
    assert_int_equal (world_tell (world, &call, 2), ZOOID_DENIED);
    world_ask (world, &call, 1, 0);
    uint64_t refused = 0;
    assert_int_equal (zooid_system_post (world->system, world->probe, s_figures_turn, &refused, NULL), 0);
    zooid_system_run (world->system, world_now (world) + 2000);
    assert_int_equal (refused, 3);
}

static void
test_ask_of_thirty_days_is_answered_when_it_crosses_the_wire (void **state)
{
    world_t *world = *state;
    const int64_t days_30_ms = INT64_C (30) * 24 * 3600 * 1000;
    world_ask (world, &(zooid_call_t) { .operation = "echo.echo", NOTE ("a", 5), .deadline_ms = days_30_ms }, 1, 0);
    assert_int_equal (world->answers, 1);
    assert_string_equal (world->failure, "");
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        WORLD_TEST (test_ask_is_answered_with_what_the_handler_replied),
        WORLD_TEST (test_ask_ends_with_named_failure_of_the_operation),
        WORLD_TEST (test_ask_ends_unavailable_when_nobody_serves_it),
        WORLD_TEST (test_ask_ends_invalid_when_arguments_break_the_record),
        WORLD_TEST (test_ask_ends_denied_when_principal_lacks_scope),
        WORLD_TEST (test_ask_ends_internal_when_handler_gives_no_answer),
        WORLD_TEST (test_ask_is_answered_empty_when_operation_gives_nothing),
        WORLD_TEST (test_ask_is_answered_later_by_a_request_taken),
        WORLD_TEST (test_ask_ends_by_deadline_and_late_reply_is_a_dead_letter),
        WORLD_TEST (test_ask_ends_internal_when_request_is_destroyed),
        WORLD_TEST (test_ask_ends_overloaded_when_mailbox_is_full),
        WORLD_TEST (test_ask_relayed_keeps_the_principal),
        WORLD_TEST (test_tell_arrives_in_order),
        WORLD_TEST (test_tell_says_full_unknown_denied),
        WORLD_TEST (test_call_is_refused_when_the_actor_named_does_not_serve_it),
        WORLD_TEST (test_call_denied_is_counted_as_refused),
        cmocka_unit_test_setup_teardown (test_ask_of_thirty_days_is_answered_when_it_crosses_the_wire, world_set_up_wire,
                                         world_tear_down),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
