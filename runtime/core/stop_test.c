//  The end of a system: what stop promises when actors fail, wait or are slow to let go meanwhile.
#include "context.h"
#include "test_gate.h"
#include "test_world.h"

#include <poll.h>
#include <stdatomic.h>

#include <zooid/log.h>

static int
s_crash (zooid_context_t *self, void *state)
{
    (void) self;
    (void) state;
    return zooid_fault (-EIO);
}

//  ---- in virtual time

static void
test_stop_ends_an_actor_that_fails_for_good_in_front_of_it (void **state)
{
    world_t *world = *state;
    zooid_ref_t frail;
    const char *why = "";
    assert_int_equal (zooid_system_spawn (world->system, &(zooid_spawn_t) {
        .name = "frail", .module = &echo_module, .supervision = { .restarts = 1 } }, world->arena, &why, &frail), 0);
    assert_int_equal (zooid_system_post (world->system, frail, s_crash, NULL, NULL), 0);
    zooid_system_run (world->system, world_now (world) + 1000);
    assert_int_equal (zooid_system_post (world->system, frail, s_crash, NULL, NULL), 0);
    int64_t begin_ms = world_now (world);
    zooid_system_stop (world->system, 10000);
    assert_non_null (zooid_system_escalation (world->system));
    assert_true (world_now (world) - begin_ms < 5000);
}

static void
test_stop_says_more_when_mail_died_with_its_actor (void **state)
{
    world_t *world = *state;
    world_ask (world, &(zooid_call_t) { .operation = "echo.crash" }, 1, 0);
    assert_int_equal (world_tell (world, &(zooid_call_t) { .operation = "echo.store", .takes = &note }, 3), 0);
    assert_int_equal (zooid_system_stop (world->system, 10000), ZOOID_MORE);
    assert_int_equal (seen.tells, 0);
}

//  ---- on real threads: one that has a last word, to one that counts

static atomic_int s_noted;
static gate_t s_sink_stopped;

static int
on_note (zooid_context_t *self, const void *arguments)
{
    (void) self;
    (void) arguments;
    atomic_fetch_add (&s_noted, 1);
    return 0;
}

static void
sink_stop (zooid_context_t *self)
{
    (void) self;
    gate_open (&s_sink_stopped, 0);
}

static const zooid_operation_t sink_operations [] = {
    { .name = "sink.note", .kind = ZOOID_COMMAND, .scope = "public", .handler = on_note, .doc = "Count" },
};
static const zooid_contract_t sink_contract = { .name = "sink", ZOOID_OPERATIONS (sink_operations), .doc = "Sink" };
static const zooid_module_t sink_module = {
    ZOOID_MODULE_HEADER, .name = "sink", .version = "1", .doc = "Sink", .contract = &sink_contract, .stop = sink_stop };

static atomic_int s_told, s_ended;
static atomic_bool s_was_open;
static zooid_request_t *s_held;

static void
holder_stop (zooid_context_t *self)
{
    if (zooid_tell (self, &(zooid_call_t) { .operation = "sink.note" }) == 0)
        atomic_fetch_add (&s_told, 1);
}

static const zooid_contract_t holder_contract = { .name = "holder", .doc = "Holds on" };
static const zooid_module_t holder_module = {
    ZOOID_MODULE_HEADER, .name = "holder", .version = "1", .doc = "Holds on", .contract = &holder_contract, .stop = holder_stop };

//  The timer in which the actor ends is destroyed behind its end. Is the gate opened, by what may only follow, meanwhile?
static void
s_linger (void *state)
{
    atomic_store (&s_was_open, gate_opens (state, 1, 100));
    atomic_fetch_add (&s_ended, 1);
}

static int
s_let_go_when_stopping (zooid_context_t *self, void *state)
{
    (void) state;
    if (self->phase == PHASE_STOPPING)
        zooid_request_destroy (&s_held);
    return 0;
}

static int
s_hold (zooid_context_t *self, void *state)
{
    s_held = zooid_request_take (self);
    zooid_timer_start (self, 1, 1, s_let_go_when_stopping, state, s_linger, NULL);
    return 0;
}

static void
s_quiet (void *state, const char *line, size_t size)
{
    (void) state;
    (void) line;
    (void) size;
}

static zooid_system_t *
s_system (void)
{
    zooid_system_t *system = NULL;
    zooid_log_sink (s_quiet, NULL);
    assert_int_equal (zooid_system_new (&system, NULL), 0);
    return system;
}

static zooid_ref_t
s_spawn (zooid_system_t *system, const zooid_module_t *module)
{
    zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    zooid_ref_t ref = { 0 };
    const char *why = "";
    if (zooid_system_spawn (system, &(zooid_spawn_t) { .name = module->name, .module = module,
                                                       .supervision = { .restarts = 1, .backoff_ms = 1 } }, arena, &why, &ref))
        fail_msg ("%s", why);
    zooid_arena_destroy (&arena);
    assert_int_equal (zooid_system_wait_started (system, 10000), 0);
    return ref;
}

static void
s_reset (void)
{
    atomic_store (&s_noted, 0);
    atomic_store (&s_told, 0);
    atomic_store (&s_ended, 0);
    gate_init (&s_sink_stopped);
}

static void
test_stop_handles_what_an_actor_told_in_its_last_turn (void **state)
{
    (void) state;
    s_reset ();
    zooid_system_t *system = s_system ();
    s_spawn (system, &sink_module);
    zooid_ref_t holder = s_spawn (system, &holder_module);
    assert_int_equal (zooid_system_post (system, holder, s_hold, &s_sink_stopped, NULL), 0);
    assert_int_equal (zooid_system_stop (system, 20000), 0);
    zooid_system_destroy (&system);
    assert_int_equal (atomic_load (&s_told), 1);
    assert_int_equal (atomic_load (&s_noted), 1);
}

static void
test_stop_returns_behind_the_last_turn_when_it_is_slow_to_let_go (void **state)
{
    (void) state;
    s_reset ();
    gate_t returned = GATE_INITIAL;
    zooid_system_t *system = s_system ();
    zooid_ref_t holder = s_spawn (system, &holder_module);
    assert_int_equal (zooid_system_post (system, holder, s_hold, &returned, NULL), 0);
    assert_int_equal (zooid_system_stop (system, 20000), 0);
    gate_open (&returned, 0);
    zooid_system_destroy (&system);
    assert_int_equal (atomic_load (&s_ended), 1);
    assert_false (atomic_load (&s_was_open));
}

//  ---- an answer from the callback of a loop that is not ours

static gate_t s_looper_holds, s_answered;

static int
on_hold (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    s_held = zooid_request_take (self);
    gate_open (&s_looper_holds, 0);
    return 0;
}

//  Told to stop, and nothing left that would wake it: then the foreign loop answers, outside of every turn.
static int
looper_run (zooid_context_t *self, zooid_loop_t *loop)
{
    struct pollfd poller = { .fd = zooid_loop_descriptor (loop), .events = POLLIN };
    int rc = zooid_loop_turn (loop, 16);
    while (rc != ZOOID_GONE) {
        bool is_last = self->phase == PHASE_STOPPING && s_held;
        if (poll (&poller, 1, is_last ? 0 : 10000) == 0) {
            if (!is_last)
                return -1;
            zooid_request_reply (self, &s_held, NULL, NULL);
        }
        else
            rc = zooid_loop_turn (loop, 16);
    }
    return 0;
}

static const zooid_operation_t looper_operations [] = {
    { .name = "looper.hold", .kind = ZOOID_COMMAND, .scope = "public", .handler = on_hold, .doc = "Hold" },
};
static const zooid_contract_t looper_contract = { .name = "looper", ZOOID_OPERATIONS (looper_operations), .doc = "Loop" };
static const zooid_module_t looper_module = {
    ZOOID_MODULE_HEADER, .name = "looper", .version = "1", .doc = "Loop", .contract = &looper_contract, .run = looper_run };

static int
s_then_answered (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    (void) self;
    (void) state;
    gate_open (&s_answered, outcome->failure == NULL);
    return 0;
}

static int
s_ask_looper (zooid_context_t *self, void *state)
{
    (void) state;
    return zooid_ask (self, &(zooid_call_t) { .operation = "looper.hold", .then = s_then_answered, .deadline_ms = 60000 });
}

static void
test_stop_ends_a_loop_that_answers_its_last_request_outside_of_a_turn (void **state)
{
    (void) state;
    s_reset ();
    gate_init (&s_looper_holds);
    gate_init (&s_answered);
    zooid_system_t *system = s_system ();
    zooid_ref_t asker = s_spawn (system, &sink_module);
    s_spawn (system, &looper_module);
    assert_int_equal (zooid_system_post (system, asker, s_ask_looper, NULL, NULL), 0);
    gate_wait (&s_looper_holds, 1);
    assert_int_equal (zooid_system_stop (system, 5000), 0);
    assert_int_equal (s_answered.value, 1);
    zooid_system_destroy (&system);
}

//  ---- a kill that comes in the turn in which the actor fails for good

static gate_t s_frail_started, s_frail_busy;

static int
frail_start (zooid_context_t *self, const void *settings)
{
    (void) self;
    (void) settings;
    gate_open (&s_frail_started, 0);
    return 0;
}

static const zooid_contract_t frail_contract = { .name = "frail", .doc = "Breaks" };
static const zooid_module_t frail_module = {
    ZOOID_MODULE_HEADER, .name = "frail", .version = "1", .doc = "Breaks", .contract = &frail_contract, .start = frail_start };

//  Behind it come, in one turn, every order of the stop and the fault.
static int
s_be_busy (zooid_context_t *self, void *state)
{
    zooid_timer_start (self, 1, 0, s_crash, NULL, NULL, NULL);
    gate_open (&s_frail_busy, 0);
    gate_opens (state, 1, 150);
    return 0;
}

static void
test_stop_ends_an_actor_that_fails_for_good_in_the_turn_of_its_kill (void **state)
{
    (void) state;
    gate_init (&s_frail_started);
    gate_init (&s_frail_busy);
    gate_t never = GATE_INITIAL;
    zooid_system_t *system = s_system ();
    zooid_ref_t frail = s_spawn (system, &frail_module);
    assert_int_equal (zooid_system_post (system, frail, s_crash, NULL, NULL), 0);
    gate_wait (&s_frail_started, 2);
    assert_int_equal (zooid_system_post (system, frail, s_be_busy, &never, NULL), 0);
    gate_wait (&s_frail_busy, 1);
    zooid_system_stop (system, 20);
    assert_non_null (zooid_system_escalation (system));
    zooid_system_destroy (&system);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        WORLD_TEST (test_stop_ends_an_actor_that_fails_for_good_in_front_of_it),
        WORLD_TEST (test_stop_says_more_when_mail_died_with_its_actor),
        cmocka_unit_test (test_stop_handles_what_an_actor_told_in_its_last_turn),
        cmocka_unit_test (test_stop_returns_behind_the_last_turn_when_it_is_slow_to_let_go),
        cmocka_unit_test (test_stop_ends_a_loop_that_answers_its_last_request_outside_of_a_turn),
        cmocka_unit_test (test_stop_ends_an_actor_that_fails_for_good_in_the_turn_of_its_kill),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
