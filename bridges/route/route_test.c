//  route_test.c - the parts of a route that need no actor
#include "route/backoff.h"
#include "route/broker.h"
#include "route/cloud_event.h"
#include "route/delivery.h"
#include "route/mapping.h"
#include "route/pattern.h"
#include "route/route.h"
#include "route/template.h"

#include <zooid/msgpack.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static zooid_bytes_t
s_bytes (const char *text)
{
    return (zooid_bytes_t) { (const uint8_t *) text, strlen (text) };
}

static void
s_assert_bytes (zooid_bytes_t bytes, const char *text)
{
    assert_int_equal (bytes.size, strlen (text));
    assert_memory_equal (bytes.data, text, bytes.size);
}

//  ---- pattern

static void
test_pattern_captures_each_wildcard (void **state)
{
    (void) state;
    static const struct {
        const pattern_dialect_t *dialect;
        const char *pattern, *topic;
        bool matches;
        const char *one, *two, *rest;
    } rows [] = {
        { &pattern_mqtt, "devices/+/telemetry", "devices/d1/telemetry", true, "d1", NULL, "" },
        { &pattern_mqtt, "devices/+/telemetry", "devices//telemetry", true, "", NULL, "" },
        { &pattern_mqtt, "devices/+/telemetry", "devices/d1/status", false, NULL, NULL, NULL },
        { &pattern_mqtt, "devices/+/telemetry", "devices/d1/telemetry/x", false, NULL, NULL, NULL },
        { &pattern_mqtt, "devices/+/telemetry", "devices/d1", false, NULL, NULL, NULL },
        { &pattern_mqtt, "+/+", "a/b", true, "a", "b", "" },
        { &pattern_mqtt, "+/x/#", "a/x/b/c", true, "a", NULL, "b/c" },
        { &pattern_mqtt, "a/#", "a", true, NULL, NULL, "" },
        { &pattern_mqtt, "a/#", "ab", false, NULL, NULL, NULL },
        { &pattern_mqtt, "#", "a/b", true, NULL, NULL, "a/b" },
        { &pattern_mqtt, "a", "a", true, NULL, NULL, "" },
        { &pattern_mqtt, "a", "a/", false, NULL, NULL, NULL },
        { &pattern_dotted, "iot.telemetry.>", "iot.telemetry.d1", true, NULL, NULL, "d1" },
        { &pattern_dotted, "iot.telemetry.>", "iot.telemetry.d1.raw", true, NULL, NULL, "d1.raw" },
        { &pattern_dotted, "iot.telemetry.>", "iot.telemetry", false, NULL, NULL, NULL },
        { &pattern_dotted, "*.telemetry.*", "iot.telemetry.d1", true, "iot", "d1", "" },
    };
    for (size_t n = 0; n < ZOOID_COUNT (rows); n++) {
        pattern_captures_t captures = { 0 };
        bool matches = pattern_matches (rows [n].dialect, rows [n].pattern, s_bytes (rows [n].topic), &captures);
        assert_int_equal (matches, rows [n].matches);
        if (!matches)
            continue;
        s_assert_bytes (captures.topic, rows [n].topic);
        if (rows [n].one)
            s_assert_bytes (captures.one [0], rows [n].one);
        if (rows [n].two)
            s_assert_bytes (captures.one [1], rows [n].two);
        s_assert_bytes (captures.rest, rows [n].rest);
    }
}

static void
test_pattern_check_counts_what_it_captures (void **state)
{
    (void) state;
    pattern_shape_t shape;
    const char *why = NULL;
    assert_int_equal (pattern_check (&pattern_mqtt, "a/+/+/#", &shape, &why), 0);
    assert_int_equal (shape.one_count, 2);
    assert_true (shape.has_rest);
    assert_int_equal (pattern_check (&pattern_dotted, "iot.telemetry", &shape, &why), 0);
    assert_int_equal (shape.one_count, 0);
    assert_false (shape.has_rest);
}

static void
test_pattern_check_refuses_what_is_no_pattern (void **state)
{
    (void) state;
    static const struct { const pattern_dialect_t *dialect; const char *pattern; } rows [] = {
        { &pattern_mqtt, "" }, { &pattern_mqtt, "a/#/b" }, { &pattern_mqtt, "a/b+" }, { &pattern_mqtt, "a#" },
        { &pattern_mqtt, "+/+/+/+/+/+/+/+/+/+" }, { &pattern_dotted, "a..b" }, { &pattern_dotted, "a.>.b" },
        { &pattern_dotted, "a.b*" }, { &pattern_dotted, "a." },
    };
    for (size_t n = 0; n < ZOOID_COUNT (rows); n++) {
        pattern_shape_t shape;
        const char *why = NULL;
        assert_int_equal (pattern_check (rows [n].dialect, rows [n].pattern, &shape, &why), ZOOID_INVALID);
        assert_non_null (why);
    }
    char longest [PATTERN_TEXT_MAX + 2];
    pattern_shape_t shape;
    const char *why = NULL;
    memset (longest, 'a', sizeof longest);
    longest [PATTERN_TEXT_MAX] = 0;
    assert_int_equal (pattern_check (&pattern_mqtt, longest, &shape, &why), 0);
    longest [PATTERN_TEXT_MAX] = 'a';
    longest [PATTERN_TEXT_MAX + 1] = 0;
    assert_int_equal (pattern_check (&pattern_mqtt, longest, &shape, &why), ZOOID_INVALID);
}

//  ---- template

static const pattern_shape_t two_and_rest = { .one_count = 2, .has_rest = true };

static void
test_template_fills_every_place (void **state)
{
    (void) state;
    static const struct { const char *template, *text; } rows [] = {
        { "{1}", "d1" }, { "room-{2}", "room-kitchen" }, { "x.{>}.{1}", "x.a.b.d1" }, { "{topic}", "the/topic" },
        { "{1}{2}", "d1kitchen" }, { "plain", "plain" }, { "", "" }, { "<{payload}>", "<bytes>" },
    };
    const pattern_captures_t captures = {
        .topic = s_bytes ("the/topic"), .payload = s_bytes ("bytes"), .one = { s_bytes ("d1"), s_bytes ("kitchen") },
        .rest = s_bytes ("a.b"),
    };
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t scratch = { 0 };
    zooid_arena_new (&arena, 0);
    for (size_t n = 0; n < ZOOID_COUNT (rows); n++) {
        ZOOID_CLEANUP (template_destroy) template_t *template = NULL;
        const char *why = NULL;
        assert_int_equal (template_new (&template, rows [n].template, &two_and_rest, TEMPLATE_OF_ARGUMENT, arena, &why), 0);
        s_assert_bytes (template_fill (template, &captures, &scratch), rows [n].text);
    }
}

static void
test_template_refuses_places_that_nothing_fills (void **state)
{
    (void) state;
    static const struct { const char *template; template_use_t use; const char *why; } rows [] = {
        { "{3}", TEMPLATE_OF_ARGUMENT, "{3}" },    { "{0}", TEMPLATE_OF_ARGUMENT, "{0}" },
        { "{10}", TEMPLATE_OF_ARGUMENT, "{10}" },  { "{nothing}", TEMPLATE_OF_ARGUMENT, "{nothing}" },
        { "a{1", TEMPLATE_OF_ARGUMENT, "{1" },     { "{}", TEMPLATE_OF_ARGUMENT, "{}" },
        { "{payload}", TEMPLATE_OF_TOPIC, "{payload}" },
    };
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    for (size_t n = 0; n < ZOOID_COUNT (rows); n++) {
        template_t *template = NULL;
        const char *why = NULL;
        assert_int_equal (template_new (&template, rows [n].template, &two_and_rest, rows [n].use, arena, &why), ZOOID_INVALID);
        assert_non_null (strstr (why, rows [n].why));
        assert_null (template);
    }
    template_t *template = NULL;
    const char *why = NULL;
    const pattern_shape_t none = { 0 };
    assert_int_equal (template_new (&template, "{>}", &none, TEMPLATE_OF_TOPIC, arena, &why), ZOOID_INVALID);
}

//  ---- mapping

typedef struct {
    zooid_presence_t presence;
    const char *device;
    zooid_bytes_t body;
    int64_t level;
    double ratio;
    zooid_any_t more;
} arguments_t;

static const zooid_field_t argument_fields [] = {
    ZOOID_STRING (arguments_t, device, .max_length = 8),
    ZOOID_BYTES (arguments_t, body),
    ZOOID_INTEGER (arguments_t, level, .optional = true, .integers = { true, 0, 9 }),
    ZOOID_REAL (arguments_t, ratio, .optional = true),
    ZOOID_ANY (arguments_t, more, .optional = true),
};
static const zooid_record_t arguments = ZOOID_RECORD ("arguments", arguments_t, argument_fields,
    .presence = ZOOID_PRESENCE (arguments_t));

typedef struct {
    zooid_arena_t *arena;
    mapping_t *mapping;
    zooid_violations_t violations;
    const char *field, *why;
} mapping_fixture_t;

static int
s_map (mapping_fixture_t *fixture, size_t count, const char *const *keys, const char *const *values)
{
    zooid_map_t map = { .keys = keys, .values = values, .count = count };
    zooid_arena_new (&fixture->arena, 0);
    problems_t problems = { fixture->arena, &fixture->violations, "r" };
    int rc = mapping_new (&fixture->mapping, &map, &two_and_rest, &problems);
    return rc ? rc : mapping_bind (fixture->mapping, &arguments, &problems);
}

static void
s_unmap (mapping_fixture_t *fixture)
{
    mapping_destroy (&fixture->mapping);
    zooid_arena_destroy (&fixture->arena);
}

static void
test_mapping_makes_arguments_of_each_type (void **state)
{
    (void) state;
    const char *keys [] = { "device", "body", "level", "ratio" };
    const char *values [] = { "{1}", "{payload}", "{2}", "{>}" };
    const pattern_captures_t captures = {
        .payload = { (const uint8_t *) "\x00\xff{}", 4 }, .one = { s_bytes ("d1"), s_bytes ("7") }, .rest = s_bytes ("0.5"),
    };
    ZOOID_CLEANUP (s_unmap) mapping_fixture_t fixture = { 0 };
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t out = { 0 };
    assert_int_equal (s_map (&fixture, 4, keys, values), 0);
    assert_int_equal (mapping_encode (fixture.mapping, &captures, fixture.arena, &out, &fixture.field, &fixture.why), 0);
    arguments_t decoded;
    zooid_bytes_t msgpack = { out.data, out.size };
    assert_int_equal (zooid_record_decode (&arguments, msgpack, fixture.arena, &decoded, NULL), 0);
    assert_string_equal (decoded.device, "d1");
    assert_int_equal (decoded.body.size, 4);
    assert_memory_equal (decoded.body.data, "\x00\xff{}", 4);
    assert_int_equal (decoded.level, 7);
    assert_true (decoded.ratio > 0.49 && decoded.ratio < 0.51);
    assert_false (ZOOID_HAS (&arguments, arguments_t, &decoded, more));
}

static void
test_mapping_refuses_at_start_what_does_not_fit (void **state)
{
    (void) state;
    static const struct { size_t count; const char *keys [3], *values [3], *field; } rows [] = {
        { 1, { "device" }, { "{1}" }, "body" },                                            //  Required, not given
        { 3, { "device", "body", "colour" }, { "{1}", "{payload}", "red" }, "colour" },    //  No such field
        { 3, { "device", "body", "more" }, { "{1}", "{payload}", "{>}" }, "more" },        //  No text becomes that
        { 2, { "device", "body" }, { "{9}", "{payload}" }, "device" },                     //  No such capture
    };
    for (size_t n = 0; n < ZOOID_COUNT (rows); n++) {
        ZOOID_CLEANUP (s_unmap) mapping_fixture_t fixture = { 0 };
        assert_int_equal (s_map (&fixture, rows [n].count, rows [n].keys, rows [n].values), ZOOID_INVALID);
        assert_int_equal (fixture.violations.count, 1);
        assert_string_equal (strrchr (fixture.violations.items [0].pointer, '/') + 1, rows [n].field);
    }
}

static void
test_mapping_says_all_that_does_not_fit (void **state)
{
    (void) state;
    const char *keys [] = { "colour", "more" };
    const char *values [] = { "red", "{>}" };
    static const char *const pointers [] = { "/routes/r/args/colour", "/routes/r/args/more", "/routes/r/args/device",
                                             "/routes/r/args/body" };
    ZOOID_CLEANUP (s_unmap) mapping_fixture_t fixture = { 0 };
    assert_int_equal (s_map (&fixture, 2, keys, values), ZOOID_INVALID);
    assert_int_equal (fixture.violations.count, ZOOID_COUNT (pointers));
    for (size_t n = 0; n < ZOOID_COUNT (pointers); n++)
        assert_string_equal (fixture.violations.items [n].pointer, pointers [n]);
}

static void
test_mapping_refuses_a_message_that_does_not_fit (void **state)
{
    (void) state;
    const char *keys [] = { "device", "body", "level" };
    const char *values [] = { "{1}", "{payload}", "{2}" };
    const struct { zooid_bytes_t device, level; const char *field; } rows [] = {
        { s_bytes ("d1"), s_bytes ("seven"), "level" },
        { s_bytes ("d1"), s_bytes ("10"), "level" },
        { { (const uint8_t *) "d\0x", 3 }, s_bytes ("7"), "device" },
        { s_bytes ("d\xff"), s_bytes ("7"), "device" },
        { s_bytes ("ninebytes"), s_bytes ("7"), "device" },
    };
    for (size_t n = 0; n < ZOOID_COUNT (rows); n++) {
        ZOOID_CLEANUP (s_unmap) mapping_fixture_t fixture = { 0 };
        ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t out = { 0 };
        const pattern_captures_t captures = { .payload = s_bytes ("{}"), .one = { rows [n].device, rows [n].level } };
        assert_int_equal (s_map (&fixture, 3, keys, values), 0);
        assert_int_equal (mapping_encode (fixture.mapping, &captures, fixture.arena, &out, &fixture.field, &fixture.why),
                          ZOOID_INVALID);
        assert_string_equal (fixture.field, rows [n].field);
    }
}

//  ---- routes

static const route_rules_t asking = { .dialect = &pattern_mqtt, .asks = true, .retains = true, .at_least_once = true };
static const route_rules_t publishing = { .dialect = &pattern_dotted };

//  Settings as a topology gives them: JSON of one route named `r`.
static int
s_routes (routes_t **routes_p, const char *json, const route_rules_t *rules, zooid_arena_t *arena,
          zooid_violations_t *violations)
{
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t msgpack = { 0 };
    route_settings_t *settings = zooid_arena_take (arena, sizeof *settings);
    const char *const *keys = (const char *const []) { "r" };
    assert_int_equal (zooid_json_read (&route_settings_record, json, strlen (json), ZOOID_UNKNOWN_REFUSED, arena, &msgpack,
                                       NULL), 0);
    assert_int_equal (zooid_record_decode (&route_settings_record, (zooid_bytes_t) { msgpack.data, msgpack.size }, arena,
                                           settings, NULL), 0);
    zooid_map_t map = { .keys = keys, .values = settings, .count = 1 };
    return routes_new (routes_p, &map, rules, arena, violations);
}

static void
test_routes_are_made_of_settings (void **state)
{
    (void) state;
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    ZOOID_CLEANUP (routes_destroy) routes_t *routes = NULL;
    ZOOID_CLEANUP (routes_destroy) routes_t *publishers = NULL;
    zooid_violations_t violations = { 0 };
    pattern_captures_t captures;
    zooid_arena_new (&arena, 0);
    assert_int_equal (s_routes (&routes, "{\"from\":\"devices/+/telemetry\",\"ask\":\"iot.ingest\","
                                         "\"args\":{\"device\":\"{1}\",\"body\":\"{payload}\"}}", &asking, arena, &violations), 0);
    assert_string_equal (routes->items [0].name, "r");
    assert_int_equal (routes->items [0].guarantee, ROUTE_AT_LEAST_ONCE);
    assert_ptr_equal (routes_match (routes, s_bytes ("devices/d1/telemetry"), &captures), &routes->items [0]);
    assert_null (routes_match (routes, s_bytes ("devices/d1/status"), &captures));
    assert_int_equal (s_routes (&publishers, "{\"from\":\"iot.telemetry.>\",\"to\":\"x.{>}\"}", &publishing, arena, &violations), 0);
    assert_int_equal (publishers->items [0].guarantee, ROUTE_AT_MOST_ONCE);
}

static void
test_routes_name_the_field_that_is_wrong (void **state)
{
    (void) state;
    static const struct { const route_rules_t *rules; const char *json, *field; } rows [] = {
        { &asking, "{\"from\":\"a/#/b\",\"ask\":\"x.y\"}", "from" },
        { &asking, "{\"from\":\"a\"}", "ask" },
        { &asking, "{\"from\":\"a\",\"ask\":\"x.y\",\"to\":\"b\"}", "to" },
        { &asking, "{\"from\":\"a\",\"ask\":\"x.y\",\"args\":{\"device\":\"{1}\"}}", "args/device" },
        { &publishing, "{\"from\":\"a.b\"}", "to" },
        { &publishing, "{\"from\":\"a b\",\"to\":\"c\"}", "from" },
        { &publishing, "{\"from\":\"a.b\",\"ask\":\"x.y\",\"to\":\"c\"}", "ask" },
        { &publishing, "{\"from\":\"a.b\",\"to\":\"c.{>}\"}", "to" },
        { &publishing, "{\"from\":\"a.*\",\"to\":\"c..{1}\"}", "to" },
        { &publishing, "{\"from\":\"a.*\",\"to\":\"c.*\"}", "to" },
        { &publishing, "{\"from\":\"a.*\",\"to\":\"c d\"}", "to" },
        { &publishing, "{\"from\":\"a.*\",\"to\":\"c.{1}.\"}", "to" },
        { &publishing, "{\"from\":\"a.*\",\"to\":\"c{1\"}", "to" },
        { &publishing, "{\"from\":\"a.b\",\"to\":\"c\",\"guarantee\":\"at-least-once\"}", "guarantee" },
        { &publishing, "{\"from\":\"a.b\",\"to\":\"c\",\"retained\":true}", "retained" },
    };
    for (size_t n = 0; n < ZOOID_COUNT (rows); n++) {
        ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
        routes_t *routes = NULL;
        zooid_violations_t violations = { 0 };
        zooid_arena_new (&arena, 0);
        assert_int_equal (s_routes (&routes, rows [n].json, rows [n].rules, arena, &violations), ZOOID_INVALID);
        assert_int_equal (violations.count, 1);
        assert_string_equal (violations.items [0].pointer, zooid_arena_format (arena, "/routes/r/%s", rows [n].field));
        assert_null (routes);
    }
}

static void
test_routes_say_all_that_is_wrong_with_one (void **state)
{
    (void) state;
    static const struct { const route_rules_t *rules; const char *json, *pointers [4], *to; } rows [] = {
        { &publishing, "{\"from\":\"a.b\",\"to\":\"iot.{1}.{>}\",\"guarantee\":\"at-least-once\",\"retained\":true}",
          { "/routes/r/guarantee", "/routes/r/retained", "/routes/r/to" },
          "has {1}, but `from` has 0 single wildcards, and has {>}, but `from` does not end in a wildcard for the rest; "
          "places are {topic} here" },
        { &publishing, "{\"from\":\"a..b\",\"to\":\"c.{x}\",\"ask\":\"x.y\"}",
          { "/routes/r/from", "/routes/r/ask", "/routes/r/to" },
          "has `{x}`, which is no place; places are {1} to {9}, {>}, {topic} here" },
        { &asking, "{\"from\":\"a/#/b\",\"to\":\"c\",\"args\":{\"device\":\"{x}\",\"body\":\"{y}\"}}",
          { "/routes/r/from", "/routes/r/to", "/routes/r/ask", "/routes/r/args/device" }, NULL },
    };
    for (size_t n = 0; n < ZOOID_COUNT (rows); n++) {
        ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
        routes_t *routes = NULL;
        zooid_violations_t violations = { 0 };
        zooid_arena_new (&arena, 0);
        assert_int_equal (s_routes (&routes, rows [n].json, rows [n].rules, arena, &violations), ZOOID_INVALID);
        for (size_t k = 0; k < ZOOID_COUNT (rows [n].pointers) && rows [n].pointers [k]; k++)
            assert_string_equal (violations.items [k].pointer, rows [n].pointers [k]);
        assert_int_equal (violations.count, rows [n].to ? 3 : 5);
        if (rows [n].to)
            assert_string_equal (violations.items [2].detail, rows [n].to);
    }
}

static void
test_routes_check_says_all_that_is_wrong_with_a_pointer (void **state)
{
    (void) state;
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t msgpack = { 0 };
    zooid_violations_t violations = { 0 };
    static const char *const keys [] = { "sound", "a/b", "c~d" };
    static const char *const texts [] = {
        "{\"from\":\"a\",\"ask\":\"x.y\"}", "{\"from\":\"a/#/b\",\"ask\":\"x.y\"}",
        "{\"from\":\"a/+\",\"ask\":\"x.y\",\"args\":{\"one\":\"{1}\",\"e/f\":\"{2}\"}}",
    };
    route_settings_t settings [ZOOID_COUNT (texts)];
    zooid_arena_new (&arena, 0);
    for (size_t n = 0; n < ZOOID_COUNT (texts); n++) {
        zooid_buffer_clear (&msgpack);
        assert_int_equal (zooid_json_read (&route_settings_record, texts [n], strlen (texts [n]), ZOOID_UNKNOWN_REFUSED,
                                           arena, &msgpack, NULL), 0);
        assert_int_equal (zooid_record_decode (&route_settings_record, (zooid_bytes_t) { msgpack.data, msgpack.size },
                                               arena, &settings [n], NULL), 0);
    }
    routes_check (&(const zooid_map_t) { .keys = keys, .values = settings, .count = ZOOID_COUNT (texts) }, &asking, arena,
                  &violations);
    assert_int_equal (violations.count, 2);
    assert_string_equal (violations.items [0].pointer, "/routes/a~1b/from");
    assert_string_equal (violations.items [1].pointer, "/routes/c~0d/args/e~1f");
    assert_string_equal (violations.items [1].detail, "has {2}, but `from` has 1 single wildcards; places are {1}, {topic}, {payload} here");
}

//  One actor, `iot`, with one operation; an actor `far` is on another node.
static int
s_find_operation (void *state, const char *name, const zooid_operation_t **ret_operation, const char **ret_nearest)
{
    static const zooid_operation_t operation = { .name = "iot.ingest", .takes = &arguments };
    *ret_operation = &operation;
    *ret_nearest = state;
    return strcmp (name, operation.name) == 0 ? 0 : strncmp (name, "far.", 4) == 0 ? ZOOID_MORE : ZOOID_UNKNOWN;
}

static void
test_routes_check_calls_finds_operations_and_arguments_that_are_not_there (void **state)
{
    (void) state;
    static const struct { const char *text, *pointer, *detail; } rows [] = {
        { "{\"from\":\"a/+\",\"ask\":\"iot.ingest\",\"args\":{\"device\":\"{1}\",\"body\":\"{payload}\"}}", NULL, NULL },
        { "{\"from\":\"a/+\",\"ask\":\"far.off\",\"args\":{\"anything\":\"{1}\"}}", NULL, NULL },
        { "{\"from\":\"a/+\",\"ask\":\"iot.ingst\"}", "/routes/r/ask",
          "names `iot.ingst`, which no actor of the topology offers; did you mean `iot.ingest`?" },
        { "{\"from\":\"a/+\",\"ask\":\"iot.ingest\",\"args\":{\"body\":\"{payload}\"}}", "/routes/r/args/device",
          "is missing; the operation requires it" },
    };
    for (size_t n = 0; n < ZOOID_COUNT (rows); n++) {
        ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
        ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t msgpack = { 0 };
        zooid_violations_t violations = { 0 };
        route_settings_t settings;
        zooid_arena_new (&arena, 0);
        assert_int_equal (zooid_json_read (&route_settings_record, rows [n].text, strlen (rows [n].text),
                                           ZOOID_UNKNOWN_REFUSED, arena, &msgpack, NULL), 0);
        assert_int_equal (zooid_record_decode (&route_settings_record, (zooid_bytes_t) { msgpack.data, msgpack.size }, arena,
                                               &settings, NULL), 0);
        char nearest [] = "iot.ingest";
        routes_check_calls (&(const zooid_map_t) { .keys = (const char *const []) { "r" }, .values = &settings, .count = 1 },
                            &asking, &(zooid_offers_t) { nearest, s_find_operation }, arena, &violations);
        assert_int_equal (violations.count, rows [n].pointer ? 1 : 0);
        if (rows [n].pointer) {
            assert_string_equal (violations.items [0].pointer, rows [n].pointer);
            assert_string_equal (violations.items [0].detail, rows [n].detail);
        }
    }
}

//  ---- backoff

static void
test_backoff_doubles_up_to_its_maximum_with_jitter (void **state)
{
    (void) state;
    backoff_t backoff = { .first_ms = 100, .max_ms = 1000 };
    static const int64_t full [] = { 100, 200, 400, 800, 1000, 1000, 1000 };
    for (size_t n = 0; n < ZOOID_COUNT (full); n++) {
        backoff_t same = backoff;
        assert_int_equal (backoff_next_of (&same, 0), full [n] / 2);
        same = backoff;
        assert_int_equal (backoff_next_of (&same, (uint32_t) (full [n] / 2)), full [n]);
        for (uint32_t random = 1; random < 100000; random += 997) {
            same = backoff;
            int64_t delay = backoff_next_of (&same, random);
            assert_in_range (delay, full [n] / 2, full [n]);
        }
        backoff_next_of (&backoff, 12345);
    }
    backoff_reset (&backoff);
    assert_int_equal (backoff_next_of (&backoff, 0), 50);
}

static void
test_backoff_stays_at_its_maximum_after_a_thousand_failures (void **state)
{
    (void) state;
    backoff_t backoff = { .first_ms = 1, .max_ms = INT64_MAX / 4, .failures = 1000 };
    assert_in_range (backoff_next_of (&backoff, UINT32_MAX), 1, INT64_MAX / 4);
}

//  ---- addresses, trace context, verdicts

static void
test_broker_address_reads_host_and_port (void **state)
{
    (void) state;
    static const struct { const char *url, *host; int port; } rows [] = {
        { "mqtt://127.0.0.1:1884", "127.0.0.1", 1884 }, { "mqtt://broker", "broker", 1883 },
        { "mqtt://[::1]:99", "::1", 99 }, { "mqtt://[::1]", "::1", 1883 },
    };
    static const char *const wrong [] = {
        "", "mqtt", "mqtt://", "nats://x", "mqtt://:1883", "mqtt://x:0", "mqtt://x:65536", "mqtt://x:", "mqtt://x:1x",
        "mqtt://x/y", "mqtt://u:p@x", "mqtt://[::1", "mqtt://[::1]x", "mqtt://x:-1",
    };
    broker_address_t address;
    const char *why = NULL;
    for (size_t n = 0; n < ZOOID_COUNT (rows); n++) {
        assert_int_equal (broker_address_read (rows [n].url, "mqtt", 1883, &address, &why), 0);
        assert_string_equal (address.host, rows [n].host);
        assert_int_equal (address.port, rows [n].port);
    }
    for (size_t n = 0; n < ZOOID_COUNT (wrong); n++)
        assert_int_equal (broker_address_read (wrong [n], "mqtt", 1883, &address, &why), ZOOID_INVALID);
}

static void
test_traceparent_round_trips (void **state)
{
    (void) state;
    const char *text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    char written [TRACEPARENT_SIZE];
    zooid_trace_t trace;
    assert_int_equal (traceparent_read (text, &trace), 0);
    assert_int_equal (trace.flags, 1);
    assert_true (traceparent_write (&trace, written));
    assert_string_equal (written, text);
    assert_int_equal (traceparent_read ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", &trace), 0);
    assert_false (traceparent_write (NULL, written));
    assert_false (traceparent_write (&(zooid_trace_t) { 0 }, written));
}

static void
test_traceparent_refuses_what_is_none (void **state)
{
    (void) state;
    static const char *const wrong [] = {
        "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    };
    for (size_t n = 0; n < ZOOID_COUNT (wrong); n++) {
        zooid_trace_t trace;
        assert_int_equal (traceparent_read (wrong [n], &trace), ZOOID_INVALID);
    }
}

static void
test_cloud_event_type_is_the_topic_without_places (void **state)
{
    (void) state;
    char type [16];
    cloud_event_type ("iot.telemetry.{device}", type, sizeof type);
    assert_string_equal (type, "iot.telemetry");
    cloud_event_type ("content.created", type, sizeof type);
    assert_string_equal (type, "content.created");
    cloud_event_type ("content.muchlongersegment", type, sizeof type);
    assert_string_equal (type, "content");
}

static void
test_delivery_blames_the_sender_only_for_its_own_faults (void **state)
{
    (void) state;
    static const zooid_failure_kind_t senders [] = {
        ZOOID_FAILURE_INVALID, ZOOID_FAILURE_MALFORMED, ZOOID_FAILURE_NOT_FOUND, ZOOID_FAILURE_CONFLICT,
        ZOOID_FAILURE_PRECONDITION, ZOOID_FAILURE_TOO_LARGE,
    };
    static const zooid_failure_kind_t passing [] = {
        ZOOID_FAILURE_UNAUTHENTICATED, ZOOID_FAILURE_DENIED, ZOOID_FAILURE_RATE_LIMITED, ZOOID_FAILURE_OVERLOADED,
        ZOOID_FAILURE_UNAVAILABLE, ZOOID_FAILURE_NO_SPACE, ZOOID_FAILURE_DEADLINE, ZOOID_FAILURE_OUTCOME_UNKNOWN,
    };
    for (size_t n = 0; n < ZOOID_COUNT (senders); n++)
        assert_int_equal (delivery_verdict (senders [n]), DELIVERY_DEAD);
    for (size_t n = 0; n < ZOOID_COUNT (passing); n++)
        assert_int_equal (delivery_verdict (passing [n]), DELIVERY_AGAIN);
    assert_int_equal (delivery_verdict (ZOOID_FAILURE_INTERNAL), DELIVERY_AGAIN_BOUNDED);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_pattern_captures_each_wildcard),
        cmocka_unit_test (test_pattern_check_counts_what_it_captures),
        cmocka_unit_test (test_pattern_check_refuses_what_is_no_pattern),
        cmocka_unit_test (test_template_fills_every_place),
        cmocka_unit_test (test_template_refuses_places_that_nothing_fills),
        cmocka_unit_test (test_mapping_makes_arguments_of_each_type),
        cmocka_unit_test (test_mapping_refuses_at_start_what_does_not_fit),
        cmocka_unit_test (test_mapping_says_all_that_does_not_fit),
        cmocka_unit_test (test_mapping_refuses_a_message_that_does_not_fit),
        cmocka_unit_test (test_routes_are_made_of_settings),
        cmocka_unit_test (test_routes_name_the_field_that_is_wrong),
        cmocka_unit_test (test_routes_say_all_that_is_wrong_with_one),
        cmocka_unit_test (test_routes_check_calls_finds_operations_and_arguments_that_are_not_there),
        cmocka_unit_test (test_routes_check_says_all_that_is_wrong_with_a_pointer),
        cmocka_unit_test (test_backoff_doubles_up_to_its_maximum_with_jitter),
        cmocka_unit_test (test_backoff_stays_at_its_maximum_after_a_thousand_failures),
        cmocka_unit_test (test_broker_address_reads_host_and_port),
        cmocka_unit_test (test_traceparent_round_trips),
        cmocka_unit_test (test_traceparent_refuses_what_is_none),
        cmocka_unit_test (test_cloud_event_type_is_the_topic_without_places),
        cmocka_unit_test (test_delivery_blames_the_sender_only_for_its_own_faults),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
