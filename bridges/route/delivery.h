//  delivery.h - messages of a source on their way to operations: a window of open asks, retries, and who is to blame
//
//  A message is settled when its operation answered with success, or with a failure that is its sender's fault (a dead
//  letter), and then its source may be told that it is done. Whatever else goes wrong is tried again for as long as it
//  takes. A source whose connection ends abandons what is not settled: it will send that again.
#ifndef ROUTE_DELIVERY_H
#define ROUTE_DELIVERY_H

#include "route/broker.h"

typedef struct delivery delivery_t;

//  All that was taken since the last delivery_abandon is settled.
typedef int (delivery_settled_fn) (zooid_context_t *context, void *source);

//  window: asks open at once. The broker is told when messages are held up.
void
    delivery_new (delivery_t **self_p, broker_t *broker, size_t window, delivery_settled_fn *settled, void *source);
void
    delivery_destroy (delivery_t **self_p);

typedef struct {
    route_t *route;
    zooid_bytes_t topic;
    zooid_bytes_t payload;
    const zooid_identity_t *identity;   //  NULL: none
    const zooid_trace_t *trace;         //  NULL: none
} delivery_message_t;

//  Everything is copied. It is counted in the route's ledger, whatever becomes of it. < 0: a fault.
int
    delivery_take (delivery_t *self, zooid_context_t *context, const delivery_message_t *message);
//  The window is used up, or the bytes that may be held are: take no more until something was settled.
bool
    delivery_is_full (const delivery_t *self);
//  Of those taken since the last delivery_abandon.
size_t
    delivery_unsettled (const delivery_t *self);
//  Forget what is not settled: what waits to be tried again is left to the source; what was asked goes on, and counts
//  by its answer.
void
    delivery_abandon (delivery_t *self, zooid_context_t *context);

//  What becomes of a message that was answered with a failure of this kind.
typedef enum { DELIVERY_DEAD = 1, DELIVERY_AGAIN, DELIVERY_AGAIN_BOUNDED } delivery_verdict_t;
delivery_verdict_t
    delivery_verdict (zooid_failure_kind_t kind);

#endif
