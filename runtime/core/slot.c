//  The table is an array of chunk addresses that only ever fills, so a reader needs no lock: it loads one address.
#include "slot.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

enum { CHUNK = 1024, CHUNKS = 16384 };

struct slots {
    _Atomic (slot_t *) chunks [CHUNKS];
    pthread_mutex_t lock;       //  Of what follows
    atomic_uint count;
    uint32_t *free_list;
    size_t free_count, free_capacity;
};

void
slots_new (slots_t **self_p)
{
    slots_t *self = zooid_allocate (sizeof *self);
    pthread_mutex_init (&self->lock, NULL);
    *self_p = self;
}

void
slots_destroy (slots_t **self_p)
{
    slots_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    for (size_t i = 0; i < CHUNKS; i++)
        free (atomic_load (&self->chunks [i]));
    free (self->free_list);
    pthread_mutex_destroy (&self->lock);
    free (self);
}

static slot_t *
s_at (const slots_t *self, uint32_t index)
{
    if (index / CHUNK >= CHUNKS)
        return NULL;
    slot_t *chunk = atomic_load_explicit (&((slots_t *) self)->chunks [index / CHUNK], memory_order_acquire);
    return chunk ? &chunk [index % CHUNK] : NULL;
}

slot_t *
slots_take (slots_t *self, zooid_ref_t *ret_ref)
{
    pthread_mutex_lock (&self->lock);
    uint32_t index;
    if (self->free_count > 0)
        index = self->free_list [--self->free_count];
    else {
        index = atomic_load (&self->count);
        assert (index < (uint32_t) CHUNK * CHUNKS);
        if (index % CHUNK == 0)
            atomic_store_explicit (&self->chunks [index / CHUNK], zooid_allocate (CHUNK * sizeof (slot_t)),
                                   memory_order_release);
        atomic_store (&self->count, index + 1);
    }
    pthread_mutex_unlock (&self->lock);
    slot_t *slot = s_at (self, index);
    slot->index = index;
    uint32_t generation = atomic_load (&slot->generation) + 1;
    assert (generation & 1);
    atomic_store (&slot->generation, generation);
    *ret_ref = (zooid_ref_t) { 0, index, generation };
    return slot;
}

void
slots_give (slots_t *self, slot_t *slot)
{
    atomic_store (&slot->actor, NULL);
    atomic_fetch_add (&slot->generation, 1);
    pthread_mutex_lock (&self->lock);
    if (self->free_count == self->free_capacity) {
        self->free_capacity = self->free_capacity ? 2 * self->free_capacity : 64;
        self->free_list = realloc (self->free_list, self->free_capacity * sizeof *self->free_list);
        assert (self->free_list);
    }
    self->free_list [self->free_count++] = slot->index;
    pthread_mutex_unlock (&self->lock);
}

slot_t *
slots_find (const slots_t *self, zooid_ref_t ref)
{
    return ref.node == 0 && ref.generation != 0 ? s_at (self, ref.slot) : NULL;
}

uint32_t
slots_count (const slots_t *self)
{
    return atomic_load (&((slots_t *) self)->count);
}

bool
slot_is (slot_t *self, zooid_ref_t ref)
{
    return atomic_load_explicit (&self->generation, memory_order_acquire) == ref.generation;
}

int
slot_reserve (slot_t *self, size_t size)
{
    if (size > SLOT_BYTES_MAX)
        return ZOOID_FULL;
    uint64_t before = atomic_fetch_add_explicit (&self->load, slot_load_of (size), memory_order_relaxed);
    uint64_t limit = atomic_load_explicit (&self->limit, memory_order_relaxed), bytes = (UINT64_C (1) << 40) - 1;
    if (before >> 40 < limit >> 40 && (before & bytes) + size <= (limit & bytes))
        return 0;
    slot_release (self, slot_load_of (size));
    return ZOOID_FULL;
}

void
slot_release (slot_t *self, uint64_t load)
{
    atomic_fetch_sub_explicit (&self->load, load, memory_order_relaxed);
}

void
slot_adjust (slot_t *self, size_t from, size_t to)
{
    atomic_fetch_add_explicit (&self->load, (uint64_t) to - from, memory_order_relaxed);
}
