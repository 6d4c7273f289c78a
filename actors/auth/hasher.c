//  A job is in the queue, or with the pool, or in its continuation; it owns the caller's state all the way. Each job
//  that comes back lets the next one go, before its own continuation runs.
#include "hasher.h"

#include <stdlib.h>

struct hasher_job {
    hasher_job_t *next;
    hasher_t *hasher;
    hashing_t *hashing;
    zooid_worked_fn *then;
    void *state;
    zooid_destroy_fn *destroy;
};

int
hashing_run (hashing_t *self)
{
    if (*self->hash) {
        int rc = password_verify (self->hash, self->password);
        if (rc)
            return rc;
    }
    return *self->fresh ? password_hash (self->fresh, self->salt, self->fresh_hash) : 0;
}

static void
s_job_destroy (void *state)
{
    hasher_job_t *job = state;
    if (job->destroy)
        job->destroy (job->state);
    free (job);
}

static int
s_work (void *state)
{
    hasher_job_t *job = state;
    return hashing_run (job->hashing);
}

void
hasher_init (hasher_t *self, size_t running_max)
{
    *self = (hasher_t) { .running_max = running_max, .last = &self->first };
}

void
hasher_fini (hasher_t *self)
{
    while (self->first) {
        hasher_job_t *job = self->first;
        self->first = job->next;
        s_job_destroy (job);
    }
    hasher_init (self, self->running_max);
}

static int
s_worked (zooid_context_t *context, void *state, int result);

static int
s_start (hasher_t *self, zooid_context_t *context, hasher_job_t *job)
{
    int rc = zooid_work (context, s_work, s_worked, job, s_job_destroy);
    if (rc == 0)
        self->running++;
    return rc;
}

//  Let waiting jobs go while there is room. One that the pool has no room for is told so: with none of ours running,
//  nothing would come back to start it.
static int
s_start_waiting (hasher_t *self, zooid_context_t *context)
{
    int result = 0;
    while (self->first && self->running < self->running_max) {
        hasher_job_t *job = self->first;
        self->first = job->next;
        if (!self->first)
            self->last = &self->first;
        self->waiting--;
        int rc = s_start (self, context, job);
        if (rc == 0)
            continue;
        int told = job->then (context, job->state, rc);
        s_job_destroy (job);
        if (told < 0)
            result = told;
    }
    return result;
}

static int
s_worked (zooid_context_t *context, void *state, int result)
{
    hasher_job_t *job = state;
    zooid_count (context, "auth_hashes", "Passwords verified or hashed", 1);
    job->hasher->running--;
    int rc = s_start_waiting (job->hasher, context);
    int told = job->then (context, job->state, result);
    return told < 0 ? told : rc;
}

int
hasher_give (hasher_t *self, zooid_context_t *context, hashing_t *hashing, zooid_worked_fn *then, void *state,
             zooid_destroy_fn *destroy)
{
    if (self->running >= self->running_max && self->waiting >= HASHER_WAITING_MAX)
        return ZOOID_FULL;
    hasher_job_t *job = zooid_allocate (sizeof *job);
    *job = (hasher_job_t) { .hasher = self, .hashing = hashing, .then = then, .state = state, .destroy = destroy };
    if (self->running < self->running_max) {
        int rc = s_start (self, context, job);
        if (rc)
            free (job);
        return rc;
    }
    *self->last = job;
    self->last = &job->next;
    self->waiting++;
    return 0;
}
