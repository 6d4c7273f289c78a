#include "topology.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <zooid/msgpack.h>

//  ---- a topology in hand

typedef struct {
    report_t *report;
    topology_t *topology;
} fixture_t;

static int
s_set_up (void **state)
{
    fixture_t *self = zooid_allocate (sizeof *self);
    report_new (&self->report);
    *state = self;
    return 0;
}

static int
s_tear_down (void **state)
{
    fixture_t *self = *state;
    report_destroy (&self->report);
    topology_destroy (&self->topology);
    free (self);
    return 0;
}

static int
s_read (fixture_t *self, const char *text, const char *const *sets)
{
    size_t count = 0;
    while (sets && sets [count])
        count++;
    return topology_new (&self->topology, &(topology_options_t) { .text = text, .sets = sets, .set_count = count },
                         self->report);
}

//  Line by line; an expected line that ends with `*` says only how it begins: the rest is of the record's own tests.
static bool
s_lines_match (const char *said, const char *expected)
{
    while (*said && *expected) {
        size_t said_size = strcspn (said, "\n"), size = strcspn (expected, "\n");
        bool open = size && expected [size - 1] == '*';
        if (open ? said_size < size || strncmp (said, expected, size - 1) != 0
                 : said_size != size || strncmp (said, expected, size) != 0)
            return false;
        said += said_size + (said [said_size] == '\n');
        expected += size + (expected [size] == '\n');
    }
    return !*said && !*expected;
}

static void
s_assert_says (fixture_t *self, const char *lines, const char *file, int line)
{
    const char *said = report_text (self->report);
    if (!s_lines_match (said, lines))
        print_error ("said:\n%sexpected:\n%s", said, lines);
    _assert_true (s_lines_match (said, lines), "says what is expected", file, line);
}
#define assert_says(self, lines) s_assert_says ((self), (lines), __FILE__, __LINE__)

static const char sound [] =
    "zooid: 1\n"
    "nodes:\n"
    "  edge: { listen: \"tcp://10.0.0.1:7100\", may: [\"iot.*\"], actors: [mqtt, iot] }\n"
    "  core: { actors: [nats] }\n"
    "actors:\n"
    "  mqtt:\n"
    "    module: bridge-mqtt\n"
    "    grants: [\"iot:ingest\"]\n"
    "    sets_principal: true\n"
    "    dispatcher: bridges\n"
    "    restart: { restarts: 3, within_ms: 1000 }\n"
    "    url: \"mqtt://127.0.0.1:1883\"\n";

static void
test_topology_names_nodes_and_actors (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (s_read (self, sound, NULL), 0);
    assert_says (self, "");
    size_t count = 0;
    const topology_node_t *nodes = topology_nodes (self->topology, &count);
    assert_int_equal (count, 2);
    assert_string_equal (nodes [0].name, "edge");
    assert_string_equal (nodes [0].listen, "tcp://10.0.0.1:7100");
    assert_true (nodes [0].hosted && nodes [1].hosted);
    const topology_actor_t *actors = topology_actors (self->topology, &count);
    assert_int_equal (count, 3);
    assert_string_equal (actors [0].name, "mqtt");
    assert_string_equal (actors [0].module, "bridge-mqtt");
    assert_string_equal (actors [0].dispatcher, "bridges");
    assert_int_equal (actors [0].scope_count, 1);
    assert_string_equal (actors [0].scopes [0], "iot:ingest");
    assert_true (actors [0].sets_principal);
    assert_int_equal (actors [0].restarts, 3);
    assert_int_equal (actors [0].within_ms, 1000);
    assert_string_equal (actors [1].module, "iot");
    assert_false (actors [1].sets_principal);
    assert_ptr_equal (actors [2].node, &nodes [1]);
}

static void
test_topology_hosts_one_node_when_asked (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (
        topology_new (&self->topology, &(topology_options_t) { .text = sound, .node = "core" }, self->report), 0);
    size_t count = 0;
    const topology_node_t *nodes = topology_nodes (self->topology, &count);
    assert_false (nodes [0].hosted);
    assert_true (nodes [1].hosted);
}

static void
test_topology_suggests_a_node_when_the_name_is_wrong (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (
        topology_new (&self->topology, &(topology_options_t) { .text = sound, .node = "croe" }, self->report),
        ZOOID_INVALID);
    assert_says (self, "topology: no node is named `croe`; did you mean `core`?\n");
}

//  ---- errors: a text, and every line that is said about it

typedef struct {
    const char *text;
    const char *says;
} mistake_t;

static const mistake_t mistakes [] = {
    { "", "topology:1:1: an empty topology; it begins with `zooid: 1` and names `nodes`\n" },
    { "# nothing\n---\n", "topology:*\n" },
    { "hello\n", "topology:1:1: a text for a topology; a map of its settings\n" },
    { "- a\n", "topology:1:1: a list for a topology; a map of its settings\n" },
    { "zooid: 1\n", "topology:1:1: `nodes` is missing; *\n" },
    { "zooid: 2\nnodes: { a: { actors: [] } }\n", "topology:1:8: `zooid` must be 1\n" },
    { "zooid: 1\nnodez: {}\nnodes: { a: { actors: [] } }\n", "topology:2:1: `nodez` is no setting of a topology; did you mean `nodes`?\n" },
    { "zooid: 1\nnodes: {}\n", "topology:2:8: no node; name one: `nodes: { local: { actors: [...] } }`\n" },
    { "zooid: 1\nnodes: [a]\n", "topology:2:8: `nodes` is a list; write a map of names\n" },
    { "zooid: 1\nnodes:\n  a: { actor: [] }\n",
      "topology:3:6: `actors` is missing; *\n"
      "topology:3:8: `actor` is no setting of node a; did you mean `actors`?\n" },
    { "zooid: 1\nnodes:\n  A: { actors: [Iot, system] }\n",
      "topology:3:3: `A` is no name of a node; lower-case letters, digits, _ and -, a letter first, at most 63\n"
      "topology:3:17: `Iot` is no name of an actor; lower-case letters, digits and _, a letter first, at most 63\n"
      "topology:3:22: `system` is an actor of the runtime's own; choose another name\n" },
    { "zooid: 1\nnodes:\n  a: { actors: [iot] }\n  b: { actors: [iot], listen: \"udp://x\" }\n",
      "topology:4:17: `iot` runs on node a already, by line 3; give it another name here, and `module: iot`\n"
      "topology:4:31: `udp://x` is no address of a node; write tcp://HOST:PORT\n" },
    { "zooid: 1\nnodes: { a: { actors: [analytics] } }\nactors:\n  analitics: {}\n",
      "topology:4:3: no node runs `analitics`; did you mean `analytics`, or add it to a node's `actors`\n" },
    { "zooid: 1\nnodes: { a: { actors: [iot] } }\nactors:\n  iot: {}\n  gateway: {}\n",
      "topology:5:3: no node runs `gateway`; add it to a node's `actors`, or remove this\n" },
    { "zooid: 1\nnodes: { a: { actors: [simulator] } }\nactors:\n  simulator: {}\n  simulater: {}\n",
      "topology:5:3: no node runs `simulater`; did you mean `simulator`, or add it to a node's `actors`\n" },
    { "zooid: 1\nnodes: { a: { actors: [b] } }\nactors:\n  b: { sets_principal: maybe, restart: { restart: 3 } }\n",
      "topology:4:24: `sets_principal` is the text \"maybe\"; true or false is right here\n"
      "topology:4:42: `restart` is no setting of actor b; did you mean `restarts`?\n" },
    { "zooid: 1\nnodes:\n  a: { actors: [x] }\nzooid: 1\n", "topology:4:1: `zooid` is there twice, first in line 1; remove one\n" },
    { "zooid: 1\nnodes: { a: { actors: [x]\n", "topology:2:26: a `,` or the closing `}` is missing; add it\n" },
    { "zooid: 1\nnodes: !x { a: { actors: [x] } }\n", "topology:2:11: tags (`!`) are not read; leave it out\n" },
    { "zooid: 1\nnodes: *n\n", "topology:2:9: no anchor `&n` stands before this; write one, or the value itself\n" },
    { "zooid: 1\n---\nzooid: 1\n", "topology:3:1: a second document; one is read: remove the `---` before it\n" },
};

static void
test_topology_errors_have_their_place (void **state)
{
    for (size_t i = 0; i < ZOOID_COUNT (mistakes); i++) {
        fixture_t *self = NULL;
        s_set_up ((void **) &self);
        int rc = s_read (self, mistakes [i].text, NULL);
        if (rc != ZOOID_INVALID || !s_lines_match (report_text (self->report), mistakes [i].says))
            print_error ("[%s]\n", mistakes [i].text);
        assert_says (self, mistakes [i].says);
        assert_int_equal (rc, ZOOID_INVALID);
        s_tear_down ((void **) &self);
    }
    (void) state;
}

static void
test_topology_shares_the_value_of_an_alias (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (s_read (self,
                              "zooid: 1\nnodes: { a: { actors: [b, c] } }\nactors:\n  b: &b { grants: [x] }\n  c: *b\n",
                              (const char *const []) { "actors.c.grants=[y, z]", NULL }),
                      0);
    size_t count = 0;
    const topology_actor_t *actors = topology_actors (self->topology, &count);
    assert_int_equal (actors [0].scope_count, 1);
    assert_int_equal (actors [1].scope_count, 2);
}

static void
test_topology_of_bytes_is_no_map (void **state)
{
    static const struct { const char *bytes; size_t size; const char *says; } rows [] = {
        { "\0\1\2\3", 4, "t.yaml:1:1: no YAML: bytes that are no text; write a map, `key: value` lines\n" },
        { "\xc3\x28\x80\xff", 4, "t.yaml:1:1: *\n" },
        { "zooid: 1\n\0", 10, "t.yaml:1:1: no YAML: bytes that are no text; write a map, `key: value` lines\n" },
        { "\x7f" "ELF\2\1\1\0", 8, "t.yaml:1:1: *\n" },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        fixture_t *self = NULL;
        ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
        value_t *value = NULL;
        zooid_arena_new (&arena, 0);
        s_set_up ((void **) &self);
        assert_int_equal (document_read ("t.yaml", rows [i].bytes, rows [i].size, arena, self->report, &value),
                          ZOOID_INVALID);
        assert_says (self, rows [i].says);
        s_tear_down ((void **) &self);
    }
    (void) state;
}

//  ---- sets

static void
test_topology_takes_sets_in_their_order (void **state)
{
    fixture_t *self = *state;
    static const char *const sets [] = { "nodes.edge.actors.1=other", "actors.other.module=iot",
                                         "actors.other.module=analytics", NULL };
    assert_int_equal (s_read (self, sound, sets), 0);
    size_t count = 0;
    const topology_actor_t *actors = topology_actors (self->topology, &count);
    assert_string_equal (actors [1].name, "other");
    assert_string_equal (actors [1].module, "analytics");
}

static void
test_topology_set_errors_name_the_path_and_not_the_value (void **state)
{
    static const struct { const char *set, *says; } wrong [] = {
        { "hello", "--set: no `path=value`; for example actors.gateway.public_url=http://localhost\n" },
        { "a..b=1", "--set a..b: an empty name in the path; it reads like actors.gateway.listen\n" },
        { "zooid.x=1", "--set zooid.x: `x` can not be set within a text; set the whole instead\n" },
        { "actors.mqtt.url=[hunter2", "--set actors.mqtt.url:1:9: a list without its closing `]`; add one\n" },
        { "actrs.mqtt.url=x", "--set actrs.mqtt.url:1:1: `actrs` is no setting of a topology; did you mean `actors`?\n" },
        { "actors.mqt.url=x", "--set actors.mqt.url:1:1: no node runs `mqt`; did you mean `mqtt`, or add it to a node's `actors`\n" },
        { "nodes.edge.actors.0=iot", "--set nodes.edge.actors.0:1:1: `iot` runs on node edge already, by topology:3:73; *\n"
          "topology:6:3: no node runs `mqtt`; *\n" },
        { "nodes.core.actors.0=iot", "--set nodes.core.actors.0:1:1: `iot` runs on node edge already, by topology:3:73; *\n" },
        { "nodes.core.actors=[a, a]", "--set nodes.core.actors:1:5: `a` runs on node core already, by line 1; *\n" },
        { "actors.mqtt.sets_principal=2", "--set actors.mqtt.sets_principal:1:1: `sets_principal` *\n" },
    };
    for (size_t i = 0; i < ZOOID_COUNT (wrong); i++) {
        fixture_t *self = NULL;
        s_set_up ((void **) &self);
        assert_int_equal (s_read (self, sound, (const char *const []) { wrong [i].set, NULL }), ZOOID_INVALID);
        assert_says (self, wrong [i].says);
        s_tear_down ((void **) &self);
    }
    (void) state;
}

//  ---- settings of a module

typedef struct {
    zooid_presence_t presence;
    int64_t raw, minute;
} history_t;

static const zooid_field_t history_fields [] = {
    ZOOID_DURATION (history_t, raw, .initial = "7d", .integers = { true, 1000, INT64_MAX }, .doc = "Kept"),
    ZOOID_DURATION (history_t, minute, .optional = true, .doc = "Kept"),
};
static const zooid_record_t history_record = ZOOID_RECORD ("history", history_t, history_fields, .presence = ZOOID_PRESENCE (history_t));

typedef struct {
    const char *from, *ask;
} route_t;

static const zooid_field_t route_fields [] = {
    ZOOID_STRING (route_t, from, .doc = "Topic"),
    ZOOID_STRING (route_t, ask, .initial = "iot.ingest", .doc = "Operation"),
};
static const zooid_record_t route_record = ZOOID_RECORD ("route", route_t, route_fields);

static const char *const guarantees [] = { "at-most-once", "at-least-once", NULL };

typedef struct {
    zooid_presence_t presence;
    const char *url, *password;
    int64_t devices;
    double ratio;
    int32_t guarantee;
    zooid_list_t listen;
    zooid_map_t routes;
    history_t history;
    zooid_any_t extra;
} settings_probe_t;

static const zooid_field_t probe_fields [] = {
    ZOOID_STRING (settings_probe_t, url, .doc = "Where"),
    ZOOID_STRING (settings_probe_t, password, .optional = true, .secret = true, .min_length = 6, .doc = "Secret"),
    ZOOID_INTEGER (settings_probe_t, devices, .initial = "5", .integers = { true, 1, 100 }, .doc = "How many"),
    ZOOID_REAL (settings_probe_t, ratio, .initial = "0.5", .doc = "Of it"),
    ZOOID_ENUMERATION (settings_probe_t, guarantee, .names = guarantees, .initial = "at-least-once", .doc = "What is promised"),
    ZOOID_LIST (settings_probe_t, listen, .initial = "[\"http://127.0.0.1:8000\"]", .of = ZOOID_ITEM (ZOOID_TYPE_STRING, const char *), .doc = "Where"),
    ZOOID_MAP (settings_probe_t, routes, .optional = true, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, route_t, .record = &route_record), .doc = "Routes"),
    ZOOID_EMBEDDED (settings_probe_t, history, history_t, .record = &history_record, .doc = "History"),
    ZOOID_ANY (settings_probe_t, extra, .optional = true, .nullable = true, .doc = "Whatever"),
};
static const zooid_record_t probe = ZOOID_RECORD ("probe", settings_probe_t, probe_fields, .presence = ZOOID_PRESENCE (settings_probe_t));

//  What a module would be given for this text; the report is left in the fixture.
static int
s_settings (fixture_t *self, const char *text, const char *folder, zooid_arena_t *arena, settings_probe_t *ret_probe)
{
    value_t *map = NULL;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t msgpack = { 0 };
    assert_int_equal (document_read ("t.yaml", text, strlen (text), arena, self->report, &map), 0);
    const settings_t how = { .record = &probe, .subject = "actor p", .folder = folder };
    int rc = settings_read (&how, map, arena, self->report, &msgpack);
    if (rc == 0)
        assert_int_equal (
            zooid_record_decode (&probe, (zooid_bytes_t) { msgpack.data, msgpack.size }, arena, ret_probe, NULL), 0);
    return rc;
}

static void
test_settings_are_typed_and_have_initial_values (void **state)
{
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    settings_probe_t given = { 0 };
    assert_int_equal (s_settings (*state,
                                  "url: 8000\nhistory: { minute: 90m }\nroutes: { a/b: { from: x } }\nextra: [1, 2.5, "
                                  "\"3\", ~, true, {a: b}]\n",
                                  "", arena, &given),
                      0);
    assert_string_equal (given.url, "8000");
    assert_false (ZOOID_HAS (&probe, settings_probe_t, &given, password));
    assert_int_equal (given.devices, 5);
    assert_true (given.ratio > 0.49 && given.ratio < 0.51);
    assert_int_equal (given.guarantee, 1);
    assert_int_equal (given.listen.count, 1);
    assert_string_equal (((const char *const *) given.listen.items) [0], "http://127.0.0.1:8000");
    assert_int_equal (given.routes.count, 1);
    assert_string_equal (given.routes.keys [0], "a/b");
    assert_string_equal (((const route_t *) given.routes.values) [0].ask, "iot.ingest");
    assert_int_equal (given.history.raw, 7 * 86400000);
    assert_int_equal (given.history.minute, 90 * 60000);
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t json = { 0 };
    assert_int_equal (zooid_json_write (NULL, given.extra.msgpack, &json), 0);
    assert_string_equal (zooid_buffer_string (&json), "[1,2.5,\"3\",null,true,{\"a\":\"b\"}]");
}

static void
test_settings_errors_come_all_at_once (void **state)
{
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    settings_probe_t given = { 0 };
    assert_int_equal (s_settings (*state,
        "devices: 101\n"
        "guarantee: at-lest-once\n"
        "histroy: { raw: 1d }\n"
        "history: { raw: 7 days, minute: 0 }\n"
        "listen: http://127.0.0.1:80\n"
        "routes:\n"
        "  first: { form: x }\n"
        "  a/b: { from: [x] }\n", "", arena, &given), ZOOID_INVALID);
    assert_says ((fixture_t *) *state,
        "t.yaml:1:1: `url` is missing; *\n"
        "t.yaml:1:10: `devices` *\n"
        "t.yaml:2:12: `guarantee` *\n"
        "t.yaml:3:1: `histroy` is no setting of actor p; did you mean `history`?\n"
        "t.yaml:4:17: `history.raw` *\n"
        "t.yaml:5:9: `listen` *\n"
        "t.yaml:7:10: `routes.first.from` is missing; *\n"
        "t.yaml:7:12: `form` is no setting of actor p; did you mean `from`?\n"
        "t.yaml:8:16: `routes.a/b.from` *\n");
}

static void
test_settings_errors_speak_of_the_text_and_not_of_json (void **state)
{
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    settings_probe_t given = { 0 };
    assert_int_equal (s_settings (*state,
        "url: x\n"
        "devices: many\n"
        "ratio: \"half of it, or rather more than that, but not quite two thirds of it\"\n", "", arena, &given),
        ZOOID_INVALID);
    assert_says ((fixture_t *) *state,
        "t.yaml:2:10: `devices` is the text \"many\"; an integer is right here\n"
        "t.yaml:3:8: `ratio` is a text of 68 bytes; a number is right here\n");
}

//  ---- what no record can say

static void
s_check_probe (const void *settings_, zooid_arena_t *arena, zooid_violations_t *violations)
{
    const settings_probe_t *settings = settings_;
    for (size_t i = 0; i < settings->routes.count; i++)
        if (strcmp (((const route_t *) settings->routes.values) [i].from, "x") == 0)
            zooid_violations_add (violations, arena,
                                  zooid_arena_format (arena, "/routes/%s/from", settings->routes.keys [i]), "route",
                                  "is an x; write a y");
    if (settings->devices == 5)
        zooid_violations_add (violations, arena, "/devices", "odd", "is odd; write 6");
}

static void
test_settings_are_checked_by_the_module_with_initial_values (void **state)
{
    fixture_t *self = *state;
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t msgpack = { 0 };
    value_t *map = NULL;
    static const char text [] = "url: x\nroutes:\n  first: { from: y }\n  second: { from: x }\n";
    zooid_arena_new (&arena, 0);
    assert_int_equal (document_read ("t.yaml", text, strlen (text), arena, self->report, &map), 0);
    const settings_t how = { .record = &probe, .subject = "actor p", .folder = "", .check = s_check_probe };
    assert_int_equal (settings_read (&how, map, arena, self->report, &msgpack), ZOOID_INVALID);
    assert_says (self, "t.yaml:1:1: `devices` is odd; write 6\n"
                       "t.yaml:4:19: `routes.second.from` is an x; write a y\n");
}

//  Its struct would not be sound.
static void
test_settings_are_not_checked_by_the_module_when_they_break_their_record (void **state)
{
    fixture_t *self = *state;
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t msgpack = { 0 };
    value_t *map = NULL;
    static const char text [] = "url: x\nhistory: { raw: 1 }\n";
    zooid_arena_new (&arena, 0);
    assert_int_equal (document_read ("t.yaml", text, strlen (text), arena, self->report, &map), 0);
    const settings_t how = { .record = &probe, .subject = "actor p", .folder = "", .check = s_check_probe };
    assert_int_equal (settings_read (&how, map, arena, self->report, &msgpack), ZOOID_INVALID);
    assert_says (self, "t.yaml:2:17: `history.raw` *\n");
}

//  ---- secrets

static void
s_write (const char *path, const char *text)
{
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    assert_true (fputs (text, file) >= 0);
    assert_int_equal (fclose (file), 0);
}

static void
test_settings_read_a_secret_from_a_file_or_a_variable (void **state)
{
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    char folder [] = "/tmp/zooid-topology-XXXXXX";
    assert_non_null (mkdtemp (folder));
    const char *path = zooid_arena_format (arena, "%s/secret", folder);
    s_write (path, "hunter2 \n");
    assert_int_equal (setenv ("ZOOID_TEST_SECRET", "swordfish", 1), 0);
    settings_probe_t given = { 0 };
    assert_int_equal (s_settings (*state, "url: x\npassword: { file: secret }\n", folder, arena, &given), 0);
    assert_string_equal (given.password, "hunter2 ");
    assert_int_equal (s_settings (*state, "url: x\npassword: { variable: ZOOID_TEST_SECRET }\n", folder, arena, &given),
                      0);
    assert_string_equal (given.password, "swordfish");
    assert_int_equal (unlink (path), 0);
    assert_int_equal (rmdir (folder), 0);
}

static void
test_settings_never_show_a_secret (void **state)
{
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    assert_int_equal (setenv ("ZOOID_TEST_SHORT", "abc", 1), 0);
    settings_probe_t given = { 0 };
    static const char *const texts [] = {
        "url: x\npassword: hunter2\n", "url: x\npassword: { variable: ZOOID_TEST_SHORT }\n", "url: x\npassword: { variable: ZOOID_TEST_NONE }\n",
        "url: x\npassword: { file: none }\n", "url: x\npassword: { fil: none }\n",
    };
    for (size_t i = 0; i < ZOOID_COUNT (texts); i++)
        assert_int_equal (s_settings (*state, texts [i], "/nowhere", arena, &given), ZOOID_INVALID);
    assert_says ((fixture_t *) *state,
        "t.yaml:2:11: `password` is a secret and is not written here; give { file: PATH } or { variable: NAME }\n"
        "t.yaml:2:19: `password`: the secret's file /nowhere/none: No such file or directory; make it, readable by this user alone\n"
        "t.yaml:2:23: `password`: the secret that is named here breaks the rule `length`; look at its length and characters\n"
        "t.yaml:2:23: `password`: the variable ZOOID_TEST_NONE is not set; set it, or give { file: PATH }\n");
}

#define test(name) cmocka_unit_test_setup_teardown (name, s_set_up, s_tear_down)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        test (test_topology_names_nodes_and_actors),
        test (test_topology_hosts_one_node_when_asked),
        test (test_topology_suggests_a_node_when_the_name_is_wrong),
        test (test_topology_errors_have_their_place),
        test (test_topology_shares_the_value_of_an_alias),
        test (test_topology_takes_sets_in_their_order),
        test (test_topology_set_errors_name_the_path_and_not_the_value),
        test (test_settings_are_typed_and_have_initial_values),
        test (test_settings_errors_come_all_at_once),
        test (test_settings_errors_speak_of_the_text_and_not_of_json),
        test (test_settings_are_checked_by_the_module_with_initial_values),
        test (test_settings_are_not_checked_by_the_module_when_they_break_their_record),
        test (test_topology_of_bytes_is_no_map),
        test (test_settings_read_a_secret_from_a_file_or_a_variable),
        test (test_settings_never_show_a_secret),
    };
    return cmocka_run_group_tests_name ("node.topology", tests, NULL, NULL);
}
