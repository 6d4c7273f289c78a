//  context.h - one actor, as its dispatcher sees it
//
//  A system may have millions of them, so what all actors of a type share is in the type, and what few actors have is in
//  an extra of their own. The module's state is behind the struct, in the same block.
#ifndef CONTEXT_H
#define CONTEXT_H

#include "pending.h"
#include "queue.h"
#include "slot.h"
#include "type.h"

#include <stddef.h>
#include <zooid/system.h>

typedef struct dispatcher dispatcher_t;

typedef enum {
    PHASE_NEW = 0,      //  Spawned, not yet started
    PHASE_RUNNING,
    PHASE_FAULTED,      //  Its state has ended; its children are to end too, then its supervisor decides
    PHASE_WAITING,      //  For its next restart
    PHASE_FAILED,       //  It used up its restarts
    PHASE_STOPPING,     //  Told to stop; ends what is under way, then its children
    PHASE_STOPPED,
} phase_t;

typedef struct actor_timer actor_timer_t;
typedef struct watch watch_t;
typedef struct family family_t;
typedef struct seat seat_t;
typedef struct watcher watcher_t;
typedef struct intensity intensity_t;

//  What few actors have.
typedef struct {
    family_t *family;                   //  Its children
    zooid_health_t health;
    char *why;
    watch_t *watches;
    subscription_t **subscriptions;     //  Those made by code
    size_t subscription_count;
    subscription_t **declared;          //  The contract's, in its order
    pending_t *monitors;                //  Of others
    watcher_t *watchers;                //  Who is told of its own end
    size_t watcher_count;
    intensity_t *intensity;             //  Of its restarts, when it has no parent
    uint64_t restarts;
    uint64_t restart_timer;
    const zooid_behavior_t *behavior;   //  NULL: the contract's handlers
    queue_t stash;                      //  What it put aside
    queue_t held;                       //  What came while an exclusive operation is under way:
    uint32_t exclusive_open;            //  so many asks and requests of it are open,
    uint32_t exclusive_era;             //  of this era; a restart begins another
    int64_t overran_ms;                 //  So long a handler took
    int64_t overran_at_ms;              //  Lately
} extra_t;

struct zooid_context {
    actor_type_t *type;
    dispatcher_t *dispatcher;
    slot_t *slot;
    uint32_t generation;
    uint8_t phase;                      //  phase_t
    bool has_state : 1;
    bool was_started : 1;               //  Once at least
    bool in_loop : 1;                   //  Its module's own loop runs
    bool told_to_stop : 1;              //  The order is in its queue, or was
    bool is_condemned : 1;              //  The order came while it could not run: it will not come to it
    bool is_ending : 1;                 //  There is no restart any more
    bool must_leave : 1;                //  The loop is to be left
    bool is_ready : 1;                  //  In the dispatcher's list of those that have something to do
    int16_t verdict;                    //  Why its state ended: < 0 a fault, 0 it is to stop, > 0 it is to be made anew
    zooid_context_t *next_ready;
    queue_t data;
    zooid_message_t *urgent;            //  Orders, in order
    pending_t *pendings;
    actor_timer_t *timers;
    uint32_t asks_open, requests_open;
    seat_t *seat;                       //  With its parent; NULL: it has none
    extra_t *extra;                     //  NULL: none of it
    max_align_t state [];
};

//  It may outlive its actor, in a state that was in other hands when that stopped: so it names it by ref.
struct zooid_request {
    dispatcher_t *dispatcher;
    zooid_ref_t actor;
    zooid_message_t *message;           //  NULL: nobody waits for an answer
    uint32_t exclusive_era;             //  Of an exclusive operation; 0: of none
};

static inline zooid_ref_t
context_ref (const zooid_context_t *self)
{
    return (zooid_ref_t) { 0, self->slot->index, self->generation };
}

//  ---- made by the spawner, taken over by the dispatcher

//  An actor of the type, which it keeps, with a slot of its own.
zooid_context_t *
    context_new (actor_type_t *type, dispatcher_t *dispatcher);
void
    context_destroy (zooid_context_t **self_p);

//  ---- on its dispatcher

extra_t *
    context_extra (zooid_context_t *self);
//  Its dispatcher has it: it will start soon.
void
    context_adopt (zooid_context_t *self);
//  An envelope for it has arrived.
void
    context_receive (zooid_context_t *self, const envelope_t *envelope);
//  Handle at most `budget` messages. Returns how many.
size_t
    context_run (zooid_context_t *self, size_t budget);
bool
    context_has_work (const zooid_context_t *self);
//  A turn of its own, within another's maybe, which comes back with the end.
typedef struct {
    zooid_context_t *actor;
    const zooid_message_t *message;
    const zooid_principal_t *principal;
    bool answered;                      //  Or taken, or put aside
    bool is_stashed;
    bool is_exclusive;                  //  What it opens holds up every other message
} turn_t;
turn_t
    context_begin (zooid_context_t *self, const zooid_message_t *message, const zooid_principal_t *principal);
void
    context_end (zooid_context_t *self, turn_t outer);
//  A turn that no message began; acts on what it returns.
void
    context_turn (zooid_context_t *self, int (*body) (zooid_context_t *self, void *state), void *state);
//  A reply or completion for an entry of this actor. Takes the entry.
void
    context_resume (zooid_context_t *self, pending_t *pending, const zooid_outcome_t *outcome);
//  Forget what it waits for; those states that are not in other hands are destroyed.
void
    context_end_pendings (zooid_context_t *self);
//  Everything in the mailbox is dead, for that reason.
void
    context_bury_all (zooid_context_t *self, const char *reason);
//  Count and keep a letter that will not be delivered, and tell its asker.
void
    context_bury (zooid_context_t *self, const zooid_message_t *message, const char *reason, const char *failure);

//  ---- beginning and end: supervision.c

//  Make the state and start: the first time, or again.
void
    context_start (zooid_context_t *self);
//  A handler returned `rc`: pass judgement.
void
    context_judge (zooid_context_t *self, int rc);
//  An order of the system or of its parent.
void
    context_obey (zooid_context_t *self, const zooid_message_t *order);
//  Has all that it waited for come back? Then it may end, its children first.
void
    context_stop_if_done (zooid_context_t *self);
//  Its last child has ended, or has been reset: go on with what waited for that.
void
    context_children_ended (zooid_context_t *self);
//  At once; what waits is dead.
void
    context_kill (zooid_context_t *self);
//  The module has left its loop, as it was told: stop or restart.
void
    context_leave (zooid_context_t *self);

//  Its dispatcher may be had by others: spawn.c.
void
    spawn_leave_dispatcher (const zooid_context_t *actor);

//  ---- what is sent: call.c

//  Answer an ask that is not answered yet.
void
    call_reply (zooid_context_t *self, const zooid_message_t *ask, zooid_bytes_t payload);
void
    call_fail (zooid_context_t *self, const zooid_message_t *ask, const char *name, const char *detail, zooid_bytes_t payload);
//  Answer an ask that nobody is there for.
void
    call_return (dispatcher_t *dispatcher, const zooid_message_t *ask, const char *name, const char *detail);
//  The kind of a failure of an operation (NULL: any), by name.
zooid_failure_kind_t
    call_failure_kind (const zooid_operation_t *operation, const char *name);
//  ---- ends of what an actor has: timers, watches, subscriptions; all called when it stops or restarts

void
    clock_end_timers (zooid_context_t *self);
void
    watch_end_all (zooid_context_t *self);
void
    publish_end_subscriptions (zooid_context_t *self);

#endif
