//  zooid/directory.h - what is offered by all actors together, for those who serve contracts: gateway, control, bridges
//
//  All calls are made in a turn, and see the whole process. Tables of contracts live for ever.
#ifndef ZOOID_DIRECTORY_H
#define ZOOID_DIRECTORY_H

#include <zooid/module.h>

//  An actor, and what it offers.
typedef struct {
    const char *actor;              //  Its name in the topology
    const char *node;               //  Name of its node
    zooid_ref_t ref;                //  The actor
    const zooid_module_t *module;   //  module->contract is what it offers
} zooid_offer_t;

//  All actors that were spawned and have not stopped, by name; returns how many. Copied to the turn's arena.
ZOOID_EXPORT size_t
    zooid_directory (zooid_context_t *self, const zooid_offer_t **ret_offers);
//  Grows whenever an actor is added or removed: time to look again.
ZOOID_EXPORT uint64_t
    zooid_directory_version (zooid_context_t *self);
//  An operation by its full name ("edge_iot.ingest" of an actor edge_iot of module iot), and who serves it.
//  ZOOID_UNKNOWN: nobody does.
ZOOID_EXPORT int
    zooid_directory_operation (zooid_context_t *self, const char *name, zooid_ref_t *ret_ref, const zooid_operation_t **ret_operation);
//  The full name of the operation that does a role's job, in the turn's arena. ZOOID_UNKNOWN: nobody has the role.
ZOOID_EXPORT int
    zooid_directory_role (zooid_context_t *self, const char *role, const char **ret_operation);
//  The event declaration that a topic falls under; one of them, when several do. ZOOID_UNKNOWN: no actor declares one.
ZOOID_EXPORT int
    zooid_directory_event (zooid_context_t *self, const char *topic, const zooid_event_t **ret_event);
//  Publish an event that any actor declares, from msgpack, which is copied: for those who let others in. Whether it is of
//  the event's record is yours to check. *ret_reached: the subscriptions that it was queued for. ZOOID_UNKNOWN: no actor
//  declares it. ZOOID_DENIED: whoever this turn is done for lacks the scope of the event.
ZOOID_EXPORT int
    zooid_directory_publish (zooid_context_t *self, const char *topic, zooid_bytes_t payload, size_t *ret_reached);
//  The full name of an operation of an actor, in the arena. NULL: it ended. [any]
ZOOID_EXPORT const char *
    zooid_operation_name (const char *actor, const zooid_operation_t *operation, zooid_arena_t *arena);

//  ---- figures

//  What is counted of one actor. Borrowed until the turn that is given it ends.
typedef struct {
    const char *actor, *node, *module, *dispatcher;     //  Their names
    uint64_t actors;                //  1; of children without a name: how many there are. What follows is of all of them
    zooid_health_t health;          //  What it says of itself; degraded between restarts
    const char *why;                //  Of the health; ""
    bool started;                   //  false: not yet, or between restarts
    uint64_t restarts;              //  Since it was spawned, as all counts
    zooid_ledger_reading_t mailbox; //  in: queued
    uint64_t refused;               //  Never queued: its mailbox was full, or the sender lacked the scope
    uint64_t dropped;               //  Events that a full subscription shed at the sender
    uint64_t mailbox_messages;      //  Queued or on their way there; no replies, which need no room
    uint64_t mailbox_bytes;         //  Charged to it now
    uint64_t asks_open;             //  Now; commits, snapshots and work among them
    size_t ledger_count;            //  Of `ledgers`
    const zooid_ledger_reading_t *ledgers;  //  Its own: zooid_ledger
    size_t figure_count;            //  Of `figures`
    const struct zooid_figure { const char *name, *doc; bool counts; double value; } *figures;  //  zooid_gauge, zooid_count
} zooid_actor_figures_t;

//  The turn that is given them, by name of the actor.
typedef int (zooid_figures_fn) (zooid_context_t *self, void *state, const zooid_actor_figures_t *actors, size_t count);
//  Ask every dispatcher for the figures of its actors; each answers between two turns, so that ledgers are whole.
//  `then` runs once, within `deadline_ms`, with those that answered by then; then the state is destroyed. If the actor
//  stops or restarts first, only that. ZOOID_FULL: as zooid_ask, the state is yours.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_figures (zooid_context_t *self, int64_t deadline_ms, zooid_figures_fn *then, void *state, zooid_destroy_fn *destroy);

//  What can be told of an actor from outside, though its dispatcher does not answer.
typedef struct {
    const char *dispatcher;         //  Its name
    uint64_t refused, dropped, mailbox_messages, mailbox_bytes;     //  As above
} zooid_mailbox_reading_t;
//  ZOOID_GONE: it has stopped.
ZOOID_EXPORT int
    zooid_mailbox_read (zooid_context_t *self, zooid_ref_t ref, zooid_mailbox_reading_t *ret_reading);

//  What a dispatcher comes to.
typedef struct {
    const char *name;               //  Of its thread, without the z:
    bool answered;                  //  false: not within the deadline, and what follows is not known
    int64_t thread;                 //  The kernel's number of its thread; 0: a virtual environment has none
    int64_t cpu_ms;                 //  That its thread has used
    size_t actors;                  //  That it runs
    size_t ready;                   //  Actors that have something to do
    size_t waiting;                 //  Messages queued for its actors
    uint64_t turns, handled;        //  Since its start: turns, and messages in them
} zooid_dispatcher_figures_t;

//  With the dispatchers, once.
typedef int (zooid_dispatchers_fn) (zooid_context_t *self, void *state, const zooid_dispatcher_figures_t *dispatchers, size_t count);
//  As zooid_figures; all dispatchers are there, in the order in which they were made.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_dispatchers (zooid_context_t *self, int64_t deadline_ms, zooid_dispatchers_fn *then, void *state, zooid_destroy_fn *destroy);

//  What a subscription comes to.
typedef struct {
    const char *pattern, *actor;    //  Whose it is
    uint64_t id;                    //  0: its contract declares it. Else it was made by code
    zooid_overflow_t overflow;      //  What it does with one too many
    size_t limit, waiting;          //  Events that may wait, and do
    uint64_t dropped;               //  Shed so far
} zooid_subscription_figures_t;
//  All subscriptions, by pattern, actor and id, copied to the turn's arena.
ZOOID_EXPORT size_t
    zooid_subscriptions (zooid_context_t *self, const zooid_subscription_figures_t **ret_subscriptions);

//  What did not arrive, and why.
typedef struct {
    int64_t at_ms;                  //  Wall clock, ms UTC
    const char *actor, *reason, *topic, *detail;    //  Whose it was, why, its topic or operation, more words. "": none
    zooid_bytes_t payload;          //  Its first 4 KiB
} zooid_dead_letter_t;
//  The last dead letters of the process, newest first, at most `limit`; returns how many. Copied to the turn's arena.
ZOOID_EXPORT size_t
    zooid_dead_letters (zooid_context_t *self, size_t limit, const zooid_dead_letter_t **ret_letters);

#endif
