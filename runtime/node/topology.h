//  topology.h - what a topology file says: nodes, and the actors that each of them runs
//
//  What the runtime itself reads is decoded here; the settings of the modules stay values until the modules are known.
#ifndef TOPOLOGY_H
#define TOPOLOGY_H

#include "settings.h"

typedef struct {
    const char *name;
    place_t at;
    const char *listen, *key;       //  NULL: not given
    bool hosted;                    //  This process runs it
} topology_node_t;

typedef struct {
    const char *name;
    place_t at;                     //  Where a node says that it runs it
    const topology_node_t *node;
    const char *module;             //  A name, or a path with a slash
    place_t module_at;
    const char *dispatcher;         //  NULL: one of its own
    const char *const *scopes;
    size_t scope_count;
    bool sets_principal;
    int64_t backoff_ms, backoff_max_ms;     //  0: the runtime's own, these four
    int64_t restarts, within_ms;
    const value_t *settings;        //  A map, or null; the runtime's own keys are among it
} topology_actor_t;

typedef struct topology topology_t;

typedef struct {
    const char *file;               //  To be read; or
    const char *text;               //  the text itself
    const char *node;               //  The one to host; NULL: all
    const char *const *sets;
    size_t set_count;
} topology_options_t;

//  Read and check. ZOOID_INVALID: the report says why; self is made all the same, with what could be read.
int
    topology_new (topology_t **self_p, const topology_options_t *options, report_t *report);
void
    topology_destroy (topology_t **self_p);

const topology_node_t *
    topology_nodes (const topology_t *self, size_t *ret_count);
//  Actors of all nodes, in the order of the nodes and their lists. One that no node names is not among them.
const topology_actor_t *
    topology_actors (const topology_t *self, size_t *ret_count);
//  The folder of the file; "" of a text.
const char *
    topology_folder (const topology_t *self);
//  What the runtime reads of an actor; a module's settings may not use these names.
const zooid_record_t *
    topology_actor_record (void);
zooid_arena_t *
    topology_arena (topology_t *self);

#endif
