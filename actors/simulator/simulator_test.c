//  simulator_test.c - the simulator in virtual time, and in place of iot a desk that takes, refuses or holds readings
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <zooid/log.h>
#include <zooid/msgpack.h>
#include <zooid/system.h>

extern const zooid_module_t zooid_module_simulator;

enum { DEVICES = 4, PERIOD_MS = 1000, HELD_MAX = 16 };

//  ---- the desk

static struct {
    enum { TAKE, REFUSE, HOLD } mode;
    size_t taken, refused, held;
    zooid_request_t *requests [HELD_MAX];
    zooid_buffer_t log;                     //  What was asked, a line each: scope, id, device, body
} s_desk;

typedef struct {
    const char *device;
    zooid_bytes_t body;
} ingest_t;
static const zooid_field_t ingest_fields [] = {
    ZOOID_STRING (ingest_t, device),
    ZOOID_BYTES (ingest_t, body),
};
static const zooid_record_t ingest = ZOOID_RECORD ("ingest", ingest_t, ingest_fields);

static int
s_on_ingest (zooid_context_t *self, const void *arguments)
{
    const ingest_t *given = arguments;
    const zooid_identity_t *identity = zooid_message_identity (zooid_message (self));
    assert_non_null (identity);
    assert_false (identity->derived);
    assert_string_equal (zooid_principal_subject (zooid_principal (self)), "actor:simulator");
    zooid_buffer_format (&s_desk.log, "%s %s %s %.*s\n", identity->scope, identity->id, given->device,
                         (int) given->body.size, (const char *) given->body.data);
    if (s_desk.mode == REFUSE) {
        s_desk.refused++;
        return zooid_fail (self, "overloaded", "not now");
    }
    if (s_desk.mode == HOLD) {
        assert_true (s_desk.held < HELD_MAX);
        s_desk.requests [s_desk.held++] = zooid_request_take (self);
        return 0;
    }
    s_desk.taken++;
    return zooid_reply (self, NULL, NULL);
}

static void
s_desk_stop (zooid_context_t *self)
{
    (void) self;
    while (s_desk.held)
        zooid_request_destroy (&s_desk.requests [--s_desk.held]);
}

static const zooid_operation_t operations [] = {
    { .name = "iot.ingest", .kind = ZOOID_COMMAND, .takes = &ingest, .scope = "iot:ingest", .handler = s_on_ingest,
      .deadline_ms = 3600 * 1000, .doc = "Take a reading" },
};
static const zooid_contract_t contract = { .name = "iot", ZOOID_OPERATIONS (operations), .doc = "A desk" };
static const zooid_module_t module_desk = {
    ZOOID_MODULE_HEADER, .name = "iot", .version = "1", .doc = "A desk", .contract = &contract, .stop = s_desk_stop,
};

//  ---- the rig

static zooid_system_t *s_system;
static zooid_arena_t *s_arena;
static int64_t s_now;

static void
s_quiet (void *state, const char *line, size_t size)
{
    (void) state, (void) line, (void) size;
}

static void
s_spawn (const zooid_spawn_t *spawn)
{
    const char *why = "";
    int rc = zooid_system_spawn (s_system, spawn, s_arena, &why, NULL);
    if (rc)
        fail_msg ("%s: %d %s", spawn->name, rc, why);
}

static void
s_begin (int64_t seed, const char *scope)
{
    s_now = 0;
    zooid_buffer_clear (&s_desk.log);
    s_desk.taken = s_desk.refused = 0;
    assert_int_equal (zooid_system_new (&s_system, &(zooid_system_options_t) { .environment = ZOOID_VIRTUAL,
                                                                               .seed = 1 }), 0);
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t settings = { 0 };
    zooid_pack_map (&settings, 3);
    zooid_pack_text (&settings, "devices");
    zooid_pack_integer (&settings, DEVICES);
    zooid_pack_text (&settings, "period");
    zooid_pack_integer (&settings, PERIOD_MS);
    zooid_pack_text (&settings, "seed");
    zooid_pack_integer (&settings, seed);
    const char *const scopes [] = { scope };
    s_spawn (&(zooid_spawn_t) { .name = "iot", .module = &module_desk });
    s_spawn (&(zooid_spawn_t) { .name = "simulator", .module = &zooid_module_simulator, .scopes = scopes,
                                .scope_count = 1, .settings = { settings.data, settings.size } });
}

static void
s_run (int64_t seconds)
{
    s_now += seconds * 1000;
    zooid_system_run (s_system, s_now);
}

static size_t
s_asked (void)
{
    size_t lines = 0;
    for (const char *at = zooid_buffer_string (&s_desk.log); (at = strchr (at, '\n')); at++)
        lines++;
    return lines;
}

static int
s_set_up (void **state)
{
    (void) state;
    zooid_log_sink (s_quiet, NULL);
    zooid_arena_new (&s_arena, 0);
    s_desk.mode = TAKE;
    return 0;
}

static int
s_tear_down (void **state)
{
    (void) state;
    zooid_system_destroy (&s_system);
    zooid_arena_destroy (&s_arena);
    zooid_buffer_fini (&s_desk.log);
    return 0;
}

//  ---- tests

static void
test_simulator_sends_every_devices_readings_by_its_period (void **state)
{
    (void) state;
    s_begin (1, "iot:ingest");
    s_run (100);
    //  A reading a second and device, less the gaps.
    assert_in_range (s_desk.taken, DEVICES * 100 * 3 / 4, DEVICES * 101);
    assert_int_equal (s_asked (), s_desk.taken);
    static const char *const names [] = { " greenhouse-1 {\"ts\":", " office-1 {", " cold_room-1 {", " rooftop-1 {" };
    for (size_t i = 0; i < ZOOID_COUNT (names); i++)
        assert_non_null (strstr (zooid_buffer_string (&s_desk.log), names [i]));
}

static void
test_simulator_runs_alike_from_the_same_seed (void **state)
{
    (void) state;
    char *runs [3];
    for (int i = 0; i < 3; i++) {
        s_begin (i < 2 ? 7 : 8, "iot:ingest");
        s_run (200);
        runs [i] = zooid_duplicate (zooid_buffer_string (&s_desk.log));
        zooid_system_destroy (&s_system);
    }
    assert_string_equal (runs [0], runs [1]);
    assert_string_not_equal (runs [0], runs [2]);
    for (int i = 0; i < 3; i++)
        free (runs [i]);
}

static void
test_simulator_names_every_reading_once (void **state)
{
    (void) state;
    s_begin (1, "iot:ingest");
    s_run (60);
    //  Scope and id of each line are met nowhere else.
    char *text = zooid_duplicate (zooid_buffer_string (&s_desk.log)), *rest = text;
    size_t lines = 0;
    for (char *line; (line = strsep (&rest, "\n")) && *line; lines++) {
        char key [100];
        assert_int_equal (sscanf (line, "simulator:1 %99s", key), 1);
        const char *first = strstr (zooid_buffer_string (&s_desk.log), key);
        assert_null (strstr (first + 1, key));
    }
    assert_int_equal (lines, s_desk.taken);
    free (text);
}

static void
test_simulator_goes_slower_when_refused_and_faster_when_taken (void **state)
{
    (void) state;
    s_begin (1, "iot:ingest");
    s_desk.mode = REFUSE;
    s_run (400);
    size_t refused = s_desk.refused;
    //  Each device: at 0, 1, 3, 7, 15 and 31 s, then every 32 s, less the gaps.
    assert_in_range (refused, DEVICES * 8, DEVICES * 20);
    s_desk.mode = TAKE;
    s_run (200);
    size_t before = s_desk.taken;
    assert_int_equal (s_desk.refused, refused);
    s_run (100);
    assert_in_range (s_desk.taken - before, DEVICES * 100 * 3 / 4, DEVICES * 101);
}

static void
test_simulator_has_one_reading_of_a_device_on_its_way (void **state)
{
    (void) state;
    s_begin (1, "iot:ingest");
    s_desk.mode = HOLD;
    s_run (300);
    assert_int_equal (s_desk.held, DEVICES);
    assert_int_equal (s_asked (), DEVICES);
}

static void
test_simulator_goes_on_without_leave_or_iot (void **state)
{
    (void) state;
    s_begin (1, "iot:read");
    s_run (300);
    assert_int_equal (s_asked (), 0);
    assert_null (zooid_system_escalation (s_system));
}

static void
test_simulator_sends_nothing_once_it_is_draining (void **state)
{
    (void) state;
    s_begin (1, "iot:ingest");
    s_run (10);
    size_t before = s_asked ();
    assert_true (before > 0);
    assert_int_equal (zooid_system_stop (s_system, 60000), 0);
    assert_int_equal (s_asked (), before);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_set_up, s_tear_down)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        TEST (test_simulator_sends_every_devices_readings_by_its_period),
        TEST (test_simulator_runs_alike_from_the_same_seed),
        TEST (test_simulator_names_every_reading_once),
        TEST (test_simulator_goes_slower_when_refused_and_faster_when_taken),
        TEST (test_simulator_has_one_reading_of_a_device_on_its_way),
        TEST (test_simulator_goes_on_without_leave_or_iot),
        TEST (test_simulator_sends_nothing_once_it_is_draining),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
