//  A thread that looks at every dispatcher ten times a second: one that is busy and has begun no turn since the last look
//  is in the same handler still. A handler pays one store for it. Time is counted in looks, so that a machine that slept,
//  or a process that was stopped, is not taken for a handler that hangs.
//
//  Nothing that runs can be taken from its thread: past the hard limit the process ends and is started again by whoever
//  runs it, with its durable state whole.
#include "watchdog.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <zooid/log.h>

enum { LOOK_MS = 100, DEGRADED_MS = 10000 };

typedef struct {
    unsigned progress;
    int64_t stuck_ms;
} look_t;

struct watchdog {
    zooid_system_t *system;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_ending;
    look_t looks [DISPATCHERS_MAX];
};

static void
s_look_at (watchdog_t *self, dispatcher_t *dispatcher, look_t *look)
{
    unsigned progress = atomic_load_explicit (&dispatcher->progress, memory_order_relaxed);
    bool is_busy = atomic_load_explicit (&dispatcher->is_busy, memory_order_relaxed);
    bool is_stuck = is_busy && progress == look->progress;
    int64_t before_ms = look->stuck_ms;
    look->progress = progress;
    look->stuck_ms = is_stuck ? before_ms + LOOK_MS : 0;
    if (look->stuck_ms < dispatcher->overrun_ms)
        return;
    atomic_store (&dispatcher->overran_ms, look->stuck_ms);
    if (atomic_load (&dispatcher->progress) != progress)
        atomic_store (&dispatcher->overran_ms, 0);      //  It returned just now: the next one is not to be blamed
    if (before_ms < dispatcher->overrun_ms)
        zooid_log (NULL, ZOOID_WARN, "handler_overruns", ZOOID_TEXT ("dispatcher", dispatcher->name),
                   ZOOID_NUMBER ("so_far_ms", look->stuck_ms));
    if (look->stuck_ms < self->system->hang_ms)
        return;
    zooid_log (NULL, ZOOID_ERROR, "handler_hangs", ZOOID_TEXT ("dispatcher", dispatcher->name),
               ZOOID_NUMBER ("so_far_ms", look->stuck_ms), ZOOID_TEXT ("so", "the process ends, to be started again"));
    abort ();
}

static void *
s_main (void *argument)
{
    watchdog_t *self = argument;
    pthread_setname_np (pthread_self (), "z:watchdog");
    pthread_mutex_lock (&self->lock);
    while (!self->is_ending) {
        struct timespec until;
        clock_gettime (CLOCK_MONOTONIC, &until);
        until.tv_nsec += LOOK_MS * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        int rc = pthread_cond_timedwait (&self->changed, &self->lock, &until);
        uint32_t count = rc == ETIMEDOUT ? atomic_load (&self->system->dispatcher_count) : 0;
        for (uint32_t i = 0; i < count; i++)
            s_look_at (self, atomic_load (&self->system->dispatchers [i]), &self->looks [i]);
    }
    pthread_mutex_unlock (&self->lock);
    return NULL;
}

int
watchdog_new (watchdog_t **self_p, zooid_system_t *system)
{
    watchdog_t *self = zooid_allocate (sizeof *self);
    self->system = system;
    pthread_mutex_init (&self->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init (&attributes);
    pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
    pthread_cond_init (&self->changed, &attributes);
    pthread_condattr_destroy (&attributes);
    int rc = pthread_create (&self->thread, NULL, s_main, self);
    if (rc) {
        pthread_cond_destroy (&self->changed);
        pthread_mutex_destroy (&self->lock);
        free (self);
        return zooid_fault (-rc);
    }
    *self_p = self;
    return 0;
}

void
watchdog_destroy (watchdog_t **self_p)
{
    watchdog_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    pthread_mutex_lock (&self->lock);
    self->is_ending = true;
    pthread_cond_signal (&self->changed);
    pthread_mutex_unlock (&self->lock);
    pthread_join (self->thread, NULL);
    pthread_cond_destroy (&self->changed);
    pthread_mutex_destroy (&self->lock);
    free (self);
}

void
watchdog_note (zooid_context_t *self)
{
    int64_t took_ms = atomic_exchange_explicit (&self->dispatcher->overran_ms, 0, memory_order_relaxed);
    extra_t *extra = context_extra (self);
    extra->overran_ms = took_ms;
    extra->overran_at_ms = dispatcher_now_ms (self->dispatcher);
    zooid_log (self, ZOOID_WARN, "handler_overran", ZOOID_NUMBER ("at_least_ms", took_ms));
}

int64_t
watchdog_overran_ms (const zooid_context_t *self)
{
    const extra_t *extra = self->extra;
    bool is_lately = extra && extra->overran_ms && dispatcher_now_ms (self->dispatcher) - extra->overran_at_ms < DEGRADED_MS;
    return is_lately ? extra->overran_ms : 0;
}
