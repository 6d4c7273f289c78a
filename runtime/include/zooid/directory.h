//  zooid/directory.h - what is offered by all actors together, for those who serve contracts: gateway, control, bridges
#ifndef ZOOID_DIRECTORY_H
#define ZOOID_DIRECTORY_H

#include <zooid/module.h>

typedef struct {
    const char *actor;              //  Its name in the topology
    const char *node;
    zooid_ref_t ref;
    const zooid_module_t *module;   //  module->contract is what it offers
} zooid_offer_t;

//  All actors that run, by name. Copied to the turn's arena; the tables that it names live for ever.
ZOOID_EXPORT size_t
    zooid_directory (zooid_context_t *self, const zooid_offer_t **ret_offers);
//  Grows whenever an actor is added or removed: time to look again.
ZOOID_EXPORT uint64_t
    zooid_directory_version (zooid_context_t *self);
//  An operation by its full name ("edge_iot.ingest" of an actor edge_iot of module iot). ZOOID_UNKNOWN.
ZOOID_EXPORT int
    zooid_directory_operation (zooid_context_t *self, const char *name, zooid_ref_t *ret_ref, const zooid_operation_t **ret_operation);
//  The full name of the operation that does a role's job, in the turn's arena. ZOOID_UNKNOWN: nobody has the role.
ZOOID_EXPORT int
    zooid_directory_role (zooid_context_t *self, const char *role, const char **ret_operation);
//  The event declaration that a topic falls under. ZOOID_UNKNOWN: no actor declares one.
ZOOID_EXPORT int
    zooid_directory_event (zooid_context_t *self, const char *topic, const zooid_event_t **ret_event);
//  The full name of an operation of an actor, in the arena.
ZOOID_EXPORT const char *
    zooid_operation_name (const char *actor, const zooid_operation_t *operation, zooid_arena_t *arena);

//  ---- figures

typedef struct {
    const char *actor, *node, *module;
    uint64_t actors;                //  1; of children without a name: how many there are. What follows is of all of them
    zooid_health_t health;
    const char *why;                //  Of the health; ""
    bool started;                   //  false: not yet, or between restarts
    uint64_t restarts;
    zooid_ledger_reading_t mailbox; //  in: queued
    uint64_t refused;               //  Never queued: its mailbox was full, or the sender lacked the scope
    uint64_t dropped;               //  Events that a full subscription shed at the sender
    uint64_t mailbox_bytes;
    uint64_t asks_open;
    size_t ledger_count;
    const zooid_ledger_reading_t *ledgers;
    size_t figure_count;
    const struct zooid_figure { const char *name, *doc; bool counts; double value; } *figures;
} zooid_actor_figures_t;

typedef int (zooid_figures_fn) (zooid_context_t *self, void *state, const zooid_actor_figures_t *actors, size_t count);
//  Ask every dispatcher for the figures of its actors; each answers between two turns, so that ledgers are whole. `then`
//  runs once, within `deadline_ms`, with those that answered by then. ZOOID_FULL: as zooid_ask.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_figures (zooid_context_t *self, int64_t deadline_ms, zooid_figures_fn *then, void *state, zooid_destroy_fn *destroy);

typedef struct {
    int64_t at_ms;
    const char *actor, *reason, *topic, *detail;
    zooid_bytes_t payload;
} zooid_dead_letter_t;
//  The last dead letters of the process, newest first, at most `limit`, copied to the turn's arena.
ZOOID_EXPORT size_t
    zooid_dead_letters (zooid_context_t *self, size_t limit, const zooid_dead_letter_t **ret_letters);

#endif
