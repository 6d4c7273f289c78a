//  worker.h - threads that take jobs, in batches or one by one
#ifndef WORKER_H
#define WORKER_H

#include <zooid/system.h>

//  threads that share one queue; each takes at most `most` jobs at once.
int
    worker_new (zooid_worker_t **self_p, zooid_system_t *system, const char *name, size_t threads, size_t limit, size_t most,
                zooid_batch_fn *batch, void *state);
//  Virtual: does a job wait; do one batch.
bool
    worker_is_idle (zooid_worker_t *self);
void
    worker_step (zooid_worker_t *self);

#endif
