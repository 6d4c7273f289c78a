//  context.h - one actor, as its dispatcher sees it
#ifndef CONTEXT_H
#define CONTEXT_H

#include "ledger.h"
#include "pending.h"
#include "ring.h"
#include "slot.h"

#include <zooid/system.h>

typedef struct dispatcher dispatcher_t;

typedef enum {
    PHASE_NEW = 0,      //  Spawned, not yet on its dispatcher
    PHASE_RUNNING,
    PHASE_WAITING,      //  For its next restart
    PHASE_FAILED,       //  It used up its restarts
    PHASE_STOPPING,     //  Told to stop; ends what is under way
    PHASE_STOPPED,
} phase_t;


typedef struct actor_timer actor_timer_t;
typedef struct watch watch_t;
typedef struct figures figures_t;

struct zooid_context {
    zooid_system_t *system;
    dispatcher_t *dispatcher;
    slot_t *slot;
    zooid_ref_t ref;
    const zooid_module_t *module;
    char *name, *node, *folder;
    void *attachment;
    zooid_arena_t *settings_arena;
    const void *settings;
    bool sets_principal;
    zooid_principal_t *principal;       //  Its own
    void *state;
    phase_t phase;
    bool started_once;
    bool has_loop;                      //  Its module brings the loop of the thread
    bool in_loop;                       //  And is in it
    bool told_to_stop;                  //  The order is in its queue, or was
    bool must_leave;                    //  The loop is to be left, then:
    int verdict;                        //  < 0: restarted; 0: stopped

    ring_t urgent, data;
    uint64_t handled_load;              //  Of messages whose room is not given back yet
    uint32_t handled_count;
    bool is_ready;                      //  In the dispatcher's list of those that have something to do
    zooid_context_t *next_ready;

    //  The turn
    const zooid_message_t *message;
    const zooid_principal_t *turn_principal;
    bool answered;                      //  Or taken

    //  What ends with a restart
    pending_t *pendings;
    size_t asks_open;
    actor_timer_t *timers;
    watch_t *watches;
    subscription_t **subscriptions;     //  Those made by code
    size_t subscription_count;
    size_t requests_open;
    uint64_t restart_timer;

    //  Supervision
    int64_t backoff_ms, backoff_max_ms, within_ms, next_backoff_ms;
    uint32_t restarts_max;
    int64_t *restarts_at_ms;            //  The last ones
    uint64_t restarts;

    //  Figures
    zooid_health_t health;
    char *why;
    zooid_ledger_t mailbox;
    figures_t *figures;                 //  Its ledgers and numbers; NULL: it has none of its own
    subscription_t **declared;          //  The contract's subscriptions
};

//  It may outlive its actor, in a state that was in other hands when that stopped: so it names it by ref.
struct zooid_request {
    dispatcher_t *dispatcher;
    zooid_ref_t actor;
    zooid_message_t *message;           //  NULL: nobody waits for an answer
};

//  ---- made by the spawner, taken over by the dispatcher

void
    context_destroy (zooid_context_t **self_p);

//  ---- on its dispatcher

//  An envelope for it has arrived.
void
    context_receive (zooid_context_t *self, const envelope_t *envelope);
//  Handle at most `budget` messages. Returns how many.
size_t
    context_run (zooid_context_t *self, size_t budget);
//  Give back the room of what was handled.
void
    context_release (zooid_context_t *self);
bool
    context_has_work (const zooid_context_t *self);
//  A turn that no message began; acts on what it returns.
void
    context_turn (zooid_context_t *self, int (*body) (zooid_context_t *self, void *state), void *state);
//  A reply or completion for an entry of this actor. Takes the entry.
void
    context_resume (zooid_context_t *self, pending_t *pending, const zooid_outcome_t *outcome);
//  Has all that it waited for come back? Then it may end.
void
    context_stop_if_done (zooid_context_t *self);
//  At once; what waits is dead.
void
    context_kill (zooid_context_t *self);
//  A handler returned `rc`: pass judgement.
void
    context_judge (zooid_context_t *self, int rc);
//  The module has left its loop, as it was told: stop or restart.
void
    context_leave (zooid_context_t *self);
//  Make the state and start: the first time, or again.
void
    context_start (zooid_context_t *self);
//  Forget what it waits for; those states that are not in other hands are destroyed.
void
    context_end_pendings (zooid_context_t *self);
//  Everything in the mailbox is dead, for that reason.
void
    context_bury_all (zooid_context_t *self, const char *reason);
//  Count and keep a letter that will not be delivered, and tell its asker.
void
    context_bury (zooid_context_t *self, const zooid_message_t *message, const char *reason, const char *failure);

//  ---- what is sent: call.c

//  Answer an ask that is not answered yet.
void
    call_reply (zooid_context_t *self, const zooid_message_t *ask, zooid_bytes_t payload);
void
    call_fail (zooid_context_t *self, const zooid_message_t *ask, const char *name, const char *detail, zooid_bytes_t payload);
//  Answer an ask that nobody is there for.
void
    call_return (dispatcher_t *dispatcher, const zooid_message_t *ask, const char *name, const char *detail);
//  Queue a message that needs no room (a reply, a reserved notice). Takes it.
void
    call_deliver (zooid_context_t *self, zooid_ref_t to, zooid_message_t **message_p, uint32_t flags);
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
void
    figures_fini (zooid_context_t *self);

#endif
