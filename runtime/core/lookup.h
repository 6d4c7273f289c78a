//  lookup.h - what names of operations were resolved to lately: one dispatcher's memory of the registry
//
//  A call names its operation by a text that is usually a constant in its source, so its address finds the entry; the
//  text is compared all the same, and the registry's version says whether the entry still holds.
#ifndef LOOKUP_H
#define LOOKUP_H

#include "registry.h"
#include "slot.h"

typedef struct {
    zooid_ref_t ref;                    //  Whoever serves it
    const zooid_operation_t *operation;
    const char *constant;               //  The name, where it lives as long as the module; NULL: it has to be copied
    const zooid_record_t *image;        //  .takes, when a call can carry its struct; NULL else
    bool is_public;
} lookup_t;

typedef struct lookups lookups_t;

void
    lookups_new (lookups_t **self_p, registry_t *registry);
void
    lookups_destroy (lookups_t **self_p);
//  Both: NULL: it is not served. Borrowed until the next call.
const lookup_t *
    lookups_find (lookups_t *self, const char *name);
//  The operation of the actor in that slot: its name in the contract, or with the actor's own name before it.
const lookup_t *
    lookups_of (lookups_t *self, slot_t *slot, zooid_ref_t ref, const char *name);

#endif
