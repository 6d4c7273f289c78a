//  zooid/node.h - a node in a C program: modules, a topology, and run
//
//      zooid_node_t *node = NULL;
//      if (zooid_node_new (&node, &(zooid_node_options_t) { .topology = text, .modules = modules, .module_count = 1 }))
//          ...;
//      zooid_node_start (node);
//      ...
//      zooid_node_destroy (&node);
//
//  The caller blocks the signals it wants to read itself before the first call; no thread of ours handles any. All
//  calls but zooid_node_ask are made by one thread.
#ifndef ZOOID_NODE_H
#define ZOOID_NODE_H

#include <zooid/module.h>

//  What runs of a topology in this process: one of its nodes, or all.
typedef struct zooid_node zooid_node_t;

//  What to run. Borrowed while zooid_node_new runs; descriptors of modules are referenced for ever.
typedef struct {
    const char *file;               //  A topology file, or NULL
    const char *topology;           //  The text of one, where `file` is NULL
    const char *node;               //  Which of its nodes to run; NULL: all of them, in this process
    const char *data;               //  Folder of the nodes' data, one folder each; NULL: "var". "" : nothing on disk, no store
    const zooid_module_t *const *modules;   //  Linked by this program: found before any library, by name
    size_t module_count;            //  Of `modules`
    const char *const *sets;        //  "path=value", as --set
    size_t set_count;               //  Of `sets`
} zooid_node_options_t;

//  Read, check and load everything; start nothing. ZOOID_INVALID: zooid_node_errors tells why. *self_p is made whatever
//  is returned, to be asked and destroyed.
ZOOID_EXPORT int
    zooid_node_new (zooid_node_t **self_p, const zooid_node_options_t *options);
//  `file:line:column: what is wrong; what would be right`, a line each. "" when all is well. Borrowed until the next
//  call.
ZOOID_EXPORT const char *
    zooid_node_errors (const zooid_node_t *self);
//  Open the stores, start the actors and wait until each was started once, or failed to, at most 30 s. Once, when
//  zooid_node_new returned 0: else -EINVAL. ZOOID_INVALID: zooid_node_errors tells why (a data folder that another
//  process holds, a schema that is newer).
ZOOID_EXPORT int
    zooid_node_start (zooid_node_t *self);
//  Readable when the node can not go on (an actor used up its restarts): stop it and exit, to be restarted by whoever
//  started the process. It is the node's: not to be read or closed. -1: not started.
ZOOID_EXPORT int
    zooid_node_descriptor (const zooid_node_t *self);
//  Drain, stop and close the stores. 0: everything was handled, or nothing ran. ZOOID_MORE: the time ended first, or a
//  message died.
ZOOID_EXPORT int
    zooid_node_stop (zooid_node_t *self, int64_t timeout_ms);
//  Stops at once what still runs. NULL is no mistake.
ZOOID_EXPORT void
    zooid_node_destroy (zooid_node_t **self_p);

//  Ask an operation from outside of every actor, with all scopes, and wait for the answer, timeout_ms at most (0: as
//  long as the operation may take). JSON in (NULL: {}), JSON out (yours to free; `null` of an empty reply). 0;
//  ZOOID_REFUSED: *ret_json is the failure {name, detail, errors}; it may be `unknown_operation` or `deadline` too.
//  [any] but a thread of an actor.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_node_ask (zooid_node_t *self, const char *operation, const char *json, int64_t timeout_ms, char **ret_json);

#endif
