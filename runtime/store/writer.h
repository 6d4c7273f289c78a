//  writer.h - the one connection that changes the file, and the groups of jobs that it commits
#ifndef WRITER_H
#define WRITER_H

#include "job.h"
#include "store.h"

typedef struct writer writer_t;

//  As store_new. The options have no zeroes left to fill in; group_wait_us 0 is never.
int
    writer_new (writer_t **self_p, const store_options_t *options, zooid_arena_t *arena, const char **ret_why);
//  Serve what waits, checkpoint, close the file. Once is enough.
void
    writer_stop (writer_t *self);
void
    writer_destroy (writer_t **self_p);

//  As store_give and store_load.
ZOOID_MUST_USE int
    writer_give (writer_t *self, job_t *job);
ZOOID_MUST_USE int
    writer_load (writer_t *self, job_t *job);
//  As store_migrate. [any]
int
    writer_migrate (writer_t *self, const char *module, const zooid_migration_t *migrations, size_t count,
                    zooid_arena_t *arena, const char **ret_why);
void
    writer_figures (writer_t *self, store_figures_t *ret_figures);
const uint8_t *
    writer_id (const writer_t *self);

#endif
