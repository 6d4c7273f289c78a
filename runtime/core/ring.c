//  Capacity is a power of two. A ring that grew large is freed when it runs empty: an idle actor holds no queue.
#include "ring.h"

#include <stdlib.h>
#include <string.h>

enum { SMALL = 8, LARGE = 1024 };

void
ring_push (ring_t *self, const envelope_t *envelope)
{
    if (self->count == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : SMALL;
        envelope_t *items = zooid_allocate (capacity * sizeof *items);
        for (size_t i = 0; i < self->count; i++)
            items [i] = self->items [(self->first + i) & (self->capacity - 1)];
        free (self->items);
        self->items = items;
        self->capacity = capacity;
        self->first = 0;
    }
    self->items [(self->first + self->count++) & (self->capacity - 1)] = *envelope;
}

bool
ring_pop (ring_t *self, envelope_t *ret_envelope)
{
    if (self->count == 0)
        return false;
    *ret_envelope = self->items [self->first];
    self->first = (self->first + 1) & (self->capacity - 1);
    self->count--;
    if (self->count == 0 && self->capacity >= LARGE)
        ring_fini (self);
    return true;
}

void
ring_fini (ring_t *self)
{
    free (self->items);
    memset (self, 0, sizeof *self);
}
