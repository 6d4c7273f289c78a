#include "test_world.h"

//  What a turn of the probe is to do, and what came of it.
typedef struct {
    world_t *world;
    const char *topic;
    int rc, called;
    size_t reached, count;
    zooid_mailbox_reading_t mailbox;
    zooid_ref_t ref;
    char text [512];
} probe_t;

static void
s_do (world_t *world, zooid_turn_fn *turn, probe_t *probe)
{
    assert_int_equal (zooid_system_post (world->system, world->probe, turn, probe, NULL), 0);
    zooid_system_run (world->system, world_now (world) + 2000);
}

//  ---- dispatchers

static int
s_note_dispatchers (zooid_context_t *self, void *state, const zooid_dispatcher_figures_t *dispatchers, size_t count)
{
    (void) self;
    probe_t *probe = state;
    probe->called++;
    assert_int_equal (count, 2);
    for (size_t i = 0; i < count; i++) {
        assert_true (dispatchers [i].answered);
        assert_int_equal (dispatchers [i].thread, 0);
        assert_int_equal (dispatchers [i].actors, 1);
        assert_int_equal (dispatchers [i].waiting, 0);
        assert_true (dispatchers [i].turns > 0);
    }
    assert_string_equal (dispatchers [0].name, "echo");
    assert_string_equal (dispatchers [1].name, "probe");
    probe->count = (size_t) dispatchers [0].handled;
    return 0;
}

static int
s_ask_dispatchers (zooid_context_t *self, void *state)
{
    return zooid_dispatchers (self, 1000, s_note_dispatchers, state, NULL);
}

static void
test_dispatchers_count_what_they_handled (void **state)
{
    world_t *world = *state;
    probe_t before = { .world = world }, after = { .world = world };
    s_do (world, s_ask_dispatchers, &before);
    world_tell (world, &(zooid_call_t) { .operation = "echo.store", .takes = &note }, 5);
    s_do (world, s_ask_dispatchers, &after);
    assert_int_equal (before.called + after.called, 2);
    assert_int_equal (after.count - before.count, 5);
}

//  ---- a mailbox, read from outside

static int
s_read_mailbox (zooid_context_t *self, void *state)
{
    probe_t *probe = state;
    probe->rc = zooid_mailbox_read (self, probe->ref, &probe->mailbox);
    return 0;
}

static int
s_fill_and_read_mailbox (zooid_context_t *self, void *state)
{
    for (int i = 0; i < 9; i++) {
        int rc = zooid_tell (self, &(zooid_call_t) { .operation = "echo.store", NOTE ("n", 1) });
        assert_int_equal (rc, i < 8 ? 0 : ZOOID_FULL);
    }
    return s_read_mailbox (self, state);
}

static void
test_mailbox_is_read_while_its_actor_has_not_looked (void **state)
{
    world_t *world = *state;
    probe_t probe = { .ref = world->echo };
    s_do (world, s_fill_and_read_mailbox, &probe);
    assert_int_equal (probe.rc, 0);
    assert_string_equal (probe.mailbox.dispatcher, "echo");
    assert_int_equal (probe.mailbox.mailbox_messages, 8);
    assert_true (probe.mailbox.mailbox_bytes > 0);
    assert_int_equal (probe.mailbox.refused, 1);
    s_do (world, s_read_mailbox, &probe);
    assert_int_equal (probe.mailbox.mailbox_messages, 0);
    assert_int_equal (probe.mailbox.mailbox_bytes, 0);
    probe.ref.generation += 2;
    s_do (world, s_read_mailbox, &probe);
    assert_int_equal (probe.rc, ZOOID_GONE);
}

//  ---- subscriptions

static int
s_ignore (zooid_context_t *self, void *state, const zooid_message_t *event)
{
    (void) self, (void) state, (void) event;
    return 0;
}

static int
s_list_subscriptions (zooid_context_t *self, void *state)
{
    probe_t *probe = state;
    const zooid_subscription_figures_t *figures = NULL;
    uint64_t id = 0;
    if (!probe->called++)
        assert_int_equal (zooid_subscribe (self, "echo.>", ZOOID_DROP_NEW, 9, s_ignore, NULL, &id), 0);
    probe->count = zooid_subscriptions (self, &figures);
    probe->text [0] = 0;
    for (size_t i = 0; i < probe->count; i++) {
        size_t used = strlen (probe->text);
        snprintf (probe->text + used, sizeof probe->text - used, "%s %s %s %s %zu %zu %llu\n", figures [i].pattern, figures [i].actor,
                  figures [i].id ? "by code" : "declared", figures [i].overflow == ZOOID_DROP_NEW ? "drop new" : "drop oldest",
                  figures [i].limit, figures [i].waiting, (unsigned long long) figures [i].dropped);
    }
    return 0;
}

static int
s_announce_often (zooid_context_t *self, void *state)
{
    (void) state;
    for (int i = 0; i < 12; i++)
        assert_int_equal (zooid_publish (self, "echo.noted.x", &note, &(note_t) { "n", i }), 0);
    return 0;
}

static void
test_subscriptions_are_listed_by_pattern_with_what_they_shed (void **state)
{
    world_t *world = *state;
    probe_t probe = { .world = world };
    s_do (world, s_list_subscriptions, &probe);
    assert_string_equal (probe.text, "echo.> probe by code drop new 9 0 0\necho.noted.* probe declared drop oldest 4 0 0\n");
    assert_int_equal (zooid_system_post (world->system, world->echo, s_announce_often, NULL, NULL), 0);
    zooid_system_run (world->system, world_now (world));
    s_do (world, s_list_subscriptions, &probe);
    assert_string_equal (probe.text, "echo.> probe by code drop new 9 0 3\necho.noted.* probe declared drop oldest 4 0 8\n");
}

//  ---- events of others

static int
s_publish (zooid_context_t *self, void *state)
{
    probe_t *probe = state;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t payload = { 0 };
    assert_int_equal (zooid_record_encode (&note, &(note_t) { "from outside", 77 }, &payload), 0);
    probe->rc = zooid_directory_publish (self, probe->topic, (zooid_bytes_t) { payload.data, payload.size }, &probe->reached);
    return 0;
}

static void
test_directory_publishes_what_another_actor_declares (void **state)
{
    world_t *world = *state;
    probe_t probe = { .topic = "echo.noted.y" };
    s_do (world, s_publish, &probe);
    assert_int_equal (probe.rc, 0);
    assert_int_equal (probe.reached, 1);
    assert_int_equal (seen.events, 1);
    assert_int_equal (seen.last_number, 77);
}

static void
test_directory_refuses_an_event_that_nobody_declares (void **state)
{
    world_t *world = *state;
    static const char *const topics [] = { "echo.noted", "echo.noted.*", "other", "" };
    for (size_t i = 0; i < ZOOID_COUNT (topics); i++) {
        probe_t probe = { .topic = topics [i] };
        s_do (world, s_publish, &probe);
        assert_int_equal (probe.rc, ZOOID_UNKNOWN);
    }
    assert_int_equal (seen.events, 0);
}

static void
test_directory_refuses_an_event_whose_scope_the_principal_lacks (void **state)
{
    world_t *world = *state;
    probe_t probe = { .topic = "echo.noted.y" };
    //  A turn of the echo itself, which has no grants.
    assert_int_equal (zooid_system_post (world->system, world->echo, s_publish, &probe, NULL), 0);
    zooid_system_run (world->system, world_now (world));
    assert_int_equal (probe.rc, ZOOID_DENIED);
    assert_int_equal (seen.events, 0);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        WORLD_TEST (test_dispatchers_count_what_they_handled),
        WORLD_TEST (test_mailbox_is_read_while_its_actor_has_not_looked),
        WORLD_TEST (test_subscriptions_are_listed_by_pattern_with_what_they_shed),
        WORLD_TEST (test_directory_publishes_what_another_actor_declares),
        WORLD_TEST (test_directory_refuses_an_event_that_nobody_declares),
        WORLD_TEST (test_directory_refuses_an_event_whose_scope_the_principal_lacks),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
