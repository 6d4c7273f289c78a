//  backoff.h - how long to wait before something is tried again: exponential, with jitter
#ifndef ROUTE_BACKOFF_H
#define ROUTE_BACKOFF_H

#include <zooid/actor.h>

//  Embedded in its owner. { .first_ms = 100, .max_ms = 10000 } is one that has not failed yet.
typedef struct {
    int64_t first_ms;       //  At least 1
    int64_t max_ms;         //  At least first_ms
    unsigned failures;      //  In a row
} backoff_t;

//  It failed once more: ms to wait, between half of first_ms * 2^failures and all of it, never more than max_ms. The
//  chance is the actor's (zooid_random), so that a simulated run repeats.
int64_t
    backoff_next (backoff_t *self, zooid_context_t *context);
//  The same from 32 random bits.
int64_t
    backoff_next_of (backoff_t *self, uint32_t random);
//  It worked.
void
    backoff_reset (backoff_t *self);

#endif
