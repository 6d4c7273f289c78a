//  broker.c - one place decides what is logged, what health says and how long to wait, so that all bridges tell the
//  same story in the same words.
#include "route/broker.h"

#include <zooid/log.h>

#include <stdlib.h>
#include <string.h>

//  ---- address

static int
s_read_port (const char *text, int *ret_port)
{
    char *end = NULL;
    long port = strtol (text, &end, 10);
    if (*text < '0' || *text > '9' || *end || port < 1 || port > 65535)
        return ZOOID_INVALID;
    *ret_port = (int) port;
    return 0;
}

int
broker_address_read (const char *url, const char *scheme, int default_port, broker_address_t *ret_address,
                     const char **ret_why)
{
    broker_address_t address = { .port = default_port };
    size_t scheme_size = strlen (scheme);
    *ret_why = "is no address of such a broker";
    if (strncmp (url, scheme, scheme_size) != 0 || strncmp (url + scheme_size, "://", 3) != 0)
        return ZOOID_INVALID;
    const char *host = url + scheme_size + 3;
    if (strchr (host, '@')) {
        *ret_why = "has a user in it, whom everybody would see (`username` and `password` are settings)";
        return ZOOID_INVALID;
    }
    bool bracketed = *host == '[';
    host += bracketed;
    size_t size = strcspn (host, bracketed ? "]" : ":/");
    const char *rest = host + size;
    if (bracketed && *rest == ']')
        rest++;
    else if (bracketed)
        return ZOOID_INVALID;
    if (size == 0 || size >= sizeof address.host)
        return ZOOID_INVALID;
    if (*rest == ':' && s_read_port (rest + 1, &address.port))
        return ZOOID_INVALID;
    if (*rest != ':' && *rest != 0)
        return ZOOID_INVALID;
    memcpy (address.host, host, size);
    *ret_address = address;
    return 0;
}

void
broker_address_check (const char *url, const char *scheme, zooid_arena_t *arena, zooid_violations_t *violations)
{
    broker_address_t address;
    const char *why = NULL;
    if (broker_address_read (url, scheme, 1, &address, &why) == ZOOID_INVALID)
        zooid_violations_add (violations, arena, "/url", "address", "%s; write %s://HOST:PORT", why, scheme);
}

//  ---- state

void
broker_init (broker_t *self, zooid_context_t *context, const char *url)
{
    *self = (broker_t) { .url = url, .backoff = { .first_ms = 100, .max_ms = 10000 } };
    zooid_health (context, ZOOID_DEGRADED, zooid_arena_format (zooid_arena (context), "connecting to %s", url));
    zooid_gauge (context, "bridge_connected", "Whether the bridge has its broker", 0);
}

void
broker_fini (broker_t *self)
{
    free (self->last_error);
    self->last_error = NULL;
}

static void
s_remember (broker_t *self, const char *why)
{
    char *text = zooid_duplicate (why);     //  `why` may be last_error itself
    free (self->last_error);
    self->last_error = text;
}

void
broker_up (broker_t *self, zooid_context_t *context)
{
    self->state = BROKER_CONNECTED;
    self->connects++;
    backoff_reset (&self->backoff);
    zooid_log (context, ZOOID_INFO, "broker_connected", ZOOID_TEXT ("url", self->url),
               ZOOID_NUMBER ("connects", self->connects));
    zooid_health (context, ZOOID_HEALTHY, "");
    zooid_gauge (context, "bridge_connected", "Whether the bridge has its broker", 1);
    zooid_count (context, "bridge_connects_total", "Connections made to the broker", 1);
}

int64_t
broker_down (broker_t *self, zooid_context_t *context, const char *why)
{
    int64_t delay = backoff_next (&self->backoff, context);
    bool was_connected = self->state == BROKER_CONNECTED;
    self->state = BROKER_DEGRADED;
    s_remember (self, why);
    //  A broker that stays away is said once at each doubling of the delay, not for ever at the same rate.
    zooid_log (context, was_connected || delay < self->backoff.max_ms / 2 ? ZOOID_WARN : ZOOID_DEBUG,
               was_connected ? "broker_lost" : "broker_unreachable", ZOOID_TEXT ("url", self->url),
               ZOOID_TEXT ("why", why), ZOOID_NUMBER ("retry_ms", delay));
    zooid_health (context, ZOOID_DEGRADED, zooid_arena_format (zooid_arena (context), "%s: %s", self->url, why));
    zooid_gauge (context, "bridge_connected", "Whether the bridge has its broker", 0);
    return delay;
}

void
broker_hold (broker_t *self, zooid_context_t *context, const char *why)
{
    if (why) {
        s_remember (self, why);
        zooid_health (context, ZOOID_DEGRADED, why);
    }
    else if (self->state == BROKER_CONNECTED)
        zooid_health (context, ZOOID_HEALTHY, "");
}

//  ---- operation `status`

typedef struct {
    const char *name;
    int32_t guarantee;
    int64_t in, delivered, dead, filtered, in_flight;
    zooid_map_t reasons;
} route_status_t;

static const zooid_field_t route_status_fields [] = {
    ZOOID_STRING (route_status_t, name),
    ZOOID_ENUMERATION (route_status_t, guarantee, .names = route_guarantee_names),
    ZOOID_INTEGER (route_status_t, in, .doc = "Taken from the source"),
    ZOOID_INTEGER (route_status_t, delivered),
    ZOOID_INTEGER (route_status_t, dead, .doc = "Dead letters"),
    ZOOID_INTEGER (route_status_t, filtered, .doc = "Left out on purpose, or left to the source to be sent again"),
    ZOOID_INTEGER (route_status_t, in_flight),
    ZOOID_MAP (route_status_t, reasons, .of = ZOOID_ITEM (ZOOID_TYPE_INTEGER, int64_t),
               .doc = "Of dead and filtered"),
};
static const zooid_record_t route_status_record = ZOOID_RECORD ("route_status", route_status_t, route_status_fields,
    .doc = "A route's ledger: in = delivered + dead + filtered + in_flight");

typedef struct {
    zooid_presence_t presence;
    int32_t state;
    const char *url;
    const char *last_error;
    int64_t connects;
    zooid_list_t routes;
} bridge_status_t;

static const char *const state_names [] = { "connecting", "connected", "degraded", NULL };

static const zooid_field_t bridge_status_fields [] = {
    ZOOID_ENUMERATION (bridge_status_t, state, .names = state_names),
    ZOOID_STRING (bridge_status_t, url),
    ZOOID_STRING (bridge_status_t, last_error, .optional = true),
    ZOOID_INTEGER (bridge_status_t, connects, .doc = "Connections made since the start"),
    ZOOID_LIST (bridge_status_t, routes,
                .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, route_status_t, .record = &route_status_record)),
};
const zooid_record_t bridge_status_record = ZOOID_RECORD ("bridge_status", bridge_status_t, bridge_status_fields,
    .presence = ZOOID_PRESENCE (bridge_status_t), .doc = "A bridge, its broker and its routes");

//  NULL: the turn's arena is used up.
static const int64_t *
s_count_reasons (const zooid_ledger_reading_t *reading, zooid_arena_t *arena, zooid_map_t *ret_map, int64_t *ret_sum)
{
    const char **keys = zooid_arena_take (arena, sizeof *keys * (reading->reason_count + 1));
    int64_t *counts = zooid_arena_take (arena, sizeof *counts * (reading->reason_count + 1));
    *ret_sum = 0;
    for (size_t n = 0; keys && counts && n < reading->reason_count; n++) {
        keys [n] = reading->dead [n].reason;
        counts [n] = (int64_t) reading->dead [n].count;
        *ret_sum += counts [n];
    }
    *ret_map = (zooid_map_t) { .keys = keys, .values = counts, .count = reading->reason_count };
    return keys ? counts : NULL;
}

int
broker_reply_status (const broker_t *self, zooid_context_t *context, const routes_t *routes)
{
    zooid_arena_t *arena = zooid_arena (context);
    route_status_t *items = zooid_arena_take (arena, sizeof *items * (routes->count + 1));
    for (size_t n = 0; items && n < routes->count; n++) {
        const route_t *route = &routes->items [n];
        zooid_ledger_reading_t reading;
        int64_t sum;
        zooid_ledger_read (route->ledger, &reading);
        items [n] = (route_status_t) {
            .name = route->name, .guarantee = (int32_t) route->guarantee, .in = (int64_t) reading.in,
            .delivered = (int64_t) reading.handled, .filtered = (int64_t) route->filtered,
            .in_flight = (int64_t) reading.in_flight,
        };
        if (!s_count_reasons (&reading, arena, &items [n].reasons, &sum))
            return zooid_fail (context, "overloaded", "no memory for the answer");
        items [n].dead = sum - items [n].filtered;
    }
    if (!items)
        return zooid_fail (context, "overloaded", "no memory for the answer");
    bridge_status_t status = {
        .state = (int32_t) self->state, .url = self->url, .last_error = self->last_error, .connects = self->connects,
        .routes = { items, routes->count },
    };
    if (self->last_error)
        ZOOID_SET (&bridge_status_record, bridge_status_t, &status, last_error);
    return zooid_reply (context, &bridge_status_record, &status);
}
