//  queue.h - jobs that wait, bounded, and the workers that serve them
#ifndef QUEUE_H
#define QUEUE_H

#include <zooid/system.h>

typedef struct queue queue_t;

//  On worker number `worker`, from 0: take jobs until queue_take gives none.
typedef void (queue_serve_fn) (void *state, size_t worker);

typedef struct {
    zooid_system_t *system;
    const char *name;           //  Of the workers
    size_t workers;
    size_t limit;               //  Jobs that may wait
    queue_serve_fn *serve;
    void *state;
} queue_options_t;

int
    queue_new (queue_t **self_p, const queue_options_t *options);
//  Takes nothing more; what waits is served before it returns. Once is enough.
void
    queue_stop (queue_t *self);
//  Stops it first.
void
    queue_destroy (queue_t **self_p);

//  ZOOID_FULL. ZOOID_GONE: it was stopped. The job is still yours. [any]
ZOOID_MUST_USE int
    queue_give (queue_t *self, zooid_job_t *job);
//  The oldest, at most `limit`, in order. 0: none waits, and `serve` must return.
size_t
    queue_take (queue_t *self, size_t worker, size_t limit, zooid_job_t **ret_first);
//  Wait until `count` jobs wait, `wait_us` at most. How many do. For one worker alone.
size_t
    queue_wait (queue_t *self, size_t count, int64_t wait_us);
//  How many wait. [any]
size_t
    queue_size (queue_t *self);

#endif
