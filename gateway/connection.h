//  gateway/connection.h - one HTTP connection: bytes in, one request at a time, bytes out
#ifndef GATEWAY_CONNECTION_H
#define GATEWAY_CONNECTION_H

#include "gateway.h"
#include "request.h"

enum {
    CONNECTION_IN_MAX = HTTP_HEAD_MAX + 4096,       //  A head with a small body; also what is read ahead
    CONNECTION_BODIES_MAX = 64 * 1048576,           //  Bytes of all bodies that are being read
    CONNECTION_ANSWERS_MAX = 64 * 1048576,          //  Bytes of all answers that wait for slow readers
    CONNECTION_LINGER_MS = 2000,
};

typedef enum {
    CONNECTION_HEAD = 0,            //  A head is awaited or read
    CONNECTION_BODY,                //  Its body
    CONNECTION_BUSY,                //  The request waits for an answer from another actor
    CONNECTION_SENDING,
    CONNECTION_LINGERING,           //  Answered and shut down: what still comes is thrown away
    CONNECTION_CLOSED,              //  To be freed by connection_run
} connection_state_t;

struct connection {
    gateway_t *gateway;
    connection_t *next, **link;     //  In gateway->connections
    int descriptor;                 //  -1: given away
    connection_state_t state;
    int64_t deadline_ms;            //  Monotonic; 0: none
    unsigned watched;               //  Events
    bool peer_ended;                //  It sends no more
    bool closes;                    //  After this answer
    bool begun;                     //  The first byte of a head has come
    char *in;
    size_t in_size;
    uint8_t *body;                  //  NULL: it fits behind the head in `in`
    size_t body_size;
    zooid_buffer_t out;
    size_t sent;
    size_t charged;                 //  Bytes of `out` that gateway->answer_bytes has
    request_t request;
};

//  Takes the descriptor.
void
    connection_new (zooid_context_t *self, gateway_t *gateway, int descriptor);
//  Go on as far as possible. The connection may be gone when this returns.
void
    connection_run (zooid_context_t *self, connection_t *connection);
//  Write the answer of its request; connection_run sends it.
void
    connection_answer (zooid_context_t *self, connection_t *connection, const response_t *response);
//  Write bytes that are not the answer (100 Continue).
void
    connection_interject (zooid_context_t *self, connection_t *connection, const char *text);
//  Await the rest of the body. ZOOID_FULL: too many bytes are held by others already.
int
    connection_await_body (zooid_context_t *self, connection_t *connection);
zooid_bytes_t
    connection_body (const connection_t *connection);
//  Give the descriptor away, unwatched; connection_run then frees the rest.
int
    connection_release (zooid_context_t *self, connection_t *connection);
//  At once, whatever is under way.
void
    connection_destroy (zooid_context_t *self, connection_t **connection_p);
//  End those whose deadline is past.
void
    connections_tick (zooid_context_t *self, gateway_t *gateway);
//  The node is to stop: idle ones end, others with their answer.
void
    connections_drain (zooid_context_t *self, gateway_t *gateway);

#endif
