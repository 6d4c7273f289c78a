//  gateway/listener.c - where connections come from
//
//  When descriptors have run out, accept would fail again at once and for ever: listening then rests for a moment.
#include "listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zooid/log.h>

enum { BACKLOG = 1024, ACCEPTS_PER_TURN = 64, REST_MS = 100 };

typedef struct {
    int descriptor;
    char url [LISTENER_URL_MAX];
} listener_t;

struct listeners {
    listener_accept_fn *accept;
    size_t count;
    listener_t items [LISTENERS_MAX];
    uint64_t rest;                  //  Timer; 0: none runs
    bool stopped;
};

int
listener_parse (const char *url, listener_address_t *ret_address, const char **ret_why)
{
    static const char scheme [] = "http://";
    *ret_why = "it is not http://HOST:PORT";
    if (strncmp (url, scheme, sizeof scheme - 1) != 0)
        return ZOOID_INVALID;
    const char *host = url + sizeof scheme - 1, *colon = strrchr (host, ':');
    bool bracketed = *host == '[';
    if (!colon || colon == host || (bracketed && colon [-1] != ']'))
        return ZOOID_INVALID;
    size_t size = (size_t) (colon - host) - (bracketed ? 2 : 0);
    if (size == 0 || size >= sizeof ret_address->host)
        return ZOOID_INVALID;
    memcpy (ret_address->host, host + (bracketed ? 1 : 0), size);
    ret_address->host [size] = 0;

    char *end = NULL;
    *ret_why = "its port is not a number from 0 to 65535";
    unsigned long port = strtoul (colon + 1, &end, 10);
    if (colon [1] < '0' || colon [1] > '9' || (*end && strcmp (end, "/") != 0) || port > 65535)
        return ZOOID_INVALID;
    ret_address->port = (uint16_t) port;

    uint8_t address [16];
    *ret_why = "its host is no IP address and not localhost";
    int family = bracketed ? AF_INET6 : AF_INET;
    return strcmp (ret_address->host, "localhost") == 0 || inet_pton (family, ret_address->host, address) == 1
               ? 0
               : ZOOID_INVALID;
}

void
listeners_new (listeners_t **self_p, listener_accept_fn *accept)
{
    listeners_t *self = zooid_allocate (sizeof *self);
    self->accept = accept;
    *self_p = self;
}

static int
s_on_ready (zooid_context_t *self, void *state, int descriptor, unsigned events);

static void
s_watch (zooid_context_t *self, listeners_t *listeners)
{
    for (size_t index = 0; index < listeners->count; index++)
        if (listeners->items [index].descriptor >= 0)
            (void) zooid_watch (self, listeners->items [index].descriptor, ZOOID_READABLE, s_on_ready, listeners);
}

static int
s_on_rested (zooid_context_t *self, void *state)
{
    listeners_t *listeners = state;
    listeners->rest = 0;
    s_watch (self, listeners);
    return 0;
}

static void
s_take_rest (zooid_context_t *self, listeners_t *listeners)
{
    for (size_t index = 0; index < listeners->count; index++)
        zooid_unwatch (self, listeners->items [index].descriptor);
    zooid_timer_start (self, REST_MS, 0, s_on_rested, listeners, NULL, &listeners->rest);
    zooid_log (self, ZOOID_WARN, "accept_rests", ZOOID_TEXT ("error", strerror (errno)),
               ZOOID_NUMBER ("retry_ms", REST_MS));
}

static int
s_on_ready (zooid_context_t *self, void *state, int descriptor, unsigned events)
{
    (void) events;
    listeners_t *listeners = state;
    for (int count = 0; count < ACCEPTS_PER_TURN && !listeners->stopped; count++) {
        int accepted = accept4 (descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted >= 0) {
            int on = 1;
            (void) setsockopt (accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            listeners->accept (self, accepted);
        }
        else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            s_take_rest (self, listeners);
            break;
        }
        else if (errno == EAGAIN)
            break;
        //  Else that one was gone before it was taken: the next
    }
    return 0;
}

//  A socket that listens. *port: the one wanted, then the one that it has.
static int
s_open (const listener_address_t *address, uint16_t *port)
{
    struct sockaddr_storage storage = { .ss_family = AF_INET };
    struct sockaddr_in *v4 = (struct sockaddr_in *) &storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *) &storage;
    socklen_t size = sizeof *v4;
    const char *host = strcmp (address->host, "localhost") == 0 ? "127.0.0.1" : address->host;
    if (inet_pton (AF_INET, host, &v4->sin_addr) == 1)
        v4->sin_port = htons (address->port);
    else {
        storage.ss_family = AF_INET6;
        size = sizeof *v6;
        if (inet_pton (AF_INET6, host, &v6->sin6_addr) != 1)
            return -EINVAL;
        v6->sin6_port = htons (address->port);
    }
    int descriptor = socket (storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    if (descriptor < 0)
        return -errno;
    if (setsockopt (descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)
        || (storage.ss_family == AF_INET6 && setsockopt (descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on))
        || bind (descriptor, (struct sockaddr *) &storage, size) || listen (descriptor, BACKLOG)
        || getsockname (descriptor, (struct sockaddr *) &storage, &size)) {
        int rc = -errno;
        close (descriptor);
        return rc;
    }
    *port = ntohs (storage.ss_family == AF_INET ? v4->sin_port : v6->sin6_port);
    return descriptor;
}

int
listeners_add (zooid_context_t *self, listeners_t *listeners, const char *url, const char **ret_why)
{
    listener_address_t address;
    int rc = listener_parse (url, &address, ret_why);
    if (rc)
        return rc;
    *ret_why = "there are more than 16 of them";
    if (listeners->count == LISTENERS_MAX)
        return ZOOID_INVALID;
    listener_t *item = &listeners->items [listeners->count];
    uint16_t port = 0;
    item->descriptor = s_open (&address, &port);
    if (item->descriptor < 0)
        return item->descriptor;
    bool brackets = strchr (address.host, ':') != NULL;
    snprintf (item->url, sizeof item->url, "http://%s%s%s:%u", brackets ? "[" : "", address.host, brackets ? "]" : "",
              (unsigned) port);
    rc = zooid_watch (self, item->descriptor, ZOOID_READABLE, s_on_ready, listeners);
    if (rc) {
        close (item->descriptor);
        return zooid_fault (rc);
    }
    listeners->count++;
    return 0;
}

void
listeners_stop (zooid_context_t *self, listeners_t *listeners)
{
    listeners->stopped = true;
    zooid_timer_stop (self, listeners->rest);
    for (size_t index = 0; index < listeners->count; index++) {
        if (listeners->items [index].descriptor < 0)
            continue;
        zooid_unwatch (self, listeners->items [index].descriptor);
        close (listeners->items [index].descriptor);
        listeners->items [index].descriptor = -1;
    }
}

void
listeners_destroy (zooid_context_t *self, listeners_t **self_p)
{
    if (!*self_p)
        return;
    listeners_stop (self, *self_p);
    free (*self_p);
    *self_p = NULL;
}

size_t
listeners_count (const listeners_t *self)
{
    return self->count;
}

const char *
listeners_url (const listeners_t *self, size_t index)
{
    return self->items [index].url;
}
