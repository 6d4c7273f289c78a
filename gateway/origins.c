//  gateway/origins.c - from which pages a WebSocket may be opened
//
//  A browser sends cookies and opens WebSockets to any host for any page, and only Origin tells them apart. The list
//  is exact. A listener on all addresses is known by the names of this machine that are certain: those of the
//  loopback; how else it is reached only the settings can say (never the request's own Host, which a rebound name
//  would satisfy).
#include "origins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ORIGINS_MAX = 64 };

struct origins {
    size_t count;
    char *items [ORIGINS_MAX];
};

void
origins_new (origins_t **self_p)
{
    *self_p = zooid_allocate (sizeof (origins_t));
}

void
origins_destroy (origins_t **self_p)
{
    if (!*self_p)
        return;
    for (size_t index = 0; index < (*self_p)->count; index++)
        free ((*self_p)->items [index]);
    free (*self_p);
    *self_p = NULL;
}

void
origins_add (origins_t *self, const char *origin)
{
    if (self->count == ORIGINS_MAX || origins_has (self, (http_text_t) { .data = origin, .size = strlen (origin) }))
        return;
    self->items [self->count++] = zooid_duplicate (origin);
}

void
origins_add_listener (origins_t *self, const char *url)
{
    static const char *const locals [] = { "http://127.0.0.1", "http://localhost", "http://[::1]", "http://0.0.0.0",
                                           "http://[::]" };
    const char *port = strrchr (url, ':');
    size_t size = port ? (size_t) (port - url) : strlen (url);
    bool is_default = port && strcmp (port, ":80") == 0, is_local = false;
    for (size_t index = 0; index < ZOOID_COUNT (locals); index++)
        is_local = is_local || (strlen (locals [index]) == size && strncmp (url, locals [index], size) == 0);
    char origin [160];
    for (size_t index = 0; is_local && index < 3; index++) {
        snprintf (origin, sizeof origin, "%s%s", locals [index], is_default || !port ? "" : port);
        origins_add (self, origin);
    }
    if (is_local)
        return;
    snprintf (origin, sizeof origin, "%.*s", (int) (is_default ? size : strlen (url)), url);
    origins_add (self, origin);
}

bool
origins_has (const origins_t *self, http_text_t origin)
{
    for (size_t index = 0; index < self->count; index++)
        if (http_text_is (origin, self->items [index]))
            return true;
    return false;
}
