//  Between a fault and the restart, and after the last restart: what an actor still does, and what its callers hear.
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

static void
test_ask_ends_unavailable_at_once_when_the_actor_failed_for_good (void **state)
{
    world_t *world = *state;
    zooid_ref_t frail;
    const char *why = "";
    assert_int_equal (zooid_system_spawn (world->system, &(zooid_spawn_t) {
        .name = "frail", .module = &echo_module, .supervision = { .restarts = 1 } }, world->arena, &why, &frail), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal (zooid_system_post (world->system, frail, s_crash, NULL, NULL), 0);
        zooid_system_run (world->system, world_now (world) + 1000);
    }
    assert_non_null (zooid_system_escalation (world->system));
    world_ask (world, &(zooid_call_t) { .operation = "frail.refuse" }, 1, 0);
    assert_int_equal (world->answers, 1);
    assert_string_equal (world->failure, "unavailable");
}

//  ---- an actor with a loop of its own: its state is condemned before the loop is left

static gate_t s_started;
static atomic_int s_faults, s_turns_behind_the_fault;
static zooid_request_t *s_held;

static int
looper_start (zooid_context_t *self, const void *settings)
{
    (void) self;
    (void) settings;
    gate_open (&s_started, 0);
    return 0;
}

static void
looper_stop (zooid_context_t *self)
{
    (void) self;
    zooid_request_destroy (&s_held);
}

static int
looper_run (zooid_context_t *self, zooid_loop_t *loop)
{
    (void) self;
    struct pollfd poller = { .fd = zooid_loop_descriptor (loop), .events = POLLIN };
    int rc = zooid_loop_turn (loop, 64);
    while (rc != ZOOID_GONE) {
        if (poll (&poller, 1, 10000) <= 0)
            return -1;
        rc = zooid_loop_turn (loop, 64);
    }
    return 0;
}

static int
on_hold (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    s_held = zooid_request_take (self);
    return 0;
}

static const zooid_operation_t looper_operations [] = {
    { .name = "looper.hold", .kind = ZOOID_COMMAND, .scope = "public", .handler = on_hold, .doc = "Hold" },
};
static const zooid_contract_t looper_contract = { .name = "looper", ZOOID_OPERATIONS (looper_operations), .doc = "Loop" };
static const zooid_module_t looper_module = {
    ZOOID_MODULE_HEADER, .name = "looper", .version = "1", .doc = "Loop", .contract = &looper_contract,
    .start = looper_start, .stop = looper_stop, .run = looper_run };

static int
s_fault_in_timer (zooid_context_t *self, void *state)
{
    (void) self;
    (void) state;
    atomic_fetch_add (&s_faults, 1);
    return zooid_fault (-EIO);
}

static int
s_note_turn (zooid_context_t *self, void *state)
{
    (void) self;
    (void) state;
    if (atomic_load (&s_faults) > 0)
        atomic_fetch_add (&s_turns_behind_the_fault, 1);
    return 0;
}

static int
s_note_outcome (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    (void) outcome;
    return s_note_turn (self, state);
}

static void
s_wait_until_due (const zooid_context_t *self)
{
    const zooid_system_t *system = zooid_context_system (self);
    int64_t begin_ms = zooid_system_monotonic_ms (system);
    while (zooid_system_monotonic_ms (system) < begin_ms + 3)
        ;
}

static int
s_fault_then_timer (zooid_context_t *self, void *state)
{
    (void) state;
    zooid_timer_start (self, 0, 0, s_fault_in_timer, NULL, NULL, NULL);
    zooid_timer_start (self, 1, 0, s_note_turn, NULL, NULL, NULL);
    s_wait_until_due (self);
    return 0;
}

static int
s_fault_then_deadline (zooid_context_t *self, void *state)
{
    (void) state;
    zooid_timer_start (self, 0, 0, s_fault_in_timer, NULL, NULL, NULL);
    int rc = zooid_ask (self, &(zooid_call_t) { .operation = "looper.hold", .deadline_ms = 1, .then = s_note_outcome });
    s_wait_until_due (self);
    return rc;
}

static void
s_quiet (void *state, const char *line, size_t size)
{
    (void) state;
    (void) line;
    (void) size;
}

//  The turn makes two things due at once, of which the first is a fault.
static void
s_run_looper (zooid_turn_fn *turn)
{
    gate_init (&s_started);
    atomic_store (&s_faults, 0);
    atomic_store (&s_turns_behind_the_fault, 0);
    zooid_log_sink (s_quiet, NULL);
    zooid_system_t *system = NULL;
    zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    assert_int_equal (zooid_system_new (&system, NULL), 0);
    const char *why = "";
    zooid_ref_t looper;
    assert_int_equal (zooid_system_spawn (system, &(zooid_spawn_t) {
        .name = "looper", .module = &looper_module, .supervision = { .backoff_ms = 1 } }, arena, &why, &looper), 0);
    gate_wait (&s_started, 1);
    assert_int_equal (zooid_system_post (system, looper, turn, NULL, NULL), 0);
    gate_wait (&s_started, 2);
    assert_int_equal (zooid_system_stop (system, 10000), 0);
    zooid_system_destroy (&system);
    zooid_arena_destroy (&arena);
    assert_int_equal (atomic_load (&s_faults), 1);
}

static void
test_fault_in_a_loop_ends_the_timers_of_the_same_turn (void **state)
{
    (void) state;
    s_run_looper (s_fault_then_timer);
    assert_int_equal (atomic_load (&s_turns_behind_the_fault), 0);
}

static void
test_fault_in_a_loop_ends_the_asks_of_the_same_turn (void **state)
{
    (void) state;
    s_run_looper (s_fault_then_deadline);
    assert_int_equal (atomic_load (&s_turns_behind_the_fault), 0);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        WORLD_TEST (test_ask_ends_unavailable_at_once_when_the_actor_failed_for_good),
        cmocka_unit_test (test_fault_in_a_loop_ends_the_timers_of_the_same_turn),
        cmocka_unit_test (test_fault_in_a_loop_ends_the_asks_of_the_same_turn),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
