//  iot_fixture.c - the witness, and the node that it stands in
#include "iot_fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zooid/node.h>

extern const zooid_module_t zooid_module_iot;

enum { SEEN_MAX = 64 };

//  ---- the witness

typedef struct {
    zooid_presence_t presence;
    const char *device;
    const char *body;
    const char *scope;
    const char *id;
    bool derived;
} send_t;
static const zooid_field_t send_fields [] = {
    ZOOID_STRING (send_t, device, .max_length = 65535),
    ZOOID_STRING (send_t, body, .max_length = 100000),
    ZOOID_STRING (send_t, scope, .optional = true),
    ZOOID_STRING (send_t, id, .optional = true),
    ZOOID_BOOLEAN (send_t, derived, .optional = true),
};
static const zooid_record_t send = ZOOID_RECORD ("send", send_t, send_fields, .presence = ZOOID_PRESENCE (send_t));

typedef struct {
    const char *device;
    zooid_bytes_t body;
} ingest_t;
static const zooid_field_t ingest_fields [] = {
    ZOOID_STRING (ingest_t, device, .max_length = 65535),
    ZOOID_BYTES (ingest_t, body, .max_length = 100000),
};
static const zooid_record_t ingest = ZOOID_RECORD ("sent_ingest", ingest_t, ingest_fields);

typedef struct {
    zooid_any_t answer;
} answer_t;
static const zooid_field_t answer_fields [] = { ZOOID_ANY (answer_t, answer) };
static const zooid_record_t answer_record = ZOOID_RECORD ("answer", answer_t, answer_fields);

typedef struct {
    int64_t count;
} wait_t;
static const zooid_field_t wait_fields [] = { ZOOID_INTEGER (wait_t, count) };
static const zooid_record_t wait_record = ZOOID_RECORD ("wait", wait_t, wait_fields);

typedef struct {
    zooid_list_t events;
} seen_t;
static const zooid_field_t seen_fields [] = {
    ZOOID_LIST (seen_t, events, .of = ZOOID_ITEM (ZOOID_TYPE_ANY, zooid_any_t), .max_length = SEEN_MAX),
};
static const zooid_record_t seen_record = ZOOID_RECORD ("seen", seen_t, seen_fields);

typedef struct {
    int64_t count;
    int64_t window;
} burst_t;
static const zooid_field_t burst_fields [] = { ZOOID_INTEGER (burst_t, count), ZOOID_INTEGER (burst_t, window) };
static const zooid_record_t burst_record = ZOOID_RECORD ("burst", burst_t, burst_fields);

typedef struct {
    int64_t stored;
    int64_t overloaded;
} burst_answer_t;
static const zooid_field_t burst_answer_fields [] = {
    ZOOID_INTEGER (burst_answer_t, stored),
    ZOOID_INTEGER (burst_answer_t, overloaded),
};
static const zooid_record_t burst_answer = ZOOID_RECORD ("burst_answer", burst_answer_t, burst_answer_fields);

typedef struct {
    zooid_message_t *events [SEEN_MAX];
    size_t count, wanted;
    zooid_request_t *request;
    burst_t burst;
    int64_t sent;
    burst_answer_t answers;
    zooid_request_t *burst_request;
} witness_t;

static int
s_answered (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    zooid_request_t *request = *(zooid_request_t **) state;
    *(zooid_request_t **) state = NULL;
    if (outcome->failure)
        return zooid_request_forward (self, &request, outcome);
    answer_t answer = { .answer = { outcome->payload } };
    return zooid_request_reply (self, &request, &answer_record, &answer);
}

static void
s_destroy_request (void *state)
{
    zooid_request_destroy (state);
    free (state);
}

static int
s_on_send (zooid_context_t *self, const void *arguments)
{
    const send_t *given = arguments;
    ingest_t sent = { .device = given->device, .body = { (const uint8_t *) given->body, strlen (given->body) } };
    zooid_identity_t identity = { .scope = given->scope, .id = given->id, .derived = given->derived };
    zooid_request_t **request = zooid_allocate (sizeof *request);
    *request = zooid_request_take (self);
    int rc = zooid_ask (self, &(zooid_call_t) {
        .operation = "iot.ingest", .takes = &ingest, .arguments = &sent, .as_self = true,
        .identity = ZOOID_HAS (&send, send_t, given, id) ? &identity : NULL,
        .then = s_answered, .state = request, .destroy = s_destroy_request });
    assert_int_equal (rc, 0);
    return 0;
}

//  A burst: so many readings of device "burst", `window` of them on their way at once.
static int
s_burst_on (zooid_context_t *self);

static int
s_burst_answered (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    (void) state;
    witness_t *witness = zooid_state (self);
    if (outcome->failure)
        assert_string_equal (outcome->failure, "overloaded");
    *(outcome->failure ? &witness->answers.overloaded : &witness->answers.stored) += 1;
    if (witness->answers.stored + witness->answers.overloaded == witness->burst.count)
        return zooid_request_reply (self, &witness->burst_request, &burst_answer, &witness->answers);
    return witness->sent < witness->burst.count ? s_burst_on (self) : 0;
}

static int
s_burst_on (zooid_context_t *self)
{
    witness_t *witness = zooid_state (self);
    char body [64];
    int size = snprintf (body, sizeof body, "{\"ts\":%lld,\"t\":1}", 1795361128000 + (long long) witness->sent++);
    ingest_t sent = { .device = "burst", .body = { (const uint8_t *) body, (size_t) size } };
    int rc = zooid_ask (self, &(zooid_call_t) { .operation = "iot.ingest", .takes = &ingest, .arguments = &sent,
                                                .as_self = true, .deadline_ms = 60000, .then = s_burst_answered });
    assert_int_equal (rc, 0);
    return 0;
}

static int
s_on_burst (zooid_context_t *self, const void *arguments)
{
    witness_t *witness = zooid_state (self);
    witness->burst = *(const burst_t *) arguments;
    witness->burst_request = zooid_request_take (self);
    for (int64_t i = 0; i < witness->burst.window; i++)
        s_burst_on (self);
    return 0;
}

static int
s_tell_seen (zooid_context_t *self)
{
    witness_t *witness = zooid_state (self);
    if (!witness->request || witness->count < witness->wanted)
        return 0;
    zooid_any_t items [SEEN_MAX];
    for (size_t i = 0; i < witness->count; i++)
        items [i].msgpack = zooid_message_payload (witness->events [i]);
    seen_t seen = { .events = { .items = items, .count = witness->count } };
    return zooid_request_reply (self, &witness->request, &seen_record, &seen);
}

static int
s_on_wait (zooid_context_t *self, const void *arguments)
{
    const wait_t *given = arguments;
    witness_t *witness = zooid_state (self);
    zooid_request_destroy (&witness->request);
    witness->request = zooid_request_take (self);
    witness->wanted = (size_t) given->count;
    return s_tell_seen (self);
}

static int
s_on_telemetry (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    witness_t *witness = zooid_state (self);
    if (witness->count < SEEN_MAX)
        witness->events [witness->count++] = zooid_message_keep (zooid_message (self));
    return s_tell_seen (self);
}

static void
s_stop (zooid_context_t *self)
{
    witness_t *witness = zooid_state (self);
    for (size_t i = 0; i < witness->count; i++)
        zooid_message_destroy (&witness->events [i]);
    zooid_request_destroy (&witness->request);
    zooid_request_destroy (&witness->burst_request);
}

static const zooid_operation_t operations [] = {
    { .name = "witness.send", .kind = ZOOID_COMMAND, .takes = &send, .gives = &answer_record, .scope = "public", .handler = s_on_send,
      .deadline_ms = RIG_DEADLINE_MS, .doc = "Ingest" },
    { .name = "witness.burst", .kind = ZOOID_COMMAND, .takes = &burst_record, .gives = &burst_answer, .scope = "public",
      .handler = s_on_burst, .deadline_ms = 60000, .doc = "Many readings" },
    { .name = "witness.wait", .kind = ZOOID_QUERY, .takes = &wait_record, .gives = &seen_record, .scope = "public", .handler = s_on_wait,
      .deadline_ms = RIG_DEADLINE_MS, .doc = "Events, when there are so many" },
};
static const zooid_subscription_t subscriptions [] = {
    { .topic = "iot.telemetry.*", .handler = s_on_telemetry },
};
static const zooid_contract_t contract = { .name = "witness", ZOOID_OPERATIONS (operations),
                                           ZOOID_SUBSCRIPTIONS (subscriptions), .doc = "Witness" };
static const zooid_module_t module_witness = {
    ZOOID_MODULE_HEADER, .name = "witness", .version = "1", .doc = "Witness", .contract = &contract,
    .state_size = sizeof (witness_t),
    .stop = s_stop,
};

//  ---- the rig

static char s_folder [64];
static zooid_node_t *s_node;

void
rig_begin (const char *settings)
{
    static const zooid_module_t *const modules [] = { &zooid_module_iot, &module_witness };
    char topology [512];
    snprintf (topology, sizeof topology,
              "zooid: 1\nnodes:\n  local: { actors: [iot, witness] }\nactors:\n  iot: %s\n  witness: { grants: [\"iot:ingest\"] }\n", settings);
    int rc = zooid_node_new (&s_node, &(zooid_node_options_t) { .topology = topology, .data = s_folder,
                                                                .modules = modules,
                                                                .module_count = ZOOID_COUNT (modules) });
    if (rc == 0)
        rc = zooid_node_start (s_node);
    if (rc)
        fail_msg ("%d: %s", rc, zooid_node_errors (s_node));
}

void
rig_end (void)
{
    assert_int_equal (zooid_node_stop (s_node, RIG_DEADLINE_MS), 0);
    zooid_node_destroy (&s_node);
}

static int
s_remove (const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void) status, (void) kind, (void) where;
    return remove (path);
}

int
rig_set_up (void **state)
{
    (void) state;
    strcpy (s_folder, "/tmp/zooid-iot-XXXXXX");
    return mkdtemp (s_folder) ? 0 : -1;
}

int
rig_tear_down (void **state)
{
    (void) state;
    zooid_node_destroy (&s_node);
    return nftw (s_folder, s_remove, 8, FTW_DEPTH | FTW_PHYS);
}

json_t *
rig_ask (const char *operation, json_t *arguments)
{
    char *text = json_dumps (arguments, 0);
    json_decref (arguments);
    ZOOID_CLEANUP (zooid_release) char *reply = NULL;
    int rc = zooid_node_ask (s_node, operation, text, RIG_DEADLINE_MS, &reply);
    free (text);
    if (rc != 0 && rc != ZOOID_REFUSED)
        fail_msg ("%s: %d", operation, rc);
    json_t *root = json_loads (reply, JSON_DECODE_ANY, NULL);
    if (!root)
        fail_msg ("%s: %s", operation, reply);
    return root;
}

const json_t *
rig_at (const json_t *root, const char *path)
{
    char copy [128];
    snprintf (copy, sizeof copy, "%s", path);
    char *rest = copy;
    for (char *key; root && (key = strsep (&rest, "."));)
        root = json_is_array (root) ? json_array_get (root, strtoul (key, NULL, 10)) : json_object_get (root, key);
    return root;
}

void
rig_assert_text (const json_t *root, const char *path, const char *text)
{
    const char *found = json_string_value (rig_at (root, path));
    if (!found || strcmp (found, text) != 0) {
        char *all = json_dumps (root, 0);
        fail_msg ("%s is %s, not %s, in %s", path, found ? found : "no text", text, all);
    }
}

void
rig_assert_number (const json_t *root, const char *path, double number)
{
    const json_t *found = rig_at (root, path);
    if (!json_is_number (found) || json_number_value (found) != number) {
        char *all = json_dumps (root, 0);
        fail_msg ("%s is not %g, in %s", path, number, all);
    }
}

void
rig_assert_size (const json_t *root, const char *path, size_t size)
{
    const json_t *found = rig_at (root, path);
    size_t count = json_is_array (found) ? json_array_size (found) : json_object_size (found);
    if (!found || count != size) {
        char *all = json_dumps (root, 0);
        fail_msg ("%s has %zu, not %zu, in %s", path, count, size, all);
    }
}

json_t *
rig_send (const char *device, const char *body)
{
    return rig_ask ("witness.send", json_pack ("{s:s, s:s}", "device", device, "body", body));
}

bool
rig_store (const char *device, const char *body)
{
    json_t *reply = rig_send (device, body);
    const json_t *stored = rig_at (reply, "answer.stored");
    if (!json_is_boolean (stored))
        fail_msg ("%s: refused as %s", body, json_string_value (json_object_get (reply, "name")));
    bool is_stored = json_is_true (stored);
    json_decref (reply);
    return is_stored;
}

bool
rig_store_as (const char *device, const char *body, const char *scope, const char *id, bool derived)
{
    json_t *reply = rig_ask ("witness.send", json_pack ("{s:s, s:s, s:s, s:s, s:b}", "device", device, "body", body,
                                                      "scope", scope, "id", id, "derived", derived));
    bool is_stored = json_is_true (rig_at (reply, "answer.stored"));
    assert_true (json_is_boolean (rig_at (reply, "answer.stored")));
    json_decref (reply);
    return is_stored;
}

void
rig_assert_refused (const char *device, const char *body, const char *failure)
{
    json_t *reply = rig_send (device, body);
    rig_assert_text (reply, "name", failure);
    json_decref (reply);
}

int64_t
rig_wall_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
