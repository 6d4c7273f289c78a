//  bridge_test.c - the contract suite of bridge-nats: a real nats-server, scripted peers that misbehave, and one that
//  stops reading
#include "backlog.h"

#include "route/trial.h"

#include <nats/nats.h>

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

extern const zooid_module_t zooid_module_bridge_nats;

//  ---- what each test has

typedef struct {
    char *folder;
    int port;
    pid_t server;
    zooid_node_t *node;
    natsConnection *listener;
    natsSubscription *subscription;
} bench_t;

static void
s_start_server (bench_t *self)
{
    char port [16];
    snprintf (port, sizeof port, "%d", self->port);
    self->server = trial_start ((const char *const []) { "nats-server", "-a", "127.0.0.1", "-p", port, NULL },
                                "Server is ready");
}

//  Another client, which hears everything.
static void
s_listen (bench_t *self)
{
    char url [64];
    snprintf (url, sizeof url, "nats://127.0.0.1:%d", self->port);
    assert_int_equal (natsConnection_ConnectTo (&self->listener, url), NATS_OK);
    assert_int_equal (natsConnection_SubscribeSync (&self->subscription, self->listener, ">"), NATS_OK);
    assert_int_equal (natsConnection_FlushTimeout (self->listener, TRIAL_DEADLINE_MS), NATS_OK);
}

static natsMsg *
s_hear (bench_t *self)
{
    natsMsg *message = NULL;
    assert_int_equal (natsSubscription_NextMsg (&message, self->subscription, TRIAL_DEADLINE_MS), NATS_OK);
    return message;
}

static int
s_set_up (void **state)
{
    bench_t *self = zooid_allocate (sizeof *self);
    self->folder = trial_folder_new ();
    self->port = trial_port ();
    trial_log_start ();
    *state = self;
    return 0;
}

static int
s_tear_down (void **state)
{
    bench_t *self = *state;
    natsSubscription_Destroy (self->subscription);
    natsConnection_Destroy (self->listener);
    zooid_node_destroy (&self->node);
    if (self->server)
        kill (self->server, SIGCONT);
    trial_end (&self->server, SIGTERM);
    trial_log_stop ();
    trial_folder_destroy (&self->folder);
    free (self);
    return 0;
}

static void
s_start_node_with (bench_t *self, const char *settings, const char *to)
{
    char text [2048];
    snprintf (text, sizeof text,
              "zooid: 1\n"
              "nodes: { local: { actors: [iot, nats] } }\n"
              "actors:\n"
              "  iot: {}\n"
              "  nats:\n"
              "    module: bridge-nats\n"
              "    url: \"nats://127.0.0.1:%d\"\n"
              "%s"
              "    routes:\n"
              "      telemetry: { from: \"iot.telemetry.>\", to: \"%s\" }\n",
              self->port, settings, to);
    self->node = trial_node_start (text, NULL, &zooid_module_bridge_nats);
}

static void
s_start_node (bench_t *self)
{
    s_start_node_with (self, "", "site.{>}.raw");
}

static const char *
s_status (bench_t *self, const char *text)
{
    return trial_status_await (self->node, "nats.status", text);
}

static void
s_announce (bench_t *self, const char *device)
{
    char json [256], *reply = NULL;
    snprintf (json, sizeof json, "{\"device\":\"%s\",\"body\":\"e30=\"}", device);
    assert_int_equal (zooid_node_ask (self->node, "iot.announce", json, TRIAL_DEADLINE_MS, &reply), 0);
    free (reply);
}

static void
s_assert_ledger_adds_up (const char *status)
{
    assert_int_equal (trial_number (status, "in"),
                      trial_number (status, "delivered") + trial_number (status, "dead") + trial_number (status, "filtered")
                          + trial_number (status, "in_flight"));
}

//  ---- backlog

//  Without a message, which only an actor makes.
static publication_t *
s_publication (const char *subject, size_t bytes)
{
    publication_t *publication = zooid_allocate (sizeof *publication + strlen (subject) + 1);
    publication->bytes = bytes;
    strcpy (publication->subject, subject);
    return publication;
}

static void
test_backlog_drops_the_oldest_when_its_bytes_are_used_up (void **state)
{
    (void) state;
    backlog_t backlog;
    backlog_init (&backlog, 100);
    publication_t *items [] = { s_publication ("a", 1), s_publication ("b", 1), s_publication ("c", BACKLOG_BYTES_MAX - 1) };
    assert_null (backlog_push (&backlog, &items [0]));
    assert_null (backlog_push (&backlog, &items [1]));
    publication_t *dropped = backlog_push (&backlog, &items [2]);
    assert_string_equal (dropped->subject, "a");
    assert_null (dropped->next);
    assert_int_equal (backlog.bytes, BACKLOG_BYTES_MAX);
    publication_destroy (&dropped);
    backlog_fini (&backlog);
}

static void
test_backlog_drops_the_oldest_when_full (void **state)
{
    (void) state;
    backlog_t backlog;
    backlog_init (&backlog, 2);
    publication_t *items [] = { s_publication ("a", 1), s_publication ("b", 1), s_publication ("c", 1) };
    publication_t *first = items [0];
    assert_null (backlog_push (&backlog, &items [0]));
    assert_null (backlog_push (&backlog, &items [1]));
    publication_t *dropped = backlog_push (&backlog, &items [2]);
    assert_ptr_equal (dropped, first);
    assert_null (dropped->next);
    publication_destroy (&dropped);
    publication_t *taken = backlog_take (&backlog, 1);
    assert_string_equal (taken->subject, "b");
    assert_int_equal (backlog.count, 1);
    backlog_give_back (&backlog, &taken);
    taken = backlog_take (&backlog, 9);
    assert_string_equal (taken->subject, "b");
    assert_string_equal (taken->next->subject, "c");
    assert_int_equal (backlog.count, 0);
    backlog_give_back (&backlog, &taken);
    assert_int_equal (backlog.count, 2);
    backlog_fini (&backlog);
}

//  ---- with a server

static void
test_bridge_publishes_events_as_cloud_events (void **state)
{
    bench_t *self = *state;
    const char *value = NULL;
    s_start_server (self);
    s_listen (self);
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    s_announce (self, "d1");
    natsMsg *message = s_hear (self);
    assert_string_equal (natsMsg_GetSubject (message), "site.d1.raw");
    assert_string_equal (natsMsg_GetData (message), "{\"device\":\"d1\",\"body\":\"e30=\"}");
    static const struct { const char *name, *value; } headers [] = {
        { "ce-specversion", "1.0" }, { "ce-source", "/zooid/local" }, { "ce-type", "iot.telemetry" },
        { "ce-subject", "iot.telemetry.d1" }, { "content-type", "application/json" },
    };
    for (size_t n = 0; n < ZOOID_COUNT (headers); n++) {
        assert_int_equal (natsMsgHeader_Get (message, headers [n].name, &value), NATS_OK);
        assert_string_equal (value, headers [n].value);
    }
    int64_t at_ms;
    assert_int_equal (natsMsgHeader_Get (message, "ce-time", &value), NATS_OK);
    assert_int_equal (zooid_timestamp_read (value, &at_ms), 0);
    assert_int_equal (natsMsgHeader_Get (message, "ce-id", &value), NATS_OK);
    char id [128];
    snprintf (id, sizeof id, "%s", value);
    natsMsg_Destroy (message);
    s_announce (self, "d2");
    message = s_hear (self);
    assert_int_equal (natsMsgHeader_Get (message, "ce-id", &value), NATS_OK);
    assert_string_not_equal (value, id);
    natsMsg_Destroy (message);
    const char *status = s_status (self, "\"delivered\":2");
    s_assert_ledger_adds_up (status);
    assert_non_null (strstr (status, "\"guarantee\":\"at-most-once\""));
}

static void
test_bridge_starts_degraded_and_keeps_the_newest (void **state)
{
    bench_t *self = *state;
    char device [16];
    s_start_node_with (self, "    window: 3\n", "site.{>}");
    const char *status = s_status (self, "\"state\":\"degraded\"");
    assert_true (trial_number (status, "connects") == 0);
    for (int n = 1; n <= 5; n++) {
        snprintf (device, sizeof device, "d%d", n);
        s_announce (self, device);
    }
    status = s_status (self, "\"dead\":2");
    assert_int_equal (trial_number (status, "disconnected"), 2);
    assert_int_equal (trial_number (status, "in_flight"), 3);
    s_assert_ledger_adds_up (status);
    s_start_server (self);
    s_listen (self);        //  It may be earlier or later than the bridge: what it hears are the last ones, in order
    status = s_status (self, "\"delivered\":3");
    s_assert_ledger_adds_up (status);
    s_announce (self, "d6");
    s_status (self, "\"delivered\":4");
}

static void
test_bridge_comes_back_to_a_server_that_went (void **state)
{
    bench_t *self = *state;
    s_start_server (self);
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    trial_end (&self->server, SIGKILL);
    //  Nothing was published: the library tells that the connection has ended.
    trial_log_await ("broker_lost", "ended the connection");
    s_start_server (self);
    const char *status = s_status (self, "\"state\":\"connected\"");
    assert_true (trial_number (status, "connects") >= 2);
    s_listen (self);
    s_announce (self, "d1");
    natsMsg *message = s_hear (self);
    assert_string_equal (natsMsg_GetSubject (message), "site.d1.raw");
    natsMsg_Destroy (message);
}

static void
test_bridge_counts_what_a_frozen_server_did_not_confirm (void **state)
{
    bench_t *self = *state;
    s_start_server (self);
    s_start_node (self);
    s_status (self, "\"state\":\"connected\"");
    trial_freeze (self->server);
    s_announce (self, "d1");
    const char *status = s_status (self, "\"dead\":1");
    assert_int_equal (trial_number (status, "unconfirmed"), 1);
    s_assert_ledger_adds_up (status);
    kill (self->server, SIGCONT);
    s_status (self, "\"state\":\"connected\"");
    s_announce (self, "d2");
    s_status (self, "\"delivered\":1");
}

//  nats-server takes one name and one password on its command line.
static void
s_start_guarded_server (bench_t *self)
{
    char port [16];
    snprintf (port, sizeof port, "%d", self->port);
    self->server = trial_start ((const char *const []) { "nats-server", "-a", "127.0.0.1", "-p", port, "--user", "bridge",
                                                         "--pass", "a trial", NULL }, "Server is ready");
}

static void
test_bridge_stays_degraded_when_it_may_not_connect (void **state)
{
    bench_t *self = *state;
    s_start_guarded_server (self);
    s_start_node (self);
    trial_log_await ("broker_unreachable", "retry_ms");
    const char *status = s_status (self, "\"state\":\"degraded\"");
    assert_int_equal (trial_number (status, "connects"), 0);
    assert_non_null (strstr (status, "last_error"));
}

static void
test_bridge_signs_in_with_a_password_from_a_file (void **state)
{
    bench_t *self = *state;
    char path [512], settings [1024];
    snprintf (path, sizeof path, "%s/password", self->folder);
    FILE *out = fopen (path, "w");
    assert_non_null (out);
    fputs ("a trial", out);
    fclose (out);
    snprintf (settings, sizeof settings, "    username: bridge\n    password: { file: \"%s\" }\n", path);
    s_start_guarded_server (self);
    s_start_node_with (self, settings, "{>}");
    const char *status = s_status (self, "\"state\":\"connected\"");
    assert_null (strstr (status, "a trial"));
}

static void
test_bridge_passes_on_a_burst_in_order (void **state)
{
    bench_t *self = *state;
    enum { COUNT = 300 };
    char name [32];
    s_start_server (self);
    s_listen (self);
    s_start_node_with (self, "", "{>}");
    s_status (self, "\"state\":\"connected\"");
    for (int n = 0; n < COUNT; n++) {
        snprintf (name, sizeof name, "d%d", n);
        s_announce (self, name);
    }
    for (int n = 0; n < COUNT; n++) {
        natsMsg *message = s_hear (self);
        snprintf (name, sizeof name, "d%d", n);
        assert_string_equal (natsMsg_GetSubject (message), name);
        natsMsg_Destroy (message);
    }
    s_assert_ledger_adds_up (s_status (self, "\"delivered\":300"));
}

static void
test_bridge_refuses_wrong_settings_before_it_starts (void **state)
{
    (void) state;
    static const char text [] =
        "zooid: 1\nnodes: { local: { actors: [nats] } }\nactors:\n  nats:\n    module: bridge-nats\n"
        "    url: nats://h:0\n    routes:\n"
        "      one: { from: iot.telemetry.*, to: 'x.{2}' }\n"
        "      two: { from: iot.telemetry.*, to: x, guarantee: at-least-once }\n"
        "      three: { from: iot.telemetry.*, to: x, ask: iot.ingest }\n";
    static const char *const says [] = {
        "topology:6:10: `url` is no address of such a broker; write nats://HOST:PORT\n",
        "topology:8:41: `routes.one.to` has {2}, but `from` has 1 single wildcards; places are {1}, {topic} here\n",
        "topology:9:55: `routes.two.guarantee` can only be at-most-once with this bridge\n",
        "topology:10:51: `routes.three.ask` is not for routes of this bridge; use `to`\n",
    };
    for (size_t n = 0; n < ZOOID_COUNT (says); n++)
        trial_node_refused (text, &zooid_module_bridge_nats, says [n]);
}

//  ---- with peers that misbehave

typedef struct {
    int listener;
    const char *script;     //  NULL: ends at once
    unsigned accepted;      //  Read when the thread has ended
    pthread_t thread;
} peer_t;

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
        if (self->script)
            send (descriptor, self->script, strlen (self->script), MSG_NOSIGNAL);
        close (descriptor);
    }
    return NULL;
}

static void
s_peer_start (peer_t *self, int port, const char *script)
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
    static const char *const scripts [] = {
        NULL,                                                       //  Gone
        "INFO {\"server_id\":\"x\",\"ver",                          //  Half a line, and gone
        "HTTP/1.1 400 Bad Request\r\n\r\n",                         //  Something else
        "INFO {\"server_id\":\"x\",\"max_payload\":1048576}\r\n-ERR 'Authorization Violation'\r\n",
    };
    for (size_t n = 0; n < ZOOID_COUNT (scripts); n++) {
        peer_t peer;
        s_peer_start (&peer, self->port, scripts [n]);
        zooid_node_destroy (&self->node);       //  A bridge that has not failed yet comes back soon
        s_start_node (self);
        pthread_join (peer.thread, NULL);
        close (peer.listener);
        assert_int_equal (peer.accepted, 2);
        const char *status = s_status (self, "\"state\":\"degraded\"");
        assert_int_equal (trial_number (status, "connects"), 0);
    }
    s_start_server (self);
    s_status (self, "\"state\":\"connected\"");
}

//  A frozen server's port takes connections and says nothing: the library has no more to say than its status, "Timeout".
static void
test_bridge_says_once_why_it_cannot_connect (void **state)
{
    bench_t *self = *state;
    s_start_server (self);
    trial_freeze (self->server);
    s_start_node (self);
    trial_log_await ("broker_unreachable", "retry_ms");
    const char *status = s_status (self, "\"state\":\"degraded\"");
    assert_non_null (strstr (status, "\"last_error\":\"Timeout\""));
}

static int
s_close_library (void **state)
{
    (void) state;
    nats_CloseAndWait (TRIAL_DEADLINE_MS);
    return 0;
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_backlog_drops_the_oldest_when_full),
        cmocka_unit_test (test_backlog_drops_the_oldest_when_its_bytes_are_used_up),
        cmocka_unit_test_setup_teardown (test_bridge_publishes_events_as_cloud_events, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_starts_degraded_and_keeps_the_newest, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_comes_back_to_a_server_that_went, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_counts_what_a_frozen_server_did_not_confirm, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_stays_degraded_when_it_may_not_connect, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_signs_in_with_a_password_from_a_file, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_passes_on_a_burst_in_order, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_refuses_wrong_settings_before_it_starts, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_survives_peers_that_misbehave, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_bridge_says_once_why_it_cannot_connect, s_set_up, s_tear_down),
    };
    return cmocka_run_group_tests (tests, NULL, s_close_library);
}
