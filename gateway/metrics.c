//  gateway/metrics.c - figures as Prometheus text
//
//  The format wants all lines of a family behind one another, and the figures come by actor: so there is a table of
//  families, and each is written for all actors in turn. An actor's own figures are families too, found by going
//  through their names; there are few.
#include "metrics.h"

#include <inttypes.h>
#include <string.h>

#include "connection.h"
#include "endpoints.h"

enum { FIGURES_MS = 2000, NAMES_MAX = 256 };

//  ---- lines

//  A label's value: backslash, quote and line end escaped.
static void
s_label (zooid_buffer_t *out, const char *name, const char *value)
{
    zooid_buffer_format (out, "%s=\"", name);
    for (const char *at = value ? value : ""; *at; at++)
        if (*at == '\\' || *at == '"')
            zooid_buffer_format (out, "\\%c", *at);
        else if (*at == '\n')
            zooid_buffer_text (out, "\\n");
        else
            zooid_buffer_append (out, at, 1);
    zooid_buffer_text (out, "\"");
}

static void
s_family (zooid_buffer_t *out, const char *name, const char *type, const char *doc)
{
    zooid_buffer_format (out, "# HELP zooid_%s ", name);
    for (const char *at = doc ? doc : ""; *at; at++)
        zooid_buffer_append (out, *at == '\n' ? " " : at, 1);
    zooid_buffer_format (out, "\n# TYPE zooid_%s %s\n", name, type);
}

static void
s_begin_line (zooid_buffer_t *out, const char *name, const zooid_actor_figures_t *actor)
{
    zooid_buffer_format (out, "zooid_%s{", name);
    s_label (out, "actor", actor->actor);
    zooid_buffer_text (out, ",");
    s_label (out, "node", actor->node);
}

static void
s_end_line (zooid_buffer_t *out, double value)
{
    if (value == (double) (int64_t) value)
        zooid_buffer_format (out, "} %" PRId64 "\n", (int64_t) value);
    else
        zooid_buffer_format (out, "} %.17g\n", value);
}

//  ---- families of every actor

typedef enum {
    STARTED, DEGRADED, RESTARTS, QUEUED, HANDLED, IN_FLIGHT, BYTES, REFUSED, DROPPED, ASKS,
} figure_t;

static const struct { const char *name, *type, *doc; } families [] = {
    [STARTED]   = { "actor_started", "gauge", "1: it runs. 0: not yet, or between restarts" },
    [DEGRADED]  = { "actor_degraded", "gauge", "1: it says that it is degraded" },
    [RESTARTS]  = { "actor_restarts_total", "counter", "Times it was restarted" },
    [QUEUED]    = { "mailbox_in_total", "counter", "Messages queued" },
    [HANDLED]   = { "mailbox_handled_total", "counter", "Messages handled" },
    [IN_FLIGHT] = { "mailbox_in_flight", "gauge", "Messages queued and not yet handled or dead" },
    [BYTES]     = { "mailbox_bytes", "gauge", "Bytes that the mailbox is charged" },
    [REFUSED]   = { "mailbox_refused_total", "counter", "Messages never queued: full, gone, denied" },
    [DROPPED]   = { "events_dropped_total", "counter", "Events that a full subscription shed" },
    [ASKS]      = { "asks_open", "gauge", "Asks that wait for an answer" },
};

static double
s_value (const zooid_actor_figures_t *actor, figure_t figure)
{
    switch (figure) {
    case STARTED:   return actor->started;
    case DEGRADED:  return actor->health != ZOOID_HEALTHY;
    case RESTARTS:  return (double) actor->restarts;
    case QUEUED:    return (double) actor->mailbox.in;
    case HANDLED:   return (double) actor->mailbox.handled;
    case IN_FLIGHT: return (double) actor->mailbox.in_flight;
    case BYTES:     return (double) actor->mailbox_bytes;
    case REFUSED:   return (double) actor->refused;
    case DROPPED:   return (double) actor->dropped;
    case ASKS:      return (double) actor->asks_open;
    }
    return 0;
}

static void
s_write_families (const zooid_actor_figures_t *actors, size_t count, zooid_buffer_t *out)
{
    for (size_t family = 0; family < ZOOID_COUNT (families); family++) {
        s_family (out, families [family].name, families [family].type, families [family].doc);
        for (size_t index = 0; index < count; index++) {
            s_begin_line (out, families [family].name, &actors [index]);
            s_end_line (out, s_value (&actors [index], (figure_t) family));
        }
    }
    s_family (out, "mailbox_dead_total", "counter", "Messages that will not arrive, by reason");
    for (size_t index = 0; index < count; index++)
        for (size_t reason = 0; reason < actors [index].mailbox.reason_count; reason++) {
            s_begin_line (out, "mailbox_dead_total", &actors [index]);
            zooid_buffer_text (out, ",");
            s_label (out, "reason", actors [index].mailbox.dead [reason].reason);
            s_end_line (out, (double) actors [index].mailbox.dead [reason].count);
        }
}

//  ---- ledgers: in = handled + dead + in flight

typedef enum { LEDGER_IN, LEDGER_HANDLED, LEDGER_IN_FLIGHT, LEDGER_DEAD } ledger_term_t;

static const struct { const char *name, *type, *doc; } ledger_families [] = {
    [LEDGER_IN]        = { "ledger_in_total", "counter", "What came in" },
    [LEDGER_HANDLED]   = { "ledger_handled_total", "counter", "What was handled" },
    [LEDGER_IN_FLIGHT] = { "ledger_in_flight", "gauge", "What is under way" },
    [LEDGER_DEAD]      = { "ledger_dead_total", "counter", "What will not arrive, by reason" },
};

static void
s_begin_ledger_line (zooid_buffer_t *out, ledger_term_t term, const zooid_actor_figures_t *actor,
                     const zooid_ledger_reading_t *ledger)
{
    s_begin_line (out, ledger_families [term].name, actor);
    zooid_buffer_text (out, ",");
    s_label (out, "ledger", ledger->name);
}

static void
s_write_ledger (zooid_buffer_t *out, ledger_term_t term, const zooid_actor_figures_t *actor,
                const zooid_ledger_reading_t *ledger)
{
    uint64_t value = term == LEDGER_IN ? ledger->in : term == LEDGER_HANDLED ? ledger->handled : ledger->in_flight;
    if (term != LEDGER_DEAD) {
        s_begin_ledger_line (out, term, actor, ledger);
        s_end_line (out, (double) value);
        return;
    }
    for (size_t reason = 0; reason < ledger->reason_count; reason++) {
        s_begin_ledger_line (out, term, actor, ledger);
        zooid_buffer_text (out, ",");
        s_label (out, "reason", ledger->dead [reason].reason);
        s_end_line (out, (double) ledger->dead [reason].count);
    }
}

static void
s_write_ledgers (const zooid_actor_figures_t *actors, size_t count, zooid_buffer_t *out)
{
    for (size_t term = 0; term < ZOOID_COUNT (ledger_families); term++) {
        s_family (out, ledger_families [term].name, ledger_families [term].type, ledger_families [term].doc);
        for (size_t index = 0; index < count; index++)
            for (size_t ledger = 0; ledger < actors [index].ledger_count; ledger++)
                s_write_ledger (out, (ledger_term_t) term, &actors [index], &actors [index].ledgers [ledger]);
    }
}

//  ---- an actor's own

static bool
s_is_listed (const char *const *names, size_t count, const char *name)
{
    for (size_t index = 0; index < count; index++)
        if (strcmp (names [index], name) == 0)
            return true;
    return false;
}

static void
s_write_figure (const zooid_actor_figures_t *actors, size_t count, const struct zooid_figure *first,
                zooid_buffer_t *out)
{
    s_family (out, first->name, first->counts ? "counter" : "gauge", first->doc);
    for (size_t index = 0; index < count; index++)
        for (size_t figure = 0; figure < actors [index].figure_count; figure++) {
            if (strcmp (actors [index].figures [figure].name, first->name) != 0)
                continue;
            s_begin_line (out, first->name, &actors [index]);
            s_end_line (out, actors [index].figures [figure].value);
        }
}

static void
s_write_figures (const zooid_actor_figures_t *actors, size_t count, zooid_buffer_t *out)
{
    const char *names [NAMES_MAX];
    size_t known = 0;
    for (size_t index = 0; index < count; index++)
        for (size_t figure = 0; figure < actors [index].figure_count; figure++) {
            const struct zooid_figure *first = &actors [index].figures [figure];
            if (known == NAMES_MAX || s_is_listed (names, known, first->name))
                continue;
            names [known++] = first->name;
            s_write_figure (actors, count, first, out);
        }
}

void
metrics_write (const zooid_actor_figures_t *actors, size_t count, zooid_buffer_t *out)
{
    s_write_families (actors, count, out);
    s_write_ledgers (actors, count, out);
    s_write_figures (actors, count, out);
}

//  ---- the answer

static void
s_write_answers (const gateway_t *gateway, zooid_buffer_t *out)
{
    s_family (out, "http_answers_total", "counter", "HTTP answers by the first digit of their status");
    for (size_t digit = 1; digit < ZOOID_COUNT (gateway->answers); digit++)
        zooid_buffer_format (out, "zooid_http_answers_total{status=\"%zuxx\"} %" PRIu64 "\n", digit,
                             gateway->answers [digit]);
    s_family (out, "http_connections", "gauge", "Open HTTP connections");
    zooid_buffer_format (out, "zooid_http_connections %zu\n", gateway->connection_count);
    s_family (out, "websocket_clients", "gauge", "Open WebSocket connections");
    zooid_buffer_format (out, "zooid_websocket_clients %zu\n", events_client_count (gateway->events));
}

static int
s_on_figures (zooid_context_t *self, void *state, const zooid_actor_figures_t *actors, size_t count)
{
    connection_t *connection = exchange_end (state);
    if (!connection)
        return 0;
    zooid_buffer_t body = { .limit = 0 };
    metrics_write (actors, count, &body);
    s_write_answers (connection->gateway, &body);
    connection_answer (self, connection,
                       &(response_t) { .status = 200,
                                       .type = "text/plain; version=0.0.4; charset=utf-8",
                                       .body = { .data = body.data, .size = body.size } });
    zooid_buffer_fini (&body);
    connection_run (self, connection);
    return 0;
}

void
metrics_answer (zooid_context_t *self, connection_t *connection)
{
    exchange_t *exchange = exchange_new (connection);
    if (zooid_figures (self, FIGURES_MS, s_on_figures, exchange, exchange_destroy) == 0)
        return;
    exchange_destroy (exchange);
    request_refuse (self, connection,
                    &(problem_t) { .status = 503, .name = "overloaded", .detail = "Too much is asked at once." }, NULL);
}
