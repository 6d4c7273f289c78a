//  ring.h - the queue of a mailbox lane: items in order, grown by doubling, given back when empty
#ifndef RING_H
#define RING_H

#include "channel.h"

typedef struct {
    envelope_t *items;
    size_t first, count, capacity;
} ring_t;

void
    ring_push (ring_t *self, const envelope_t *envelope);
//  false: it is empty.
bool
    ring_pop (ring_t *self, envelope_t *ret_envelope);
void
    ring_fini (ring_t *self);

#endif
