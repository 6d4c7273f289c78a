//  bridge_test.c - the contract suite of bridge-mqtt: a real mosquitto, scripted peers that misbehave, and a process
//  that is killed between a message's arrival and its commit
#include "device.h"

#include "route/trial.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

extern const zooid_module_t zooid_module_bridge_mqtt;

static const char *program;     //  This one: it is its own child

//  ---- what each test has

typedef struct {
    char *folder;
    int port;
    pid_t broker;
    zooid_node_t *node;
} bench_t;

static void
s_start_broker (bench_t *self)
{
    char *file = NULL, *data = NULL;
    assert_true (asprintf (&file, "%s/mosquitto.conf", self->folder) > 0);
    assert_true (asprintf (&data, "%s/", self->folder) > 0);
    FILE *out = fopen (file, "w");
    assert_non_null (out);
    fprintf (out, "listener %d 127.0.0.1\nallow_anonymous true\n%spersistence true\npersistence_location %s\n"
                  "max_queued_messages 0\nconnection_messages false\n",
             self->port, geteuid () == 0 ? "user root\n" : "", data);
    fclose (out);
    self->broker = trial_start ((const char *const []) { "mosquitto", "-c", file, NULL }, " running");
    free (file);
    free (data);
}

static int
s_set_up (void **state)
{
    bench_t *self = zooid_allocate (sizeof *self);
    self->folder = trial_folder_new ();
    self->port = trial_port ();
    trial_iot_reset ();
    trial_log_start ();
    *state = self;
    return 0;
}

static int
s_tear_down (void **state)
{
    bench_t *self = *state;
    zooid_node_destroy (&self->node);
    trial_end (&self->broker, SIGTERM);
    trial_log_stop ();
    trial_folder_destroy (&self->folder);
    free (self);
    return 0;
}

static const char *
s_topology (char *text, size_t size, int port, const char *settings, const char *route)
{
    snprintf (text, size,
              "zooid: 1\n"
              "nodes: { local: { actors: [iot, mqtt] } }\n"
              "actors:\n"
              "  iot: {}\n"
              "  mqtt:\n"
              "    module: bridge-mqtt\n"
              "    grants: [\"iot:ingest\"]\n"
              "    url: \"mqtt://127.0.0.1:%d\"\n"
              "%s"
              "    routes:\n"
              "      telemetry: { from: \"devices/+/telemetry\", ask: iot.ingest, %s }\n",
              port, settings, route);
    return text;
}

static const char usual [] = "args: { device: \"{1}\", body: \"{payload}\" }";

static void
s_start_node_with (bench_t *self, const char *settings, const char *route)
{
    char text [2048], *data = NULL;
    assert_true (asprintf (&data, "%s/var", self->folder) > 0);
    self->node = trial_node_start (s_topology (text, sizeof text, self->port, settings, route), data,
                                   &zooid_module_bridge_mqtt);
    free (data);
}

static void
s_start_node (bench_t *self)
{
    s_start_node_with (self, "", usual);
}

static const char *
s_status (bench_t *self, const char *text)
{
    return trial_status_await (self->node, "mqtt.status", text);
}

static void
s_assert_ledger_adds_up (const char *status)
{
    assert_int_equal (trial_number (status, "in"),
                      trial_number (status, "delivered") + trial_number (status, "dead") + trial_number (status, "filtered")
                          + trial_number (status, "in_flight"));
}

//  ---- a device

//  One message, acknowledged by the broker.
static void
s_publish (const bench_t *self, const char *topic, const char *body, bool retain, const char *const *properties)
{
    device_t device;
    device_open (&device, self->port);
    device_queue (&device, topic, body, 1, retain, properties);
    device_await (&device, 1);
    device_close (&device);
}

static void
s_publish_many (const bench_t *self, int first, int count)
{
    device_t device;
    device_open (&device, self->port);
    for (int n = first; n < first + count; n++) {
        char body [32];
        snprintf (body, sizeof body, "{\"n\":%d}", n);
        device_queue (&device, "devices/d1/telemetry", body, 1, false, NULL);
    }
    device_await (&device, count);
    device_close (&device);
}

//  ---- with a broker

static void
test_bridge_passes_on_what_the_route_maps (void **state)
{
    bench_t *self = *state;
    char last [256];
    s_start_broker (self);
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    s_publish (self, "devices/d1/telemetry", "{\"t\":1}", false, NULL);
    trial_iot_await_stored (1);
    trial_iot_last (last, sizeof last);
    assert_string_equal (last, "d1 {\"t\":1}");
    const char *status = s_status (self, "\"delivered\":1");
    s_assert_ledger_adds_up (status);
    assert_int_equal (trial_number (status, "in"), 1);
    assert_int_equal (trial_number (status, "connects"), 1);
    assert_non_null (strstr (status, "\"guarantee\":\"at-least-once\""));
}

static void
test_bridge_starts_degraded_without_a_broker (void **state)
{
    bench_t *self = *state;
    s_start_node (self);
    const char *status = s_status (self, "\"state\":\"degraded\"");
    assert_non_null (strstr (status, "\"last_error\":\"Connection refused\""));
    s_start_broker (self);
    s_status (self, "\"state\":\"connected\"");
    s_publish (self, "devices/d1/telemetry", "{}", false, NULL);
    trial_iot_await_stored (1);
}

static void
test_bridge_comes_back_to_a_broker_that_went (void **state)
{
    bench_t *self = *state;
    s_start_broker (self);
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    trial_end (&self->broker, SIGKILL);
    s_status (self, "\"state\":\"degraded\"");
    s_start_broker (self);
    const char *status = s_status (self, "\"state\":\"connected\"");
    assert_true (trial_number (status, "connects") >= 2);
    s_publish (self, "devices/d1/telemetry", "{}", false, NULL);
    trial_iot_await_stored (1);
}

static void
test_bridge_acknowledges_what_is_the_senders_fault (void **state)
{
    bench_t *self = *state;
    s_start_broker (self);
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    trial_iot_next (TRIAL_FAIL, 1, "bad_json");
    s_publish (self, "devices/d1/telemetry", "no json", false, NULL);
    const char *status = s_status (self, "\"dead\":1");
    assert_int_equal (trial_number (status, "bad_json"), 1);
    s_assert_ledger_adds_up (status);
    s_publish (self, "devices/a device/telemetry", "{}", false, NULL);     //  Its name breaks the record
    status = s_status (self, "\"dead\":2");
    assert_int_equal (trial_number (status, "bad_argument"), 1);
    assert_int_equal (trial_number (status, "in_flight"), 0);
    //  The session begins again where it was: neither comes back.
    zooid_node_destroy (&self->node);
    trial_iot_reset ();
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    s_publish (self, "devices/d2/telemetry", "{}", false, NULL);
    status = s_status (self, "\"delivered\":1");
    assert_int_equal (trial_number (status, "in"), 1);
}

static void
test_bridge_tries_again_while_an_operation_is_overloaded (void **state)
{
    bench_t *self = *state;
    s_start_broker (self);
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    trial_iot_next (TRIAL_FAIL, 4, "overloaded");
    s_publish (self, "devices/d1/telemetry", "{}", false, NULL);
    trial_log_await ("route_held", "overloaded");
    trial_iot_await_stored (1);
    const char *status = s_status (self, "\"delivered\":1");
    assert_int_equal (trial_iot_calls (), 5);
    assert_int_equal (trial_number (status, "dead"), 0);
    s_assert_ledger_adds_up (status);
}

static void
test_bridge_gives_up_on_a_message_that_an_operation_breaks_on (void **state)
{
    bench_t *self = *state;
    s_start_broker (self);
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    trial_iot_next (TRIAL_FAIL, 5, "internal");
    s_publish (self, "devices/d1/telemetry", "poison", false, NULL);
    s_status (self, "\"dead\":1");
    s_publish (self, "devices/d1/telemetry", "{}", false, NULL);
    trial_iot_await_stored (1);
    assert_int_equal (trial_iot_calls (), 6);
}

static void
test_bridge_gives_up_a_connection_rather_than_hold_it_too_long (void **state)
{
    bench_t *self = *state;
    s_start_broker (self);
    s_start_node_with (self, "    keepalive_s: 5\n", usual);
    s_status (self, "\"state\":\"connected\"");
    trial_iot_next (TRIAL_HOLD, 1, NULL);
    s_publish (self, "devices/d1/telemetry", "{}", false, NULL);
    trial_iot_await_calls (1);
    trial_log_await ("broker_lost", "messages could not be passed on");
    //  Nothing was acknowledged: the broker sends it again on the next connection.
    trial_iot_await_stored (1);
}

static void
test_bridge_names_a_reading_by_its_property (void **state)
{
    bench_t *self = *state;
    char identity [512];
    static const char *const plain [] = { "id", "r-1", NULL };
    static const char *const event [] = { "id", "r-1", "source", "/sensors/9", "specversion", "1.0", NULL };
    static const char *const empty [] = { "id", "", NULL };
    s_start_broker (self);
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    s_publish (self, "devices/d1/telemetry", "1", false, plain);
    s_publish (self, "devices/d1/telemetry", "2", false, plain);       //  A repeat, whatever it says
    s_status (self, "\"delivered\":2");
    trial_iot_last_identity (identity, sizeof identity);
    assert_string_equal (identity, "mqtt:devices/d1/telemetry r-1");
    s_publish (self, "devices/d2/telemetry", "3", false, plain);       //  Of another topic
    s_publish (self, "devices/d1/telemetry", "4", false, event);       //  Of another source
    s_status (self, "\"delivered\":4");
    assert_int_equal (trial_iot_stored (), 3);
    assert_int_equal (trial_iot_repeats (), 1);
    s_publish (self, "devices/d1/telemetry", "5", false, empty);
    assert_int_equal (trial_number (s_status (self, "\"dead\":1"), "bad_id"), 1);
}

static void
test_bridge_passes_on_the_trace_of_a_message (void **state)
{
    bench_t *self = *state;
    char trace [64];
    static const char text [] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const char *const good [] = { "traceparent", text, NULL };
    static const char *const bad [] = { "traceparent", "00-nonsense", NULL };
    s_start_broker (self);
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    s_publish (self, "devices/d1/telemetry", "1", false, good);
    trial_iot_await_stored (1);
    trial_iot_last_trace (trace, sizeof trace);
    assert_string_equal (trace, text);
    s_publish (self, "devices/d1/telemetry", "2", false, bad);      //  As if there were none
    trial_iot_await_stored (2);
    trial_iot_last_trace (trace, sizeof trace);
    assert_string_not_equal (trace, text);
}

static void
test_bridge_takes_equal_readings_without_an_id_as_two (void **state)
{
    bench_t *self = *state;
    s_start_broker (self);
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    s_publish (self, "devices/d1/telemetry", "{}", false, NULL);
    s_publish (self, "devices/d1/telemetry", "{}", false, NULL);
    s_status (self, "\"delivered\":2");
    assert_int_equal (trial_iot_stored (), 2);
}

//  A broker that lost its memory counts packet ids from 1 again: with the old name of the session the same reading
//  under the same number would be taken for a repeat.
static void
test_bridge_names_a_session_anew_when_the_broker_forgot_it (void **state)
{
    bench_t *self = *state;
    char before [512], after [512];
    s_start_broker (self);
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    s_publish (self, "devices/d1/telemetry", "{}", false, NULL);
    trial_iot_await_stored (1);
    trial_iot_last_identity (before, sizeof before);
    trial_end (&self->broker, SIGKILL);
    s_status (self, "\"state\":\"degraded\"");
    s_start_broker (self);
    s_status (self, "\"state\":\"connected\"");
    s_publish (self, "devices/d1/telemetry", "{}", false, NULL);
    trial_iot_await_stored (2);
    trial_iot_last_identity (after, sizeof after);
    assert_string_equal (strchr (before, ' '), strchr (after, ' '));
    assert_string_not_equal (before, after);
}

static void
test_bridge_keeps_the_name_of_a_session_over_a_restart (void **state)
{
    bench_t *self = *state;
    char before [512], after [512];
    s_start_broker (self);
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    s_publish (self, "devices/d1/telemetry", "{}", false, NULL);
    s_status (self, "\"delivered\":1");
    trial_iot_last_identity (before, sizeof before);
    zooid_node_destroy (&self->node);
    s_publish (self, "devices/d1/telemetry", "{}", false, NULL);       //  The broker keeps it for us
    s_start_node (self);
    trial_iot_await_stored (2);
    trial_iot_last_identity (after, sizeof after);
    *strchr (before, ' ') = *strchr (after, ' ') = 0;
    assert_string_equal (before, after);
}

static void
test_bridge_skips_retained_copies (void **state)
{
    bench_t *self = *state;
    char last [256];
    s_start_broker (self);
    s_publish (self, "devices/d1/telemetry", "old", true, NULL);
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    s_publish (self, "devices/d2/telemetry", "live", false, NULL);
    s_status (self, "\"delivered\":1");
    trial_iot_last (last, sizeof last);
    assert_string_equal (last, "d2 live");
    assert_int_equal (trial_iot_calls (), 1);
}

static void
test_bridge_takes_retained_copies_when_the_route_wants_them (void **state)
{
    bench_t *self = *state;
    char last [256];
    s_start_broker (self);
    s_publish (self, "devices/d1/telemetry", "old", true, NULL);
    s_start_node_with (self, "", "args: { device: \"{1}\", body: \"{payload}\" }, retained: true");
    trial_iot_await_stored (1);
    trial_iot_last (last, sizeof last);
    assert_string_equal (last, "d1 old");
}

static void
test_bridge_takes_more_than_its_window (void **state)
{
    bench_t *self = *state;
    enum { COUNT = 500 };
    s_start_broker (self);
    s_start_node_with (self, "    window: 7\n", usual);
    s_status (self, "\"state\":\"connected\"");
    s_publish_many (self, 0, COUNT);
    trial_iot_await_stored (COUNT);
    const char *status = s_status (self, "\"delivered\":500");
    s_assert_ledger_adds_up (status);
    assert_int_equal (trial_iot_repeats (), 0);
}

static void
test_bridge_finishes_what_it_has_when_it_is_stopped (void **state)
{
    bench_t *self = *state;
    enum { COUNT = 400 };
    s_start_broker (self);
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    s_publish_many (self, 0, COUNT);
    assert_int_equal (zooid_node_stop (self->node, TRIAL_DEADLINE_MS), 0);
    zooid_node_destroy (&self->node);
    s_start_node (self);
    trial_iot_await_stored (COUNT);
    s_status (self, "\"in_flight\":0");
    assert_int_equal (trial_iot_stored (), COUNT);
    assert_int_equal (trial_iot_repeats (), 0);
}

static void
test_bridge_waits_for_an_operation_of_another_node (void **state)
{
    bench_t *self = *state;
    static const char text [] =
        "zooid: 1\nnodes: { local: { actors: [mqtt] }, away: { actors: [iot] } }\nactors:\n  mqtt:\n"
        "    module: bridge-mqtt\n    routes: { telemetry: { from: a, ask: iot.ingest } }\n";
    const zooid_module_t *modules [] = { &zooid_module_bridge_mqtt };
    ZOOID_CLEANUP (zooid_release) char *data = NULL;
    assert_true (asprintf (&data, "%s/var", self->folder) > 0);
    assert_int_equal (zooid_node_new (&self->node, &(zooid_node_options_t) {
        .topology = text, .node = "local", .data = data, .modules = modules, .module_count = 1 }), 0);
    assert_int_equal (zooid_node_start (self->node), 0);
    const char *status = s_status (self, "no actor offers iot.ingest");
    assert_non_null (strstr (status, "\"state\":\"connecting\""));
}

static void
test_bridge_refuses_a_mapping_that_does_not_fit (void **state)
{
    (void) state;
    static const char text [] =
        "zooid: 1\nnodes: { local: { actors: [mqtt, iot] } }\nactors:\n  mqtt:\n    module: bridge-mqtt\n    routes:\n"
        "      one: { from: devices/+, ask: iot.ingest, args: { device: '{1}', body: '{payload}', colour: red } }\n"
        "      two: { from: doors/+, ask: iot.ingst, args: { device: '{1}', body: '{payload}' } }\n";
    trial_node_refused (text, &zooid_module_bridge_mqtt,
                        "topology:7:98: `routes.one.args.colour` is no argument of the operation, which takes `device`, `body`");
    trial_node_refused (text, &zooid_module_bridge_mqtt,
                        "topology:8:34: `routes.two.ask` names `iot.ingst`, which no actor of the topology offers; "
                        "did you mean `iot.ingest`?\n");
}

static void
test_bridge_refuses_wrong_settings_before_it_starts (void **state)
{
    (void) state;
    static const char text [] =
        "zooid: 1\nnodes: { local: { actors: [mqtt] } }\nactors:\n  mqtt:\n    module: bridge-mqtt\n"
        "    url: http://h:1\n    routes:\n"
        "      one: { from: devices/#/x, ask: iot.ingest }\n"
        "      a/b: { from: devices/+, ask: iot.ingest, args: { device: '{2}' } }\n"
        "      two: { from: devices/+, ask: iot.ingest, to: x }\n";
    static const char *const says [] = {
        "topology:6:10: `url` is no address of such a broker; write mqtt://HOST:PORT\n",
        "topology:8:20: `routes.one.from` has the wildcard for the rest before its end; let it be the last segment\n",
        "topology:9:64: `routes.a/b.args.device` has {2}, but `from` has 1 single wildcards; "
        "places are {1}, {topic}, {payload} here\n",
        "topology:10:52: `routes.two.to` is not for routes of this bridge; use `ask`\n",
    };
    for (size_t n = 0; n < ZOOID_COUNT (says); n++)
        trial_node_refused (text, &zooid_module_bridge_mqtt, says [n]);
}

//  ---- with peers that misbehave

typedef enum { PEER_REFUSES, PEER_HALF, PEER_GONE, PEER_GARBAGE } peer_script_t;

typedef struct {
    int listener;
    peer_script_t script;
    unsigned accepted;      //  Read when the thread has ended
    pthread_t thread;
} peer_t;

static void
s_play (int descriptor, peer_script_t script)
{
    static const uint8_t refused [] = { 0x20, 3, 0, 0x87, 0 };              //  CONNACK: not authorized
    static const uint8_t half [] = { 0x20, 3, 0 };
    static const uint8_t garbage [] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    char request [512];
    if (read (descriptor, request, sizeof request) < 0)
        return;
    if (script == PEER_REFUSES)
        send (descriptor, refused, sizeof refused, MSG_NOSIGNAL);
    else if (script == PEER_HALF)
        send (descriptor, half, sizeof half, MSG_NOSIGNAL);
    else if (script == PEER_GARBAGE)
        send (descriptor, garbage, sizeof garbage - 1, MSG_NOSIGNAL);
}

//  Plays its script to two connections: the second shows that the bridge came back after the first.
static void *
s_peer (void *state)
{
    peer_t *self = state;
    while (self->accepted < 2) {
        struct pollfd wait = { .fd = self->listener, .events = POLLIN };
        if (poll (&wait, 1, TRIAL_DEADLINE_MS) != 1)
            break;
        int descriptor = accept (self->listener, NULL, NULL);
        if (descriptor < 0)
            break;
        self->accepted++;
        s_play (descriptor, self->script);
        close (descriptor);
    }
    return NULL;
}

static void
s_peer_start (peer_t *self, int port, peer_script_t script)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK), .sin_port = htons ((uint16_t) port) };
    int on = 1;
    *self = (peer_t) { .listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .script = script };
    setsockopt (self->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    assert_int_equal (bind (self->listener, (struct sockaddr *) &address, sizeof address), 0);
    assert_int_equal (listen (self->listener, 8), 0);
    assert_int_equal (pthread_create (&self->thread, NULL, s_peer, self), 0);
}

static void
test_bridge_survives_peers_that_misbehave (void **state)
{
    bench_t *self = *state;
    static const struct { peer_script_t script; const char *error; } rows [] = {
        { PEER_REFUSES, "Not authorized" }, { PEER_HALF, "" }, { PEER_GONE, "" }, { PEER_GARBAGE, "" },
    };
    for (size_t n = 0; n < ZOOID_COUNT (rows); n++) {
        peer_t peer;
        s_peer_start (&peer, self->port, rows [n].script);
        zooid_node_destroy (&self->node);       //  A bridge that has not failed yet comes back soon
        s_start_node (self);
        pthread_join (peer.thread, NULL);
        close (peer.listener);
        assert_int_equal (peer.accepted, 2);
        const char *status = s_status (self, "\"state\":\"degraded\"");
        assert_int_equal (trial_number (status, "connects"), 0);
        if (*rows [n].error)
            trial_log_await ("broker_unreachable", rows [n].error);
    }
    s_start_broker (self);
    s_status (self, "\"state\":\"connected\"");
}

//  ---- a process that is killed

//  The child: a node with the bridge. It writes `ready` when the broker knows what it wants, and to `pipe` a dot for
//  each message that came to the operation.
static int
s_run_child (int port, const char *folder, const char *mode)
{
    char text [2048], data [512], calls [512];
    snprintf (data, sizeof data, "%s/var", folder);
    snprintf (calls, sizeof calls, "%s/calls", folder);
    trial_iot_reset ();
    trial_log_start ();
    trial_iot_tell (open (calls, O_WRONLY | O_CLOEXEC));
    if (strcmp (mode, "hold") == 0)
        trial_iot_next (TRIAL_HOLD, 64, NULL);
    trial_node_start (s_topology (text, sizeof text, port, "", usual), data, &zooid_module_bridge_mqtt);
    trial_log_await ("broker_connected", "");
    if (write (1, "ready\n", 6) != 6)
        return 1;
    for (;;)
        pause ();
}

typedef struct {
    pid_t pid;
    int calls;      //  Dots are read here
} child_t;

static void
s_child_start (child_t *self, const bench_t *bench, const char *mode)
{
    char port [16], calls [512];
    snprintf (port, sizeof port, "%d", bench->port);
    snprintf (calls, sizeof calls, "%s/calls", bench->folder);
    unlink (calls);
    assert_int_equal (mkfifo (calls, 0600), 0);
    self->calls = open (calls, O_RDWR | O_CLOEXEC);     //  Both ways: neither side waits for the other to open it
    assert_true (self->calls >= 0);
    self->pid = trial_start ((const char *const []) { program, "--child", port, bench->folder, mode, NULL }, "ready");
}

static void
s_child_await_calls (const child_t *self, size_t count)
{
    int64_t end_ms = trial_now_ms () + TRIAL_DEADLINE_MS;
    char dots [256];
    while (count) {
        struct pollfd wait = { .fd = self->calls, .events = POLLIN };
        int64_t left_ms = end_ms - trial_now_ms ();
        assert_true (left_ms > 0 && poll (&wait, 1, (int) left_ms) == 1);
        ssize_t size = read (self->calls, dots, count < sizeof dots ? count : sizeof dots);
        assert_true (size > 0);
        count -= (size_t) size;
    }
}

static void
s_child_kill (child_t *self)
{
    trial_end (&self->pid, SIGKILL);
    close (self->calls);
}

//  The library has made the acknowledgements of all of them before the operation was asked: none may have left.
static void
test_bridge_loses_nothing_when_killed_before_the_commit (void **state)
{
    bench_t *self = *state;
    enum { COUNT = 40 };
    child_t child;
    s_start_broker (self);
    s_child_start (&child, self, "hold");
    s_publish_many (self, 0, COUNT);
    s_child_await_calls (&child, COUNT);
    s_child_kill (&child);
    s_start_node (self);
    trial_iot_await_stored (COUNT);
    s_status (self, "\"delivered\":40");
    assert_int_equal (trial_iot_repeats (), 0);
}

//  Killed while readings without an id flow: what was committed and not acknowledged comes again, and is known.
static void
test_bridge_doubles_nothing_when_killed_while_readings_flow (void **state)
{
    bench_t *self = *state;
    enum { ROUNDS = 3, COUNT = 600 };
    char *data = NULL;
    s_start_broker (self);
    for (int round = 0; round < ROUNDS; round++) {
        child_t child;
        s_child_start (&child, self, "store");
        s_publish_many (self, round * COUNT, COUNT);
        s_child_await_calls (&child, (size_t) (100 + 150 * round));
        s_child_kill (&child);
    }
    //  What the last one left; then a marker behind it all, in order.
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    s_publish (self, "devices/d1/telemetry", "last", false, NULL);
    int64_t end_ms = trial_now_ms () + TRIAL_DEADLINE_MS;
    char last [256] = "";
    for (unsigned calls = 1; strcmp (last, "d1 last") != 0 && trial_now_ms () < end_ms; calls = trial_iot_calls () + 1) {
        trial_iot_last (last, sizeof last);
        if (strcmp (last, "d1 last") != 0)
            trial_iot_await_calls (calls);
    }
    s_status (self, "\"in_flight\":0");
    zooid_node_destroy (&self->node);
    assert_true (asprintf (&data, "%s/var/local/store.sqlite", self->folder) > 0);
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal (sqlite3_open_v2 (data, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal (sqlite3_prepare_v2 (database, "SELECT COUNT (*), COUNT (DISTINCT body) FROM iot_reading", -1, &statement,
                                          NULL), SQLITE_OK);
    assert_int_equal (sqlite3_step (statement), SQLITE_ROW);
    assert_int_equal (sqlite3_column_int (statement, 1), ROUNDS * COUNT + 1);
    assert_int_equal (sqlite3_column_int (statement, 0), ROUNDS * COUNT + 1);
    sqlite3_finalize (statement);
    sqlite3_close (database);
    free (data);
}

int
main (int argc, char **argv)
{
    program = argv [0];
    if (argc == 5 && strcmp (argv [1], "--child") == 0)
        return s_run_child (atoi (argv [2]), argv [3], argv [4]);
    const struct CMUnitTest tests [] = {
        cmocka_unit_test_setup_teardown (test_bridge_passes_on_what_the_route_maps, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_starts_degraded_without_a_broker, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_comes_back_to_a_broker_that_went, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_acknowledges_what_is_the_senders_fault, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_tries_again_while_an_operation_is_overloaded, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_gives_up_on_a_message_that_an_operation_breaks_on, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_gives_up_a_connection_rather_than_hold_it_too_long, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_names_a_reading_by_its_property, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_passes_on_the_trace_of_a_message, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_takes_equal_readings_without_an_id_as_two, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_names_a_session_anew_when_the_broker_forgot_it, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_keeps_the_name_of_a_session_over_a_restart, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_skips_retained_copies, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_takes_retained_copies_when_the_route_wants_them, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_takes_more_than_its_window, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_finishes_what_it_has_when_it_is_stopped, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_waits_for_an_operation_of_another_node, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_refuses_a_mapping_that_does_not_fit, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_refuses_wrong_settings_before_it_starts, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_survives_peers_that_misbehave, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_loses_nothing_when_killed_before_the_commit, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_doubles_nothing_when_killed_while_readings_flow, s_set_up, s_tear_down),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
