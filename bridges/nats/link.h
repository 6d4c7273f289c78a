//  link.h - one connection to a NATS server, and work on it that runs on the pool
//
//  A link is counted: the bridge keeps it, and so does each job that is out. Whoever gives it back last closes it.
#ifndef NATS_LINK_H
#define NATS_LINK_H

#include "backlog.h"

typedef struct link link_t;

typedef struct {
    const char *url;
    const char *name;           //  Shown by the server
    const char *username;       //  NULL: none
    const char *password;       //  NULL: none
    const char *source;         //  CloudEvents source of what is published
} link_options_t;

//  A connection that was made has ended: `number` is that of link_connect.
typedef int (link_closed_fn) (zooid_context_t *context, uint64_t number);
//  *link_p is taken when the caller keeps it; NULL: not connected, and `why` says why.
typedef int (link_connected_fn) (zooid_context_t *context, link_t **link_p, const char *why);
//  first: what was given to link_publish, each with its verdict. why NULL: the server has confirmed them. Else the link
//  is of no use any more.
typedef int (link_published_fn) (zooid_context_t *context, publication_t *first, const char *why);

//  Connect on the pool. ZOOID_FULL: the pool is; try later. The options are copied.
int
    link_connect (zooid_context_t *context, const link_options_t *options, uint64_t number, link_connected_fn *then,
                  link_closed_fn *closed);
//  Publish a list, in order, and wait for the server's PONG, on the pool. One at a time. ZOOID_FULL: as above, and
//  *first_p is still yours.
int
    link_publish (link_t *self, zooid_context_t *context, publication_t **first_p, link_published_fn *then);
//  Has it ended already? [any]
bool
    link_is_closed (const link_t *self);
//  Give it back, on the pool: to close a connection whose peer is frozen may take as long as a job.
void
    link_retire (link_t **self_p, zooid_context_t *context);
//  Give it back here. [any]
void
    link_release (link_t **self_p);

#endif
