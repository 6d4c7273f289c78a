//  type.h - what actors have in common that were spawned alike
//
//  A type belongs to one dispatcher. An actor with a name has one of its own; children without a name share one, and
//  are one line in the figures.
#ifndef TYPE_H
#define TYPE_H

#include "ledger.h"

#include <zooid/system.h>

typedef struct figures figures_t;

typedef struct actor_type {
    unsigned references;                //  Its actors, and whoever may make more of them
    size_t actor_count;
    struct actor_type *previous, *next; //  Of the dispatcher
    const zooid_module_t *module;
    char *name, *node, *folder;
    bool is_named;                      //  The name is its one actor's, in the registry
    zooid_context_t *actor;             //  That one
    void *attachment;
    zooid_arena_t *settings_arena;      //  NULL: the settings are somebody else's
    const void *settings;
    zooid_principal_t *principal;       //  Its own
    bool sets_principal;
    bool is_counted;                    //  Its dispatcher counts its actors, each of which leaves it
    uint64_t limit;                     //  Of a mailbox
    zooid_supervision_t supervision;    //  Of an actor without a parent
    zooid_ledger_t mailbox;             //  Of all its actors
    figures_t *figures;                 //  Their own ledgers and numbers; NULL: none
} actor_type_t;

//  From the spawner's thread; the dispatcher takes it over. spawn->settings are not read.
void
    type_new (actor_type_t **self_p, const zooid_spawn_t *spawn, bool is_named);
actor_type_t *
    type_keep (actor_type_t *self);
void
    type_destroy (actor_type_t **self_p);

void
    figures_destroy (figures_t **self_p);

#endif
