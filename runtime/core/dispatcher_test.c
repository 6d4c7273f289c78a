//  The system on real threads: two dispatchers, descriptors, a loop that is not ours, threads that are not ours.
#include "message.h"
#include "test_gate.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <zooid/log.h>
#include <zooid/system.h>

typedef struct {
    int64_t number;
} count_t;

static const zooid_field_t count_fields [] = {
    ZOOID_INTEGER (count_t, number, .doc = "Number"),
};
static const zooid_record_t count = ZOOID_RECORD ("count", count_t, count_fields, .doc = "A number");

//  ---- the receiver: checks order, counts

static atomic_int_fast64_t s_sum, s_next, s_disorder;

static int
on_add (zooid_context_t *self, const void *arguments)
{
    (void) self;
    const count_t *given = arguments;
    if (given->number != atomic_fetch_add (&s_next, 1))
        atomic_fetch_add (&s_disorder, 1);
    atomic_fetch_add (&s_sum, given->number);
    return 0;
}

static int
on_double (zooid_context_t *self, const void *arguments)
{
    const count_t *given = arguments;
    return zooid_reply (self, &count, &(count_t) { 2 * given->number });
}

static const zooid_operation_t sink_operations [] = {
    { .name = "sink.add", .kind = ZOOID_COMMAND, .takes = &count, .scope = "public", .handler = on_add, .doc = "Add" },
    { .name = "sink.double", .kind = ZOOID_QUERY, .takes = &count, .gives = &count, .scope = "public", .handler = on_double, .doc = "Twice" },
};
static const zooid_contract_t sink_contract = { .name = "sink", ZOOID_OPERATIONS (sink_operations), .doc = "Sink" };
static const zooid_module_t sink_module = {
    ZOOID_MODULE_HEADER, .name = "sink", .version = "1", .doc = "Sink", .contract = &sink_contract };

static const zooid_contract_t blank_contract = { .name = "blank", .doc = "Nothing" };
static const zooid_module_t blank_module = {
    ZOOID_MODULE_HEADER, .name = "blank", .version = "1", .doc = "Nothing", .contract = &blank_contract };

//  ---- a loop that is not ours

static atomic_int s_loop_turns, s_loop_timers, s_loop_left;

static int
s_loop_timer (zooid_context_t *self, void *state)
{
    (void) self;
    (void) state;
    atomic_fetch_add (&s_loop_timers, 1);
    return 0;
}

static int
looper_start (zooid_context_t *self, const void *settings)
{
    (void) settings;
    zooid_timer_start (self, 5, 5, s_loop_timer, NULL, NULL, NULL);
    return 0;
}

static int
looper_run (zooid_context_t *self, zooid_loop_t *loop)
{
    (void) self;
    struct pollfd poller = { .fd = zooid_loop_descriptor (loop), .events = POLLIN };
    int rc = zooid_loop_turn (loop, 16);
    while (rc != ZOOID_GONE) {
        if (poll (&poller, 1, 10000) <= 0)
            return -1;
        atomic_fetch_add (&s_loop_turns, 1);
        rc = zooid_loop_turn (loop, 16);
    }
    atomic_store (&s_loop_left, 1);
    return 0;
}

static const zooid_operation_t looper_operations [] = {
    { .name = "looper.double", .kind = ZOOID_QUERY, .takes = &count, .gives = &count, .scope = "public", .handler = on_double, .doc = "Twice" },
};
static const zooid_contract_t looper_contract = { .name = "looper", ZOOID_OPERATIONS (looper_operations), .doc = "Loop" };
static const zooid_module_t looper_module = {
    ZOOID_MODULE_HEADER, .name = "looper", .version = "1", .doc = "Loop", .contract = &looper_contract,
    .start = looper_start, .run = looper_run };

static zooid_system_t *
s_system (void)
{
    zooid_system_t *system = NULL;
    assert_int_equal (zooid_system_new (&system, NULL), 0);
    return system;
}

static zooid_ref_t
s_spawn_on (zooid_system_t *system, const char *name, const zooid_module_t *module, const char *dispatcher)
{
    zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    zooid_ref_t ref = { 0 };
    const char *why = "";
    if (zooid_system_spawn (system, &(zooid_spawn_t) { .name = name, .module = module, .dispatcher = dispatcher }, arena, &why, &ref))
        fail_msg ("%s", why);
    zooid_arena_destroy (&arena);
    return ref;
}

static zooid_ref_t
s_spawn (zooid_system_t *system, const char *name, const zooid_module_t *module)
{
    return s_spawn_on (system, name, module, NULL);
}

//  ---- tests

enum { MANY = 50000 };

typedef struct {
    gate_t gate;
    int64_t sent;
} sender_t;

//  Sends all it may, then comes again: nothing in a handler waits for room.
static int
s_send_some (zooid_context_t *self, void *state)
{
    sender_t *sender = state;
    while (sender->sent < MANY) {
        int rc = zooid_tell (self, &(zooid_call_t) { .operation = "sink.add", .takes = &count, .arguments = &(count_t) { sender->sent } });
        if (rc == ZOOID_FULL) {
            zooid_timer_start (self, 1, 0, s_send_some, sender, NULL, NULL);
            return 0;
        }
        assert_int_equal (rc, 0);
        sender->sent++;
    }
    gate_open (&sender->gate, 0);
    return 0;
}

static int
s_then_open (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    count_t answer = { 0 };
    assert_null (outcome->failure);
    assert_int_equal (zooid_decode (self, &count, outcome->payload, &answer), 0);
    gate_open (state, answer.number);
    return 0;
}

static int
s_ask_sink (zooid_context_t *self, void *state)
{
    for (int64_t i = 0; i < 1000; i++)
        assert_int_equal (zooid_ask (self, &(zooid_call_t) { .operation = "sink.double", .takes = &count, .arguments = &(count_t) { i },
                                                             .deadline_ms = 20000, .then = s_then_open, .state = state }), 0);
    return 0;
}

static void
test_tells_across_dispatchers_arrive_once_and_in_order (void **state)
{
    (void) state;
    atomic_store (&s_sum, 0);
    atomic_store (&s_next, 0);
    zooid_system_t *system = s_system ();
    s_spawn (system, "sink", &sink_module);
    zooid_ref_t source = s_spawn (system, "blank", &blank_module);
    assert_int_equal (zooid_system_wait_started (system, 10000), 0);
    sender_t sender = { .sent = 0 };
    gate_init (&sender.gate);
    assert_int_equal (zooid_system_post (system, source, s_send_some, &sender, NULL), 0);
    gate_wait (&sender.gate, 1);
    assert_int_equal (zooid_system_stop (system, 10000), 0);
    assert_int_equal (atomic_load (&s_disorder), 0);
    assert_int_equal (atomic_load (&s_sum), (int64_t) MANY * (MANY - 1) / 2);
    zooid_system_destroy (&system);
}

static void
test_asks_across_dispatchers_are_all_answered (void **state)
{
    (void) state;
    zooid_system_t *system = s_system ();
    s_spawn (system, "sink", &sink_module);
    zooid_ref_t source = s_spawn (system, "blank", &blank_module);
    gate_t gate;
    gate_init (&gate);
    assert_int_equal (zooid_system_post (system, source, s_ask_sink, &gate, NULL), 0);
    gate_wait (&gate, 1000);
    assert_int_equal (gate.value, 999000);
    zooid_system_destroy (&system);
}

typedef struct {
    int pipe [2];
    gate_t gate;
} watched_t;

static int
s_ready (zooid_context_t *self, void *state, int descriptor, unsigned events)
{
    watched_t *watched = state;
    char byte;
    assert_int_equal (events, ZOOID_READABLE);
    assert_int_equal (read (descriptor, &byte, 1), 1);
    if (byte == 'q')
        zooid_unwatch (self, descriptor);
    gate_open (&watched->gate, byte);
    return 0;
}

static int
s_watch_turn (zooid_context_t *self, void *state)
{
    watched_t *watched = state;
    return zooid_watch (self, watched->pipe [0], ZOOID_READABLE, s_ready, watched);
}

static void
test_watched_descriptor_wakes_its_actor (void **state)
{
    (void) state;
    zooid_system_t *system = s_system ();
    zooid_ref_t actor = s_spawn (system, "blank", &blank_module);
    watched_t watched;
    gate_init (&watched.gate);
    assert_int_equal (pipe (watched.pipe), 0);
    assert_int_equal (zooid_system_post (system, actor, s_watch_turn, &watched, NULL), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal (write (watched.pipe [1], i < 2 ? "a" : "q", 1), 1);
        gate_wait (&watched.gate, i + 1);
    }
    zooid_system_destroy (&system);
    close (watched.pipe [0]);
    close (watched.pipe [1]);
}

static int
s_ask_looper (zooid_context_t *self, void *state)
{
    return zooid_ask (self, &(zooid_call_t) { .operation = "looper.double", .takes = &count, .arguments = &(count_t) { 21 },
                                              .then = s_then_open, .state = state });
}

static void
test_loop_that_is_not_ours_gets_messages_and_timers_and_ends (void **state)
{
    (void) state;
    zooid_system_t *system = s_system ();
    s_spawn (system, "looper", &looper_module);
    zooid_ref_t source = s_spawn (system, "blank", &blank_module);
    gate_t gate;
    gate_init (&gate);
    for (int i = 0; i < 10; i++) {
        assert_int_equal (zooid_system_post (system, source, s_ask_looper, &gate, NULL), 0);
        gate_wait (&gate, i + 1);
    }
    assert_int_equal (gate.value, 420);
    struct timespec begin, now;
    clock_gettime (CLOCK_MONOTONIC, &begin);
    do
        clock_gettime (CLOCK_MONOTONIC, &now);
    while (atomic_load (&s_loop_timers) < 3 && now.tv_sec - begin.tv_sec < 10);
    assert_true (atomic_load (&s_loop_timers) >= 3);
    assert_int_equal (zooid_system_stop (system, 10000), 0);
    assert_int_equal (atomic_load (&s_loop_left), 1);
    zooid_system_destroy (&system);
}

static zooid_port_t *s_port;

static int
s_make_port (zooid_context_t *self, void *state)
{
    zooid_port_new (&s_port, self);
    gate_open (state, 0);
    return 0;
}

static int
s_posted (zooid_context_t *self, void *state)
{
    (void) self;
    gate_open (state, 1);
    return 0;
}

static void *
s_foreign (void *argument)
{
    for (int i = 0; i < 1000; i++)
        if (zooid_port_post (s_port, s_posted, argument, NULL))
            return argument;
    return NULL;
}

static void
test_port_brings_turns_from_a_thread_that_is_not_ours (void **state)
{
    (void) state;
    zooid_system_t *system = s_system ();
    zooid_ref_t actor = s_spawn (system, "blank", &blank_module);
    gate_t gate;
    gate_init (&gate);
    assert_int_equal (zooid_system_post (system, actor, s_make_port, &gate, NULL), 0);
    gate_wait (&gate, 1);
    pthread_t threads [2];
    for (int i = 0; i < 2; i++)
        assert_int_equal (pthread_create (&threads [i], NULL, s_foreign, &gate), 0);
    for (int i = 0; i < 2; i++) {
        void *refused = NULL;
        pthread_join (threads [i], &refused);
        assert_null (refused);
    }
    gate_wait (&gate, 2001);
    assert_int_equal (gate.value, 2000);
    assert_int_equal (zooid_system_stop (system, 1000), 0);
    assert_int_equal (zooid_port_post (s_port, s_posted, &gate, NULL), ZOOID_GONE);
    zooid_port_destroy (&s_port);
    zooid_system_destroy (&system);
}

static int
s_long_work (void *state)
{
    (void) state;
    return 3;
}

static int
s_work_done (zooid_context_t *self, void *state, int result)
{
    (void) self;
    gate_open (state, result);
    return 0;
}

static int
s_work_turn (zooid_context_t *self, void *state)
{
    for (int i = 0; i < 100; i++)
        assert_int_equal (zooid_work (self, s_long_work, s_work_done, state, NULL), 0);
    return 0;
}

static void
test_work_on_the_pool_comes_back (void **state)
{
    (void) state;
    zooid_system_t *system = s_system ();
    zooid_ref_t actor = s_spawn (system, "blank", &blank_module);
    gate_t gate;
    gate_init (&gate);
    assert_int_equal (zooid_system_post (system, actor, s_work_turn, &gate, NULL), 0);
    gate_wait (&gate, 100);
    assert_int_equal (gate.value, 300);
    zooid_system_destroy (&system);
}

//  ---- the clock of a turn that takes long

enum { LONG_MS = 40, DELAY_MS = 20, DEADLINE_MS = 30000 };

static gate_t s_clock_gate, s_never;
static atomic_int_fast64_t s_asked_ms, s_seen_ms;

static int
on_look (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    int64_t deadline_ms = zooid_message (self)->deadline_ms;
    atomic_store (&s_seen_ms, deadline_ms ? deadline_ms : zooid_monotonic_ms (self));
    gate_open (&s_clock_gate, 0);
    return 0;
}

static const zooid_operation_t clock_operations [] = {
    { .name = "clock.look", .kind = ZOOID_COMMAND, .scope = "public", .handler = on_look, .doc = "Note the time" },
};
static const zooid_contract_t clock_contract = { .name = "clock", ZOOID_OPERATIONS (clock_operations), .doc = "Clock" };
static const zooid_module_t clock_module = {
    ZOOID_MODULE_HEADER, .name = "clock", .version = "1", .doc = "Clock", .contract = &clock_contract };

static int64_t
s_now_ms (const zooid_context_t *self)
{
    return zooid_system_monotonic_ms (zooid_context_system (self));
}

static int
s_fired (zooid_context_t *self, void *state)
{
    (void) state;
    atomic_store (&s_seen_ms, s_now_ms (self));
    gate_open (&s_clock_gate, 0);
    return 0;
}

static int
s_start_timer_late (zooid_context_t *self, void *state)
{
    (void) state;
    gate_opens (&s_never, 1, LONG_MS);
    atomic_store (&s_asked_ms, s_now_ms (self));
    zooid_timer_start (self, DELAY_MS, 0, s_fired, NULL, NULL, NULL);
    return 0;
}

static int
s_ignore_answer (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    (void) self;
    (void) state;
    (void) outcome;
    return 0;
}

static int
s_ask_late (zooid_context_t *self, void *state)
{
    (void) state;
    gate_opens (&s_never, 1, LONG_MS);
    atomic_store (&s_asked_ms, s_now_ms (self));
    return zooid_ask (self, &(zooid_call_t) { .operation = "clock.look", .deadline_ms = DEADLINE_MS, .then = s_ignore_answer });
}

//  What it tells is handled in the same turn of the dispatcher, when both share it.
static int
s_tell_early (zooid_context_t *self, void *state)
{
    (void) state;
    int rc = zooid_tell (self, &(zooid_call_t) { .operation = "clock.look" });
    gate_opens (&s_never, 1, LONG_MS);
    atomic_store (&s_asked_ms, s_now_ms (self));
    return rc;
}

static void
s_run_clock (zooid_turn_fn *turn)
{
    gate_init (&s_clock_gate);
    gate_init (&s_never);
    zooid_system_t *system = s_system ();
    s_spawn_on (system, "clock", &clock_module, "shared");
    zooid_ref_t actor = s_spawn_on (system, "blank", &blank_module, "shared");
    assert_int_equal (zooid_system_wait_started (system, 10000), 0);
    assert_int_equal (zooid_system_post (system, actor, turn, NULL, NULL), 0);
    gate_wait (&s_clock_gate, 1);
    assert_int_equal (zooid_system_stop (system, 10000), 0);
    zooid_system_destroy (&system);
}

static void
test_timer_never_fires_early_when_started_late_in_a_turn (void **state)
{
    (void) state;
    s_run_clock (s_start_timer_late);
    assert_true (atomic_load (&s_seen_ms) - atomic_load (&s_asked_ms) >= DELAY_MS);
}

static void
test_ask_has_its_whole_deadline_when_made_late_in_a_turn (void **state)
{
    (void) state;
    s_run_clock (s_ask_late);
    assert_true (atomic_load (&s_seen_ms) - atomic_load (&s_asked_ms) >= DEADLINE_MS);
}

static void
test_clock_is_read_again_for_an_actor_whose_neighbour_took_long (void **state)
{
    (void) state;
    s_run_clock (s_tell_early);
    assert_true (atomic_load (&s_seen_ms) >= atomic_load (&s_asked_ms));
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_tells_across_dispatchers_arrive_once_and_in_order),
        cmocka_unit_test (test_asks_across_dispatchers_are_all_answered),
        cmocka_unit_test (test_watched_descriptor_wakes_its_actor),
        cmocka_unit_test (test_loop_that_is_not_ours_gets_messages_and_timers_and_ends),
        cmocka_unit_test (test_port_brings_turns_from_a_thread_that_is_not_ours),
        cmocka_unit_test (test_work_on_the_pool_comes_back),
        cmocka_unit_test (test_timer_never_fires_early_when_started_late_in_a_turn),
        cmocka_unit_test (test_ask_has_its_whole_deadline_when_made_late_in_a_turn),
        cmocka_unit_test (test_clock_is_read_again_for_an_actor_whose_neighbour_took_long),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
