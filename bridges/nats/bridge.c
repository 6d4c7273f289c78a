//  bridge.c - the module bridge-nats: events of this node that other systems read from a NATS server
//
//  Events are of the ephemeral class: what cannot be sent soon is worth less than what comes next. They wait in a
//  backlog that drops the oldest, and go in batches, one at a time; while one is out the next one gathers.
#include "link.h"

#include "route/broker.h"

#include <zooid/log.h>
#include <zooid/module.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    PORT = 4222,
    BATCH_MAX = 1024,
    BUSY_MS = 10,               //  Until the pool may have room again
    SUBSCRIPTION_LIMIT = 65536,
};

//  ---- settings

typedef struct {
    zooid_presence_t presence;
    const char *url;
    const char *username;
    const char *password;
    int64_t window;
    zooid_map_t routes;
} settings_t;

static const zooid_field_t settings_fields [] = {
    ZOOID_STRING (settings_t, url, .optional = true, .initial = "nats://127.0.0.1:4222", .doc = "The server"),
    ZOOID_STRING (settings_t, username, .optional = true, .doc = "Sign in as"),
    ZOOID_STRING (settings_t, password, .optional = true, .secret = true, .doc = "With this password"),
    ZOOID_INTEGER (settings_t, window, .optional = true, .initial = "4096", .integers = { true, 1, 65536 },
                   .doc = "Events that wait at most; then the oldest are dropped"),
    ROUTE_SETTINGS (settings_t, routes),
};
static const zooid_record_t settings_record = ZOOID_RECORD ("bridge_nats_settings", settings_t, settings_fields,
    .presence = ZOOID_PRESENCE (settings_t), .doc = "A bridge to a NATS server");

#define s_has(settings_, member) ZOOID_HAS (&settings_record, settings_t, (settings_), member)

static const route_rules_t rules = { .dialect = &pattern_dotted };

//  ---- state

typedef struct {
    const settings_t *settings;
    broker_t broker;
    routes_t *routes;
    backlog_t backlog;
    link_t *link;               //  NULL: not connected
    uint64_t number;            //  Of the present attempt
    uint64_t timer;             //  Of the next attempt or batch; 0: none
    bool is_publishing;         //  A batch is out,
    uint64_t publishing;        //  on the link of this attempt
    zooid_buffer_t subject;     //  Of one event
} bridge_t;

//  ---- events

static void
s_drop (bridge_t *self, zooid_context_t *context, publication_t *first, const char *reason)
{
    (void) self;
    while (first) {
        publication_t *publication = first;
        first = publication->next;
        route_dead (publication->route, context, reason, zooid_message_name (publication->message),
                    zooid_message_payload (publication->message), NULL);
        publication_destroy (&publication);
    }
}

static int
    s_published (zooid_context_t *context, publication_t *first, const char *why);
static int
    s_publish_later (zooid_context_t *context, void *state);

static int
s_publish (bridge_t *self, zooid_context_t *context)
{
    if (!self->link || self->is_publishing || self->timer)
        return 0;
    publication_t *first = backlog_take (&self->backlog, BATCH_MAX);
    if (!first)
        return 0;
    int rc = link_publish (self->link, context, &first, s_published);
    self->is_publishing = rc == 0;
    self->publishing = self->number;
    backlog_give_back (&self->backlog, &first);
    if (rc == ZOOID_FULL)
        zooid_timer_start (context, BUSY_MS, 0, s_publish_later, self, NULL, &self->timer);
    return rc < 0 ? zooid_fault (rc) : 0;
}

static int
s_publish_later (zooid_context_t *context, void *state)
{
    bridge_t *self = state;
    self->timer = 0;
    return s_publish (self, context);
}

static int
s_event (zooid_context_t *context, void *state, const zooid_message_t *message)
{
    route_t *route = state;
    bridge_t *self = zooid_state (context);
    const char *topic = zooid_message_name (message);
    const zooid_event_t *event = NULL;
    pattern_captures_t captures;
    zooid_bytes_t name = { (const uint8_t *) topic, strlen (topic) };
    route_in (route);
    if (!pattern_matches (route->dialect, route->from, name, &captures)) {
        route_filtered (route, "filtered");
        return 0;
    }
    captures.payload = (zooid_bytes_t) { 0 };
    zooid_directory_event (context, topic, &event);
    zooid_bytes_t subject = template_fill (route->to, &captures, &self->subject);
    publication_t *publication = publication_new (route, event, message, subject, zooid_wall_ms (context));
    publication_t *dropped = backlog_push (&self->backlog, &publication);
    s_drop (self, context, dropped, self->link ? "overflow" : "disconnected");
    return s_publish (self, context);
}

//  ---- connecting

static int
    s_connect (zooid_context_t *context, void *state);

static int
s_lose (bridge_t *self, zooid_context_t *context, const char *why)
{
    link_retire (&self->link, context);
    self->number++;
    if (self->timer)
        zooid_timer_stop (context, self->timer);
    zooid_timer_start (context, broker_down (&self->broker, context, why), 0, s_connect, self, NULL, &self->timer);
    return 0;
}

static int
s_published (zooid_context_t *context, publication_t *first, const char *why)
{
    bridge_t *self = zooid_state (context);
    self->is_publishing = false;
    while (first) {
        publication_t *publication = first;
        first = publication->next;
        publication->next = NULL;
        if (publication->verdict == PUBLICATION_TOO_LARGE)
            s_drop (self, context, publication, "too_large");
        else if (publication->verdict == PUBLICATION_BROKEN)
            s_drop (self, context, publication, "bad_record");
        else if (why)
            s_drop (self, context, publication,
                    publication->verdict == PUBLICATION_SENT ? "unconfirmed" : "disconnected");
        else {
            route_delivered (publication->route);
            publication_destroy (&publication);
        }
    }
    //  By now there may be another link, which has nothing to do with it.
    if (why && self->link && self->publishing == self->number)
        return s_lose (self, context, why);
    return s_publish (self, context);
}

static int
s_closed (zooid_context_t *context, uint64_t number)
{
    bridge_t *self = zooid_state (context);
    return self->link && number == self->number ? s_lose (self, context, "the server ended the connection") : 0;
}

static int
s_connected (zooid_context_t *context, link_t **link_p, const char *why)
{
    bridge_t *self = zooid_state (context);
    if (!*link_p || link_is_closed (*link_p))
        return s_lose (self, context, *link_p ? "the server ended the connection" : why);
    self->link = *link_p;
    *link_p = NULL;
    broker_up (&self->broker, context);
    return s_publish (self, context);
}

static int
s_connect (zooid_context_t *context, void *state)
{
    bridge_t *self = state;
    zooid_arena_t *arena = zooid_arena (context);
    const char *name = zooid_arena_format (arena, "zooid %s %s", zooid_node_name (context), zooid_name (context));
    const char *source = zooid_arena_format (arena, "/zooid/%s", zooid_node_name (context));
    self->timer = 0;
    int rc = link_connect (context, &(link_options_t) {
        .url = self->settings->url, .name = name, .source = source,
        .username = s_has (self->settings, username) ? self->settings->username : NULL,
        .password = s_has (self->settings, password) ? self->settings->password : NULL,
    }, ++self->number, s_connected, s_closed);
    if (rc == ZOOID_FULL)
        zooid_timer_start (context, BUSY_MS, 0, s_connect, self, NULL, &self->timer);
    return rc < 0 ? zooid_fault (rc) : 0;
}

//  ---- the module

static int
s_subscribe (bridge_t *self, zooid_context_t *context)
{
    for (size_t n = 0; n < self->routes->count; n++) {
        route_t *route = &self->routes->items [n];
        uint64_t subscription;
        //  The mailbox bounds what comes; what is too much is dropped, and counted, by the backlog alone.
        int rc = zooid_subscribe (context, route->from, ZOOID_DROP_OLDEST, SUBSCRIPTION_LIMIT, s_event, route, &subscription);
        if (rc)
            return zooid_fault (rc < 0 ? rc : -EINVAL);
    }
    return 0;
}

static void
s_check (const void *settings_, zooid_arena_t *arena, zooid_violations_t *violations)
{
    const settings_t *settings = settings_;
    broker_address_check (settings->url, "nats", arena, violations);
    if (s_has (settings, routes))
        routes_check (&settings->routes, &rules, arena, violations);
}

static int
s_start (zooid_context_t *context, const void *settings)
{
    bridge_t *self = zooid_state (context);
    broker_address_t address;
    const char *why = NULL;
    self->settings = settings;
    backlog_init (&self->backlog, (size_t) self->settings->window);
    if (broker_address_read (self->settings->url, "nats", PORT, &address, &why)) {
        zooid_log (context, ZOOID_ERROR, "bad_setting", ZOOID_TEXT ("field", "url"), ZOOID_TEXT ("why", why));
        return zooid_fault (-EINVAL);
    }
    static const zooid_map_t no_routes;
    const zooid_map_t *routes = s_has (self->settings, routes) ? &self->settings->routes : &no_routes;
    int rc = routes_start (&self->routes, context, routes, &rules);
    if (rc == 0)
        rc = s_subscribe (self, context);
    if (rc)
        return zooid_fault (rc);
    broker_init (&self->broker, context, self->settings->url);
    return s_connect (context, self);
}

static void
s_stop (zooid_context_t *context)
{
    bridge_t *self = zooid_state (context);
    backlog_fini (&self->backlog);
    link_release (&self->link);
    routes_destroy (&self->routes);
    broker_fini (&self->broker);
    zooid_buffer_fini (&self->subject);
}

static int
s_status (zooid_context_t *context, const void *arguments)
{
    const bridge_t *self = zooid_state (context);
    (void) arguments;
    return broker_reply_status (&self->broker, context, self->routes);
}

static const zooid_operation_t operations [] = {
    { .name = "nats.status", .kind = ZOOID_QUERY, .gives = &bridge_status_record, .scope = "system:read",
      .http = "GET /api/bridges/@", .handler = s_status, .doc = "State of the server, and the ledger of each route." },
};
static const zooid_contract_t contract = {
    .name = "nats", ZOOID_OPERATIONS (operations), .doc = "Publishes events of this node on a NATS server.",
};

ZOOID_EXPORT const zooid_module_t zooid_module_bridge_nats = {
    ZOOID_MODULE_HEADER, .name = "bridge-nats", .version = "0.1.0", .doc = "From topics of this node to a NATS server.",
    .contract = &contract, .settings = &settings_record, .check = s_check, .state_size = sizeof (bridge_t),
    .start = s_start, .stop = s_stop,
};
