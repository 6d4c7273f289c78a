//  pool.h - memory for messages: each thread's own, given back to it in batches by whichever thread lets go last
//
//  A thread that has entered a pool takes blocks from it without a lock; another thread that is done with such a block
//  collects it with others of the same owner and hands them back by one atomic exchange. A thread without a pool, and a
//  size above POOL_BLOCK_MAX, use malloc. Blocks are aligned for any object of up to 8 bytes.
#ifndef POOL_H
#define POOL_H

#include <stddef.h>

typedef struct pool pool_t;

enum { POOL_BLOCK_MAX = 504 };

void
    pool_new (pool_t **self_p);
//  Blocks that others still hold stay whole; the last of them frees what is left of the pool.
void
    pool_destroy (pool_t **self_p);
//  It is the calling thread's from here on; NULL: none is. What it collected for others is handed back first.
void
    pool_enter (pool_t *self);
//  Hand back what the calling thread has collected for others: before it waits.
void
    pool_settle (void);

//  NULL: memory ended.
void *
    pool_take (size_t size);
//  NULL: nothing happens. [any]
void
    pool_give (void *block);

//  Blocks that the pool has made and not freed. On its thread, for tests.
size_t
    pool_blocks (const pool_t *self);

#endif
