//  family.h - an actor's children: started, restarted and stopped in order
//
//  A seat is a child's place with its parent; it belongs to the parent's dispatcher. The child keeps its address and only
//  ever gives it back, in notes to the parent, the last of which says that it has ended.
#ifndef FAMILY_H
#define FAMILY_H

#include "dispatcher.h"

typedef enum {
    FAMILY_DOWN = 1,        //  Its state ended; it waits for the order to start again
    FAMILY_STARTED,         //  It did
    FAMILY_ENDED,           //  It is no more
} family_event_t;

//  A place behind the others, of a child that is about to start.
seat_t *
    family_seat (zooid_context_t *parent, zooid_ref_t child, bool is_temporary);
//  Is `who` a child of it?
bool
    family_has (const zooid_context_t *parent, zooid_ref_t who);
//  The type of the last child without a name, if it is of this module: kept, for one more. NULL: there is none.
actor_type_t *
    family_type (const zooid_context_t *parent, const zooid_module_t *module);
//  Keeps the type.
void
    family_set_type (zooid_context_t *parent, actor_type_t *type);
void
    family_destroy (family_t **self_p);

//  ---- what children report

//  `verdict`: why it is down or has ended (context.h). On the child's dispatcher.
void
    family_note (seat_t *seat, dispatcher_t *dispatcher, family_event_t event, int verdict);
//  What the parent does about it, in its own time: when the dispatcher runs it.
void
    family_act (zooid_context_t *parent);

//  Tell them, and theirs, that the node is about to stop.
void
    family_drain (zooid_context_t *parent);

//  ---- the end of all children; context_children_ended is called once they are gone

//  One after the other, the last first. false: there are none.
bool
    family_stop (zooid_context_t *parent);
//  All at once. false: there are none.
bool
    family_kill (zooid_context_t *parent);

#endif
