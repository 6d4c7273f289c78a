//  Handlers that take too long: said while they run, shown when they are back, and past the limit the end of the process.
#include "test_gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <zooid/log.h>
#include <zooid/system.h>

static const zooid_contract_t contract = { .name = "slow", .doc = "Takes its time." };
static const zooid_module_t slow = {
    ZOOID_MODULE_HEADER, .name = "slow", .version = "1", .doc = "Takes its time.", .contract = &contract,
};

typedef struct {
    zooid_system_t *system;
    zooid_arena_t *arena;
    zooid_ref_t slow;
} scene_t;

static void
s_open (scene_t *self, const zooid_system_options_t *options)
{
    *self = (scene_t) { .system = NULL };
    const char *why = "";
    zooid_arena_new (&self->arena, 0);
    assert_int_equal (zooid_system_new (&self->system, options), 0);
    assert_int_equal (zooid_system_spawn (self->system, &(zooid_spawn_t) { .name = "slow", .module = &slow }, self->arena, &why,
                                          &self->slow), 0);
}

static void
s_close (scene_t *self)
{
    zooid_system_destroy (&self->system);
    zooid_arena_destroy (&self->arena);
}

//  ---- the hard limit, in a process of its own: before this one has any thread

static void
s_on_no_line (void *state, const char *line, size_t size)
{
    (void) state;
    (void) line;
    (void) size;
}

static int
s_hang (zooid_context_t *self, void *state)
{
    (void) self;
    (void) state;
    while (pause () < 0)
        ;
    return 0;
}

static void
test_watchdog_ends_the_process_of_a_handler_that_hangs (void **state)
{
    (void) state;
    pid_t child = fork ();
    assert_true (child >= 0);
    if (child == 0) {
        zooid_log_sink (s_on_no_line, NULL);
        scene_t scene;
        s_open (&scene, &(zooid_system_options_t) { .overrun_ms = 100, .hang_ms = 300 });
        (void) !zooid_system_post (scene.system, scene.slow, s_hang, NULL, NULL);
        alarm (60);
        for (;;)
            pause ();
    }
    int status = 0;
    assert_int_equal (waitpid (child, &status, 0), child);
    assert_true (WIFSIGNALED (status));
    assert_int_equal (WTERMSIG (status), SIGABRT);
}

//  ---- an overrun

static gate_t s_said = GATE_INITIAL, s_back = GATE_INITIAL, s_may_return = GATE_INITIAL, s_shown = GATE_INITIAL;
static atomic_int s_is_degraded;

static void
s_on_line (void *state, const char *line, size_t size)
{
    (void) state;
    char text [512];
    snprintf (text, sizeof text, "%.*s", (int) size, line);
    if (strstr (text, "handler_overruns") && strstr (text, "dispatcher=slow"))
        gate_open (&s_said, 1);
    if (strstr (text, " slow handler_overran"))
        gate_open (&s_back, 1);
}

static int
s_be_slow (zooid_context_t *self, void *state)
{
    (void) self;
    (void) state;
    (void) gate_opens (&s_may_return, 1, 30000);
    return 0;
}

static int
s_on_figures (zooid_context_t *self, void *state, const zooid_actor_figures_t *actors, size_t count)
{
    (void) self;
    (void) state;
    for (size_t i = 0; i < count; i++)
        if (strcmp (actors [i].actor, "slow") == 0 && actors [i].health == ZOOID_DEGRADED)
            atomic_store (&s_is_degraded, strncmp (actors [i].why, "a handler took ", 15) == 0);
    gate_open (&s_shown, 1);
    return 0;
}

static int
s_ask_figures (zooid_context_t *self, void *state)
{
    (void) state;
    return zooid_figures (self, 10000, s_on_figures, NULL, NULL);
}

static void
test_watchdog_says_that_a_handler_overruns_and_shows_it_when_it_is_back (void **state)
{
    (void) state;
    scene_t scene;
    zooid_log_sink (s_on_line, NULL);
    s_open (&scene, &(zooid_system_options_t) { .overrun_ms = 200 });
    assert_int_equal (zooid_system_post (scene.system, scene.slow, s_be_slow, NULL, NULL), 0);
    gate_wait (&s_said, 1);
    assert_false (gate_opens (&s_back, 1, 0));
    gate_open (&s_may_return, 1);
    gate_wait (&s_back, 1);
    assert_int_equal (zooid_system_post (scene.system, scene.slow, s_ask_figures, NULL, NULL), 0);
    gate_wait (&s_shown, 1);
    assert_int_equal (atomic_load (&s_is_degraded), 1);
    assert_int_equal (zooid_system_stop (scene.system, 10000), 0);
    s_close (&scene);
    zooid_log_sink (NULL, NULL);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_watchdog_ends_the_process_of_a_handler_that_hangs),
        cmocka_unit_test (test_watchdog_says_that_a_handler_overruns_and_shows_it_when_it_is_back),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
