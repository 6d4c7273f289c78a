//  gateway/health.c - does it live, is it ready
//
//  An actor that says it is degraded (a bridge without its broker) is told of and does not make the node unready: the
//  rest serves. One that does not run does.
#include <string.h>

#include "connection.h"
#include "endpoints.h"

enum { FIGURES_MS = 2000 };

void
health_live (zooid_context_t *self, connection_t *connection)
{
    static const char body [] = "{\"status\":\"live\"}\n";
    connection_answer (self, connection,
                       &(response_t) { .status = 200,
                                       .type = "application/json",
                                       .body = { .data = (const uint8_t *) body, .size = sizeof body - 1 } });
}

static void
s_add_reason (zooid_buffer_t *out, const char *actor, const char *why, bool is_first)
{
    zooid_buffer_text (out, is_first ? "{\"actor\":" : ",{\"actor\":");
    zooid_json_quote (actor, strlen (actor), out);
    zooid_buffer_text (out, ",\"why\":");
    zooid_json_quote (why, strlen (why), out);
    zooid_buffer_text (out, "}");
}

static int
s_on_figures (zooid_context_t *self, void *state, const zooid_actor_figures_t *actors, size_t count)
{
    connection_t *connection = exchange_end (state);
    if (!connection)
        return 0;
    size_t degraded = 0;
    bool ready = !connection->gateway->draining;
    zooid_buffer_t reasons = { .limit = 0 }, body = { .limit = 0 };
    for (size_t index = 0; index < count; index++) {
        const zooid_actor_figures_t *actor = &actors [index];
        if (!actor->started)
            s_add_reason (&reasons, actor->actor, "It does not run.", degraded++ == 0);
        else if (actor->health != ZOOID_HEALTHY)
            s_add_reason (&reasons, actor->actor, actor->why, degraded++ == 0);
        ready = ready && actor->started;
    }
    zooid_buffer_format (&body, "{\"status\":\"%s\",\"actors\":%zu,\"reasons\":[%s]}\n",
                         !ready ? "not_ready" : degraded ? "degraded" : "ready", count, zooid_buffer_string (&reasons));
    connection_answer (self, connection, &(response_t) {
        .status = ready ? 200 : 503, .type = "application/json", .body = { .data = body.data, .size = body.size },
        .headers = ready ? NULL : "Retry-After: 1\r\n" });
    zooid_buffer_fini (&reasons);
    zooid_buffer_fini (&body);
    connection_run (self, connection);
    return 0;
}

void
health_ready (zooid_context_t *self, connection_t *connection)
{
    exchange_t *exchange = exchange_new (connection);
    if (zooid_figures (self, FIGURES_MS, s_on_figures, exchange, exchange_destroy) == 0)
        return;
    exchange_destroy (exchange);
    request_refuse (self, connection,
                    &(problem_t) { .status = 503, .name = "overloaded", .detail = "Too much is asked at once." }, NULL);
}
