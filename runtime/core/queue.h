//  queue.h - what waits in a mailbox, in order
//
//  The first message stands in place: most actors of a large system never have two that wait, and need nothing more.
//  Those behind it are in a ring, which goes back to a spare place when the queue is empty.
#ifndef QUEUE_H
#define QUEUE_H

#include "channel.h"

//  One message that waits. Owned by the queue.
typedef struct {
    zooid_message_t *message;
    subscription_t *subscription;   //  Of an event: counted; NULL else
} mail_t;

typedef struct ring ring_t;
typedef struct {
    mail_t first;                   //  No message: the queue is empty
    ring_t *rest;                   //  NULL: none
} queue_t;

//  Where rings are left when they are not needed, one for each dispatcher.
typedef struct {
    ring_t *ring;
} spare_t;
void
    spare_fini (spare_t *self);

static inline bool
queue_is_empty (const queue_t *self)
{
    return !self->first.message;
}

size_t
    queue_count (const queue_t *self);
//  The i-th that waits, 0 the oldest. NULL: there are not so many.
const mail_t *
    queue_at (const queue_t *self, size_t index);
void
    queue_push (queue_t *self, spare_t *spare, mail_t mail);
//  false: it is empty.
bool
    queue_pop (queue_t *self, spare_t *spare, mail_t *ret_mail);
//  What is in `before` comes first from here on; that is empty then.
void
    queue_prepend (queue_t *self, spare_t *spare, queue_t *before);

#endif
