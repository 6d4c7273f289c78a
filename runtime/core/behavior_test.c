//  Messages that are put aside, handed on, handled otherwise or held up: in which order they are handled, and by whom.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <zooid/supervision.h>
#include <zooid/system.h>

typedef struct {
    int64_t number;
} item_t;
static const zooid_field_t item_fields [] = { ZOOID_INTEGER (item_t, number, .doc = "Which") };
static const zooid_record_t item = ZOOID_RECORD ("item", item_t, item_fields, .doc = "A number");

//  What was handled, in order.
static char s_trace [512];

static void
s_note (const char *what, int64_t number)
{
    size_t size = strlen (s_trace);
    snprintf (s_trace + size, sizeof s_trace - size, "%s%s%lld", size ? " " : "", what, (long long) number);
}

//  ---- a door: shut, it puts aside what knocks; open, it answers

static int
on_knock (zooid_context_t *self, const void *arguments)
{
    s_note ("knock", ((const item_t *) arguments)->number);
    return zooid_reply (self, &item, arguments);
}

static int
on_knock_shut (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    return zooid_stash (self);
}

static int
on_shut (zooid_context_t *self, const void *arguments)
{
    static const zooid_case_t cases [] = { { "door.knock", on_knock_shut } };
    static const zooid_behavior_t by_case = { ZOOID_CASES (cases) }, others = { .others = ZOOID_OTHERS_STASH },
        refuses = { .others = ZOOID_OTHERS_REFUSE };
    static const zooid_behavior_t *const ways [] = { &by_case, &others, &refuses };
    zooid_become (self, ways [((const item_t *) arguments)->number]);
    return 0;
}

static int
s_open (zooid_context_t *self, void *state)
{
    (void) state;
    zooid_become (self, NULL);
    zooid_unstash (self);
    return 0;
}

static int
s_fall (zooid_context_t *self, void *state)
{
    (void) self;
    (void) state;
    return zooid_fault (-EIO);
}

static int
on_wind (zooid_context_t *self, const void *arguments)
{
    s_note ("wind", ((const item_t *) arguments)->number);
    (void) self;
    return 0;
}

static int
on_pass (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    int rc = zooid_forward (self, (zooid_ref_t) { 0 }, "back.knock");
    assert_int_equal (rc == 0 ? zooid_forward (self, (zooid_ref_t) { 0 }, "back.knock") : -EALREADY, -EALREADY);
    return rc > 0 ? zooid_fail (self, "unavailable", "nobody is at the back") : rc;
}

//  ---- an exclusive errand: it asks the back door, and is answered when that has answered

static int
s_then_done (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    zooid_request_t *request = *(zooid_request_t **) state;
    *(zooid_request_t **) state = NULL;
    s_note ("done", outcome->failure ? -1 : 0);
    return zooid_request_forward (self, &request, outcome);
}

static void
s_destroy_request (void *state)
{
    zooid_request_destroy (state);
    free (state);
}

static int
s_errand (zooid_context_t *self, const void *arguments)
{
    s_note ("errand", ((const item_t *) arguments)->number);
    zooid_request_t **request = zooid_allocate (sizeof *request);
    *request = zooid_request_take (self);
    return zooid_ask (self, &(zooid_call_t) { .operation = "back.knock", .takes = &item, .arguments = arguments,
                                              .then = s_then_done, .state = request, .destroy = s_destroy_request });
}

static const zooid_operation_t operations [] = {
    { .name = "door.knock", .kind = ZOOID_QUERY, .takes = &item, .gives = &item, .scope = "public", .handler = on_knock, .doc = "Knock." },
    { .name = "door.shut", .kind = ZOOID_COMMAND, .takes = &item, .scope = "public", .handler = on_shut, .doc = "Shut it." },
    { .name = "door.pass", .kind = ZOOID_QUERY, .takes = &item, .gives = &item, .scope = "public", .handler = on_pass, .doc = "By the back." },
    { .name = "door.errand", .kind = ZOOID_QUERY, .takes = &item, .gives = &item, .scope = "public", .handler = s_errand, .exclusive = true,
      .doc = "Alone." },
    { .name = "door.stroll", .kind = ZOOID_QUERY, .takes = &item, .gives = &item, .scope = "public", .handler = s_errand, .doc = "In company." },
};
static const zooid_subscription_t subscriptions [] = {
    { .topic = "wind.blows", .carries = &item, .handler = on_wind, .doc = "Wind." },
};
static const zooid_contract_t contract = {
    .name = "door", ZOOID_OPERATIONS (operations), ZOOID_SUBSCRIPTIONS (subscriptions), .doc = "A door.",
};
static const zooid_module_t door = { ZOOID_MODULE_HEADER, .name = "door", .version = "1", .doc = "A door.", .contract = &contract };

//  ---- who knocks

static const zooid_event_t events [] = { { .topic = "wind.blows", .carries = &item, .scope = "public", .doc = "Wind." } };
static const zooid_contract_t guest_contract = { .name = "guest", ZOOID_EVENTS (events), .doc = "Knocks." };
static const zooid_module_t guest = { ZOOID_MODULE_HEADER, .name = "guest", .version = "1", .doc = "Knocks.", .contract = &guest_contract };

static int
s_then_answered (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    (void) state;
    item_t answer = { -1 };
    if (!outcome->failure && outcome->payload.size)
        assert_int_equal (zooid_decode (self, &item, outcome->payload, &answer), 0);
    s_note (outcome->failure ? outcome->failure : "answer", answer.number);
    return 0;
}

typedef struct {
    const char *operation;
    int64_t number;
} ask_t;

static int
s_ask (zooid_context_t *self, void *state)
{
    const ask_t *ask = state;
    if (!ask->operation)
        return zooid_publish (self, "wind.blows", &item, &(item_t) { ask->number });
    return zooid_ask (self, &(zooid_call_t) { .operation = ask->operation, .takes = &item, .arguments = &(item_t) { ask->number },
                                              .then = s_then_answered });
}

typedef struct {
    zooid_system_t *system;
    zooid_arena_t *arena;
    zooid_ref_t door, back, guest;
} scene_t;

static int
s_set_up (void **state)
{
    scene_t *self = zooid_allocate (sizeof *self);
    zooid_arena_new (&self->arena, 0);
    const char *why = "";
    assert_int_equal (zooid_system_new (&self->system, &(zooid_system_options_t) { .environment = ZOOID_VIRTUAL, .seed = 3 }), 0);
    const struct { const char *name; const zooid_module_t *module; zooid_ref_t *ref; } actors [] = {
        { "door", &door, &self->door }, { "back", &door, &self->back }, { "guest", &guest, &self->guest },
    };
    for (size_t i = 0; i < ZOOID_COUNT (actors); i++)
        assert_int_equal (zooid_system_spawn (self->system, &(zooid_spawn_t) { .name = actors [i].name, .module = actors [i].module },
                                              self->arena, &why, actors [i].ref), 0);
    zooid_system_run (self->system, 1);
    s_trace [0] = '\0';
    *state = self;
    return 0;
}

static int
s_tear_down (void **state)
{
    scene_t *self = *state;
    zooid_system_destroy (&self->system);
    zooid_arena_destroy (&self->arena);
    free (self);
    return 0;
}

static void
s_send (scene_t *self, const ask_t *asks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal (zooid_system_post (self->system, self->guest, s_ask, (void *) &asks [i], NULL), 0);
}

static void
s_run (scene_t *self, int64_t more_ms)
{
    zooid_system_run (self->system, zooid_system_monotonic_ms (self->system) + more_ms);
}

static void
s_post (scene_t *self, zooid_turn_fn *turn)
{
    assert_int_equal (zooid_system_post (self->system, self->door, turn, NULL, NULL), 0);
    s_run (self, 1);
}

//  ---- stash and become

static void
test_stash_brings_back_what_was_put_aside_in_its_order (void **state)
{
    scene_t *self = *state;
    const ask_t knocks [] = { { "door.knock", 1 }, { "door.knock", 2 } }, late = { "door.knock", 3 };
    for (int64_t way = 0; way < 2; way++) {
        ask_t shut = { "door.shut", way };
        s_send (self, &shut, 1);
        s_run (self, 1);
        s_trace [0] = '\0';
        s_send (self, knocks, 2);
        s_run (self, 1);
        assert_string_equal (s_trace, "");
        s_post (self, s_open);
        s_send (self, &late, 1);
        s_run (self, 1);
        char *place = s_trace;
        for (const char *const *word = (const char *const []) { "knock1", "knock2", "knock3", NULL }; *word; word++) {
            place = strstr (place, *word);
            assert_non_null (place);
        }
        assert_non_null (strstr (s_trace, "answer3"));
    }
}

static void
test_stash_is_given_back_by_a_restart_and_dies_with_a_stop (void **state)
{
    scene_t *self = *state;
    const ask_t asks [] = { { "door.shut", 0 }, { "door.knock", 1 }, { "door.knock", 2 } };
    s_send (self, asks, 3);
    s_run (self, 1);
    s_trace [0] = '\0';
    s_post (self, s_fall);
    s_run (self, 1000);
    assert_non_null (strstr (s_trace, "knock1"));       //  By the contract's handler again
    assert_non_null (strstr (s_trace, "answer2"));
    s_send (self, asks, 2);
    s_run (self, 1);
    s_trace [0] = '\0';
    assert_int_equal (zooid_system_stop (self->system, 1000), ZOOID_MORE);
}

static void
test_become_can_refuse_what_no_case_names (void **state)
{
    scene_t *self = *state;
    const ask_t asks [] = { { "door.shut", 2 }, { "door.knock", 1 } };
    s_send (self, asks, 2);
    s_run (self, 1);
    assert_non_null (strstr (s_trace, "unavailable-1"));
    assert_null (strstr (s_trace, "knock1"));
}

static int
s_stash_nothing (zooid_context_t *self, void *state)
{
    (void) state;
    assert_int_equal (zooid_stash (self), -EALREADY);
    assert_int_equal (zooid_forward (self, (zooid_ref_t) { 0 }, "back.knock"), -EALREADY);
    return 0;
}

static void
test_stash_and_forward_want_a_message_that_is_not_answered (void **state)
{
    s_post (*state, s_stash_nothing);
}

//  ---- forward

static void
test_forward_is_answered_by_the_other_in_its_place (void **state)
{
    scene_t *self = *state;
    const ask_t pass = { "door.pass", 5 };
    s_send (self, &pass, 1);
    s_run (self, 1);
    assert_string_equal (s_trace, "knock5 answer5");
}

static int
s_end_back (zooid_context_t *self, void *state)
{
    (void) state;
    return zooid_stop (self, zooid_self (self));
}

static void
test_forward_to_nobody_is_still_to_be_answered (void **state)
{
    scene_t *self = *state;
    assert_int_equal (zooid_system_post (self->system, self->back, s_end_back, NULL, NULL), 0);
    s_run (self, 1);
    const ask_t pass = { "door.pass", 5 };
    s_send (self, &pass, 1);
    s_run (self, 1);
    assert_string_equal (s_trace, "unavailable-1");
}

//  ---- exclusive

static void
test_exclusive_operation_holds_up_all_others_until_it_is_answered (void **state)
{
    scene_t *self = *state;
    const ask_t asks [] = { { "door.errand", 1 }, { "door.knock", 2 }, { NULL, 3 }, { "door.errand", 4 }, { "door.knock", 5 } };
    s_send (self, asks, 5);
    s_run (self, 1);
    char mine [256] = "", text [512];
    snprintf (text, sizeof text, "%s", s_trace);
    for (char *rest = text, *word; (word = strtok_r (rest, " ", &rest));)
        if (strncmp (word, "answer", 6) != 0 && strcmp (word, "knock1") != 0 && strcmp (word, "knock4") != 0)
            snprintf (mine + strlen (mine), sizeof mine - strlen (mine), "%s%s", *mine ? " " : "", word);
    //  Both doors hear the wind; this one in its place.
    assert_non_null (strstr (mine, "errand1"));
    assert_true (strstr (mine, "done0") < strstr (mine, "knock2"));
    assert_true (strstr (mine, "knock2") < strstr (mine, "errand4"));
    assert_true (strstr (strstr (mine, "errand4"), "done0") < strstr (mine, "knock5"));
    assert_non_null (strstr (s_trace, "answer4"));
}

static void
test_operation_that_is_not_exclusive_lets_others_in (void **state)
{
    scene_t *self = *state;
    const ask_t asks [] = { { "door.stroll", 1 }, { "door.stroll", 2 } };
    s_send (self, asks, 2);
    s_run (self, 1);
    assert_true (strstr (s_trace, "errand2") < strstr (s_trace, "done0"));
}

static void
test_exclusive_operation_ends_with_a_restart (void **state)
{
    scene_t *self = *state;
    const ask_t shut = { "back.shut", 0 }, asks [] = { { "door.errand", 1 }, { "door.knock", 2 } };
    s_send (self, &shut, 1);
    s_run (self, 1);
    s_send (self, asks, 2);
    s_run (self, 1);
    assert_null (strstr (s_trace, "knock2"));
    //  A fault that comes by itself: what is posted would be held up too.
    assert_int_equal (zooid_system_post (self->system, self->door, s_fall, NULL, NULL), 0);
    s_run (self, 6000);                                 //  The ask's deadline frees it
    assert_non_null (strstr (s_trace, "done-1"));
    assert_non_null (strstr (s_trace, "knock2"));
    s_send (self, &asks [1], 1);
    s_run (self, 1000);
    assert_non_null (strstr (s_trace, "answer2"));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_set_up, s_tear_down)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        TEST (test_stash_brings_back_what_was_put_aside_in_its_order),
        TEST (test_stash_is_given_back_by_a_restart_and_dies_with_a_stop),
        TEST (test_become_can_refuse_what_no_case_names),
        TEST (test_stash_and_forward_want_a_message_that_is_not_answered),
        TEST (test_forward_is_answered_by_the_other_in_its_place),
        TEST (test_forward_to_nobody_is_still_to_be_answered),
        TEST (test_exclusive_operation_holds_up_all_others_until_it_is_answered),
        TEST (test_operation_that_is_not_exclusive_lets_others_in),
        TEST (test_exclusive_operation_ends_with_a_restart),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
