//  backlog.h - events that wait to be published: bounded, the oldest give way
#ifndef NATS_BACKLOG_H
#define NATS_BACKLOG_H

#include "route/route.h"

//  What became of one.
typedef enum {
    PUBLICATION_WAITS = 0, PUBLICATION_SENT, PUBLICATION_TOO_LARGE, PUBLICATION_BROKEN,
} publication_verdict_t;

typedef struct publication publication_t;
struct publication {
    publication_t *next;
    route_t *route;
    const zooid_event_t *event;     //  As it is declared; NULL: it is not
    zooid_message_t *message;       //  Kept
    size_t bytes;                   //  Of its payload
    int64_t at_ms;                  //  When the bridge took it
    publication_verdict_t verdict;
    char subject [];
};

publication_t *
    publication_new (route_t *route, const zooid_event_t *event, const zooid_message_t *message, zooid_bytes_t subject,
                     int64_t at_ms);
void
    publication_destroy (publication_t **self_p);

//  Embedded in the bridge.
typedef struct {
    publication_t *first;
    publication_t **tail;
    size_t count, bytes;
    size_t limit;
} backlog_t;

enum { BACKLOG_BYTES_MAX = 16 * 1024 * 1024 };

void
    backlog_init (backlog_t *self, size_t limit);
void
    backlog_fini (backlog_t *self);
//  Takes it. The oldest that have to go for it are returned, as a list; NULL: there was room.
publication_t *
    backlog_push (backlog_t *self, publication_t **publication_p);
//  The oldest ones, at most `limit`, as a list. NULL: none.
publication_t *
    backlog_take (backlog_t *self, size_t limit);
//  Put a list that backlog_take gave back to where it was.
void
    backlog_give_back (backlog_t *self, publication_t **first_p);

#endif
