//  A ring's capacity is a power of two, doubled when it is full.
#include "queue.h"

#include <stdlib.h>

enum { SMALL = 16, LARGE = 1024 };

struct ring {
    uint32_t first, count, capacity;
    mail_t items [];
};

void
spare_fini (spare_t *self)
{
    free (self->ring);
    self->ring = NULL;
}

static ring_t *
s_ring (spare_t *spare, uint32_t capacity)
{
    ring_t *ring = spare->ring;
    if (ring && capacity <= ring->capacity) {
        spare->ring = NULL;
        return ring;
    }
    ring = zooid_allocate (sizeof *ring + capacity * sizeof ring->items [0]);
    ring->capacity = capacity;
    return ring;
}

static void
s_leave (ring_t *ring, spare_t *spare)
{
    ring->first = 0;
    if (spare->ring || ring->capacity > LARGE)
        free (ring);
    else
        spare->ring = ring;
}

static mail_t *
s_item (ring_t *ring, uint32_t index)
{
    return &ring->items [(ring->first + index) & (ring->capacity - 1)];
}

size_t
queue_count (const queue_t *self)
{
    return queue_is_empty (self) ? 0 : 1 + (self->rest ? self->rest->count : 0);
}

const mail_t *
queue_at (const queue_t *self, size_t index)
{
    if (index >= queue_count (self))
        return NULL;
    return index == 0 ? &self->first : s_item (self->rest, (uint32_t) index - 1);
}

void
queue_push (queue_t *self, spare_t *spare, mail_t mail)
{
    if (queue_is_empty (self)) {
        self->first = mail;
        return;
    }
    ring_t *ring = self->rest;
    if (!ring)
        ring = self->rest = s_ring (spare, SMALL);
    if (ring->count == ring->capacity) {
        self->rest = s_ring (spare, 2 * ring->capacity);
        for (uint32_t i = 0; i < ring->count; i++)
            self->rest->items [i] = *s_item (ring, i);
        self->rest->count = ring->count;
        ring->count = 0;
        s_leave (ring, spare);
        ring = self->rest;
    }
    *s_item (ring, ring->count++) = mail;
}

bool
queue_pop (queue_t *self, spare_t *spare, mail_t *ret_mail)
{
    if (queue_is_empty (self))
        return false;
    *ret_mail = self->first;
    self->first = (mail_t) { 0 };
    ring_t *ring = self->rest;
    if (!ring)
        return true;
    if (ring->count > 0) {
        self->first = *s_item (ring, 0);
        ring->first = (ring->first + 1) & (ring->capacity - 1);
        ring->count--;
    }
    else {
        self->rest = NULL;
        s_leave (ring, spare);
    }
    return true;
}

void
queue_prepend (queue_t *self, spare_t *spare, queue_t *before)
{
    queue_t after = *self;
    *self = *before;
    *before = (queue_t) { 0 };
    for (mail_t mail; queue_pop (&after, spare, &mail);)
        queue_push (self, spare, mail);
}
