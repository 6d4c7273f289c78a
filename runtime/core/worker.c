//  A list under a lock. A thread that finds it empty waits; one that finds jobs takes as many as it may in one go, which
//  is what makes a group of commits out of what came meanwhile.
#include "worker.h"

#include "environment.h"
#include "system_parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct zooid_worker {
    zooid_system_t *system;
    char name [16];
    zooid_batch_fn *batch;
    void *state;
    size_t limit, most;
    pthread_mutex_t lock;
    pthread_cond_t ready;
    zooid_job_t *first, **last;
    size_t count;
    bool ending;
    pthread_t *threads;
    size_t thread_count;
};

//  The lock is held.
static zooid_job_t *
s_take (zooid_worker_t *self, size_t *ret_count)
{
    zooid_job_t *first = self->first, **end = &self->first;
    size_t count = 0;
    for (; *end && count < self->most; count++)
        end = &(*end)->next;
    self->first = *end;
    if (!self->first)
        self->last = &self->first;
    *end = NULL;
    self->count -= count;
    *ret_count = count;
    return count ? first : NULL;
}

static void *
s_run (void *argument)
{
    zooid_worker_t *self = argument;
    pthread_setname_np (pthread_self (), self->name);
    pthread_mutex_lock (&self->lock);
    for (;;) {
        while (!self->first && !self->ending)
            pthread_cond_wait (&self->ready, &self->lock);
        if (!self->first)
            break;
        size_t count;
        zooid_job_t *jobs = s_take (self, &count);
        pthread_mutex_unlock (&self->lock);
        self->batch (self->state, jobs, count);
        pthread_mutex_lock (&self->lock);
    }
    pthread_mutex_unlock (&self->lock);
    return NULL;
}

static int
s_start_threads (zooid_worker_t *self, size_t threads)
{
    self->threads = zooid_allocate (threads * sizeof *self->threads);
    for (; self->thread_count < threads; self->thread_count++) {
        int rc = pthread_create (&self->threads [self->thread_count], NULL, s_run, self);
        if (rc)
            return zooid_fault (-rc);
    }
    return 0;
}

int
worker_new (zooid_worker_t **self_p, zooid_system_t *system, const char *name, size_t threads, size_t limit, size_t most,
            zooid_batch_fn *batch, void *state)
{
    zooid_worker_t *self = zooid_allocate (sizeof *self);
    self->system = system;
    snprintf (self->name, sizeof self->name, "z:%s", name);
    self->batch = batch;
    self->state = state;
    self->limit = limit;
    self->most = most;
    self->last = &self->first;
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->ready, NULL);
    if (environment_is_virtual (system->environment)) {
        system->workers = realloc (system->workers, (system->worker_count + 1) * sizeof *system->workers);
        assert (system->workers);
        system->workers [system->worker_count++] = self;
    }
    else {
        int rc = s_start_threads (self, threads);
        if (rc) {
            zooid_worker_destroy (&self);
            return rc;
        }
    }
    *self_p = self;
    return 0;
}

int
zooid_worker_new (zooid_worker_t **self_p, zooid_system_t *system, const char *name, size_t limit, zooid_batch_fn *batch, void *state)
{
    return worker_new (self_p, system, name, 1, limit, SIZE_MAX, batch, state);
}

static void
s_forget (zooid_system_t *system, zooid_worker_t *worker)
{
    for (size_t i = 0; i < system->worker_count; i++)
        if (system->workers [i] == worker) {
            system->workers [i] = system->workers [--system->worker_count];
            return;
        }
}

void
zooid_worker_destroy (zooid_worker_t **self_p)
{
    zooid_worker_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    pthread_mutex_lock (&self->lock);
    self->ending = true;
    pthread_cond_broadcast (&self->ready);
    pthread_mutex_unlock (&self->lock);
    for (size_t i = 0; i < self->thread_count; i++)
        pthread_join (self->threads [i], NULL);
    while (!worker_is_idle (self))
        worker_step (self);
    s_forget (self->system, self);
    pthread_cond_destroy (&self->ready);
    pthread_mutex_destroy (&self->lock);
    free (self->threads);
    free (self);
}

int
zooid_worker_give (zooid_worker_t *self, zooid_job_t *job)
{
    int rc = ZOOID_FULL;
    pthread_mutex_lock (&self->lock);
    if (self->count < self->limit) {
        job->next = NULL;
        *self->last = job;
        self->last = &job->next;
        self->count++;
        pthread_cond_signal (&self->ready);
        rc = 0;
    }
    pthread_mutex_unlock (&self->lock);
    return rc;
}

bool
worker_is_idle (zooid_worker_t *self)
{
    pthread_mutex_lock (&self->lock);
    bool is_idle = !self->first;
    pthread_mutex_unlock (&self->lock);
    return is_idle;
}

void
worker_step (zooid_worker_t *self)
{
    size_t count;
    pthread_mutex_lock (&self->lock);
    zooid_job_t *jobs = s_take (self, &count);
    pthread_mutex_unlock (&self->lock);
    if (jobs)
        self->batch (self->state, jobs, count);
}
