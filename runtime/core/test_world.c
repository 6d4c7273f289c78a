#include "test_world.h"

#include <zooid/log.h>

//  ---- the actor under test: it does what it is told

static const zooid_field_t note_fields [] = {
    ZOOID_STRING (note_t, text, .max_length = 100, .doc = "Text"),
    ZOOID_INTEGER (note_t, number, .integers = { true, 0, 1000000 }, .doc = "Number"),
};
const zooid_record_t note = ZOOID_RECORD ("note", note_t, note_fields, .doc = "A note");

typedef struct {
    zooid_presence_t presence;
    const char *greeting;
    int64_t delay_ms;
} echo_settings_t;

static const zooid_field_t echo_settings_fields [] = {
    ZOOID_STRING (echo_settings_t, greeting, .initial = "hello", .doc = "Said first"),
    ZOOID_INTEGER (echo_settings_t, delay_ms, .optional = true, .doc = "Pause"),
};
static const zooid_record_t echo_settings = ZOOID_RECORD ("echo_settings", echo_settings_t, echo_settings_fields,
    .presence = ZOOID_PRESENCE (echo_settings_t), .doc = "Settings");

seen_t seen;

static int
on_echo (zooid_context_t *self, const void *arguments)
{
    const note_t *given = arguments;
    snprintf (seen.subject, sizeof seen.subject, "%s", zooid_principal_subject (zooid_principal (self)));
    return zooid_reply (self, &note, given);
}

static int
on_store (zooid_context_t *self, const void *arguments)
{
    (void) self;
    const note_t *given = arguments;
    seen.tells++;
    seen.last_number = given->number;
    if (seen.number_count < ZOOID_COUNT (seen.numbers))
        seen.numbers [seen.number_count++] = given->number;
    return 0;
}

static int
on_refuse (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    return zooid_fail (self, "too_silly", "because of %d", 7);
}

static int
on_crash (zooid_context_t *self, const void *arguments)
{
    (void) self;
    (void) arguments;
    return zooid_fault (-EIO);
}

static int
on_silent (zooid_context_t *self, const void *arguments)
{
    (void) self;
    (void) arguments;
    return 0;
}

static int
s_reply_later (zooid_context_t *self, void *state)
{
    zooid_request_t **request_p = state;
    return zooid_request_reply (self, request_p, &note, &(note_t) { "later", 1 });
}

static void
s_free_holder (void *state)
{
    zooid_request_destroy (state);
    free (state);
    seen.destroyed++;
}

static int
on_later (zooid_context_t *self, const void *arguments)
{
    const note_t *given = arguments;
    zooid_request_t **holder = zooid_allocate (sizeof *holder);
    *holder = zooid_request_take (self);
    zooid_timer_start (self, given->number, 0, s_reply_later, holder, s_free_holder, NULL);
    return 0;
}

static int
on_drop (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    zooid_request_t *request = zooid_request_take (self);
    zooid_request_destroy (&request);
    return 0;
}

static int
s_then_relay (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    return zooid_request_forward (self, state, outcome);
}

static int
on_relay (zooid_context_t *self, const void *arguments)
{
    zooid_request_t **holder = zooid_allocate (sizeof *holder);
    *holder = zooid_request_take (self);
    return zooid_ask (self, &(zooid_call_t) { .operation = "echo.echo", .takes = &note, .arguments = arguments,
                                              .then = s_then_relay, .state = holder, .destroy = s_free_holder });
}

static int
on_announce (zooid_context_t *self, const void *arguments)
{
    return zooid_publish (self, "echo.noted.x", &note, arguments);
}

static int
on_noted (zooid_context_t *self, const void *carried)
{
    (void) self;
    const note_t *given = carried;
    seen.events++;
    seen.last_number = given->number;
    if (seen.number_count < ZOOID_COUNT (seen.numbers))
        seen.numbers [seen.number_count++] = given->number;
    return 0;
}

static const zooid_failure_t refuse_fails [] = {
    { "too_silly", ZOOID_FAILURE_CONFLICT, "It is too silly" },
};

static const zooid_operation_t echo_operations [] = {
    { .name = "echo.echo", .kind = ZOOID_QUERY, .takes = &note, .gives = &note, .scope = "echo:read", .handler = on_echo, .doc = "Back" },
    { .name = "echo.store", .kind = ZOOID_COMMAND, .takes = &note, .scope = "public", .handler = on_store, .doc = "Keep" },
    { .name = "echo.refuse", .kind = ZOOID_COMMAND, .scope = "public", .handler = on_refuse, ZOOID_FAILS (refuse_fails), .doc = "No" },
    { .name = "echo.crash", .kind = ZOOID_COMMAND, .scope = "public", .handler = on_crash, .doc = "Fault" },
    { .name = "echo.silent", .kind = ZOOID_QUERY, .gives = &note, .scope = "public", .handler = on_silent, .doc = "Defect" },
    { .name = "echo.later", .kind = ZOOID_QUERY, .takes = &note, .gives = &note, .scope = "public", .handler = on_later, .doc = "Later" },
    { .name = "echo.drop", .kind = ZOOID_QUERY, .gives = &note, .scope = "public", .handler = on_drop, .doc = "Forgets" },
    { .name = "echo.announce", .kind = ZOOID_COMMAND, .takes = &note, .scope = "public", .handler = on_announce, .doc = "Tell all" },
};
static const zooid_event_t echo_events [] = {
    { .topic = "echo.noted.{name}", .carries = &note, .scope = "echo:read", .doc = "A note" },
};
static const zooid_contract_t echo_contract = {
    .name = "echo", ZOOID_OPERATIONS (echo_operations), ZOOID_EVENTS (echo_events), .doc = "Echoes" };

static int
echo_start (zooid_context_t *self, const void *settings)
{
    (void) self;
    const echo_settings_t *given = settings;
    snprintf (seen.greeting, sizeof seen.greeting, "%s", given->greeting);
    seen.starts++;
    return 0;
}

static void
echo_stop (zooid_context_t *self)
{
    (void) self;
    seen.stops++;
}

static void
echo_drain (zooid_context_t *self)
{
    (void) self;
    seen.drains++;
}

const zooid_module_t echo_module = {
    ZOOID_MODULE_HEADER, .name = "echo", .version = "1", .doc = "Echo", .contract = &echo_contract, .settings = &echo_settings,
    .start = echo_start, .stop = echo_stop, .drain = echo_drain, .mailbox_limit = 8,
};

//  ---- the actor that asks, told what to do by posts from the test

static const zooid_operation_t probe_operations [] = {
    { .name = "probe.relay", .kind = ZOOID_QUERY, .takes = &note, .gives = &note, .scope = "public", .handler = on_relay, .doc = "On" },
};
static const zooid_subscription_t probe_subscriptions [] = {
    { .topic = "echo.noted.*", .carries = &note, .handler = on_noted, .limit = 4, .doc = "Notes" },
};
static const zooid_contract_t probe_contract = {
    .name = "probe", ZOOID_OPERATIONS (probe_operations), ZOOID_SUBSCRIPTIONS (probe_subscriptions), .doc = "Probe" };
static const zooid_module_t probe_module = {
    ZOOID_MODULE_HEADER, .name = "probe", .version = "1", .doc = "Probe", .contract = &probe_contract };

//  ---- the world of one test

static void
s_quiet (void *state, const char *line, size_t size)
{
    (void) state;
    (void) line;
    (void) size;
}

static int
s_set_up (void **state, bool wire)
{
    memset (&seen, 0, sizeof seen);
    zooid_log_sink (s_quiet, NULL);
    world_t *world = zooid_allocate (sizeof *world);
    zooid_arena_new (&world->arena, 0);
    const char *why = "";
    if (zooid_system_new (&world->system, &(zooid_system_options_t) { .environment = ZOOID_VIRTUAL, .seed = 7, .wire = wire }))
        return -1;
    static const char *const scopes [] = { "echo:read" };
    zooid_spawn_t spawns [] = {
        { .name = "echo", .module = &echo_module },
        { .name = "probe", .module = &probe_module, .scopes = scopes, .scope_count = 1, .sets_principal = true },
    };
    if (zooid_system_spawn (world->system, &spawns [0], world->arena, &why, &world->echo)
        || zooid_system_spawn (world->system, &spawns [1], world->arena, &why, &world->probe)) {
        print_error ("%s\n", why);
        return -1;
    }
    zooid_system_run (world->system, 0);
    *state = world;
    return 0;
}

int
world_set_up (void **state)
{
    return s_set_up (state, false);
}

int
world_set_up_wire (void **state)
{
    return s_set_up (state, true);
}

int
world_tear_down (void **state)
{
    world_t *world = *state;
    zooid_system_destroy (&world->system);
    zooid_arena_destroy (&world->arena);
    free (world);
    zooid_log_sink (NULL, NULL);
    return 0;
}

static int
s_then (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    world_t *world = state;
    world->answers++;
    world->kind = outcome->kind;
    snprintf (world->failure, sizeof world->failure, "%s", outcome->failure ? outcome->failure : "");
    snprintf (world->detail, sizeof world->detail, "%s", outcome->detail);
    if (!outcome->failure && outcome->payload.size) {
        assert_int_equal (zooid_decode (self, &note, outcome->payload, &world->answer), 0);
        snprintf (world->text, sizeof world->text, "%s", world->answer.text);
    }
    return 0;
}

typedef struct {
    world_t *world;
    zooid_call_t call;
    int times, rc;
} job_t;

static int
s_ask_turn (zooid_context_t *self, void *state)
{
    job_t *job = state;
    job->call.then = s_then;
    job->call.state = job->world;
    for (int i = 0; i < job->times; i++)
        job->rc = zooid_ask (self, &job->call);
    return 0;
}

static int
s_tell_turn (zooid_context_t *self, void *state)
{
    job_t *job = state;
    zooid_call_t call = job->call;
    for (int i = 0; i < job->times; i++) {
        note_t counting = { "n", i };
        if (call.takes)
            call.arguments = &counting;
        job->rc = zooid_tell (self, &call);
    }
    return 0;
}

int64_t
world_now (world_t *world)
{
    return zooid_system_monotonic_ms (world->system);
}

int
world_ask (world_t *world, const zooid_call_t *call, int times, int64_t wait_ms)
{
    job_t job = { world, *call, times, -1 };
    assert_int_equal (zooid_system_post (world->system, world->probe, s_ask_turn, &job, NULL), 0);
    zooid_system_run (world->system, world_now (world) + wait_ms);
    return job.rc;
}

int
world_tell (world_t *world, const zooid_call_t *call, int times)
{
    job_t job = { world, *call, times, -1 };
    assert_int_equal (zooid_system_post (world->system, world->probe, s_tell_turn, &job, NULL), 0);
    zooid_system_run (world->system, world_now (world));
    return job.rc;
}
