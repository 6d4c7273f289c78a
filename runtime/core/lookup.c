#include "lookup.h"

#include "../record/image.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 64, NAME_MAX = 64 };

typedef struct {
    const char *address;
    uint64_t version;
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
s_entry (lookups_t *self, const char *name)
{
    return &self->entries [((uintptr_t) name * UINT64_C (0x9e3779b97f4a7c15)) >> 58];
}

static bool
s_fill (lookups_t *self, entry_t *entry, const char *name)
{
    //  Read first: what changes behind it makes the entry stale at once.
    uint64_t version = registry_version (self->registry);
    lookup_t found = { 0 };
    if (registry_operation (self->registry, name, &found.ref, &found.operation))
        return false;
    const zooid_operation_t *operation = found.operation;
    found.constant = strcmp (operation->name, name) == 0 ? operation->name : NULL;
    found.image = operation->takes && image_is_possible (operation->takes) ? operation->takes : NULL;
    found.is_public = strcmp (operation->scope, "public") == 0;
    //  A name too long for the entry is found anew each time.
    size_t size = strlen (name) + 1;
    entry->address = size <= NAME_MAX ? name : NULL;
    entry->version = version;
    memcpy (entry->name, name, size <= NAME_MAX ? size : 0);
    entry->found = found;
    return true;
}

const lookup_t *
lookups_find (lookups_t *self, const char *name)
{
    entry_t *entry = s_entry (self, name);
    bool holds = entry->address == name && entry->version == registry_version (self->registry)
                 && strcmp (entry->name, name) == 0;
    return holds || s_fill (self, entry, name) ? &entry->found : NULL;
}
