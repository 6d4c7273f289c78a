//  gateway/events.h - events to browsers by WebSocket, and the libwebsockets loop that they live in
#ifndef GATEWAY_EVENTS_H
#define GATEWAY_EVENTS_H

#include <zooid/actor.h>

typedef struct events events_t;

enum {
    EVENTS_PATTERNS_MAX = 16,       //  Of one client
    EVENTS_CLIENTS_MAX = 4096,
    EVENTS_QUEUE_MAX = 256,         //  Frames that wait for one client
    EVENTS_QUEUE_BYTES = 1048576,
    EVENTS_MESSAGE_MAX = 65536,     //  Bytes of a message from a client
};

//  The principal of `Bearer TOKEN`, yours; NULL: it is none.
typedef zooid_principal_t *(events_renew_fn) (zooid_context_t *self, const char *authorization);

//  In a turn.
void
    events_new (zooid_context_t *self, events_t **events_p, int64_t ping_ms, events_renew_fn *renew);
void
    events_destroy (events_t **events_p);

//  ---- the loop, in .run

//  Called when the descriptor is readable. Returns whether to go on.
typedef bool (events_turn_fn) (void *state);
//  Serve WebSockets, and call `turn` when `descriptor` is readable, until it says no.
int
    events_run (events_t *events, int descriptor, events_turn_fn *turn, void *state);

//  ---- clients, in a turn

typedef struct {
    const zooid_principal_t *principal;     //  NULL: nobody
    const char *const *patterns;
    size_t pattern_count;
    const char *key;                //  Sec-WebSocket-Key
    bool has_protocol;              //  zooid.v1 was offered
} events_client_t;

//  Take a connection whose upgrade was checked. Its descriptor is taken, whatever comes of it.
void
    events_adopt (zooid_context_t *self, events_t *events, int descriptor, const events_client_t *client);
//  NULL: none.
size_t
    events_client_count (const events_t *events);
//  Say goodbye to all.
void
    events_drain (events_t *events);

#endif
