//  environment.h - the seam: where time, chance and transport come from
//
//  Everything of the core that could differ between two runs of the same program passes through here. The real
//  environment is the kernel and libzmq; the virtual one is a clock that stands still until it is set, one seeded
//  generator and queues in memory, so that a whole system runs in one thread and the same seed gives the same run.
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include <zooid/system.h>

typedef struct environment environment_t;

//  seed: of a virtual environment.
void
    environment_new (environment_t **self_p, zooid_environment_t kind, uint64_t seed);
void
    environment_destroy (environment_t **self_p);
bool
    environment_is_virtual (const environment_t *self);

//  Monotonic, counting time asleep. [any]
int64_t
    environment_monotonic_ns (const environment_t *self);
//  Changes every few ms, and costs a tenth of the clock: has it become later at all? [any]
int64_t
    environment_tick (const environment_t *self);
//  ms UTC. [any]
int64_t
    environment_wall_ms (const environment_t *self);
//  Fit for secrets in the real environment. [any]
void
    environment_random (environment_t *self, void *ret_data, size_t size);
//  Set a virtual clock forward.
void
    environment_advance_to_ns (environment_t *self, int64_t monotonic_ns);
//  A choice below `bound` that a virtual run makes; part of its seed.
uint64_t
    environment_choose (environment_t *self, uint64_t bound);

#endif
