#include "test_gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

void
gate_init (gate_t *self)
{
    *self = (gate_t) GATE_INITIAL;
}

void
gate_open (gate_t *self, int64_t value)
{
    pthread_mutex_lock (&self->lock);
    self->value += value;
    self->opened++;
    pthread_cond_broadcast (&self->changed);
    pthread_mutex_unlock (&self->lock);
}

bool
gate_opens (gate_t *self, int times, int64_t timeout_ms)
{
    struct timespec until;
    clock_gettime (CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock (&self->lock);
    int rc = 0;
    while (self->opened < times && rc == 0)
        rc = pthread_cond_timedwait (&self->changed, &self->lock, &until);
    bool opened = self->opened >= times;
    pthread_mutex_unlock (&self->lock);
    return opened;
}

void
gate_wait (gate_t *self, int times)
{
    assert_true (gate_opens (self, times, 30000));
}
