//  gateway/gateway.c - the module: settings, start, loop, drain, stop
//
//  The gateway knows no service by name. It reads the contracts of all actors from the directory, again whenever that
//  has changed, and finds those who do a job for it (keys, tickets) by role.
//
//  One thread: the loop of libwebsockets, in which the dispatcher's descriptor is one more to be read. HTTP is served
//  from turns of the dispatcher, which watches the sockets; see README.md for why libwebsockets does not read it.
#include "gateway.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zooid/log.h>
#include <zooid/module.h>

#include "connection.h"
#include "static.h"

enum { TURN_BUDGET = 1024, LISTEN_RETRY_MS = 2000 };

static const char *const metrics_names [] = { "guarded", "open", NULL };

static const zooid_field_t settings_fields [] = {
    ZOOID_LIST (gateway_settings_t, listen, .min_length = 1, .max_length = LISTENERS_MAX, .initial = "[\"http://127.0.0.1:8000\"]",
        .of = ZOOID_ITEM (ZOOID_TYPE_STRING, const char *, .max_length = LISTENER_URL_MAX - 1),
        .doc = "Where to listen: http://HOST:PORT, HOST an IP address or localhost; port 0 is any that is free"),
    { .name = "static", .type = ZOOID_TYPE_STRING, .offset = offsetof (gateway_settings_t, folder), .size = sizeof (const char *),
        .initial = "", .doc = "Folder of static files; empty: none" },
    ZOOID_ENUMERATION (gateway_settings_t, metrics, .names = metrics_names, .initial = "guarded",
        .doc = "Who is shown /metrics: with `guarded` whoever has the scope metrics:read, with `open` everybody"),
    ZOOID_STRING (gateway_settings_t, issuer, .initial = "zooid", .max_length = 256, .doc = "iss of the tokens that are taken"),
    ZOOID_STRING (gateway_settings_t, audience, .initial = "zooid", .max_length = 256, .doc = "aud of the tokens that are taken"),
    ZOOID_LIST (gateway_settings_t, origins, .max_length = 16, .initial = "[]",
        .of = ZOOID_ITEM (ZOOID_TYPE_STRING, const char *, .max_length = 128),
        .doc = "Origins beside those of the listeners whose pages may open a WebSocket: https://zooid.example"),
    ZOOID_INTEGER (gateway_settings_t, connections_max, .initial = "4096", .integers = { true, 1, 60000 }, .doc = "HTTP connections at once"),
    ZOOID_DURATION (gateway_settings_t, head_timeout, .initial = "10s", .integers = { true, 100, 60000 }, .doc = "To send a request's head"),
    ZOOID_DURATION (gateway_settings_t, body_timeout, .initial = "30s", .integers = { true, 100, 600000 }, .doc = "To send a request's body"),
    ZOOID_DURATION (gateway_settings_t, idle_timeout, .initial = "60s", .integers = { true, 100, 3600000 }, .doc = "Between two requests"),
    ZOOID_DURATION (gateway_settings_t, send_timeout, .initial = "30s", .integers = { true, 100, 600000 }, .doc = "Without a byte taken by the peer"),
    ZOOID_DURATION (gateway_settings_t, ping, .initial = "20s", .integers = { true, 1000, 3600000 },
        .doc = "Silence after which a WebSocket is pinged; after twice as much it is closed"),
};

const zooid_record_t gateway_settings = ZOOID_RECORD ("gateway_settings", gateway_settings_t, settings_fields,
    .presence = ZOOID_PRESENCE (gateway_settings_t), .doc = "Settings of the gateway");

//  An origin as browsers send it: http or https, a host, perhaps a port, and nothing behind.
static bool
s_is_origin (const char *text)
{
    size_t scheme = strncmp (text, "http://", 7) == 0 ? 7 : strncmp (text, "https://", 8) == 0 ? 8 : 0;
    const char *host = text + scheme;
    return scheme && *host && *host != ':' && host [strspn (host, "abcdefghijklmnopqrstuvwxyz0123456789-._:[]")] == 0;
}

//  Is the last of the `count` addresses among those before it? A port that the system is to choose is another each time.
static bool
s_is_repeated (const listener_address_t *addresses, size_t count)
{
    const listener_address_t *last = &addresses [count - 1];
    for (size_t i = 0; last->port && i < count - 1; i++)
        if (addresses [i].port == last->port && strcmp (addresses [i].host, last->host) == 0)
            return true;
    return false;
}

static void
s_check (const void *state, zooid_arena_t *arena, zooid_violations_t *violations)
{
    const gateway_settings_t *settings = state;
    const char *const *urls = settings->listen.items, *const *origins = settings->origins.items;
    listener_address_t addresses [LISTENERS_MAX] = { 0 };
    for (size_t index = 0; index < settings->listen.count; index++) {
        const char *why = "", *pointer = zooid_arena_format (arena, "/listen/%zu", index);
        if (listener_parse (urls [index], &addresses [index], &why))
            zooid_violations_add (violations, arena, pointer, "format",
                                  "%s cannot be listened at: %s; http://127.0.0.1:8000 would be right.", urls [index], why);
        else if (s_is_repeated (addresses, index + 1))
            zooid_violations_add (violations, arena, pointer, "twice", "%s is there twice; once is enough.", urls [index]);
    }
    for (size_t index = 0; index < settings->origins.count; index++)
        if (!s_is_origin (origins [index]))
            zooid_violations_add (violations, arena, zooid_arena_format (arena, "/origins/%zu", index), "format",
                                  "%s is no origin of a page: https://zooid.example would be right, in lower case and "
                                  "with nothing behind its host and port.", origins [index]);
}

static const zooid_contract_t contract = { .name = "gateway", .doc = "HTTP and WebSocket for all contracts." };

//  ---- what its parts share

uint64_t
gateway_chance (gateway_t *gateway)
{
    //  xorshift128+ (Vigna)
    uint64_t a = gateway->chance [0], b = gateway->chance [1];
    gateway->chance [0] = b;
    a ^= a << 23;
    gateway->chance [1] = a ^ b ^ (a >> 17) ^ (b >> 26);
    return gateway->chance [1] + b;
}

const char *
gateway_date (zooid_context_t *self, gateway_t *gateway)
{
    int64_t now = zooid_wall_ms (self);
    if (now / 1000 != gateway->date_s || !*gateway->date) {
        gateway->date_s = now / 1000;
        response_date (now, gateway->date);
    }
    return gateway->date;
}

//  What would help when the system refuses to listen.
static const char *
s_remedy (zooid_context_t *self, int error)
{
    const char *first = error == EADDRINUSE    ? "another process has the port; end it or"
                      : error == EADDRNOTAVAIL ? "no interface of this machine has the address;"
                      : error == EACCES        ? "the port is kept for the privileged; allow it or"
                                               : "mend what the system says or";
    return zooid_arena_format (zooid_arena (self), "%s set actors.%s.listen", first, zooid_name (self));
}

//  What would help when there is no folder of static files.
static const char *
s_folder_remedy (zooid_context_t *self)
{
    return zooid_arena_format (zooid_arena (self), "make the folder (a relative path begins where zooid was started) or set "
                               "actors.%s.static", zooid_name (self));
}

void
gateway_show_health (zooid_context_t *self, const gateway_t *gateway)
{
    const char *const *urls = gateway->settings->listen.items, *why = gateway->keys_why ? gateway->keys_why : "";
    for (size_t index = 0; index < gateway->settings->listen.count; index++)
        if (gateway->listen_errors [index])
            why = zooid_arena_format (zooid_arena (self), "%s%s%s is not served: %s.", why, *why ? " " : "",
                                      urls [index], s_remedy (self, gateway->listen_errors [index]));
    if (gateway->folder_error)
        why = zooid_arena_format (zooid_arena (self), "%s%sNo static files are served: %s: %s; %s.", why, *why ? " " : "",
                                  gateway->settings->folder, strerror (gateway->folder_error), s_folder_remedy (self));
    zooid_health (self, *why ? ZOOID_DEGRADED : ZOOID_HEALTHY, why);
}

static void
s_add_routes (zooid_context_t *self, routes_t *routes, const zooid_offer_t *offer)
{
    const zooid_contract_t *offered = offer->module->contract;
    for (size_t index = 0; offered && index < offered->operation_count; index++) {
        const zooid_operation_t *operation = &offered->operations [index];
        const char *name = zooid_operation_name (offer->actor, operation, zooid_arena (self)),
                   *why = "another operation has it";
        int rc = routes_add (routes, offer->actor, name, operation, &why);
        if (rc)
            zooid_log (self, ZOOID_WARN, "route_left_out", ZOOID_TEXT ("operation", name),
                       { .name = "http", .text = operation->http }, ZOOID_TEXT ("why", why));
    }
}

routes_t *
gateway_routes (zooid_context_t *self, gateway_t *gateway)
{
    uint64_t version = zooid_directory_version (self);
    if (gateway->routes && gateway->version == version)
        return gateway->routes;
    const zooid_offer_t *offers = NULL;
    size_t count = zooid_directory (self, &offers);
    routes_destroy (&gateway->routes);
    openapi_destroy (&gateway->openapi);
    routes_new (&gateway->routes);
    for (size_t index = 0; index < count; index++)
        s_add_routes (self, gateway->routes, &offers [index]);
    routes_sort (gateway->routes);
    gateway->version = version;
    zooid_log (self, ZOOID_DEBUG, "routes_made", ZOOID_NUMBER ("count", routes_count (gateway->routes)));
    return gateway->routes;
}

//  ---- start

//  Everything else is served without it.
static void
s_look_for_folder (zooid_context_t *self, gateway_t *gateway)
{
    gateway->folder_error = static_check (gateway->settings->folder);
    if (gateway->folder_error)
        zooid_log (self, ZOOID_WARN, "static_folder_missing", ZOOID_TEXT ("folder", gateway->settings->folder),
                   ZOOID_TEXT ("why", strerror (gateway->folder_error)), ZOOID_TEXT ("remedy", s_folder_remedy (self)));
}

static void
s_on_accept (zooid_context_t *self, int descriptor)
{
    connection_new (self, zooid_state (self), descriptor);
}

//  A WebSocket's next token. One whose key is being asked for is refused: it can be sent again.
static zooid_principal_t *
s_renew (zooid_context_t *self, const char *authorization)
{
    static const char scheme [] = "Bearer ";
    gateway_t *gateway = zooid_state (self);
    zooid_principal_t *principal = NULL;
    const char *token = authorization + sizeof scheme - 1, *why = NULL;
    if (strncasecmp (authorization, scheme, sizeof scheme - 1) != 0
        || identity_check (self, gateway->identity, token, strlen (token), false, &principal, &why))
        return NULL;
    return principal;
}

//  The real addresses, one a line, for whoever started us with port 0. Written whole or not at all.
static int
s_write_listen_file (zooid_context_t *self, const listeners_t *listeners)
{
    const char *folder = zooid_folder (self);
    if (!folder)
        return 0;
    const char *path = zooid_arena_format (zooid_arena (self), "%s/listen", folder);
    const char *fresh = zooid_arena_format (zooid_arena (self), "%s/listen.new", folder);
    FILE *file = fopen (fresh, "we");
    if (!file)
        return zooid_fault (-errno);
    for (size_t index = 0; index < listeners_count (listeners); index++)
        fprintf (file, "%s\n", listeners_url (listeners, index));
    if (fclose (file) || rename (fresh, path))
        return zooid_fault (-errno);
    return 0;
}

//  Listen at one of the settings' addresses. false: listen_errors has why not.
static bool
s_listen_at (zooid_context_t *self, gateway_t *gateway, size_t index)
{
    const char *const *urls = gateway->settings->listen.items, *why = "";
    int rc = listeners_add (self, gateway->listeners, urls [index], &why);
    gateway->listen_errors [index] = rc < 0 ? -rc : rc ? EINVAL : 0;
    if (rc)
        return false;
    const char *url = listeners_url (gateway->listeners, listeners_count (gateway->listeners) - 1);
    zooid_log (self, ZOOID_INFO, "listening", ZOOID_TEXT ("url", url));
    origins_add_listener (gateway->origins, url);
    return true;
}

//  What could not be had at the start may be free now.
static int
s_on_listen_retry (zooid_context_t *self, void *state)
{
    gateway_t *gateway = state;
    size_t opened = 0, missing = 0;
    for (size_t index = 0; index < gateway->settings->listen.count; index++)
        if (gateway->listen_errors [index])
            *(s_listen_at (self, gateway, index) ? &opened : &missing) += 1;
    if (missing == 0) {
        zooid_timer_stop (self, gateway->listen_retry);
        gateway->listen_retry = 0;
    }
    gateway_show_health (self, gateway);
    if (opened && s_write_listen_file (self, gateway->listeners))
        zooid_log (self, ZOOID_WARN, "listen_file_failed", ZOOID_TEXT ("folder", zooid_folder (self)));
    return 0;
}

//  One address is enough to start with: whoever has the port of another is no reason to serve nobody.
static int
s_listen (zooid_context_t *self, gateway_t *gateway)
{
    const gateway_settings_t *settings = gateway->settings;
    const char *const *urls = settings->listen.items, *const *origins = settings->origins.items;
    size_t missing = 0;
    for (size_t index = 0; index < settings->listen.count; index++)
        if (!s_listen_at (self, gateway, index)) {
            int error = gateway->listen_errors [index];
            zooid_log (self, ZOOID_ERROR, "listen_failed", ZOOID_TEXT ("url", urls [index]),
                       ZOOID_TEXT ("why", strerror (error)), ZOOID_TEXT ("remedy", s_remedy (self, error)));
            missing++;
        }
    if (missing == settings->listen.count)
        return zooid_fault (-gateway->listen_errors [0]);
    if (missing)
        zooid_timer_start (self, LISTEN_RETRY_MS, LISTEN_RETRY_MS, s_on_listen_retry, gateway, NULL,
                           &gateway->listen_retry);
    gateway_show_health (self, gateway);
    for (size_t index = 0; index < settings->origins.count; index++)
        origins_add (gateway->origins, origins [index]);
    return s_write_listen_file (self, gateway->listeners);
}

static int
s_start (zooid_context_t *self, const void *settings)
{
    gateway_t *gateway = zooid_state (self);
    gateway->settings = settings;
    zooid_random (self, gateway->chance, sizeof gateway->chance);
    gateway->chance [0] |= 1;
    zooid_principal_new (&gateway->nobody, "nobody:http", NULL, 0, 0);
    gateway->requests = zooid_ledger (self, "http");
    origins_new (&gateway->origins);
    listeners_new (&gateway->listeners, s_on_accept);
    events_new (self, &gateway->events, gateway->settings->ping, s_renew);
    jwt_policy_t policy = { .issuer = gateway->settings->issuer, .audience = gateway->settings->audience };
    identity_new (self, &gateway->identity, &policy, request_resume);
    s_look_for_folder (self, gateway);
    int rc = s_listen (self, gateway);
    if (rc == 0)
        identity_ask (self, gateway->identity);
    return rc;
}

//  ---- loop and stop

static bool
s_turn (void *state)
{
    return zooid_loop_turn (state, TURN_BUDGET) != ZOOID_GONE;      //  ZOOID_MORE: the descriptor stays readable
}

static int
s_run (zooid_context_t *self, zooid_loop_t *loop)
{
    gateway_t *gateway = zooid_state (self);
    return events_run (gateway->events, zooid_loop_descriptor (loop), s_turn, loop);
}

static void
s_drain (zooid_context_t *self)
{
    gateway_t *gateway = zooid_state (self);
    gateway->draining = true;
    zooid_timer_stop (self, gateway->listen_retry);
    listeners_stop (self, gateway->listeners);
    connections_drain (self, gateway);
    events_drain (gateway->events);
}

static void
s_stop (zooid_context_t *self)
{
    gateway_t *gateway = zooid_state (self);
    while (gateway->connections) {
        connection_t *connection = gateway->connections;
        connection_destroy (self, &connection);
    }
    listeners_destroy (self, &gateway->listeners);
    events_destroy (&gateway->events);
    identity_destroy (&gateway->identity);
    origins_destroy (&gateway->origins);
    routes_destroy (&gateway->routes);
    openapi_destroy (&gateway->openapi);
    zooid_principal_destroy (&gateway->nobody);
}

ZOOID_EXPORT extern const zooid_module_t zooid_module_gateway;

const zooid_module_t zooid_module_gateway = {
    ZOOID_MODULE_HEADER, .name = "gateway", .version = "0.1.0", .doc = "HTTP and WebSocket for all contracts.",
    .contract = &contract, .settings = &gateway_settings, .check = s_check, .state_size = sizeof (gateway_t),
    .start = s_start, .drain = s_drain, .stop = s_stop, .run = s_run,
};
