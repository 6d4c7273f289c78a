//  gateway/listener.h - where connections come from
#ifndef GATEWAY_LISTENER_H
#define GATEWAY_LISTENER_H

#include <zooid/actor.h>

enum { LISTENERS_MAX = 16, LISTENER_URL_MAX = 128 };

typedef struct {
    char host [64];                 //  Without brackets
    uint16_t port;
} listener_address_t;

//  "http://HOST:PORT", HOST an IPv4 or bracketed IPv6 address or "localhost". ZOOID_INVALID: *ret_why (static).
int
    listener_parse (const char *url, listener_address_t *ret_address, const char **ret_why);

typedef struct listeners listeners_t;

//  Called in a turn with each new connection, which is then yours: non-blocking, close-on-exec, without delay.
typedef void (listener_accept_fn) (zooid_context_t *self, int descriptor);

void
    listeners_new (listeners_t **self_p, listener_accept_fn *accept);
//  Stops listening too.
void
    listeners_destroy (zooid_context_t *self, listeners_t **self_p);
//  Listen at one more. ZOOID_INVALID: *ret_why (static). < 0: the system refused.
int
    listeners_add (zooid_context_t *self, listeners_t *listeners, const char *url, const char **ret_why);
//  Take no more connections.
void
    listeners_stop (zooid_context_t *self, listeners_t *listeners);
size_t
    listeners_count (const listeners_t *self);
//  The real one: with the port that the system chose, where it did.
const char *
    listeners_url (const listeners_t *self, size_t index);

#endif
