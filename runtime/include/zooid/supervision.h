//  zooid/supervision.h - actors that actors start, and who is told of an end
//
//  A child is supervised by the actor that spawned it, as the parent's module says in .children. It is started behind the
//  turn that spawned it, and stopped before its parent is: of several children the last one first, each when the one before
//  it has ended. A parent that faults ends its children at once; its start spawns them anew.
#ifndef ZOOID_SUPERVISION_H
#define ZOOID_SUPERVISION_H

#include <zooid/actor.h>
#include <zooid/module.h>

//  What is to be spawned.
typedef struct {
    const zooid_module_t *module;       //  What it is
    const char *name;           //  As of an actor of the topology, and served like one; NULL: it is known by its ref alone
    const char *dispatcher;     //  Actors of the same one share a thread; NULL: the parent's
    zooid_bytes_t settings;     //  msgpack of the module's settings; empty: all initial values
    bool is_temporary;          //  After a fault it ends, instead of being restarted
} zooid_child_t;

//  The child has the parent's grants, node and folder. ZOOID_INVALID: *ret_why, in the turn's arena, says what is wrong with
//  name, contract or settings. ZOOID_FULL: there are as many dispatchers as there may be. `ret_why` may be NULL.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_spawn (zooid_context_t *self, const zooid_child_t *child, const char **ret_why, zooid_ref_t *ret_ref);

//  Order an actor to stop when it has handled what was sent to it before: itself, or a child of its own. Any other ref is
//  ZOOID_DENIED; one that has stopped ZOOID_GONE.
ZOOID_EXPORT int
    zooid_stop (zooid_context_t *self, zooid_ref_t who);

//  ---- ends

//  Why an actor is no more.
typedef enum {
    ZOOID_END_STOPPED = 0,      //  It was told to stop, or ended itself
    ZOOID_END_FAULT,            //  It faulted and was not restarted
    ZOOID_END_NOBODY,           //  There was no such actor any more when it was asked for
} zooid_end_reason_t;

//  What a monitor is told.
typedef struct {
    zooid_end_reason_t reason;  //  Why
    int error;                  //  Of a fault: its errno; else 0
} zooid_end_t;

//  `who` has ended; nothing more comes from it.
typedef int (zooid_notice_fn) (zooid_context_t *self, void *state, zooid_ref_t who, const zooid_end_t *end);

//  Be told of the end of `who`: exactly once, behind every message that it sent to this actor. A restart is no end. Ends
//  with this actor's own state. `state` is destroyed after the notice, or with the monitor. *ret_monitor may be NULL.
ZOOID_EXPORT void
    zooid_monitor (zooid_context_t *self, zooid_ref_t who, zooid_notice_fn *notice, void *state, zooid_destroy_fn *destroy,
                   uint64_t *ret_monitor);
//  One that has ended is no mistake.
ZOOID_EXPORT void
    zooid_unmonitor (zooid_context_t *self, uint64_t monitor);
//  When one of the two ends by a fault, the other faults too (EOWNERDEAD); also when `who` is not there any more.
ZOOID_EXPORT void
    zooid_link (zooid_context_t *self, zooid_ref_t who);

#endif
