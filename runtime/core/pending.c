//  Entries are allocated one by one, once, and used again: their addresses stay, so that an actor can link its own.
#include "pending.h"

#include <assert.h>
#include <stdlib.h>

enum { INDEX_BITS = 24, GENERATION_BITS = 24 };
#define NONE UINT32_MAX

struct pendings {
    uint32_t dispatcher;
    pending_t **entries;
    uint32_t count, capacity, first_free;
};

void
pendings_new (pendings_t **self_p, uint32_t dispatcher)
{
    pendings_t *self = zooid_allocate (sizeof *self);
    self->dispatcher = dispatcher;
    self->first_free = NONE;
    *self_p = self;
}

static void
s_let_go (pending_t *pending)
{
    zooid_message_destroy (&pending->origin);
    zooid_principal_destroy (&pending->principal);
}

void
pendings_destroy (pendings_t **self_p)
{
    pendings_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    for (uint32_t i = 0; i < self->count; i++) {
        pending_t *entry = self->entries [i];
        if (!entry->is_free) {
            if (entry->destroy)
                entry->destroy (entry->state);
            s_let_go (entry);
        }
        free (entry);
    }
    free (self->entries);
    free (self);
}

pending_t *
pendings_take (pendings_t *self)
{
    pending_t *entry;
    if (self->first_free == NONE) {
        if (self->count == self->capacity) {
            self->capacity = self->capacity ? 2 * self->capacity : 64;
            self->entries = realloc (self->entries, self->capacity * sizeof *self->entries);
            assert (self->entries);
        }
        assert (self->count < 1u << INDEX_BITS);
        entry = self->entries [self->count] = zooid_allocate (sizeof *entry);
        entry->index = self->count++;
    }
    else {
        entry = self->entries [self->first_free];
        self->first_free = entry->next_free;
    }
    uint32_t generation = (entry->generation + 1) & ((1u << GENERATION_BITS) - 1);
    *entry = (pending_t) { .index = entry->index, .generation = generation ? generation : 1 };
    entry->id = (uint64_t) self->dispatcher << (INDEX_BITS + GENERATION_BITS)
                | (uint64_t) entry->generation << INDEX_BITS | entry->index;
    return entry;
}

void
pending_link (pending_t *pending, pending_t **list)
{
    pending->link = list;
    pending->next = *list;
    if (*list)
        (*list)->link = &pending->next;
    *list = pending;
}

void
pending_unlink (pending_t *pending)
{
    *pending->link = pending->next;
    if (pending->next)
        pending->next->link = pending->link;
}

pending_t *
pendings_find (pendings_t *self, uint64_t id)
{
    uint32_t index = (uint32_t) (id & ((1u << INDEX_BITS) - 1));
    if (index >= self->count || self->entries [index]->is_free || self->entries [index]->id != id)
        return NULL;
    return self->entries [index];
}

void
pendings_give (pendings_t *self, pending_t *pending)
{
    s_let_go (pending);
    pending->is_free = true;
    pending->next_free = self->first_free;
    self->first_free = pending->index;
}

uint32_t
pending_dispatcher (uint64_t id)
{
    return (uint32_t) (id >> (INDEX_BITS + GENERATION_BITS));
}
