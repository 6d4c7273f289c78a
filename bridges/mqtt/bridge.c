//  bridge.c - the module bridge-mqtt: one connection at a time, its routes, and the messages on their way
//
//  bind routes -> look the broker up -> connect -> resume the session -> receive; whatever fails on the way leads to
//  s_lose, which waits and begins again with the look-up. `attempt` numbers the attempts: an answer that belongs to an
//  older one is ignored.
#include "connection.h"
#include "identity.h"
#include "lookup.h"
#include "session.h"

#include "route/delivery.h"

#include <zooid/log.h>
#include <zooid/module.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    PORT = 1883,
    BIND_MS = 100,              //  Between looks for operations that nobody offers yet
    BUSY_MS = 50,               //  Until pool or store may have room again
    REMEMBER_MIN = 1024,        //  Derived identities
};

//  ---- settings

typedef struct {
    zooid_presence_t presence;
    const char *url;
    const char *username;
    const char *password;
    const char *client_id;
    int64_t keepalive_s;
    int64_t window;
    zooid_map_t routes;
} settings_t;

static const zooid_field_t settings_fields [] = {
    ZOOID_STRING (settings_t, url, .optional = true, .initial = "mqtt://127.0.0.1:1883", .doc = "The broker"),
    ZOOID_STRING (settings_t, username, .optional = true, .doc = "Sign in as"),
    ZOOID_STRING (settings_t, password, .optional = true, .secret = true, .doc = "With this password"),
    ZOOID_STRING (settings_t, client_id, .optional = true, .min_length = 1, .max_length = 128,
                  .doc = "Names the session at the broker; zooid-NODE-ACTOR when absent"),
    ZOOID_INTEGER (settings_t, keepalive_s, .optional = true, .initial = "60", .integers = { true, 5, 3600 },
                   .unit = "s", .doc = "Longest silence; messages are held a quarter of it at most"),
    ZOOID_INTEGER (settings_t, window, .optional = true, .initial = "1000", .integers = { true, 1, 20000 },
                   .doc = "Messages in hand at once; the broker sends twice as many ahead"),
    ROUTE_SETTINGS (settings_t, routes),
};
static const zooid_record_t settings_record = ZOOID_RECORD ("bridge_mqtt_settings", settings_t, settings_fields,
    .presence = ZOOID_PRESENCE (settings_t), .doc = "A bridge from an MQTT 5 broker");

#define s_has(settings_, member) ZOOID_HAS (&settings_record, settings_t, (settings_), member)

static const route_rules_t rules = { .dialect = &pattern_mqtt, .asks = true, .retains = true, .at_least_once = true };

//  ---- state

typedef struct {
    const settings_t *settings;
    broker_t broker;
    broker_address_t address;
    routes_t *routes;
    delivery_t *delivery;
    session_t session;
    char *client_id;
    connection_t *connection;   //  Of the present attempt, or of the last until the next begins
    uint64_t attempt;
    uint64_t timer;             //  Of the next step; 0: none
    bool is_draining;
} bridge_t;

static int
    s_begin (zooid_context_t *context, void *state);

static void
s_later (bridge_t *self, zooid_context_t *context, int64_t delay_ms, zooid_turn_fn *step)
{
    if (self->timer)
        zooid_timer_stop (context, self->timer);
    self->timer = 0;
    if (!self->is_draining)
        zooid_timer_start (context, delay_ms, 0, step, self, NULL, &self->timer);
}

static int
s_lose (zooid_context_t *context, void *owner, const char *why)
{
    bridge_t *self = owner;
    self->attempt++;
    delivery_abandon (self->delivery, context);
    if (!self->is_draining)
        s_later (self, context, broker_down (&self->broker, context, why), s_begin);
    return 0;
}

//  ---- messages

static int
s_message (zooid_context_t *context, void *owner, const struct mosquitto_message *message,
           const mosquitto_property *properties, uint32_t subscription)
{
    bridge_t *self = owner;
    zooid_bytes_t topic = { (const uint8_t *) message->topic, strlen (message->topic) };
    zooid_bytes_t payload = { message->payload, (size_t) message->payloadlen };
    pattern_captures_t captures;
    route_t *route = NULL;
    //  Its number, when the broker tells it, and when it is not that of a route of an older topology. Routes that
    //  overlap get a copy each.
    if (subscription >= 1 && subscription <= self->routes->count) {
        route = &self->routes->items [subscription - 1];
        if (!pattern_matches (route->dialect, route->from, topic, &captures))
            route = NULL;
    }
    if (!route)
        route = routes_match (self->routes, topic, &captures);
    if (!route) {
        zooid_count (context, "bridge_unrouted_total", "Messages that no route takes any more", 1);
        zooid_dead_letter (context, "no_route", message->topic, payload, "no route takes it");
        return 0;
    }
    if (message->retain && !route->retained) {
        route_in (route);
        route_filtered (route, "retained");
        return 0;
    }
    identity_t identity;
    uint32_t keep = (uint32_t) self->settings->window * 2;
    keep = keep > REMEMBER_MIN ? keep : REMEMBER_MIN;
    if (identity_read (&identity, message, properties, self->session.nonce, keep)) {
        route_in (route);
        route_dead (route, context, "bad_id", message->topic, payload, "property `id` is empty or too long");
        return 0;
    }
    return delivery_take (self->delivery, context, &(delivery_message_t) {
        .route = route, .topic = topic, .payload = payload,
        .identity = identity.has_identity ? &identity.identity : NULL,
        .trace = identity.has_trace ? &identity.trace : NULL,
    });
}

static bool
s_is_full (const void *owner)
{
    return delivery_is_full (((const bridge_t *) owner)->delivery);
}

static int
s_release (bridge_t *self, zooid_context_t *context)
{
    int rc = connection_release (self->connection, context);
    if (self->is_draining)
        connection_say_goodbye (self->connection, context);
    return rc;
}

static int
s_paused (zooid_context_t *context, void *owner)
{
    bridge_t *self = owner;
    return delivery_unsettled (self->delivery) ? 0 : s_release (self, context);
}

//  All that was read is done. Within the library's callback nothing may be written; `paused` follows.
static int
s_settled (zooid_context_t *context, void *source)
{
    bridge_t *self = source;
    return self->connection && !connection_is_reading (self->connection) ? s_release (self, context) : 0;
}

//  ---- connecting

static int
s_subscribed (zooid_context_t *context, void *owner)
{
    bridge_t *self = owner;
    broker_up (&self->broker, context);
    return 0;
}

typedef struct {
    bridge_t *bridge;
    uint64_t attempt;
} resumption_t;

static int
s_end_attempt (bridge_t *self, zooid_context_t *context, const char *why)
{
    connection_destroy (&self->connection, context);
    return s_lose (context, self, why);
}

static int
s_resumed (zooid_context_t *context, void *state, const zooid_outcome_t *outcome)
{
    resumption_t *resumption = state;
    bridge_t *self = resumption->bridge;
    if (resumption->attempt != self->attempt || self->is_draining)
        return 0;
    if (outcome->failure)
        return s_end_attempt (self, context, zooid_arena_format (zooid_arena (context),
            "the session's name cannot be kept: %s", outcome->failure));
    return connection_receive (self->connection, context, self->routes);
}

static int
    s_resume_again (zooid_context_t *context, void *state);

static int
s_opened (zooid_context_t *context, void *owner, bool session_present)
{
    bridge_t *self = owner;
    resumption_t *resumption = zooid_allocate (sizeof *resumption);
    *resumption = (resumption_t) { self, self->attempt };
    int rc = session_resume (&self->session, context, session_present, s_resumed, resumption, free);
    if (rc == ZOOID_MORE)
        return 0;
    free (resumption);
    if (rc == ZOOID_FULL)
        s_later (self, context, BUSY_MS, s_resume_again);
    return rc ? (rc < 0 ? zooid_fault (rc) : 0) : connection_receive (self->connection, context, self->routes);
}

//  The store had no room. What the broker said of the session does not matter any more: its name was not kept.
static int
s_resume_again (zooid_context_t *context, void *state)
{
    bridge_t *self = state;
    self->timer = 0;
    return s_opened (context, self, false);
}

static const connection_events_t events = {
    .opened = s_opened, .subscribed = s_subscribed, .message = s_message, .paused = s_paused, .is_full = s_is_full,
    .lost = s_lose,
};

static int
s_looked_up (zooid_context_t *context, void *state, int result)
{
    const lookup_t *lookup = state;
    bridge_t *self = zooid_state (context);
    const char *why = lookup->why;
    if (self->is_draining)
        return 0;
    if (result || lookup->count == 0)
        return s_lose (context, self, *why ? why : "the look-up failed");
    int rc = connection_open (&self->connection, context, &(connection_options_t) {
        .address = lookup->addresses [self->attempt % lookup->count], .port = self->address.port,
        .client_id = self->client_id, .keepalive_s = (int) self->settings->keepalive_s,
        .receive_maximum = (int) self->settings->window * 2,
        .username = s_has (self->settings, username) ? self->settings->username : NULL,
        .password = s_has (self->settings, password) ? self->settings->password : NULL,
    }, &events, self, &why);
    return rc == ZOOID_GONE ? s_lose (context, self, why) : rc;
}

static int
s_begin (zooid_context_t *context, void *state)
{
    bridge_t *self = state;
    const char *why = NULL;
    self->timer = 0;
    connection_destroy (&self->connection, context);
    int rc = routes_bind (self->routes, context, &why);
    if (rc < 0)
        return zooid_fault (rc);
    if (rc == ZOOID_UNKNOWN) {
        broker_hold (&self->broker, context, why);
        s_later (self, context, BIND_MS, s_begin);
        return 0;
    }
    rc = lookup_start (context, self->address.host, s_looked_up);
    if (rc == ZOOID_FULL)
        s_later (self, context, BUSY_MS, s_begin);
    return rc < 0 ? zooid_fault (rc) : 0;
}

//  ---- the module

static void
s_check (const void *settings_, zooid_arena_t *arena, zooid_violations_t *violations)
{
    const settings_t *settings = settings_;
    broker_address_check (settings->url, "mqtt", arena, violations);
    if (s_has (settings, routes))
        routes_check (&settings->routes, &rules, arena, violations);
}

static void
s_check_calls (const void *settings_, const zooid_offers_t *offers, zooid_arena_t *arena, zooid_violations_t *violations)
{
    const settings_t *settings = settings_;
    if (s_has (settings, routes))
        routes_check_calls (&settings->routes, &rules, offers, arena, violations);
}

static int
s_start (zooid_context_t *context, const void *settings)
{
    bridge_t *self = zooid_state (context);
    const char *why = NULL;
    self->settings = settings;
    if (broker_address_read (self->settings->url, "mqtt", PORT, &self->address, &why)) {
        zooid_log (context, ZOOID_ERROR, "bad_setting", ZOOID_TEXT ("field", "url"), ZOOID_TEXT ("why", why));
        return zooid_fault (-EINVAL);
    }
    static const zooid_map_t no_routes;
    const zooid_map_t *routes = s_has (self->settings, routes) ? &self->settings->routes : &no_routes;
    int rc = routes_start (&self->routes, context, routes, &rules);
    if (rc)
        return zooid_fault (rc);
    self->client_id = zooid_duplicate (s_has (self->settings, client_id)
        ? self->settings->client_id
        : zooid_arena_format (zooid_arena (context), "zooid-%s-%s", zooid_node_name (context), zooid_name (context)));
    self->session = (session_t) { .url = self->settings->url, .client_id = self->client_id };
    rc = session_load (&self->session, context);
    if (rc)
        return zooid_fault (rc);
    broker_init (&self->broker, context, self->settings->url);
    delivery_new (&self->delivery, &self->broker, (size_t) self->settings->window, s_settled, self);
    return s_begin (context, self);
}

static void
s_drain (zooid_context_t *context)
{
    bridge_t *self = zooid_state (context);
    self->is_draining = true;
    if (self->timer)
        zooid_timer_stop (context, self->timer);
    self->timer = 0;
    if (!self->connection)
        return;
    connection_stop_reading (self->connection, context);
    if (delivery_unsettled (self->delivery) == 0)
        connection_say_goodbye (self->connection, context);
}

static void
s_stop (zooid_context_t *context)
{
    bridge_t *self = zooid_state (context);
    connection_destroy (&self->connection, context);
    delivery_destroy (&self->delivery);
    routes_destroy (&self->routes);
    broker_fini (&self->broker);
    free (self->client_id);
}

static int
s_status (zooid_context_t *context, const void *arguments)
{
    const bridge_t *self = zooid_state (context);
    (void) arguments;
    return broker_reply_status (&self->broker, context, self->routes);
}

static const zooid_operation_t operations [] = {
    { .name = "mqtt.status", .kind = ZOOID_QUERY, .gives = &bridge_status_record, .scope = "system:read",
      .http = "GET /api/bridges/@", .handler = s_status, .doc = "State of the broker, and the ledger of each route." },
};
static const zooid_contract_t contract = {
    .name = "mqtt", ZOOID_OPERATIONS (operations), .doc = "Asks operations with what an MQTT broker brings.",
};

ZOOID_EXPORT const zooid_module_t zooid_module_bridge_mqtt = {
    ZOOID_MODULE_HEADER, .name = "bridge-mqtt", .version = "0.1.0", .doc = "From an MQTT 5 broker to operations.",
    .contract = &contract, .settings = &settings_record, .check = s_check, .check_calls = s_check_calls,
    .state_size = sizeof (bridge_t),
    .start = s_start, .drain = s_drain, .stop = s_stop, ZOOID_MIGRATIONS (session_migrations),
};
