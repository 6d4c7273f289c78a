//  pending.h - what the actors of one dispatcher wait for: replies to asks, completions of work
//
//  An entry's id is the correlation of the ask. It names the entry once: after a reply, a deadline, a restart or a stop it
//  is stale, and what comes for it then is a dead letter. A completion's entry outlives its actor, for its state is in
//  other hands until it is done.
#ifndef PENDING_H
#define PENDING_H

#include "message.h"

#include <zooid/supervision.h>

typedef struct pending {
    uint64_t id;                        //  Dispatcher (16), generation (24), index (24)
    zooid_context_t *actor;             //  NULL: it stopped or restarted since
    struct pending **link, *next;       //  Of the actor: where it is linked, and what is behind it
    zooid_continuation_fn *then;        //  Of an ask
    zooid_turn_fn *turn;                //  Of a completion
    zooid_notice_fn *notice;            //  Of a monitor, which is
    zooid_ref_t about;                  //  about this actor
    void *state;
    zooid_destroy_fn *destroy;
    uint64_t timer;
    zooid_message_t *origin;            //  The message of the turn that asked
    zooid_principal_t *principal;
    uint32_t index, generation, next_free;
    bool is_free;
    uint32_t exclusive_era;             //  Of an exclusive operation; 0: of none
} pending_t;

typedef struct pendings pendings_t;
void
    pendings_new (pendings_t **self_p, uint32_t dispatcher);
//  States of what is left are destroyed.
void
    pendings_destroy (pendings_t **self_p);
//  A blank entry with an id.
pending_t *
    pendings_take (pendings_t *self);
//  Into and out of an actor's list.
void
    pending_link (pending_t *pending, pending_t **list);
void
    pending_unlink (pending_t *pending);
//  NULL: stale.
pending_t *
    pendings_find (pendings_t *self, uint64_t id);
//  Let go of origin and principal; the state is the caller's to destroy.
void
    pendings_give (pendings_t *self, pending_t *pending);
//  Which dispatcher's an id is.
uint32_t
    pending_dispatcher (uint64_t id);

#endif
