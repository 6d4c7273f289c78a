#include "intensity.h"

#include <stdlib.h>

struct intensity {
    int64_t backoff_ms, backoff_max_ms, within_ms, next_backoff_ms;
    uint32_t restarts_max;
    uint64_t restarts;
    int64_t at_ms [];           //  Of the last ones
};

void
intensity_new (intensity_t **self_p, const zooid_supervision_t *supervision)
{
    uint32_t restarts_max = supervision->restarts ? supervision->restarts : 10;
    intensity_t *self = zooid_allocate (sizeof *self + restarts_max * sizeof self->at_ms [0]);
    self->backoff_ms = supervision->backoff_ms ? supervision->backoff_ms : 100;
    self->backoff_max_ms = supervision->backoff_max_ms ? supervision->backoff_max_ms : 10000;
    self->within_ms = supervision->within_ms ? supervision->within_ms : 60000;
    self->next_backoff_ms = self->backoff_ms;
    self->restarts_max = restarts_max;
    *self_p = self;
}

void
intensity_destroy (intensity_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

bool
intensity_is_exceeded (intensity_t *self, int64_t now_ms)
{
    int64_t *oldest_ms = &self->at_ms [self->restarts % self->restarts_max];
    bool is_exceeded = self->restarts >= self->restarts_max && now_ms - *oldest_ms < self->within_ms;
    //  A quiet while behind it: the pause begins small again.
    if (self->restarts > 0 && now_ms - self->at_ms [(self->restarts - 1) % self->restarts_max] >= self->within_ms)
        self->next_backoff_ms = self->backoff_ms;
    *oldest_ms = now_ms;
    self->restarts++;
    return is_exceeded;
}

int64_t
intensity_next_delay_ms (intensity_t *self, environment_t *environment)
{
    int64_t delay_ms = self->next_backoff_ms;
    self->next_backoff_ms = delay_ms * 2 < self->backoff_max_ms ? delay_ms * 2 : self->backoff_max_ms;
    uint32_t jitter;
    environment_random (environment, &jitter, sizeof jitter);
    return delay_ms / 2 + (int64_t) (jitter % (uint64_t) (delay_ms / 2 + 1));
}
