//  lookup.c - getaddrinfo waits for as long as the resolver does, so it never runs in a turn; connecting to what it
//  found does not wait.
#include "lookup.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int
s_look_up (void *state)
{
    lookup_t *self = state;
    struct addrinfo *found = NULL;
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
    int rc = getaddrinfo (self->host, NULL, &hints, &found);
    //  ADDRCONFIG knows no address family on a machine with nothing but a loopback.
    if (rc) {
        hints.ai_flags = 0;
        rc = getaddrinfo (self->host, NULL, &hints, &found);
    }
    if (rc) {
        snprintf (self->why, sizeof self->why, "%.60s: %s", self->host, gai_strerror (rc));
        return 0;
    }
    for (const struct addrinfo *each = found; each && self->count < LOOKUP_ADDRESS_MAX; each = each->ai_next)
        if (getnameinfo (each->ai_addr, each->ai_addrlen, self->addresses [self->count], LOOKUP_ADDRESS_SIZE, NULL, 0,
                         NI_NUMERICHOST) == 0)
            self->count++;
    freeaddrinfo (found);
    if (self->count == 0)
        snprintf (self->why, sizeof self->why, "%.60s: no address", self->host);
    return 0;
}

int
lookup_start (zooid_context_t *context, const char *host, zooid_worked_fn *then)
{
    lookup_t *self = zooid_allocate (sizeof *self);
    snprintf (self->host, sizeof self->host, "%s", host);
    int rc = zooid_work (context, s_look_up, then, self, free);
    if (rc)
        free (self);
    return rc;
}
