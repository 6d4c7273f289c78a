//  Supervision, events, timers, work, figures, stop: in virtual time.
#include "test_world.h"

//  ---- supervision

static void
test_fault_restarts_the_actor_and_keeps_its_mailbox (void **state)
{
    world_t *world = *state;
    assert_int_equal (seen.starts, 1);
    world_ask (world, &(zooid_call_t) { .operation = "echo.crash" }, 1, 0);
    assert_string_equal (world->failure, "internal");
    assert_int_equal (seen.stops, 1);
    world_tell (world, &(zooid_call_t) { .operation = "echo.store", .takes = &note }, 3);
    assert_int_equal (seen.tells, 0);
    zooid_system_run (world->system, world_now (world) + 200);
    assert_int_equal (seen.starts, 2);
    assert_int_equal (seen.tells, 3);
}

static void
test_fault_ends_timers_and_requests_of_the_state (void **state)
{
    world_t *world = *state;
    world_ask (world, &(zooid_call_t) { .operation = "echo.later", NOTE ("a", 1000) }, 1, 0);
    world_ask (world, &(zooid_call_t) { .operation = "echo.crash" }, 1, 2000);
    assert_int_equal (world->answers, 2);
    assert_int_equal (seen.destroyed, 1);
}

static void
test_faults_too_often_escalate (void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 11; i++) {
        assert_null (zooid_system_escalation (world->system));
        world_ask (world, &(zooid_call_t) { .operation = "echo.crash", .deadline_ms = 60000 }, 1, 0);
        for (int j = 0; j < 100 && seen.starts == i + 1; j++)
            zooid_system_run (world->system, world_now (world) + 100);
    }
    assert_non_null (zooid_system_escalation (world->system));
    world_ask (world, &(zooid_call_t) { .operation = "echo.refuse", .deadline_ms = 100 }, 1, 200);
    assert_string_not_equal (world->failure, "too_silly");
}

//  ---- events

static void
test_event_reaches_those_who_subscribed (void **state)
{
    world_t *world = *state;
    world_ask (world, &(zooid_call_t) { .operation = "echo.announce", NOTE ("a", 42) }, 1, 0);
    assert_int_equal (seen.events, 1);
    assert_int_equal (seen.last_number, 42);
}

static int
on_dynamic (zooid_context_t *self, void *state, const zooid_message_t *event)
{
    (void) self;
    (void) state;
    assert_string_equal (zooid_message_name (event), "echo.noted.x");
    seen.dynamic_events++;
    return 0;
}

static uint64_t dynamic;

static int
s_subscribe_turn (zooid_context_t *self, void *state)
{
    (void) state;
    assert_int_equal (zooid_subscribe (self, "no good", ZOOID_DROP_OLDEST, 0, on_dynamic, NULL, &dynamic), ZOOID_INVALID);
    return zooid_subscribe (self, "echo.>", ZOOID_DROP_OLDEST, 0, on_dynamic, NULL, &dynamic);
}

static int
s_unsubscribe_turn (zooid_context_t *self, void *state)
{
    (void) state;
    zooid_unsubscribe (self, dynamic);
    return 0;
}

static void
test_subscription_by_code_begins_and_ends (void **state)
{
    world_t *world = *state;
    assert_int_equal (zooid_system_post (world->system, world->probe, s_subscribe_turn, NULL, NULL), 0);
    world_ask (world, &(zooid_call_t) { .operation = "echo.announce", NOTE ("a", 1) }, 1, 0);
    assert_int_equal (seen.dynamic_events, 1);
    assert_int_equal (zooid_system_post (world->system, world->probe, s_unsubscribe_turn, NULL, NULL), 0);
    world_ask (world, &(zooid_call_t) { .operation = "echo.announce", NOTE ("a", 1) }, 1, 0);
    assert_int_equal (seen.dynamic_events, 1);
}

static int
s_publish_many (zooid_context_t *self, void *state)
{
    for (int64_t i = 0; i < *(const int64_t *) state; i++)
        assert_int_equal (zooid_publish (self, "echo.noted.x", &note, &(note_t) { "m", i }), 0);
    assert_int_equal (zooid_publish (self, "other.topic", &note, &(note_t) { "m", 0 }), ZOOID_UNKNOWN);
    return 0;
}

static void
test_event_oldest_is_dropped_when_subscription_is_full (void **state)
{
    world_t *world = *state;
    int64_t many = 20;
    assert_int_equal (zooid_system_post (world->system, world->echo, s_publish_many, &many, NULL), 0);
    zooid_system_run (world->system, world_now (world));
    //  Twice the limit of 4 was let in, the newest shed; of those 8 the oldest 4 went first.
    assert_int_equal (seen.events, 4);
    assert_int_equal (seen.numbers [0], 4);
    assert_int_equal (seen.numbers [3], 7);
}

static int
s_publish_long (zooid_context_t *self, void *state)
{
    char topic [400] = "echo.noted.";
    memset (topic + strlen (topic), 'x', 300);
    *(int *) state = zooid_publish (self, topic, &note, &(note_t) { "m", 0 });
    return 0;
}

static void
test_event_is_refused_when_its_topic_is_longer_than_a_topic_may_be (void **state)
{
    world_t *world = *state;
    int rc = 0;
    assert_int_equal (zooid_system_post (world->system, world->echo, s_publish_long, &rc, NULL), 0);
    zooid_system_run (world->system, world_now (world));
    assert_int_equal (rc, ZOOID_UNKNOWN);
    assert_int_equal (seen.events, 0);
}

//  ---- timers, work, figures, ids

static int
s_count_timer (zooid_context_t *self, void *state)
{
    (void) self;
    (void) state;
    seen.timers++;
    return 0;
}

static int
s_start_timers (zooid_context_t *self, void *state)
{
    uint64_t *timer = state;
    zooid_timer_start (self, 10, 10, s_count_timer, NULL, NULL, timer);
    zooid_timer_start (self, 5, 0, s_count_timer, NULL, NULL, NULL);
    return 0;
}

static int
s_stop_timer (zooid_context_t *self, void *state)
{
    zooid_timer_stop (self, *(const uint64_t *) state);
    zooid_timer_stop (self, *(const uint64_t *) state);
    return 0;
}

static void
test_timer_fires_once_or_by_period_until_stopped (void **state)
{
    world_t *world = *state;
    uint64_t timer = 0;
    assert_int_equal (zooid_system_post (world->system, world->probe, s_start_timers, &timer, NULL), 0);
    zooid_system_run (world->system, world_now (world) + 35);
    assert_int_equal (seen.timers, 4);
    assert_int_equal (zooid_system_post (world->system, world->probe, s_stop_timer, &timer, NULL), 0);
    zooid_system_run (world->system, world_now (world) + 100);
    assert_int_equal (seen.timers, 4);
}

static int
s_square (void *state)
{
    int *number = state;
    *number *= *number;
    return 5;
}

static int
s_squared (zooid_context_t *self, void *state, int result)
{
    (void) self;
    assert_int_equal (result, 5);
    seen.worked = *(const int *) state;
    return 0;
}

static int
s_work_turn (zooid_context_t *self, void *state)
{
    return zooid_work (self, s_square, s_squared, state, NULL);
}

static void
test_work_comes_back_with_its_result (void **state)
{
    world_t *world = *state;
    int number = 12;
    assert_int_equal (zooid_system_post (world->system, world->probe, s_work_turn, &number, NULL), 0);
    zooid_system_run (world->system, world_now (world));
    assert_int_equal (seen.worked, 144);
}

static int
s_check_figures (zooid_context_t *self, void *state, const zooid_actor_figures_t *actors, size_t count)
{
    (void) self;
    *(int *) state += 1;
    assert_int_equal (count, 2);
    for (size_t i = 0; i < count; i++) {
        uint64_t dead = 0;
        for (size_t j = 0; j < actors [i].mailbox.reason_count; j++)
            dead += actors [i].mailbox.dead [j].count;
        assert_int_equal (actors [i].mailbox.in, actors [i].mailbox.handled + dead + actors [i].mailbox.in_flight);
    }
    assert_string_equal (actors [0].actor, "echo");
    assert_int_equal (actors [0].refused, 1);
    assert_int_equal (actors [0].mailbox.handled, 8);
    return 0;
}

static int
s_figures_turn (zooid_context_t *self, void *state)
{
    return zooid_figures (self, 1000, s_check_figures, state, NULL);
}

static void
test_figures_balance (void **state)
{
    world_t *world = *state;
    world_tell (world, &(zooid_call_t) { .operation = "echo.store", .takes = &note }, 9);
    int called = 0;
    assert_int_equal (zooid_system_post (world->system, world->probe, s_figures_turn, &called, NULL), 0);
    zooid_system_run (world->system, world_now (world) + 5000);
    assert_int_equal (called, 1);
}

static void
test_settings_have_their_initial_values (void **state)
{
    (void) state;
    assert_string_equal (seen.greeting, "hello");
}

//  ---- stop and names

static void
test_stop_drains_handles_what_waits_and_stops_each_once (void **state)
{
    world_t *world = *state;
    world_ask (world, &(zooid_call_t) { .operation = "echo.later", NOTE ("a", 100) }, 1, 0);
    assert_int_equal (zooid_system_stop (world->system, 5000), 0);
    assert_int_equal (world->answers, 1);
    assert_string_equal (world->text, "later");
    assert_int_equal (seen.drains, 1);
    assert_int_equal (seen.stops, 1);
    assert_int_equal (zooid_system_post (world->system, world->probe, s_stop_timer, NULL, NULL), ZOOID_GONE);
}

static void
test_stop_ends_when_time_does (void **state)
{
    world_t *world = *state;
    world_ask (world, &(zooid_call_t) { .operation = "echo.later", NOTE ("a", 100000), .deadline_ms = 200000 }, 1, 0);
    assert_int_equal (zooid_system_stop (world->system, 1000), ZOOID_MORE);
    assert_int_equal (seen.stops, 1);
}

static void
test_spawn_refuses_bad_and_taken_names (void **state)
{
    world_t *world = *state;
    const char *why = NULL;
    assert_int_equal (zooid_system_spawn (world->system, &(zooid_spawn_t) { .name = "Bad Name", .module = &echo_module },
                                          world->arena, &why, NULL), ZOOID_INVALID);
    assert_non_null (strstr (why, "Bad Name"));
    assert_int_equal (zooid_system_spawn (world->system, &(zooid_spawn_t) { .name = "echo", .module = &echo_module },
                                          world->arena, &why, NULL), ZOOID_INVALID);
    assert_non_null (strstr (why, "taken"));
    zooid_ref_t ref;
    assert_int_equal (zooid_system_spawn (world->system, &(zooid_spawn_t) { .name = "echo2", .module = &echo_module },
                                          world->arena, &why, &ref), 0);
    world_ask (world, &(zooid_call_t) { .operation = "echo2.refuse" }, 1, 0);
    assert_string_equal (world->failure, "too_silly");
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        WORLD_TEST (test_fault_restarts_the_actor_and_keeps_its_mailbox),
        WORLD_TEST (test_fault_ends_timers_and_requests_of_the_state),
        WORLD_TEST (test_faults_too_often_escalate),
        WORLD_TEST (test_event_reaches_those_who_subscribed),
        WORLD_TEST (test_subscription_by_code_begins_and_ends),
        WORLD_TEST (test_event_oldest_is_dropped_when_subscription_is_full),
        WORLD_TEST (test_event_is_refused_when_its_topic_is_longer_than_a_topic_may_be),
        WORLD_TEST (test_timer_fires_once_or_by_period_until_stopped),
        WORLD_TEST (test_work_comes_back_with_its_result),
        WORLD_TEST (test_figures_balance),
        WORLD_TEST (test_settings_have_their_initial_values),
        WORLD_TEST (test_stop_drains_handles_what_waits_and_stops_each_once),
        WORLD_TEST (test_stop_ends_when_time_does),
        WORLD_TEST (test_spawn_refuses_bad_and_taken_names),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
