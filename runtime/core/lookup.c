#include "lookup.h"

#include "../record/image.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 64, NAME_MAX = 64 };

typedef struct {
    const char *address;
    const zooid_contract_t *contract;   //  It was looked up in; NULL: the registry, whose
    uint64_t version;                   //  version it was
    char name [NAME_MAX];
    lookup_t found;
} entry_t;

struct lookups {
    registry_t *registry;
    entry_t entries [ENTRIES];
};

void
lookups_new (lookups_t **self_p, registry_t *registry)
{
    lookups_t *self = zooid_allocate (sizeof *self);
    self->registry = registry;
    *self_p = self;
}

void
lookups_destroy (lookups_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

static entry_t *
s_entry (lookups_t *self, const void *contract, const char *name)
{
    return &self->entries [(((uintptr_t) name ^ (uintptr_t) contract) * UINT64_C (0x9e3779b97f4a7c15)) >> 58];
}

static void
s_set (entry_t *entry, const char *name, const lookup_t *found)
{
    const zooid_operation_t *operation = found->operation;
    entry->found = *found;
    entry->found.constant = strcmp (operation->name, name) == 0 ? operation->name : NULL;
    entry->found.image = operation->takes && image_is_possible (operation->takes) ? operation->takes : NULL;
    entry->found.is_public = strcmp (operation->scope, "public") == 0;
    //  A name too long for the entry is found anew each time.
    size_t size = strlen (name) + 1;
    entry->address = size <= NAME_MAX ? name : NULL;
    memcpy (entry->name, name, size <= NAME_MAX ? size : 0);
}

static bool
s_fill (lookups_t *self, entry_t *entry, const char *name)
{
    //  Read first: what changes behind it makes the entry stale at once.
    uint64_t version = registry_version (self->registry);
    lookup_t found = { 0 };
    if (registry_operation (self->registry, name, &found.ref, &found.operation))
        return false;
    entry->contract = NULL;
    entry->version = version;
    s_set (entry, name, &found);
    return true;
}

const lookup_t *
lookups_find (lookups_t *self, const char *name)
{
    entry_t *entry = s_entry (self, NULL, name);
    bool holds = entry->address == name && !entry->contract && entry->version == registry_version (self->registry)
                 && strcmp (entry->name, name) == 0;
    return holds || s_fill (self, entry, name) ? &entry->found : NULL;
}

static const zooid_operation_t *
s_in_contract (const zooid_contract_t *contract, const char *name)
{
    for (size_t i = 0; i < contract->operation_count; i++)
        if (strcmp (contract->operations [i].name, name) == 0)
            return &contract->operations [i];
    return NULL;
}

const lookup_t *
lookups_of (lookups_t *self, slot_t *slot, zooid_ref_t ref, const char *name)
{
    //  The slot may go to another meanwhile, and this be of that one's contract; the receiver's generation settles it.
    const zooid_contract_t *contract = atomic_load_explicit (&slot->contract, memory_order_relaxed);
    entry_t *entry = s_entry (self, contract, name);
    if (entry->address == name && entry->contract == contract && strcmp (entry->name, name) == 0)
        return &entry->found;
    const zooid_operation_t *operation = s_in_contract (contract, name);
    if (operation) {
        entry->contract = contract;
        s_set (entry, name, &(lookup_t) { .operation = operation });
        return &entry->found;
    }
    const lookup_t *found = lookups_find (self, name);
    return found && zooid_ref_equals (found->ref, ref) ? found : NULL;
}
