//  backoff.c - "equal jitter": half of the delay is certain, so that a broker that is down is never hammered; the other
//  half is chance, so that a thousand bridges do not come back in the same millisecond.
#include "route/backoff.h"

int64_t
backoff_next_of (backoff_t *self, uint32_t random)
{
    int64_t delay = self->first_ms;
    for (unsigned n = 0; n < self->failures && delay < self->max_ms; n++)
        delay *= 2;
    if (delay > self->max_ms)
        delay = self->max_ms;
    self->failures++;
    int64_t half = delay / 2;
    return delay - half + (int64_t) (random % (uint64_t) (half + 1));
}

int64_t
backoff_next (backoff_t *self, zooid_context_t *context)
{
    uint32_t random = 0;
    zooid_random (context, &random, sizeof random);
    return backoff_next_of (self, random);
}

void
backoff_reset (backoff_t *self)
{
    self->failures = 0;
}
