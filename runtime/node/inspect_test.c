//  The actor `system`, asked as the control socket would ask it.
#include <zooid/node.h>

#include <errno.h>
#include <math.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zooid/log.h>
#include <zooid/msgpack.h>

//  ---- an actor with an event, a secret, and a handler that waits

typedef struct {
    zooid_presence_t presence;
    int64_t beat_at, count;
    const char *note;
} beat_t;

static const zooid_field_t beat_fields [] = {
    ZOOID_TIMESTAMP (beat_t, beat_at, .doc = "When"),
    ZOOID_INTEGER (beat_t, count, .integers = { true, 0, 100 }, .doc = "How many"),
    ZOOID_STRING (beat_t, note, .optional = true, .doc = "More"),
};
static const zooid_record_t beat_record = ZOOID_RECORD ("beat", beat_t, beat_fields, .presence = ZOOID_PRESENCE (beat_t), .doc = "A beat");

typedef struct {
    const char *word;
} secret_t;

static const zooid_field_t secret_fields [] = { ZOOID_STRING (secret_t, word, .secret = true, .doc = "A secret") };
static const zooid_record_t secret_record = ZOOID_RECORD ("secret", secret_t, secret_fields, .doc = "A secret");

typedef struct {
    zooid_list_t secrets;
} secrets_t;

static const zooid_field_t secrets_fields [] = {
    ZOOID_LIST (secrets_t, secrets, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, secret_t, .record = &secret_record), .doc = "Several"),
};
static const zooid_record_t secrets_record = ZOOID_RECORD ("secrets", secrets_t, secrets_fields, .doc = "Secrets");

typedef struct {
    const char *topic;
    zooid_bytes_t payload;
} letter_t;

static const zooid_field_t letter_fields [] = {
    ZOOID_STRING (letter_t, topic, .doc = "Topic"),
    ZOOID_BYTES (letter_t, payload, .doc = "Bytes"),
};
static const zooid_record_t letter_record = ZOOID_RECORD ("letter", letter_t, letter_fields, .doc = "A letter that is dead");

static sem_t s_gate;
static int64_t s_last_at, s_beats;

static int
s_on_hold (zooid_context_t *self, const void *arguments)
{
    (void) self, (void) arguments;
    while (sem_wait (&s_gate) && errno == EINTR)
        ;
    return 0;
}

static int
s_on_nothing (zooid_context_t *self, const void *arguments)
{
    (void) self, (void) arguments;
    return 0;
}

static int
s_on_bury (zooid_context_t *self, const void *arguments)
{
    const letter_t *letter = arguments;
    zooid_dead_letter (self, "test", letter->topic, letter->payload, "%s", "on purpose");
    return 0;
}

static int
s_on_measure (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    zooid_gauge (self, "beat_odd", "No number", NAN);
    zooid_gauge (self, "beat_even", "A number", 2);
    return 0;
}

static void
s_destroy_request (void *state)
{
    zooid_request_destroy (state);
    free (state);
}

static int
s_forward (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    return zooid_request_forward (self, state, outcome);
}

//  Publish with no more than its own grants.
static int
s_on_relay (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t payload = { 0 };
    zooid_pack_map (&payload, 2);
    zooid_pack_text (&payload, "topic");
    zooid_pack_text (&payload, "beat.at.home");
    zooid_pack_text (&payload, "payload");
    zooid_pack_map (&payload, 2);
    zooid_pack_text (&payload, "beat_at");
    zooid_pack_text (&payload, "2026-01-02T03:04:05.678Z");
    zooid_pack_text (&payload, "count");
    zooid_pack_integer (&payload, 1);
    zooid_request_t **request = zooid_allocate (sizeof *request);
    *request = zooid_request_take (self);
    return zooid_ask (self, &(zooid_call_t) { .operation = "system.publish", .payload = { payload.data, payload.size }, .as_self = true,
                                              .then = s_forward, .state = request, .destroy = s_destroy_request });
}

static int
s_on_beat (zooid_context_t *self, const void *carried)
{
    (void) self;
    const beat_t *beat = carried;
    s_last_at = beat->beat_at;
    s_beats += beat->count;
    return 0;
}

static int
s_on_last (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    return zooid_reply (self, &beat_record, &(beat_t) { .beat_at = s_last_at, .count = s_beats });
}

static const zooid_operation_t operations [] = {
    { .name = "beat.hold", .kind = ZOOID_COMMAND, .scope = "public", .handler = s_on_hold, .doc = "Wait." },
    { .name = "beat.bury", .kind = ZOOID_COMMAND, .takes = &letter_record, .scope = "public", .handler = s_on_bury, .doc = "A dead letter." },
    { .name = "beat.whisper", .kind = ZOOID_COMMAND, .takes = &secrets_record, .scope = "public", .handler = s_on_nothing, .doc = "Secrets." },
    { .name = "beat.measure", .kind = ZOOID_COMMAND, .scope = "public", .handler = s_on_measure, .doc = "Set gauges." },
    { .name = "beat.relay", .kind = ZOOID_COMMAND, .scope = "public", .handler = s_on_relay, .doc = "Publish by the system." },
    { .name = "beat.last", .kind = ZOOID_QUERY, .gives = &beat_record, .scope = "public", .handler = s_on_last, .doc = "What came." },
};
static const zooid_event_t events [] = {
    { .topic = "beat.at.{place}", .carries = &beat_record, .scope = "beat:read", .doc = "A beat" },
};
static const zooid_subscription_t subscriptions [] = {
    { .topic = "beat.at.*", .carries = &beat_record, .handler = s_on_beat, .overflow = ZOOID_DROP_NEW, .limit = 7, .doc = "Beats" },
    { .topic = "beat.>", .carries = &beat_record, .handler = s_on_beat, .doc = "Beats again" },
};
static const zooid_contract_t contract = {
    .name = "beat", ZOOID_OPERATIONS (operations), ZOOID_EVENTS (events), ZOOID_SUBSCRIPTIONS (subscriptions), .doc = "Beats." };
static const zooid_module_t beat = {
    ZOOID_MODULE_HEADER, .name = "beat", .version = "1", .doc = "Beats.", .contract = &contract, .state_size = 1 };

//  ---- a node without a disk

typedef struct {
    zooid_node_t *node;
    char *answer;               //  The last one
    char line [512];            //  The last of the log
} fixture_t;

static void
s_keep (void *state, const char *line, size_t size)
{
    snprintf (((fixture_t *) state)->line, sizeof ((fixture_t *) state)->line, "%.*s", (int) size, line);
}

static int
s_set_up (void **state)
{
    fixture_t *self = zooid_allocate (sizeof *self);
    zooid_log_sink (s_keep, self);
    s_last_at = s_beats = 0;
    if (sem_init (&s_gate, 0, 0)
        || zooid_node_new (&self->node, &(zooid_node_options_t) {
               .topology = "zooid: 1\nnodes: { local: { actors: [beat] } }\nactors: { beat: { grants: [\"system:write\"] } }\n",
               .data = "", .modules = (const zooid_module_t *const []) { &beat }, .module_count = 1 })
        || zooid_node_start (self->node)) {
        print_error ("%s\n", self->node ? zooid_node_errors (self->node) : "");
        return -1;
    }
    *state = self;
    return 0;
}

static int
s_tear_down (void **state)
{
    fixture_t *self = *state;
    zooid_node_destroy (&self->node);
    zooid_log_sink (NULL, NULL);
    zooid_log_set_level (ZOOID_INFO);
    free (self->answer);
    free (self);
    return sem_destroy (&s_gate);
}

static const char *
s_ask (fixture_t *self, const char *operation, const char *json, int expected)
{
    free (self->answer);
    self->answer = NULL;
    int rc = zooid_node_ask (self->node, operation, json, 10000, &self->answer);
    assert_non_null (self->answer);
    if (rc != expected)
        print_error ("%s\n", self->answer);
    assert_int_equal (rc, expected);
    return self->answer;
}

static void
s_assert_says (const char *answer, const char *wanted)
{
    if (!strstr (answer, wanted))
        print_error ("%s\nis missing in %s\n", wanted, answer);
    assert_non_null (strstr (answer, wanted));
}

//  The cursor that an answer ends with, as JSON: "..." or null.
static const char *
s_next (const char *answer, char *room, size_t size)
{
    const char *next = strstr (answer, "\"next\":");
    assert_non_null (next);
    snprintf (room, size, "%.*s", (int) strcspn (next + 7, "}"), next + 7);
    return room;
}

//  ---- actors and dispatchers

static void
test_actors_say_what_runs_them_and_what_they_can_be_asked (void **state)
{
    const char *answer = s_ask (*state, "system.actors", "{\"limit\": 1}", 0);
    s_assert_says (answer, "\"name\":\"beat\"");
    s_assert_says (answer, "\"dispatcher\":\"beat\",\"answers\":true,\"mailbox_messages\":0,\"operations\":[\"beat.hold\",\"beat.bury\","
                           "\"beat.whisper\",\"beat.measure\",\"beat.relay\",\"beat.last\"]");
}

static void
test_actor_that_a_handler_holds_up_is_shown_by_its_mailbox (void **state)
{
    fixture_t *self = *state;
    ZOOID_CLEANUP (zooid_release) char *held = NULL, *waits = NULL;
    assert_int_equal (zooid_node_ask (self->node, "beat.hold", NULL, 20, &held), ZOOID_REFUSED);
    assert_int_equal (zooid_node_ask (self->node, "beat.measure", NULL, 20, &waits), ZOOID_REFUSED);
    const char *answer = s_ask (self, "system.actors", NULL, 0);
    s_assert_says (answer, "{\"name\":\"beat\",\"node\":\"local\",\"module\":\"beat\",\"health\":\"degraded\",\"why\":\"its dispatcher does not answer\"");
    s_assert_says (answer, "\"dispatcher\":\"beat\",\"answers\":false,\"mailbox_messages\":2,");
    s_assert_says (answer, "{\"name\":\"control\",\"node\":\"local\",\"module\":\"control\",\"health\":\"healthy\"");
    s_assert_says (s_ask (self, "system.dispatchers", NULL, 0), "{\"name\":\"beat\",\"answers\":false,\"thread\":0,");
    assert_int_equal (sem_post (&s_gate), 0);
    s_ask (self, "beat.measure", NULL, 0);
    s_assert_says (s_ask (self, "system.actors", NULL, 0), "\"dispatcher\":\"beat\",\"answers\":true,\"mailbox_messages\":0,");
}

static void
test_actors_leave_out_a_figure_that_is_no_number (void **state)
{
    fixture_t *self = *state;
    s_ask (self, "beat.measure", NULL, 0);
    const char *answer = s_ask (self, "system.actors", NULL, 0);
    s_assert_says (answer, "\"figures\":[{\"name\":\"beat_even\",\"value\":2");
    assert_null (strstr (answer, "beat_odd"));
}

static void
test_dispatchers_are_threads_of_this_process (void **state)
{
    const char *answer = s_ask (*state, "system.dispatchers", NULL, 0), *place = answer;
    size_t seen = 0;
    while ((place = strstr (place, "\"thread\":"))) {
        char path [64];
        place += strlen ("\"thread\":");
        snprintf (path, sizeof path, "/proc/self/task/%ld", strtol (place, NULL, 10));
        assert_int_equal (access (path, F_OK), 0);
        seen++;
    }
    assert_int_equal (seen, 2);
    s_assert_says (answer, "{\"items\":[{\"name\":\"control\",\"answers\":true,");
    s_assert_says (answer, "\"actors\":2,");
    s_assert_says (answer, "\"next\":null}");
}

static void
test_dispatchers_come_in_pages (void **state)
{
    fixture_t *self = *state;
    char next [256], arguments [512];
    const char *answer = s_ask (self, "system.dispatchers", "{\"limit\": 1}", 0);
    s_assert_says (answer, "\"name\":\"control\"");
    assert_null (strstr (answer, "\"name\":\"beat\""));
    snprintf (arguments, sizeof arguments, "{\"limit\": 1, \"cursor\": %s}", s_next (answer, next, sizeof next));
    answer = s_ask (self, "system.dispatchers", arguments, 0);
    s_assert_says (answer, "\"name\":\"beat\"");
    assert_string_equal (s_next (answer, next, sizeof next), "null");
    s_assert_says (s_ask (self, "system.dispatchers", "{\"cursor\": \"x\"}", ZOOID_REFUSED), "\"name\":\"invalid\"");
}

//  ---- subscriptions

static void
test_subscriptions_come_in_pages_by_pattern (void **state)
{
    fixture_t *self = *state;
    char next [256], arguments [512];
    const char *answer = s_ask (self, "system.subscriptions", "{\"limit\": 1}", 0);
    s_assert_says (answer, "{\"items\":[{\"pattern\":\"beat.>\",\"actor\":\"beat\",\"origin\":\"contract\",\"overflow\":\"drop_oldest\","
                           "\"limit\":1024,\"waiting\":0,\"dropped\":0}]");
    snprintf (arguments, sizeof arguments, "{\"limit\": 1, \"cursor\": %s}", s_next (answer, next, sizeof next));
    answer = s_ask (self, "system.subscriptions", arguments, 0);
    s_assert_says (answer, "{\"items\":[{\"pattern\":\"beat.at.*\",\"actor\":\"beat\",\"origin\":\"contract\",\"overflow\":\"drop_new\","
                           "\"limit\":7,\"waiting\":0,\"dropped\":0}],\"next\":null}");
    s_assert_says (s_ask (self, "system.subscriptions", "{\"cursor\": \"x\"}", ZOOID_REFUSED), "\"name\":\"invalid\"");
}

//  ---- the log

static void
test_log_level_is_read_and_set (void **state)
{
    fixture_t *self = *state;
    assert_string_equal (s_ask (self, "system.log_level", NULL, 0), "{\"level\":\"info\"}");
    assert_string_equal (s_ask (self, "system.set_log_level", "{\"level\": \"error\"}", 0), "{\"level\":\"error\",\"before\":\"info\"}");
    assert_int_equal (zooid_log_level (), ZOOID_ERROR);
    assert_string_equal (self->line + 24, " warn system log_level from=info to=error by=local:control\n");
    self->line [0] = 0;
    zooid_log (NULL, ZOOID_WARN, "quiet");
    assert_string_equal (self->line, "");
    assert_string_equal (s_ask (self, "system.set_log_level", "{\"level\": \"debug\"}", 0), "{\"level\":\"debug\",\"before\":\"error\"}");
    assert_string_equal (self->line + 24, " warn system log_level from=error to=debug by=local:control\n");
    s_assert_says (s_ask (self, "system.set_log_level", "{\"level\": \"loud\"}", ZOOID_REFUSED), "\"pointer\":\"/level\"");
}

//  ---- events from outside

static void
test_publish_reaches_who_subscribed (void **state)
{
    fixture_t *self = *state;
    assert_string_equal (s_ask (self, "system.publish", "{\"topic\": \"beat.at.home\", \"payload\": {\"beat_at\": \"2026-01-02T03:04:05.678Z\", "
                                                        "\"count\": 3}}", 0),
                         "{\"topic\":\"beat.at.home\",\"subscriptions\":2}");
    s_assert_says (s_ask (self, "beat.last", NULL, 0), "{\"beat_at\":\"2026-01-02T03:04:05.678Z\",\"count\":6}");
}

static void
test_publish_refuses_an_event_that_nobody_declares (void **state)
{
    fixture_t *self = *state;
    s_assert_says (s_ask (self, "system.publish", "{\"topic\": \"baet.at.home\", \"payload\": {}}", ZOOID_REFUSED),
                   "{\"name\":\"unknown_topic\",\"detail\":\"no actor declares an event `baet.at.home`; did you mean `beat.at.home`?\"");
    s_assert_says (s_ask (self, "system.publish", "{\"topic\": \"beat.at\", \"payload\": {}}", ZOOID_REFUSED), "did you mean `beat.at.{place}`?");
    s_assert_says (s_ask (self, "system.publish", "{\"topic\": \"xyzzy\", \"payload\": {}}", ZOOID_REFUSED),
                   "no actor declares an event `xyzzy`; system.subscriptions shows what is waited for");
    s_assert_says (s_ask (self, "system.publish", "{\"topic\": \"beat.at.*\", \"payload\": {}}", ZOOID_REFUSED),
                   "\"errors\":[{\"pointer\":\"/topic\",\"code\":\"characters\"");
    assert_int_equal (s_beats, 0);
}

static void
test_publish_says_all_that_is_wrong_with_a_payload (void **state)
{
    fixture_t *self = *state;
    const char *answer = s_ask (self, "system.publish", "{\"topic\": \"beat.at.home\", \"payload\": {\"beat_at\": 5, \"count\": 101, \"cuont\": 1}}",
                                ZOOID_REFUSED);
    s_assert_says (answer, "{\"name\":\"invalid\",\"detail\":\"the payload breaks the record of the event\"");
    s_assert_says (answer, "{\"pointer\":\"/payload/beat_at\",\"code\":\"type\"");
    s_assert_says (answer, "{\"pointer\":\"/payload/count\",\"code\":\"maximum\"");
    s_assert_says (answer, "{\"pointer\":\"/payload/cuont\",\"code\":\"unknown\"");
    s_assert_says (s_ask (self, "system.publish", "{\"topic\": \"beat.at.home\", \"payload\": 7}", ZOOID_REFUSED), "\"pointer\":\"/payload\",");
    s_assert_says (s_ask (self, "system.publish", "{\"topic\": \"beat.at.home\"}", ZOOID_REFUSED), "\"pointer\":\"/payload\",");
    assert_int_equal (s_beats, 0);
}

static void
test_publish_holds_to_the_scope_of_the_event (void **state)
{
    fixture_t *self = *state;
    s_assert_says (s_ask (self, "beat.relay", NULL, ZOOID_REFUSED),
                   "{\"name\":\"denied\",\"detail\":\"an event `beat.at.home` needs the scope beat:read\"");
    assert_int_equal (s_beats, 0);
}

//  ---- dead letters

//  Bury bytes, given in base64, under a topic; what is shown of them.
static const char *
s_bury (fixture_t *self, const char *topic, const char *payload)
{
    char arguments [1024];
    snprintf (arguments, sizeof arguments, "{\"topic\": \"%s\", \"payload\": \"%s\"}", topic, payload);
    s_ask (self, "beat.bury", arguments, 0);
    return s_ask (self, "system.dead", "{\"limit\": 1}", 0);
}

static void
test_dead_letter_is_shown_as_its_contract_spells_it (void **state)
{
    fixture_t *self = *state;
    //  {"beat_at": 1767323045678, "count": 3}
    static const char whole [] = "gqdiZWF0X2F0zwAAAZt8qY8upWNvdW50Aw==";
    s_assert_says (s_bury (self, "beat.at.home", whole), "\"value\":{\"beat_at\":\"2026-01-02T03:04:05.678Z\",\"count\":3}}");
    s_assert_says (s_bury (self, "nobodys.topic", whole), "\"value\":{\"beat_at\":1767323045678,\"count\":3}}");
    //  {"count": "x"}, which is no beat
    s_assert_says (s_bury (self, "beat.at.home", "gaVjb3VudKF4"), "\"payload\":\"gaVjb3VudKF4\",\"value\":{\"count\":\"x\"}}");
}

static void
test_dead_letter_that_is_no_message_has_bytes_alone (void **state)
{
    fixture_t *self = *state;
    //  x, which would be a number; {"id":, which is cut; and a map with more behind it
    static const char *const payloads [] = { "eA==", "eyJpZCI6", "gaVjb3VudAMD" };
    for (size_t i = 0; i < ZOOID_COUNT (payloads); i++) {
        const char *answer = s_bury (self, "beat.at.home", payloads [i]);
        s_assert_says (answer, payloads [i]);
        assert_null (strstr (answer, "\"value\""));
    }
}

static void
test_dead_letter_that_is_nested_too_deep_has_bytes_alone (void **state)
{
    fixture_t *self = *state;
    //  {"a": [[[...]]]}: 24 lists in each other, and the same with 8
    s_assert_says (s_bury (self, "deep", "gaFhkZGRkZGRkcA="), "\"value\":{\"a\":[[[[[[[null]]]]]]]}}");
    assert_null (strstr (s_bury (self, "deep", "gaFhkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRwA=="), "\"value\""));
    s_ask (self, "system.log_level", NULL, 0);
}

static void
test_dead_letter_with_a_secret_is_not_shown (void **state)
{
    fixture_t *self = *state;
    //  {"secrets": [{"word": "open"}]}
    static const char secret [] = "gadzZWNyZXRzkYGkd29yZKRvcGVu";
    s_assert_says (s_bury (self, "nobodys.topic", secret), "\"value\":{\"secrets\":[{\"word\":\"open\"}]}}");
    const char *answer = s_bury (self, "beat.whisper", secret);
    s_assert_says (answer, "\"topic\":\"beat.whisper\",\"detail\":\"on purpose\",\"payload\":\"\"}]");
}

#define test(name) cmocka_unit_test_setup_teardown (name, s_set_up, s_tear_down)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        test (test_actors_say_what_runs_them_and_what_they_can_be_asked),
        test (test_actor_that_a_handler_holds_up_is_shown_by_its_mailbox),
        test (test_actors_leave_out_a_figure_that_is_no_number),
        test (test_dispatchers_are_threads_of_this_process),
        test (test_dispatchers_come_in_pages),
        test (test_subscriptions_come_in_pages_by_pattern),
        test (test_log_level_is_read_and_set),
        test (test_publish_reaches_who_subscribed),
        test (test_publish_refuses_an_event_that_nobody_declares),
        test (test_publish_says_all_that_is_wrong_with_a_payload),
        test (test_publish_holds_to_the_scope_of_the_event),
        test (test_dead_letter_is_shown_as_its_contract_spells_it),
        test (test_dead_letter_that_is_no_message_has_bytes_alone),
        test (test_dead_letter_that_is_nested_too_deep_has_bytes_alone),
        test (test_dead_letter_with_a_secret_is_not_shown),
    };
    return cmocka_run_group_tests_name ("node.inspect", tests, NULL, NULL);
}
