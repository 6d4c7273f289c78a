//  slot.h - mailbox slots: where a ref points, and what a sender may reserve there
//
//  Slots are type-stable: made in chunks, never unmapped, used again under a new generation. A sender on any thread can
//  therefore look at the slot of a stale ref; what it finds there is another generation, and the outcome is GONE.
#ifndef SLOT_H
#define SLOT_H

#include <stdatomic.h>
#include <zooid/contract.h>

typedef struct {
    uint32_t index;
    atomic_uint generation;         //  Odd: in use
    atomic_uint dispatcher;
    atomic_uint_fast64_t load;      //  Reserved: by senders at tell, released by the receiver when handled
    atomic_uint_fast64_t limit;     //  Of both, as slot_load_limit has it
    atomic_uint_fast64_t refused;   //  Never queued
    atomic_uint_fast64_t dropped;   //  Events shed at the sender
    _Atomic (const zooid_contract_t *) contract;    //  What is offered there
    _Atomic (zooid_context_t *) actor;      //  Its dispatcher's alone
} slot_t;

typedef struct slots slots_t;

void
    slots_new (slots_t **self_p);
void
    slots_destroy (slots_t **self_p);
//  Take a free slot; the ref names it. [any]
slot_t *
    slots_take (slots_t *self, zooid_ref_t *ret_ref);
//  Its refs are stale from here on. [any]
void
    slots_give (slots_t *self, slot_t *slot);
//  NULL: the ref never named a slot. What it names may be stale: slot_is. [any]
slot_t *
    slots_find (const slots_t *self, zooid_ref_t ref);
//  Slots ever taken. [any]
uint32_t
    slots_count (const slots_t *self);

bool
    slot_is (slot_t *self, zooid_ref_t ref);
//  Messages and bytes are one number, so that both are reserved by one atomic addition: 24 bits and 40.
enum { SLOT_MESSAGES_MAX = (1 << 23) - 1 };
#define SLOT_BYTES_MAX (UINT64_C (1) << 39)
//  The load of one message of `size` bytes; loads add up.
static inline uint64_t
slot_load_of (size_t size)
{
    return UINT64_C (1) << 40 | size;
}
//  The most of both.
static inline uint64_t
slot_load_limit (size_t messages, size_t bytes)
{
    return (uint64_t) (messages < SLOT_MESSAGES_MAX ? messages : SLOT_MESSAGES_MAX) << 40
           | (bytes < SLOT_BYTES_MAX ? bytes : SLOT_BYTES_MAX);
}
static inline size_t
slot_messages (slot_t *self)
{
    return atomic_load_explicit (&self->load, memory_order_relaxed) >> 40;
}
static inline size_t
slot_bytes (slot_t *self)
{
    return atomic_load_explicit (&self->load, memory_order_relaxed) & ((UINT64_C (1) << 40) - 1);
}
//  Room for one message of `size` bytes. 0, or ZOOID_FULL: nothing was reserved. [any]
int
    slot_reserve (slot_t *self, size_t size);
//  What messages were handled: their loads, added up. [any]
void
    slot_release (slot_t *self, uint64_t load);
//  A reserved message became larger or smaller on its way. [any]
void
    slot_adjust (slot_t *self, size_t from, size_t to);

#endif
