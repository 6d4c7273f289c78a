//  zooid/node.h - a node in a C program: modules, a topology, and run
//
//      zooid_node_t *node = NULL;
//      if (zooid_node_new (&node, &(zooid_node_options_t) { .topology = text, .modules = modules, .module_count = 1 }))
//          ...;
//      zooid_node_start (node);
//      ...
//      zooid_node_destroy (&node);
//
//  The caller blocks the signals it wants to read itself before the first call; no thread of ours handles any.
#ifndef ZOOID_NODE_H
#define ZOOID_NODE_H

#include <zooid/module.h>

typedef struct zooid_node zooid_node_t;

typedef struct {
    const char *file;               //  A topology file, or
    const char *topology;           //  its text
    const char *node;               //  Which of its nodes to run; NULL: all of them, in this process
    const char *data;               //  Folder of the nodes' data, one folder each; NULL: "var". "" : nothing on disk, no store
    const zooid_module_t *const *modules;   //  Found before any library, by name
    size_t module_count;
    const char *const *sets;        //  "path=value", as --set
    size_t set_count;
} zooid_node_options_t;

//  Read, check and load everything; start nothing. ZOOID_INVALID: zooid_node_errors tells why; *self_p is made all the
//  same, to be asked and destroyed.
ZOOID_EXPORT int
    zooid_node_new (zooid_node_t **self_p, const zooid_node_options_t *options);
//  `file:line:column: what is wrong; what would be right`, a line each. "" when all is well.
ZOOID_EXPORT const char *
    zooid_node_errors (const zooid_node_t *self);
//  Open the stores, start the actors and wait until each was started once. ZOOID_INVALID: zooid_node_errors tells why
//  (a data folder that another process holds, a schema that is newer).
ZOOID_EXPORT int
    zooid_node_start (zooid_node_t *self);
//  Readable when the node can not go on (an actor used up its restarts): stop it and exit; it will be restarted.
ZOOID_EXPORT int
    zooid_node_descriptor (const zooid_node_t *self);
//  Drain and stop. 0: everything was handled. ZOOID_MORE: the time ended first.
ZOOID_EXPORT int
    zooid_node_stop (zooid_node_t *self, int64_t timeout_ms);
ZOOID_EXPORT void
    zooid_node_destroy (zooid_node_t **self_p);

//  Ask an operation from outside of every actor, with all scopes, and wait for the answer. JSON in, JSON out (yours to
//  free). 0; ZOOID_REFUSED: *ret_json is the failure {name, detail, errors}. [any]
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_node_ask (zooid_node_t *self, const char *operation, const char *json, int64_t timeout_ms, char **ret_json);

#endif
