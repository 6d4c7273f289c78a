//  Actors that actors spawn: in which order they start, fall, come again and end. Each scenario runs with all of them on
//  one dispatcher and with each on its own, under many seeds.
#include "test_gate.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <zooid/supervision.h>
#include <zooid/system.h>

enum { SEEDS = 50, CHILDREN = 3 };

//  What happened, in order: "+a" a started, "-a" it stopped, "!a" told.
static char s_trace [512];
static int s_bad_starts;                //  So many starts of b fail
static int s_drains;
static bool s_on_one_dispatcher;

static void
s_note (const char *what, const char *who)
{
    size_t size = strlen (s_trace);
    snprintf (s_trace + size, sizeof s_trace - size, "%s%s%s", size ? " " : "", what, who);
}

//  ---- the child

static int
child_start (zooid_context_t *self, const void *settings)
{
    (void) settings;
    s_note ("+", zooid_name (self));
    if (strcmp (zooid_name (self), "b") == 0 && s_bad_starts > 0) {
        s_bad_starts--;
        return zooid_fault (-EAGAIN);
    }
    return 0;
}

static void
child_stop (zooid_context_t *self)
{
    s_note ("-", zooid_name (self));
}

static void
child_drain (zooid_context_t *self)
{
    (void) self;
    s_drains++;
}

static int
on_fall (zooid_context_t *self, const void *arguments)
{
    (void) self;
    (void) arguments;
    return zooid_fault (-EIO);
}

static int
on_mark (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    s_note ("!", zooid_name (self));
    return 0;
}

static const zooid_operation_t child_operations [] = {
    { .name = "child.fall", .kind = ZOOID_COMMAND, .scope = "public", .handler = on_fall, .doc = "Fault." },
    { .name = "child.mark", .kind = ZOOID_COMMAND, .scope = "public", .handler = on_mark, .doc = "Be noted." },
};
static const zooid_contract_t child_contract = { .name = "child", ZOOID_OPERATIONS (child_operations), .doc = "A child." };
static const zooid_module_t child = {
    ZOOID_MODULE_HEADER, .name = "child", .version = "1", .doc = "A child.", .contract = &child_contract,
    .start = child_start, .drain = child_drain, .stop = child_stop,
};

//  ---- the parent

typedef struct {
    zooid_ref_t children [CHILDREN];
} parent_t;
static zooid_ref_t s_children [CHILDREN];       //  The last ones
static bool s_is_temporary;

static int
parent_start (zooid_context_t *self, const void *settings)
{
    (void) settings;
    static const char *const names [CHILDREN] = { "a", "b", "c" };
    s_note ("+", zooid_name (self));
    for (size_t i = 0; i < CHILDREN; i++) {
        const char *why = "";
        int rc = zooid_spawn (self, &(zooid_child_t) {
            .module = &child, .name = names [i], .is_temporary = s_is_temporary,
            .dispatcher = s_on_one_dispatcher ? NULL : names [i] }, &why, &s_children [i]);
        if (rc)
            fail_msg ("%s", why);
    }
    memcpy (((parent_t *) zooid_state (self))->children, s_children, sizeof s_children);
    return 0;
}

static const zooid_contract_t parent_contract = { .name = "parent", .doc = "A parent." };
static zooid_module_t parent = {
    ZOOID_MODULE_HEADER, .name = "parent", .version = "1", .doc = "A parent.", .contract = &parent_contract,
    .state_size = sizeof (parent_t), .start = parent_start, .stop = child_stop,
};

//  ---- a scenario

typedef struct {
    zooid_system_t *system;
    zooid_arena_t *arena;
    zooid_ref_t parent;
} scene_t;

static void
s_open (scene_t *self, uint64_t seed)
{
    s_trace [0] = '\0';
    *self = (scene_t) { .system = NULL };
    zooid_arena_new (&self->arena, 0);
    const char *why = "";
    assert_int_equal (zooid_system_new (&self->system, &(zooid_system_options_t) { .environment = ZOOID_VIRTUAL, .seed = seed }), 0);
    assert_int_equal (zooid_system_spawn (self->system, &(zooid_spawn_t) { .name = "parent", .module = &parent }, self->arena,
                                          &why, &self->parent), 0);
    zooid_system_run (self->system, 1);
}

static void
s_run (scene_t *self, int64_t more_ms)
{
    zooid_system_run (self->system, zooid_system_monotonic_ms (self->system) + more_ms);
}

static void
s_close (scene_t *self)
{
    zooid_system_destroy (&self->system);
    zooid_arena_destroy (&self->arena);
}

static int
s_fall (zooid_context_t *self, void *state)
{
    (void) self;
    (void) state;
    return zooid_fault (-EIO);
}

static void
s_let_fall (scene_t *self, zooid_ref_t who)
{
    assert_int_equal (zooid_system_post (self->system, who, s_fall, NULL, NULL), 0);
}

//  Run it on one dispatcher and on many, under each seed.
static void
s_play (zooid_strategy_t strategy, void (*play) (scene_t *scene))
{
    parent.children = (zooid_supervision_t) { .strategy = strategy, .restarts = 3, .within_ms = 60000, .backoff_ms = 10 };
    s_is_temporary = false;
    s_bad_starts = 0;
    for (int one = 0; one < 2; one++)
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            scene_t scene;
            s_on_one_dispatcher = one;
            s_open (&scene, seed);
            play (&scene);
            s_close (&scene);
        }
}

//  What the trace says of `name`, the others left out.
static void
s_assert_trace_of (const char *name, const char *expected)
{
    char seen [512] = "", text [512];
    snprintf (text, sizeof text, "%s", s_trace);
    for (char *rest = text, *word; (word = strtok_r (rest, " ", &rest));)
        if (strcmp (word + 1, name) == 0)
            snprintf (seen + strlen (seen), sizeof seen - strlen (seen), "%s%s", *seen ? " " : "", word);
    assert_string_equal (seen, expected);
}

//  ---- start and stop

static void
s_play_order (scene_t *scene)
{
    assert_int_equal (strncmp (s_trace, "+parent", 7), 0);
    if (s_on_one_dispatcher)
        assert_string_equal (s_trace, "+parent +a +b +c");
    s_trace [0] = '\0';
    s_drains = 0;
    assert_int_equal (zooid_system_stop (scene->system, 1000), 0);
    assert_string_equal (s_trace, "-c -b -a -parent");
    assert_int_equal (s_drains, CHILDREN);
}

static void
test_children_start_in_order_and_stop_in_reverse_before_their_parent (void **state)
{
    (void) state;
    s_play (ZOOID_ONE_FOR_ONE, s_play_order);
}

static int
s_spawn_more (zooid_context_t *self, void *state)
{
    zooid_ref_t *more = state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal (zooid_spawn (self, &(zooid_child_t) { .module = &child }, NULL, &more [i]), 0);
        zooid_call_t call = { .operation = "child.mark", .to = more [i] };
        assert_int_equal (zooid_tell (self, &call), 0);
        call.operation = "child.none";
        assert_int_equal (zooid_tell (self, &call), ZOOID_UNKNOWN);
    }
    return 0;
}

static int
s_stop_first (zooid_context_t *self, void *state)
{
    zooid_ref_t *more = state;
    assert_int_equal (zooid_tell (self, &(zooid_call_t) { .operation = "child.mark", .to = more [0] }), 0);
    assert_int_equal (zooid_stop (self, more [0]), 0);
    return 0;
}

static int
s_stop_stranger (zooid_context_t *self, void *state)
{
    zooid_ref_t *more = state;
    assert_int_equal (zooid_stop (self, more [1]), ZOOID_DENIED);
    assert_int_equal (zooid_stop (self, more [0]), ZOOID_GONE);
    return 0;
}

static void
s_play_unnamed (scene_t *scene)
{
    zooid_ref_t more [3];
    s_trace [0] = '\0';
    assert_int_equal (zooid_system_post (scene->system, scene->parent, s_spawn_more, more, NULL), 0);
    s_run (scene, 1);
    int starts = 0, marks = 0;
    for (const char *place = s_trace; (place = strstr (place, "parent/child")); place++)
        *(place [-1] == '+' ? &starts : &marks) += 1;
    assert_int_equal (starts, 3);
    assert_int_equal (marks, 3);
    s_trace [0] = '\0';
    assert_int_equal (zooid_system_post (scene->system, scene->parent, s_stop_first, more, NULL), 0);
    s_run (scene, 1);
    assert_string_equal (s_trace, "!parent/child -parent/child");
    assert_int_equal (zooid_system_post (scene->system, s_children [0], s_stop_stranger, more, NULL), 0);
    s_run (scene, 1);
    assert_int_equal (zooid_system_stop (scene->system, 1000), 0);
}

static void
test_children_without_a_name_are_told_by_ref_and_stopped_by_their_parent_alone (void **state)
{
    (void) state;
    s_play (ZOOID_ONE_FOR_ONE, s_play_unnamed);
}

//  ---- falls

static void
s_play_one (scene_t *scene)
{
    s_trace [0] = '\0';
    s_let_fall (scene, s_children [1]);
    s_run (scene, 1000);
    assert_string_equal (s_trace, "-b +b");
}

static void
test_one_for_one_restarts_the_child_that_fell (void **state)
{
    (void) state;
    s_play (ZOOID_ONE_FOR_ONE, s_play_one);
}

static void
s_play_all (scene_t *scene)
{
    s_trace [0] = '\0';
    s_let_fall (scene, s_children [1]);
    s_run (scene, 4);                   //  The pause is 5 ms at least
    assert_string_equal (s_trace, "-b -c -a");
    s_run (scene, 1000);
    assert_string_equal (s_trace, "-b -c -a +a +b +c");
}

static void
test_one_for_all_ends_all_and_starts_all_in_order_behind_a_pause (void **state)
{
    (void) state;
    s_play (ZOOID_ONE_FOR_ALL, s_play_all);
}

static void
s_play_rest (scene_t *scene)
{
    s_trace [0] = '\0';
    s_let_fall (scene, s_children [1]);
    s_run (scene, 1000);
    assert_string_equal (s_trace, "-b -c +b +c");
}

static void
test_rest_for_one_spares_those_before_it (void **state)
{
    (void) state;
    s_play (ZOOID_REST_FOR_ONE, s_play_rest);
}

static void
s_play_bad_start (scene_t *scene)
{
    s_trace [0] = '\0';
    s_bad_starts = 1;
    s_let_fall (scene, s_children [2]);
    s_run (scene, 1000);
    assert_string_equal (s_trace, "-c -b -a +a +b -b -a +a +b +c");
}

static void
test_one_for_all_begins_again_when_one_does_not_start (void **state)
{
    (void) state;
    s_play (ZOOID_ONE_FOR_ALL, s_play_bad_start);
}

static void
s_play_two_at_once (scene_t *scene)
{
    s_trace [0] = '\0';
    s_let_fall (scene, s_children [2]);
    s_let_fall (scene, s_children [0]);
    s_run (scene, 1000);
    //  Whoever fell first: all that fell are back, and c behind b behind a.
    const char *last = strrchr (s_trace, '+');
    assert_string_equal (last, "+c");
    const char *b = strstr (s_trace, "+b");
    assert_non_null (b);
    assert_null (strstr (b, "+a"));
    assert_null (strstr (s_trace, "parent"));
}

static void
test_rest_for_one_widens_when_an_earlier_one_falls_meanwhile (void **state)
{
    (void) state;
    s_play (ZOOID_REST_FOR_ONE, s_play_two_at_once);
}

static void
s_play_too_often (scene_t *scene)
{
    s_trace [0] = '\0';
    for (int i = 0; i < 4; i++) {
        s_let_fall (scene, s_children [0]);
        s_run (scene, 200);
    }
    s_assert_trace_of ("a", "-a +a -a +a -a +a -a +a");
    s_assert_trace_of ("parent", "-parent +parent");
    //  It begins anew: what its children did before is no longer held against them.
    for (int i = 0; i < 3; i++) {
        s_let_fall (scene, s_children [0]);
        s_run (scene, 200);
    }
    s_assert_trace_of ("parent", "-parent +parent");
    assert_null (zooid_system_escalation (scene->system));
    assert_int_equal (zooid_system_stop (scene->system, 1000), 0);
}

static void
test_too_many_restarts_fault_the_parent_whose_start_spawns_anew (void **state)
{
    (void) state;
    s_play (ZOOID_ONE_FOR_ONE, s_play_too_often);
}

//  All fall with the order to stop behind it, or in front of it, as the seed has it.
static void
s_play_fall_in_a_stop (scene_t *scene)
{
    for (int i = 0; i < CHILDREN; i++)
        s_let_fall (scene, s_children [i]);
    int64_t begin_ms = zooid_system_monotonic_ms (scene->system);
    (void) zooid_system_stop (scene->system, 5000);
    assert_true (zooid_system_monotonic_ms (scene->system) - begin_ms < 2500);
    assert_string_equal (strrchr (s_trace, '-'), "-parent");
}

static void
test_stop_does_not_wait_for_children_that_fall_meanwhile (void **state)
{
    (void) state;
    for (zooid_strategy_t strategy = ZOOID_ONE_FOR_ONE; strategy <= ZOOID_REST_FOR_ONE; strategy++)
        s_play (strategy, s_play_fall_in_a_stop);
}

//  ---- monitors and links

typedef struct {
    int notices, error;
    zooid_end_reason_t reason;
} told_t;
static told_t s_told;

static int
s_on_notice (zooid_context_t *self, void *state, zooid_ref_t who, const zooid_end_t *end)
{
    (void) state;
    (void) who;
    s_note ("?", zooid_name (self));
    s_told = (told_t) { s_told.notices + 1, end->error, end->reason };
    return 0;
}

static int
s_watch_first (zooid_context_t *self, void *state)
{
    (void) state;
    zooid_monitor (self, s_children [0], s_on_notice, NULL, NULL, NULL);
    return 0;
}

//  Say something to c, then fall.
static int
s_tell_and_fall (zooid_context_t *self, void *state)
{
    (void) state;
    for (int i = 0; i < 3; i++)
        assert_int_equal (zooid_tell (self, &(zooid_call_t) { .operation = "c.mark" }), 0);
    return zooid_fault (-EIO);
}

static void
s_play_monitor (scene_t *scene)
{
    s_told = (told_t) { 0 };
    assert_int_equal (zooid_system_post (scene->system, s_children [2], s_watch_first, NULL, NULL), 0);
    s_run (scene, 1);
    s_trace [0] = '\0';
    assert_int_equal (zooid_system_post (scene->system, s_children [0], s_tell_and_fall, NULL, NULL), 0);
    s_run (scene, 1000);
    if (!s_is_temporary) {
        assert_int_equal (s_told.notices, 0);           //  A restart is no end
        assert_int_equal (zooid_system_stop (scene->system, 1000), 0);
        s_assert_trace_of ("c", "!c !c !c -c");         //  It ended before a did
        return;
    }
    assert_int_equal (s_told.notices, 1);
    assert_int_equal (s_told.reason, ZOOID_END_FAULT);
    assert_int_equal (s_told.error, EIO);
    s_assert_trace_of ("c", "!c !c !c ?c");
    assert_int_equal (zooid_system_post (scene->system, s_children [2], s_watch_first, NULL, NULL), 0);
    s_run (scene, 1);
    assert_int_equal (s_told.notices, 2);
    assert_int_equal (s_told.reason, ZOOID_END_NOBODY);
    assert_int_equal (zooid_system_stop (scene->system, 1000), 0);
}

static void
s_play_monitor_of_temporary (scene_t *scene)
{
    s_close (scene);
    s_is_temporary = true;
    s_open (scene, 7);
    s_play_monitor (scene);
    s_is_temporary = false;
}

static void
test_monitor_is_told_once_and_last_and_of_no_restart (void **state)
{
    (void) state;
    s_play (ZOOID_ONE_FOR_ONE, s_play_monitor);
    s_play (ZOOID_ONE_FOR_ONE, s_play_monitor_of_temporary);
}

static int
s_unwatch_first (zooid_context_t *self, void *state)
{
    (void) state;
    uint64_t monitor;
    zooid_monitor (self, s_children [0], s_on_notice, NULL, NULL, &monitor);
    zooid_unmonitor (self, monitor);
    zooid_unmonitor (self, monitor);
    return 0;
}

static void
s_play_unmonitor (scene_t *scene)
{
    s_told = (told_t) { 0 };
    s_is_temporary = false;
    for (int i = 0; i < 10; i++)
        assert_int_equal (zooid_system_post (scene->system, scene->parent, s_unwatch_first, NULL, NULL), 0);
    s_run (scene, 1);
    assert_int_equal (zooid_system_stop (scene->system, 1000), 0);
    assert_int_equal (s_told.notices, 0);
}

static void
test_monitor_that_was_ended_is_not_told (void **state)
{
    (void) state;
    s_play (ZOOID_ONE_FOR_ONE, s_play_unmonitor);
}

static int
s_link_first (zooid_context_t *self, void *state)
{
    (void) state;
    zooid_link (self, s_children [0]);
    return 0;
}

static void
s_play_link (scene_t *scene)
{
    s_close (scene);
    s_is_temporary = true;
    for (int from = 0; from < 2; from++) {
        s_open (scene, 11);
        assert_int_equal (zooid_system_post (scene->system, s_children [2], s_link_first, NULL, NULL), 0);
        s_run (scene, 1);
        s_trace [0] = '\0';
        s_let_fall (scene, s_children [from == 0 ? 0 : 2]);
        s_run (scene, 1000);
        assert_string_equal (s_trace, from == 0 ? "-a -c" : "-c -a");
        if (from == 0)
            s_close (scene);
    }
    s_is_temporary = false;
}

static void
test_linked_actors_fall_together_whichever_falls_first (void **state)
{
    (void) state;
    s_play (ZOOID_ONE_FOR_ONE, s_play_link);
}

//  ---- what is refused, and what is shown

static int
s_spawn_wrongly (zooid_context_t *self, void *state)
{
    (void) state;
    const char *why = "";
    assert_int_equal (zooid_spawn (self, &(zooid_child_t) { .module = &child, .name = "a" }, &why, NULL), ZOOID_INVALID);
    assert_string_equal (why, "name `a` is taken by actor `a`");
    assert_int_equal (zooid_spawn (self, &(zooid_child_t) { .module = &child, .name = "A" }, &why, NULL), ZOOID_INVALID);
    assert_non_null (strstr (why, "`A` is no name for an actor"));
    static const zooid_module_t old = { .name = "old" };
    assert_int_equal (zooid_spawn (self, &(zooid_child_t) { .module = &old }, &why, NULL), ZOOID_INVALID);
    assert_true (*why);
    return 0;
}

static void
s_play_wrongly (scene_t *scene)
{
    assert_int_equal (zooid_system_post (scene->system, scene->parent, s_spawn_wrongly, NULL, NULL), 0);
    s_run (scene, 1);
    assert_int_equal (zooid_system_stop (scene->system, 1000), 0);
}

static void
test_spawn_refuses_names_that_are_taken_and_modules_that_are_unsound (void **state)
{
    (void) state;
    s_play (ZOOID_ONE_FOR_ONE, s_play_wrongly);
}

static zooid_actor_figures_t s_line;

static int
s_on_figures (zooid_context_t *self, void *state, const zooid_actor_figures_t *actors, size_t count)
{
    (void) self;
    (void) state;
    for (size_t i = 0; i < count; i++)
        if (strcmp (actors [i].actor, "parent/child") == 0)
            s_line = actors [i];
    return 0;
}

static int
s_ask_figures (zooid_context_t *self, void *state)
{
    (void) state;
    assert_int_equal (zooid_figures (self, 100, s_on_figures, NULL, NULL), 0);
    return 0;
}

static void
s_play_figures (scene_t *scene)
{
    zooid_ref_t more [3];
    s_line = (zooid_actor_figures_t) { 0 };
    assert_int_equal (zooid_system_post (scene->system, scene->parent, s_spawn_more, more, NULL), 0);
    s_run (scene, 1);
    assert_int_equal (zooid_system_post (scene->system, scene->parent, s_ask_figures, NULL, NULL), 0);
    s_run (scene, 200);
    assert_int_equal (s_line.actors, 3);
    assert_int_equal (s_line.mailbox.handled, 3);
    assert_int_equal (s_line.mailbox.in, 3);
}

static void
test_figures_show_children_without_a_name_as_one_line (void **state)
{
    (void) state;
    s_play (ZOOID_ONE_FOR_ONE, s_play_figures);
}

//  ---- on real threads: children on dispatchers of their own, told and made to fall while their parent is stopped

enum { THREADED = 4, TICKS = 120 };
static atomic_int s_starts, s_stops, s_marks, s_notices;
static gate_t s_ticked = GATE_INITIAL;

static int
threaded_start (zooid_context_t *self, const void *settings)
{
    (void) self;
    (void) settings;
    atomic_fetch_add (&s_starts, 1);
    return 0;
}

static void
threaded_stop (zooid_context_t *self)
{
    (void) self;
    atomic_fetch_add (&s_stops, 1);
}

static int
on_threaded_mark (zooid_context_t *self, const void *arguments)
{
    (void) self;
    (void) arguments;
    atomic_fetch_add (&s_marks, 1);
    return 0;
}

static const zooid_operation_t threaded_operations [] = {
    { .name = "threaded.fall", .kind = ZOOID_COMMAND, .scope = "public", .handler = on_fall, .doc = "Fault." },
    { .name = "threaded.mark", .kind = ZOOID_COMMAND, .scope = "public", .handler = on_threaded_mark, .doc = "Be noted." },
};
static const zooid_contract_t threaded_contract = { .name = "threaded", ZOOID_OPERATIONS (threaded_operations), .doc = "A child." };
static const zooid_module_t threaded = {
    ZOOID_MODULE_HEADER, .name = "threaded", .version = "1", .doc = "A child.", .contract = &threaded_contract,
    .start = threaded_start, .stop = threaded_stop,
};

typedef struct {
    zooid_ref_t children [THREADED];
    int ticks;
} herd_t;

static int
s_on_threaded_notice (zooid_context_t *self, void *state, zooid_ref_t who, const zooid_end_t *end)
{
    (void) self;
    (void) state;
    (void) who;
    (void) end;
    atomic_fetch_add (&s_notices, 1);
    return 0;
}

//  Tell all; every third time one of them to fall, and another to end, for one that is new.
static int
s_tick (zooid_context_t *self, void *state)
{
    (void) state;
    herd_t *herd = zooid_state (self);
    int tick = herd->ticks++;
    for (int i = 0; i < THREADED; i++)
        (void) !zooid_tell (self, &(zooid_call_t) { .operation = "threaded.mark", .to = herd->children [i] });
    zooid_ref_t *one = &herd->children [tick % THREADED];
    if (tick % 3 == 0)
        (void) !zooid_tell (self, &(zooid_call_t) { .operation = "threaded.fall", .to = *one });
    if (tick % 7 == 0) {
        char name [32];
        snprintf (name, sizeof name, "thread%d", tick % THREADED);
        zooid_monitor (self, *one, s_on_threaded_notice, NULL, NULL, NULL);
        assert_int_equal (zooid_stop (self, *one), 0);
        assert_int_equal (zooid_spawn (self, &(zooid_child_t) { .module = &threaded, .dispatcher = name }, NULL, one), 0);
    }
    if (herd->ticks == TICKS)
        gate_open (&s_ticked, 1);
    return 0;
}

static int
herd_start (zooid_context_t *self, const void *settings)
{
    (void) settings;
    herd_t *herd = zooid_state (self);
    for (int i = 0; i < THREADED; i++) {
        char name [32];
        snprintf (name, sizeof name, "thread%d", i);
        assert_int_equal (zooid_spawn (self, &(zooid_child_t) { .module = &threaded, .dispatcher = name }, NULL, &herd->children [i]), 0);
    }
    zooid_timer_start (self, 1, 1, s_tick, NULL, NULL, NULL);
    return 0;
}

static void
s_run_on_threads (zooid_strategy_t strategy)
{
    zooid_module_t herd = {
        ZOOID_MODULE_HEADER, .name = "herd", .version = "1", .doc = "A parent.", .contract = &parent_contract,
        .state_size = sizeof (herd_t), .start = herd_start,
        .children = { .strategy = strategy, .restarts = 100000, .backoff_ms = 1, .backoff_max_ms = 1 },
    };
    atomic_store (&s_starts, 0);
    atomic_store (&s_stops, 0);
    gate_init (&s_ticked);
    zooid_system_t *system = NULL;
    zooid_arena_t *arena = NULL;
    const char *why = "";
    zooid_ref_t ref;
    zooid_arena_new (&arena, 0);
    assert_int_equal (zooid_system_new (&system, NULL), 0);
    assert_int_equal (zooid_system_spawn (system, &(zooid_spawn_t) { .name = "herd", .module = &herd }, arena, &why, &ref), 0);
    gate_wait (&s_ticked, 1);
    //  Mail to one that just fell may die with the stop; the children end all the same.
    (void) !zooid_system_stop (system, 10000);
    zooid_system_destroy (&system);
    zooid_arena_destroy (&arena);
    assert_true (atomic_load (&s_starts) > TICKS / 3);
    assert_int_equal (atomic_load (&s_starts), atomic_load (&s_stops));
    assert_true (atomic_load (&s_marks) > 0);
}

static void
test_family_on_threads_starts_and_ends_every_state_it_makes (void **state)
{
    (void) state;
    for (zooid_strategy_t strategy = ZOOID_ONE_FOR_ONE; strategy <= ZOOID_REST_FOR_ONE; strategy++)
        s_run_on_threads (strategy);
    assert_true (atomic_load (&s_notices) > 0);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_children_start_in_order_and_stop_in_reverse_before_their_parent),
        cmocka_unit_test (test_children_without_a_name_are_told_by_ref_and_stopped_by_their_parent_alone),
        cmocka_unit_test (test_one_for_one_restarts_the_child_that_fell),
        cmocka_unit_test (test_one_for_all_ends_all_and_starts_all_in_order_behind_a_pause),
        cmocka_unit_test (test_rest_for_one_spares_those_before_it),
        cmocka_unit_test (test_one_for_all_begins_again_when_one_does_not_start),
        cmocka_unit_test (test_rest_for_one_widens_when_an_earlier_one_falls_meanwhile),
        cmocka_unit_test (test_too_many_restarts_fault_the_parent_whose_start_spawns_anew),
        cmocka_unit_test (test_stop_does_not_wait_for_children_that_fall_meanwhile),
        cmocka_unit_test (test_monitor_is_told_once_and_last_and_of_no_restart),
        cmocka_unit_test (test_monitor_that_was_ended_is_not_told),
        cmocka_unit_test (test_linked_actors_fall_together_whichever_falls_first),
        cmocka_unit_test (test_spawn_refuses_names_that_are_taken_and_modules_that_are_unsound),
        cmocka_unit_test (test_family_on_threads_starts_and_ends_every_state_it_makes),
        cmocka_unit_test (test_figures_show_children_without_a_name_as_one_line),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
