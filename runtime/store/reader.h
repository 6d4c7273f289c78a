//  reader.h - snapshots: queries on connections that cannot change anything, beside the writer
#ifndef READER_H
#define READER_H

#include "job.h"
#include "store.h"

typedef struct readers readers_t;

//  As store_new; after the writer, which makes the file.
int
    readers_new (readers_t **self_p, const store_options_t *options, zooid_arena_t *arena, const char **ret_why);
//  Before the writer's: whoever closes the file last checkpoints. Once is enough.
void
    readers_stop (readers_t *self);
void
    readers_destroy (readers_t **self_p);
//  As store_give.
ZOOID_MUST_USE int
    readers_give (readers_t *self, job_t *job);
uint64_t
    readers_done (const readers_t *self);

#endif
