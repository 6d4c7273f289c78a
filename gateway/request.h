//  gateway/request.h - one request, from its head to its answer
#ifndef GATEWAY_REQUEST_H
#define GATEWAY_REQUEST_H

#include "problem.h"
#include "response.h"
#include "route.h"

typedef struct connection connection_t;
typedef struct gateway gateway_t;
typedef struct endpoint endpoint_t;

//  What an ask (or figures, or keys) carries so that it finds its connection, which may be gone by then.
typedef struct {
    connection_t *connection;       //  NULL: it is gone
} exchange_t;

typedef struct {
    http_head_t head;               //  Borrows from the connection's bytes
    routes_t *routes;               //  Kept while the request is under way
    const route_t *route;           //  Of a contract, or
    const endpoint_t *endpoint;     //  of our own
    http_text_t captures [BINDING_CAPTURES_MAX];
    zooid_principal_t *principal;   //  NULL: nobody
    zooid_trace_t trace;
    char trace_id [33];
    exchange_t *exchange;           //  NULL: nothing is awaited
    bool asked_for_keys;            //  Once a request is enough
    bool counted;                   //  In the ledger
} request_t;

//  One of the gateway's own paths.
typedef void (endpoint_fn) (zooid_context_t *self, connection_t *connection);
struct endpoint {
    const char *path;
    const char *scope;              //  "public": none
    endpoint_fn *answer;
    const char *doc;
};

//  Give it a trace of its own, or that which its head says it belongs to.
void
    request_trace (gateway_t *gateway, request_t *request);
//  The head is whole and sound: find out who must answer, and whether the caller may ask.
void
    request_begin (zooid_context_t *self, connection_t *connection);
//  The keys have come that the token was waiting for: go on. Runs the connection.
void
    request_resume (zooid_context_t *self, connection_t *connection);
//  Its body is there too.
void
    request_dispatch (zooid_context_t *self, connection_t *connection);
//  Its answer is sent, or never will be (`reason`).
void
    request_end (connection_t *connection, const char *reason);

//  Answer with a problem. More headers, each with CR LF, or NULL.
void
    request_refuse (zooid_context_t *self, connection_t *connection, const problem_t *problem, const char *headers);
//  Its arguments are not what they should be: all that is wrong with them.
void
    request_refuse_arguments (zooid_context_t *self, connection_t *connection, const zooid_violations_t *violations);
//  Answer with a failure that came for an ask.
void
    request_fail (zooid_context_t *self, connection_t *connection, const zooid_outcome_t *outcome);

//  Begin to wait: give the exchange to an ask as its state, with exchange_destroy.
exchange_t *
    exchange_new (connection_t *connection);
void
    exchange_destroy (void *state);
//  What was awaited has come. NULL: nobody waits for it any more.
connection_t *
    exchange_end (exchange_t *exchange);

#endif
