//  gateway/request.c - one request, from its head to its answer
//
//  In this order, so that nothing is done for somebody who may not have it: who answers (a path of our own, a route
//  of a contract, a static file), whether with this method, who asks and whether they may, whether the body is of a
//  kind and size that can be taken, and only then the body itself, its fields, and the ask.
#include "request.h"
#include "connection.h"
#include "endpoints.h"
#include "static.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zooid/log.h>

//  ---- exchanges

exchange_t *
exchange_new (connection_t *connection)
{
    exchange_t *exchange = zooid_allocate (sizeof *exchange);
    exchange->connection = connection;
    connection->request.exchange = exchange;
    connection->state = CONNECTION_BUSY;
    return exchange;
}

connection_t *
exchange_end (exchange_t *exchange)
{
    connection_t *connection = exchange->connection;
    if (connection)
        connection->request.exchange = NULL;
    exchange->connection = NULL;
    return connection;
}

void
exchange_destroy (void *state)
{
    exchange_t *exchange = state;
    if (exchange)
        (void) exchange_end (exchange);
    free (exchange);
}

//  ---- trace context (W3C, level 1)

static int
s_digits (const char *text, size_t size, uint8_t *ret_data)
{
    static const char digits [] = "0123456789abcdef";
    uint8_t any = 0;
    for (size_t index = 0; index < size; index++) {
        const char *high = text [2 * index] ? strchr (digits, text [2 * index]) : NULL;
        const char *low = text [2 * index + 1] ? strchr (digits, text [2 * index + 1]) : NULL;
        if (!high || !low)
            return ZOOID_INVALID;
        ret_data [index] = (uint8_t) ((high - digits) * 16 + (low - digits));
        any |= ret_data [index];
    }
    return any ? 0 : ZOOID_INVALID;
}

void
request_trace (gateway_t *gateway, request_t *request)
{
    http_text_t parent = http_head_find (&request->head, "traceparent");
    uint8_t flags = 0, caller [8];
    zooid_trace_t *trace = &request->trace;
    bool given = parent.size == 55 && memcmp (parent.data, "00-", 3) == 0 && parent.data [35] == '-'
                 && parent.data [52] == '-' && s_digits (parent.data + 3, 16, trace->trace) == 0
                 && s_digits (parent.data + 36, 8, caller) == 0;
    if (given)
        (void) s_digits (parent.data + 53, 1, &flags);
    else {
        uint64_t words [2] = { gateway_chance (gateway), gateway_chance (gateway) | 1 };
        memcpy (trace->trace, words, sizeof words);
    }
    uint64_t span = gateway_chance (gateway) | 1;
    memcpy (trace->span, &span, sizeof span);
    trace->flags = given ? flags : 1;
}

static const char *
s_trace_id (request_t *request)
{
    static const char digits [] = "0123456789abcdef";
    for (size_t index = 0; index < sizeof request->trace.trace; index++) {
        request->trace_id [2 * index] = digits [request->trace.trace [index] >> 4];
        request->trace_id [2 * index + 1] = digits [request->trace.trace [index] & 15];
    }
    return request->trace_id;
}

//  ---- problems

void
request_refuse (zooid_context_t *self, connection_t *connection, const problem_t *problem, const char *headers)
{
    request_t *request = &connection->request;
    problem_t full = *problem;
    full.instance = request->head.path;
    full.trace_id = s_trace_id (request);
    if (!headers && (full.status == 503 || full.status == 429))
        headers = "Retry-After: 1\r\n";
    zooid_buffer_t body = { .limit = 0 };
    problem_write (&full, &body);
    connection_answer (self, connection,
                       &(response_t) {
                           .status = full.status,
                           .type = "application/problem+json",
                           .body = { .data = body.data, .size = body.size },
                           .headers = headers,
                       });
    zooid_buffer_fini (&body);
}

//  401 and 403 say what would do (RFC 6750).
static void
s_refuse_nobody (zooid_context_t *self, connection_t *connection, const char *why)
{
    problem_t problem = { .status = 401,
                          .name = "unauthenticated",
                          .detail = why ? why : "Sign in first: send a bearer token." };
    request_refuse (self, connection, &problem,
                    why ? "WWW-Authenticate: Bearer realm=\"zooid\", error=\"invalid_token\"\r\n"
                        : "WWW-Authenticate: Bearer realm=\"zooid\"\r\n");
}

static void
s_refuse_scope (zooid_context_t *self, connection_t *connection, const char *scope)
{
    zooid_arena_t *arena = zooid_arena (self);
    const char *detail = zooid_arena_format (arena, "The scope %s is needed.", scope);
    const char *header = zooid_arena_format (
        arena, "WWW-Authenticate: Bearer realm=\"zooid\", error=\"insufficient_scope\", scope=\"%s\"\r\n", scope);
    request_refuse (self, connection, &(problem_t) { .status = 403, .name = "denied", .detail = detail }, header);
}

static void
s_refuse_method (zooid_context_t *self, connection_t *connection, unsigned methods)
{
    char list [64];
    http_method_list (methods | HTTP_OPTIONS, list);
    const char *header = zooid_arena_format (zooid_arena (self), "Allow: %s\r\n", list);
    if (connection->request.head.method == HTTP_OPTIONS)
        connection_answer (self, connection, &(response_t) { .status = 204, .headers = header });
    else
        request_refuse (self, connection, &(problem_t) { .status = 405, .name = "method_not_allowed",
            .detail = "The path does not take this method." }, header);
}

void
request_fail (zooid_context_t *self, connection_t *connection, const zooid_outcome_t *outcome)
{
    request_t *request = &connection->request;
    int status = problem_status (outcome->kind);
    //  Somebody without a name who lacks a scope is asked for a name first
    if (outcome->kind == ZOOID_FAILURE_UNAUTHENTICATED
        || (outcome->kind == ZOOID_FAILURE_DENIED && !request->principal))
        status = 401;
    problem_t problem = {
        .status = status, .name = outcome->failure, .detail = outcome->detail, .errors = outcome->payload
    };
    request_refuse (self, connection, &problem, status == 401 ? "WWW-Authenticate: Bearer realm=\"zooid\"\r\n" : NULL);
}

//  ---- who asks

static const char *
s_scope (const connection_t *connection)
{
    const request_t *request = &connection->request;
    if (!request->endpoint)
        return request->route->contract->scope;
    bool is_open = request->endpoint->answer == metrics_answer && connection->gateway->settings->metrics == GATEWAY_METRICS_OPEN;
    return is_open ? "public" : request->endpoint->scope;
}

//  The token of `Authorization: Bearer TOKEN`; data NULL: there is none.
static http_text_t
s_token (const request_t *request)
{
    static const char scheme [] = "Bearer ";
    http_text_t value = http_head_find (&request->head, "authorization");
    if (value.size < sizeof scheme || strncasecmp (value.data, scheme, sizeof scheme - 1) != 0)
        return (http_text_t) { .data = NULL };
    return (http_text_t) { .data = value.data + sizeof scheme - 1, .size = value.size - sizeof scheme + 1 };
}

//  0: known, or nobody need be. ZOOID_MORE: keys are awaited. Else it is answered.
static int
s_authenticate (zooid_context_t *self, connection_t *connection)
{
    gateway_t *gateway = zooid_state (self);
    request_t *request = &connection->request;
    bool is_public = strcmp (s_scope (connection), "public") == 0;
    http_text_t token = s_token (request);
    if (!token.data && http_head_find (&request->head, "authorization").data && !is_public) {
        s_refuse_nobody (self, connection, "Authorization is not a bearer token.");
        return ZOOID_DENIED;
    }
    if (!token.data)
        return 0;
    const char *why = NULL;
    int rc = identity_check (self, gateway->identity, token.data, token.size, request->asked_for_keys,
                             &request->principal, &why);
    if (rc == ZOOID_MORE && !request->asked_for_keys) {
        request->asked_for_keys = true;
        connection->state = CONNECTION_BUSY;
        identity_wait (gateway->identity, connection);
        return ZOOID_MORE;
    }
    if (rc == 0 || is_public)       //  A token that ended does not keep anybody from signing in again
        return 0;
    if (rc == ZOOID_INVALID)
        s_refuse_nobody (self, connection, why);
    else
        request_refuse (self, connection, &(problem_t) { .status = 503, .name = "unavailable",
            .detail = "The keys that tokens are verified with cannot be had." }, NULL);
    return ZOOID_DENIED;
}

static int
s_authorize (zooid_context_t *self, connection_t *connection)
{
    request_t *request = &connection->request;
    int rc = s_authenticate (self, connection);
    if (rc)
        return rc;
    const char *scope = s_scope (connection);
    if (zooid_principal_has (request->principal, scope))
        return 0;
    if (request->principal)
        s_refuse_scope (self, connection, scope);
    else
        s_refuse_nobody (self, connection, NULL);
    return ZOOID_DENIED;
}

//  ---- the body

static bool
s_is_json (http_text_t type)
{
    const char *end = type.data ? memchr (type.data, ';', type.size) : NULL;
    if (end)
        type.size = (size_t) (end - type.data);
    while (type.size && type.data [type.size - 1] == ' ')
        type.size--;
    return http_text_is_like (type, "application/json");
}

static int
s_check_body (zooid_context_t *self, connection_t *connection)
{
    const request_t *request = &connection->request;
    size_t limit = request->route ? request->route->contract->body_max : 0;
    if (limit == 0 || limit > HTTP_BODY_MAX)
        limit = HTTP_BODY_MAX;
    if (request->head.content_length == 0)
        return 0;
    if (request->head.content_length > limit) {
        const char *detail = zooid_arena_format (zooid_arena (self), "The body has %zu bytes; at most %zu are taken.",
                                                 request->head.content_length, limit);
        request_refuse (self, connection, &(problem_t) { .status = 413, .name = "too_large", .detail = detail }, NULL);
        return ZOOID_INVALID;
    }
    if (!s_is_json (http_head_find (&request->head, "content-type"))) {
        request_refuse (self, connection, &(problem_t) { .status = 415, .name = "unsupported_media_type",
            .detail = "The body must be application/json." }, "Accept: application/json\r\n");
        return ZOOID_INVALID;
    }
    return 0;
}

static void
s_await_body (zooid_context_t *self, connection_t *connection)
{
    const request_t *request = &connection->request;
    if (s_check_body (self, connection))
        return;
    if (connection_await_body (self, connection))
        request_refuse (self, connection, &(problem_t) { .status = 503, .name = "overloaded",
            .detail = "Too many bodies are being read." }, NULL);
    else if (request->head.expects_continue && connection->in_size == request->head.size)
        connection_interject (self, connection, "HTTP/1.1 100 Continue\r\n\r\n");
}

//  ---- the ask

static void
s_refuse_answer (zooid_context_t *self, connection_t *connection)
{
    zooid_log (self, ZOOID_ERROR, "answer_unsound", { .name = "operation", .text = connection->request.route->operation },
               { .name = "trace_id", .text = s_trace_id (&connection->request) });
    request_refuse (self, connection, &(problem_t) { .status = 500, .name = "internal",
        .detail = "The answer is not what the contract says." }, NULL);
}

static int
s_on_answer (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    connection_t *connection = exchange_end (state);
    if (!connection)
        return 0;
    const request_t *request = &connection->request;
    zooid_buffer_t body = { .limit = 0 };
    if (outcome->failure)
        request_fail (self, connection, outcome);
    else if (outcome->payload.size == 0)
        connection_answer (self, connection, &(response_t) { .status = 204 });
    else if (zooid_json_write (request->route->contract->gives, outcome->payload, &body))
        s_refuse_answer (self, connection);
    else
        connection_answer (self, connection, &(response_t) {
            .status = 200, .type = "application/json", .body = { .data = body.data, .size = body.size } });
    zooid_buffer_fini (&body);
    connection_run (self, connection);
    return 0;
}

void
request_refuse_arguments (zooid_context_t *self, connection_t *connection, const zooid_violations_t *violations)
{
    bool malformed = false;         //  The body as a whole is no JSON; a field that is not what it should be is 422
    for (size_t index = 0; index < violations->count; index++) {
        const zooid_violation_t *item = &violations->items [index];
        malformed = malformed
                    || (!*item->pointer
                        && (strcmp (item->code, "syntax") == 0 || strcmp (item->code, "utf8") == 0
                            || strcmp (item->code, "depth") == 0));
    }
    problem_t problem = { .status = malformed ? 400 : 422,
                          .name = malformed ? "malformed" : "invalid",
                          .violations = violations,
                          .detail = malformed ? "The request cannot be parsed." : "A field breaks its rules." };
    request_refuse (self, connection, &problem, NULL);
}

static void
s_ask (zooid_context_t *self, connection_t *connection)
{
    gateway_t *gateway = zooid_state (self);
    request_t *request = &connection->request;
    binding_input_t input = { .head = &request->head,
                              .captures = request->captures,
                              .body = connection_body (connection) };
    zooid_violations_t violations = { .count = 0 };
    zooid_buffer_t payload = { .limit = 0 };
    if (binding_read (request->route->binding, &input, zooid_arena (self), &payload, &violations))
        request_refuse_arguments (self, connection, &violations);
    else {
        exchange_t *exchange = exchange_new (connection);
        int rc = zooid_ask (self, &(zooid_call_t) {
            .operation = request->route->operation, .payload = { .data = payload.data, .size = payload.size },
            .principal = request->principal ? request->principal : gateway->nobody, .trace = &request->trace,
            .then = s_on_answer, .state = exchange, .destroy = exchange_destroy,
        });
        if (rc) {
            exchange_destroy (exchange);
            request_refuse (
                self, connection,
                &(problem_t) { .status = 503, .name = "overloaded", .detail = "Too much is asked at once." }, NULL);
        }
    }
    zooid_buffer_fini (&payload);
}

void
request_dispatch (zooid_context_t *self, connection_t *connection)
{
    if (connection->request.endpoint)
        connection->request.endpoint->answer (self, connection);
    else
        s_ask (self, connection);
}

//  ---- the way through

static void
s_go_on (zooid_context_t *self, connection_t *connection)
{
    if (s_authorize (self, connection) == 0)
        s_await_body (self, connection);
}

void
request_resume (zooid_context_t *self, connection_t *connection)
{
    s_go_on (self, connection);
    connection_run (self, connection);
}

//  Neither ours nor of a contract: a file, or nothing.
static void
s_serve_file (zooid_context_t *self, connection_t *connection)
{
    const request_t *request = &connection->request;
    bool reads = request->head.method & (HTTP_GET | HTTP_HEAD);
    if (!reads && static_has (self, connection))
        s_refuse_method (self, connection, HTTP_GET | HTTP_HEAD);
    else if (!reads || static_serve (self, connection))
        request_refuse (self, connection,
                        &(problem_t) { .status = 404, .name = "not_found", .detail = "There is nothing at this path." },
                        NULL);
}

static void
s_find_route (zooid_context_t *self, connection_t *connection)
{
    request_t *request = &connection->request;
    unsigned methods = 0;
    request->routes = routes_keep (gateway_routes (self, zooid_state (self)));
    int rc = routes_find (request->routes, request->head.method, request->head.path, &request->route, request->captures,
                          &methods);
    if (rc == 0)
        s_go_on (self, connection);
    else if (rc == ZOOID_REFUSED)
        s_refuse_method (self, connection, methods);
    else
        s_serve_file (self, connection);
}

void
request_begin (zooid_context_t *self, connection_t *connection)
{
    gateway_t *gateway = zooid_state (self);
    request_t *request = &connection->request;
    request->counted = true;
    zooid_ledger_in (gateway->requests);
    request_trace (gateway, request);
    request->endpoint = endpoints_find (request->head.path);
    if (http_text_is (request->head.path, "*"))
        s_refuse_method (self, connection, 127);
    else if (!request->endpoint)
        s_find_route (self, connection);
    else if (request->head.method & (HTTP_GET | HTTP_HEAD))
        s_go_on (self, connection);
    else
        s_refuse_method (self, connection, HTTP_GET | HTTP_HEAD);
}

void
request_end (connection_t *connection, const char *reason)
{
    request_t *request = &connection->request;
    gateway_t *gateway = connection->gateway;
    if (request->exchange)
        (void) exchange_end (request->exchange);
    if (request->asked_for_keys)
        identity_forget (gateway->identity, connection);
    if (request->counted && reason)
        zooid_ledger_dead (gateway->requests, reason);
    else if (request->counted)
        zooid_ledger_handled (gateway->requests);
    routes_destroy (&request->routes);
    zooid_principal_destroy (&request->principal);
    request->route = NULL;
    request->endpoint = NULL;
    request->counted = request->asked_for_keys = false;
}
