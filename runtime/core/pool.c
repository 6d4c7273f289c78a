//  A message that crosses threads is taken by one and freed by another; malloc then moves the block between its caches
//  under a lock, which costs more than sending it. Here it goes back to its owner, many at a time.
//
//  A block's first word names its owner and its size class, in 64-byte steps; the owner's address leaves the low bits
//  free for the class. The stack of returned blocks has many pushers and one taker, who takes all: no ABA.
#include "pool.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <zooid/result.h>

//  KEPT: free blocks of one class that a pool holds on to, 512 KiB to 4 MiB. RETURNED_MAX: collected for one owner.
enum { STEP = 64, CLASSES = 8, KEPT = 8192, RETURNED_MAX = 64 };

typedef struct block {
    uintptr_t owner;            //  Pool and class; 0: malloc's
    struct block *next;         //  While it is free; else the user's first bytes
} block_t;

enum { HEADER = sizeof (uintptr_t) };
_Static_assert (POOL_BLOCK_MAX + HEADER == STEP * CLASSES, "the largest class");

struct pool {
    block_t *free [CLASSES + 1];
    size_t kept [CLASSES + 1];
    size_t blocks;
    //  What its thread has collected for another
    pool_t *creditor;
    block_t *first, *last;
    size_t count;
    _Alignas (STEP) _Atomic (block_t *) returned;
    atomic_size_t orphans;      //  Once it is closed: blocks that others hold
};

//  What `returned` holds when the pool is closed.
static block_t s_closed;
static _Thread_local pool_t *s_mine __attribute__ ((tls_model ("initial-exec")));

void
pool_new (pool_t **self_p)
{
    pool_t *self = aligned_alloc (STEP, (sizeof *self + STEP - 1) / STEP * STEP);
    if (!self)
        abort ();
    *self = (pool_t) { .blocks = 0 };
    *self_p = self;
}

static pool_t *
s_owner (const block_t *block)
{
    return (pool_t *) (block->owner & ~(uintptr_t) (STEP - 1));
}

static void
s_free_orphan (pool_t *owner, block_t *block)
{
    free (block);
    if (atomic_fetch_sub_explicit (&owner->orphans, 1, memory_order_acq_rel) == 1)
        free (owner);
}

//  Put a chain of blocks of one owner on its stack.
static void
s_push (pool_t *owner, block_t *first, block_t *last)
{
    block_t *head = atomic_load_explicit (&owner->returned, memory_order_acquire);
    do {
        if (head == &s_closed) {
            for (block_t *next; first; first = next) {
                next = first == last ? NULL : first->next;
                s_free_orphan (owner, first);
            }
            return;
        }
        last->next = head;
    } while (!atomic_compare_exchange_weak_explicit (&owner->returned, &head, first, memory_order_release,
                                                     memory_order_acquire));
}

//  On the owner's thread, or when that has ended.
static void
s_keep (pool_t *self, block_t *block)
{
    size_t class = block->owner & (STEP - 1);
    if (self->kept [class] == KEPT) {
        free (block);
        self->blocks--;
        return;
    }
    block->next = self->free [class];
    self->free [class] = block;
    self->kept [class]++;
}

static void
s_keep_all (pool_t *self, block_t *first)
{
    for (block_t *next; first; first = next) {
        next = first->next;
        s_keep (self, first);
    }
}

void
pool_destroy (pool_t **self_p)
{
    pool_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    assert (self != s_mine && self->count == 0);
    for (block_t *first; (first = atomic_exchange (&self->returned, NULL));)
        s_keep_all (self, first);
    for (size_t class = 0; class <= CLASSES; class++)
        for (block_t *block = self->free [class], *next; block; block = next) {
            next = block->next;
            free (block);
            self->blocks--;
        }
    //  One more than are out, so that the pool is not freed before the stack is closed.
    atomic_store (&self->orphans, self->blocks + 1);
    block_t *late = atomic_exchange (&self->returned, &s_closed);
    for (block_t *next; late; late = next) {
        next = late->next;
        s_free_orphan (self, late);
    }
    if (atomic_fetch_sub (&self->orphans, 1) == 1)
        free (self);
}

void
pool_settle (void)
{
    pool_t *mine = s_mine;
    if (!mine || mine->count == 0)
        return;
    s_push (mine->creditor, mine->first, mine->last);
    mine->count = 0;
}

void
pool_enter (pool_t *self)
{
    pool_settle ();
    s_mine = self;
}

static block_t *
s_make (uintptr_t owner, size_t size)
{
    block_t *block = aligned_alloc (STEP, size);
    if (block)
        block->owner = owner;
    return block;
}

void *
pool_take (size_t size)
{
    pool_t *mine = s_mine;
    if (size > SIZE_MAX - HEADER - STEP)
        return NULL;
    size_t class = (size + HEADER + STEP - 1) / STEP;
    block_t *block;
    if (!mine || class > CLASSES)
        block = s_make (0, class * STEP);
    else {
        if (!mine->free [class] && atomic_load_explicit (&mine->returned, memory_order_relaxed))
            s_keep_all (mine, atomic_exchange_explicit (&mine->returned, NULL, memory_order_acquire));
        block = mine->free [class];
        if (block) {
            mine->free [class] = block->next;
            mine->kept [class]--;
        }
        else {
            block = s_make ((uintptr_t) mine | class, class * STEP);
            mine->blocks += block != NULL;
        }
    }
    return block ? (char *) block + HEADER : NULL;
}

void
pool_give (void *data)
{
    if (!data)
        return;
    block_t *block = (block_t *) ((char *) data - HEADER);
    pool_t *owner = s_owner (block), *mine = s_mine;
    if (!owner)
        free (block);
    else if (owner == mine)
        s_keep (mine, block);
    else if (!mine)
        s_push (owner, block, block);
    else {
        if (mine->count > 0 && (mine->creditor != owner || mine->count == RETURNED_MAX))
            pool_settle ();
        if (mine->count++ == 0) {
            mine->creditor = owner;
            mine->last = block;
            block->next = NULL;
        }
        else
            block->next = mine->first;
        mine->first = block;
    }
}

size_t
pool_blocks (const pool_t *self)
{
    return self->blocks;
}
