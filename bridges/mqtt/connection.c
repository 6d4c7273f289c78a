//  connection.c - the acknowledgement gate
//
//  libmosquitto makes the PUBACK of a QoS 1 message before it calls on_message: a process that dies in the callback has
//  acknowledged what it never handled. But in "threaded" mode with a loop of our own, packets are only queued, and
//  leave when mosquitto_loop_write is called, all of them at once. So the rule here is:
//
//      from the first message that was read (the gate closes) until the owner says that all that was read is done
//      (connection_release), mosquitto_loop_write is not called; and while acknowledgements are being written, nothing
//      is read.
//
//  The queue is one list, in order, so that no acknowledgement can leave before its own message's commit. Messages are
//  read while earlier ones of the same batch are being committed; a batch ends when the owner is full or BATCH_MS are
//  over, and then one commit is waited for. With Receive Maximum twice the owner's window the broker has the next batch
//  in the socket by then. What was rejected: two sessions in turn (order is lost), a parser of our own (10 us a message
//  become 5, for a protocol to maintain).
//
//  Pings wait behind the gate too. It is never held longer than a quarter of the keepalive: then the connection is
//  given up, and the broker sends everything again.
//
//  The library closes its socket in the middle of its calls. What is watched is a duplicate of it, which is ours.
#include "connection.h"

#include <mqtt_protocol.h>
#include <zooid/fault.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    OPEN_MS = 10000,                            //  From the first SYN to the CONNACK
    MISC_MS = 500,                              //  How often the library looks at its clocks
    BATCH_MS = 100,                             //  A batch is read for so long
    READ_MAX = 256,                             //  Messages a turn
    SESSION_EXPIRY_S = 7 * 24 * 3600,           //  The broker keeps the session so long without us
    PACKET_MAX = 1024 * 1024,                   //  The broker drops what is larger (MQTT 5, 3.1.2-24)
};

typedef enum { PHASE_OPENING, PHASE_OPENED, PHASE_RECEIVING, PHASE_STOPPED, PHASE_LOST } phase_t;

struct connection {
    struct mosquitto *client;
    int descriptor;                 //  Ours; -1: none
    unsigned watched;
    phase_t phase;
    bool is_closed_gate;            //  Messages were read that are not released
    bool is_writing;                //  Acknowledgements are on their way: read nothing
    bool is_reading;                //  Within mosquitto_loop_read
    bool has_progressed;            //  The last mosquitto_loop_read came to something
    bool is_present;                //  Of the CONNACK
    size_t grants_awaited;
    int64_t opened_ms, closed_gate_ms, keepalive_ms;
    uint64_t timer;
    int fault;                      //  Of an event within the library
    char why [128];                 //  As far as a callback was told; ""
    const connection_events_t *events;
    void *owner;
    zooid_context_t *context;       //  Of this turn, for callbacks
};

//  ---- what the library tells

static void
s_on_connect (struct mosquitto *client, void *state, int code, int flags, const mosquitto_property *properties)
{
    connection_t *self = state;
    (void) client;
    (void) properties;
    if (code)
        snprintf (self->why, sizeof self->why, "the broker refused: %s", mosquitto_reason_string (code));
    else {
        self->phase = PHASE_OPENED;
        self->is_present = flags & 1;
    }
}

static void
s_on_disconnect (struct mosquitto *client, void *state, int code, const mosquitto_property *properties)
{
    connection_t *self = state;
    (void) client;
    (void) properties;
    if (code >= 128 && *self->why == 0)
        snprintf (self->why, sizeof self->why, "the broker ended it: %s", mosquitto_reason_string (code));
}

static void
s_on_subscribe (struct mosquitto *client, void *state, int id, int count, const int *granted,
                const mosquitto_property *properties)
{
    connection_t *self = state;
    (void) client;
    (void) id;
    (void) properties;
    self->has_progressed = true;
    for (int n = 0; n < count; n++)
        if (granted [n] >= 128)
            snprintf (self->why, sizeof self->why, "a subscription was refused: %s",
                      mosquitto_reason_string (granted [n]));
    if (*self->why == 0 && self->grants_awaited && --self->grants_awaited == 0 && self->fault == 0)
        self->fault = self->events->subscribed (self->context, self->owner);
}

static void
s_on_message (struct mosquitto *client, void *state, const struct mosquitto_message *message,
              const mosquitto_property *properties)
{
    connection_t *self = state;
    uint32_t subscription = 0;
    (void) client;
    self->has_progressed = true;
    if (!self->is_closed_gate)
        self->closed_gate_ms = zooid_monotonic_ms (self->context);
    self->is_closed_gate = !ZOOID_FAULT ("mqtt_ack_gate_off");
    mosquitto_property_read_varint (properties, MQTT_PROP_SUBSCRIPTION_IDENTIFIER, &subscription, false);
    if (self->fault == 0)
        self->fault = self->events->message (self->context, self->owner, message, properties, subscription);
}

//  ---- descriptors

static int
    s_ready (zooid_context_t *context, void *state, int descriptor, unsigned events);

static bool
s_may_read (const connection_t *self, const zooid_context_t *context)
{
    if (self->phase == PHASE_OPENING)
        return true;
    if (self->phase != PHASE_RECEIVING || self->is_writing || self->events->is_full (self->owner))
        return false;
    return !self->is_closed_gate || zooid_monotonic_ms (context) - self->closed_gate_ms < BATCH_MS;
}

static bool
s_may_write (const connection_t *self)
{
    return !self->is_closed_gate && self->phase != PHASE_LOST;
}

//  A peer that goes away while nothing is read is found by the first write, or by the keepalive.
static int
s_watch (connection_t *self, zooid_context_t *context)
{
    if (self->phase == PHASE_LOST)
        return 0;
    unsigned wanted = (s_may_read (self, context) ? ZOOID_READABLE : 0u)
                    | (s_may_write (self) && mosquitto_want_write (self->client) ? ZOOID_WRITABLE : 0u);
    if (wanted == self->watched)
        return 0;
    self->watched = wanted;
    if (wanted)
        return zooid_watch (context, self->descriptor, wanted, s_ready, self);
    zooid_unwatch (context, self->descriptor);
    return 0;
}

//  What the library holds back is lost with it.
static void
s_close (connection_t *self, zooid_context_t *context)
{
    self->phase = PHASE_LOST;
    if (self->timer)
        zooid_timer_stop (context, self->timer);
    self->timer = 0;
    if (self->watched)
        zooid_unwatch (context, self->descriptor);
    self->watched = 0;
    mosquitto_destroy (self->client);
    self->client = NULL;
    if (self->descriptor >= 0)
        close (self->descriptor);
    self->descriptor = -1;
}

static int
s_lose (connection_t *self, zooid_context_t *context, int code)
{
    char why [sizeof self->why];
    if (*self->why)
        memcpy (why, self->why, sizeof why);
    else
        snprintf (why, sizeof why, "%s", code == MOSQ_ERR_ERRNO ? strerror (errno) : mosquitto_strerror (code));
    s_close (self, context);
    return self->events->lost (context, self->owner, why);
}

//  ---- writing

static void
s_cork (const connection_t *self, int on)
{
    //  The library writes each PUBACK by itself: without this a batch is a thousand segments.
    setsockopt (self->descriptor, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}

static int
s_write (connection_t *self, zooid_context_t *context)
{
    self->context = context;
    s_cork (self, 1);
    int rc = mosquitto_loop_write (self->client, 1);
    s_cork (self, 0);
    self->context = NULL;
    if (rc != MOSQ_ERR_SUCCESS)
        return s_lose (self, context, rc);
    self->is_writing = self->is_writing && mosquitto_want_write (self->client);
    return s_watch (self, context);
}

int
connection_release (connection_t *self, zooid_context_t *context)
{
    if (self->phase == PHASE_LOST || !self->is_closed_gate)
        return 0;
    self->is_closed_gate = false;
    self->is_writing = true;
    return s_write (self, context);
}

//  ---- reading

//  One packet a call, whatever it is asked for. errno says nothing: a callback may have changed it.
static int
s_read_one (connection_t *self, zooid_context_t *context)
{
    self->context = context;
    self->has_progressed = false;
    self->is_reading = true;
    int rc = mosquitto_loop_read (self->client, 1);
    self->is_reading = false;
    self->context = NULL;
    return rc;
}

static int
s_read (connection_t *self, zooid_context_t *context)
{
    bool was_opening = self->phase == PHASE_OPENING;
    for (size_t n = 0; n < READ_MAX && s_may_read (self, context); n++) {
        int rc = s_read_one (self, context);
        if (self->fault)
            return zooid_fault (self->fault);
        if (rc != MOSQ_ERR_SUCCESS || *self->why)
            return s_lose (self, context, rc);
        if (!self->has_progressed)
            break;
    }
    int rc = 0;
    if (was_opening && self->phase == PHASE_OPENED)
        rc = self->events->opened (context, self->owner, self->is_present);
    else if (self->is_closed_gate)
        rc = self->events->paused (context, self->owner);
    return rc ? rc : s_watch (self, context);
}

static int
s_ready (zooid_context_t *context, void *state, int descriptor, unsigned events)
{
    connection_t *self = state;
    (void) descriptor;
    if ((events & ZOOID_WRITABLE) && s_may_write (self)) {
        int rc = s_write (self, context);
        if (rc)
            return rc;
    }
    if ((events & ZOOID_READABLE) == 0 || self->phase == PHASE_LOST)
        return 0;
    return s_read (self, context);
}

//  ---- clocks

static int
s_look_at_clocks (zooid_context_t *context, void *state)
{
    connection_t *self = state;
    int64_t now_ms = zooid_monotonic_ms (context);
    if (self->phase == PHASE_LOST)
        return 0;
    if (self->phase == PHASE_OPENING && now_ms - self->opened_ms >= OPEN_MS)
        snprintf (self->why, sizeof self->why, "no CONNACK in %d s", OPEN_MS / 1000);
    else if (self->is_closed_gate && now_ms - self->closed_gate_ms >= self->keepalive_ms / 4)
        snprintf (self->why, sizeof self->why, "messages could not be passed on for %d s",
                  (int) ((now_ms - self->closed_gate_ms) / 1000));
    if (*self->why)
        return s_lose (self, context, MOSQ_ERR_SUCCESS);
    self->context = context;
    int rc = mosquitto_loop_misc (self->client);
    self->context = NULL;
    if (rc != MOSQ_ERR_SUCCESS)
        return s_lose (self, context, rc);
    return s_watch (self, context);
}

//  ---- open and close

static void
s_init_library (void)
{
    mosquitto_lib_init ();
}

//  The library takes CONNECT properties only by its blocking call. That one keeps them before it looks at the port, so
//  a port that cannot be gives them to it without a connection.
static int
s_keep_properties (struct mosquitto *client, int keepalive_s)
{
    mosquitto_property *properties = NULL;
    int rc = mosquitto_property_add_int32 (&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, SESSION_EXPIRY_S);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_property_add_int32 (&properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, PACKET_MAX);
    if (rc == MOSQ_ERR_SUCCESS) {
        rc = mosquitto_connect_bind_v5 (client, "127.0.0.1", -1, keepalive_s, NULL, properties);
        rc = rc == MOSQ_ERR_INVAL ? MOSQ_ERR_SUCCESS : MOSQ_ERR_PROTOCOL;
    }
    mosquitto_property_free_all (&properties);
    return rc;
}

static int
s_prepare (connection_t *self, const connection_options_t *options)
{
    self->client = mosquitto_new (options->client_id, false, self);
    if (!self->client)
        return MOSQ_ERR_INVAL;
    mosquitto_connect_v5_callback_set (self->client, s_on_connect);
    mosquitto_disconnect_v5_callback_set (self->client, s_on_disconnect);
    mosquitto_subscribe_v5_callback_set (self->client, s_on_subscribe);
    mosquitto_message_v5_callback_set (self->client, s_on_message);
    int rc = mosquitto_threaded_set (self->client, true);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_int_option (self->client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_int_option (self->client, MOSQ_OPT_RECEIVE_MAXIMUM, options->receive_maximum);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_int_option (self->client, MOSQ_OPT_TCP_NODELAY, 1);
    if (rc == MOSQ_ERR_SUCCESS && options->username)
        rc = mosquitto_username_pw_set (self->client, options->username, options->password);
    return rc == MOSQ_ERR_SUCCESS ? s_keep_properties (self->client, options->keepalive_s) : rc;
}

int
connection_open (connection_t **self_p, zooid_context_t *context, const connection_options_t *options,
                 const connection_events_t *events, void *owner, const char **ret_why)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once (&once, s_init_library);
    connection_t *self = zooid_allocate (sizeof *self);
    *self = (connection_t) {
        .descriptor = -1, .events = events, .owner = owner, .opened_ms = zooid_monotonic_ms (context),
        .keepalive_ms = (int64_t) options->keepalive_s * 1000,
    };
    int rc = s_prepare (self, options);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_connect_bind_async (self->client, options->address, options->port, options->keepalive_s, NULL);
    if (rc == MOSQ_ERR_SUCCESS)
        self->descriptor = fcntl (mosquitto_socket (self->client), F_DUPFD_CLOEXEC, 0);
    if (rc != MOSQ_ERR_SUCCESS || self->descriptor < 0) {
        *ret_why = rc == MOSQ_ERR_ERRNO || self->descriptor < 0 ? strerror (errno) : mosquitto_strerror (rc);
        connection_destroy (&self, context);
        return ZOOID_GONE;
    }
    zooid_timer_start (context, MISC_MS, MISC_MS, s_look_at_clocks, self, NULL, &self->timer);
    *self_p = self;
    return s_watch (self, context);
}

void
connection_destroy (connection_t **self_p, zooid_context_t *context)
{
    connection_t *self = *self_p;
    if (!self)
        return;
    assert (!self->is_reading);
    s_close (self, context);
    free (self);
    *self_p = NULL;
}

static int
s_subscribe (connection_t *self, const route_t *route, uint32_t number)
{
    mosquitto_property *properties = NULL;
    int qos = route->guarantee == ROUTE_AT_LEAST_ONCE ? 1 : 0;
    int options = route->retained ? MQTT_SUB_OPT_SEND_RETAIN_NEW : MQTT_SUB_OPT_SEND_RETAIN_NEVER;
    int rc = mosquitto_property_add_varint (&properties, MQTT_PROP_SUBSCRIPTION_IDENTIFIER, number);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_subscribe_v5 (self->client, NULL, route->from, qos, options, properties);
    mosquitto_property_free_all (&properties);
    return rc;
}

int
connection_receive (connection_t *self, zooid_context_t *context, const routes_t *routes)
{
    int rc = MOSQ_ERR_SUCCESS;
    self->phase = PHASE_RECEIVING;
    self->grants_awaited = routes->count;
    for (size_t n = 0; n < routes->count && rc == MOSQ_ERR_SUCCESS; n++)
        rc = s_subscribe (self, &routes->items [n], (uint32_t) n + 1);
    if (rc != MOSQ_ERR_SUCCESS)
        return s_lose (self, context, rc);
    if (routes->count == 0)
        return self->events->subscribed (context, self->owner);
    //  The subscriptions leave before the first message closes the gate before them.
    self->is_writing = true;
    return s_write (self, context);
}

int
connection_stop_reading (connection_t *self, zooid_context_t *context)
{
    if (self->phase != PHASE_LOST)
        self->phase = PHASE_STOPPED;
    return s_watch (self, context);
}

void
connection_say_goodbye (connection_t *self, zooid_context_t *context)
{
    if (self->phase == PHASE_LOST || self->is_closed_gate)
        return;
    if (mosquitto_disconnect_v5 (self->client, 0, NULL) == MOSQ_ERR_SUCCESS)
        mosquitto_loop_write (self->client, 1);
    s_close (self, context);
}

bool
connection_is_reading (const connection_t *self)
{
    return self->is_reading;
}
