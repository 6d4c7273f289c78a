//  A worker of the runtime takes all jobs that wait as one batch and cannot look for more. Here the jobs wait in a list
//  of our own, so that a commit can wait for company, and several workers can share what waits; a worker is given only
//  its wake-up, when there is something to take and it sleeps.
#include "queue.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
    zooid_job_t wake;           //  First: it is what the worker is given
    queue_t *queue;
    size_t index;
    zooid_worker_t *worker;
    bool awake;
} seat_t;

struct queue {
    queue_options_t options;
    pthread_mutex_t lock;
    pthread_cond_t grown;       //  `size` reached `wanted`
    zooid_job_t *first, *last;
    size_t size;
    size_t wanted;              //  0: nobody waits
    bool stopped;
    seat_t *seats;
};

static void
s_on_wake (void *state, zooid_job_t *first, size_t count)
{
    (void) first;
    (void) count;
    seat_t *seat = state;
    seat->queue->options.serve (seat->queue->options.state, seat->index);
}

int
queue_new (queue_t **self_p, const queue_options_t *options)
{
    ZOOID_CLEANUP (queue_destroy) queue_t *self = zooid_allocate (sizeof *self);
    self->options = *options;
    pthread_mutex_init (&self->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init (&attributes);
    pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
    pthread_cond_init (&self->grown, &attributes);
    pthread_condattr_destroy (&attributes);
    self->seats = zooid_allocate (options->workers * sizeof *self->seats);
    for (size_t i = 0; i < options->workers; i++) {
        seat_t *seat = &self->seats [i];
        *seat = (seat_t) { .queue = self, .index = i };
        int rc = zooid_worker_new (&seat->worker, options->system, options->name, 1, s_on_wake, seat);
        if (rc)
            return zooid_fault (rc);
    }
    *self_p = self;
    self = NULL;
    return 0;
}

void
queue_stop (queue_t *self)
{
    pthread_mutex_lock (&self->lock);
    bool first = !self->stopped;
    self->stopped = true;
    pthread_mutex_unlock (&self->lock);
    if (!first)
        return;
    for (size_t i = 0; i < self->options.workers; i++)
        zooid_worker_destroy (&self->seats [i].worker);
    //  In a virtual environment nobody runs the workers any more: what is left is served here.
    if (self->first)
        self->options.serve (self->options.state, 0);
    assert (!self->first);
}

void
queue_destroy (queue_t **self_p)
{
    queue_t *self = *self_p;
    if (!self)
        return;
    queue_stop (self);
    pthread_cond_destroy (&self->grown);
    pthread_mutex_destroy (&self->lock);
    free (self->seats);
    free (self);
    *self_p = NULL;
}

//  With the lock.
static void
s_wake_one (queue_t *self)
{
    for (size_t i = 0; i < self->options.workers; i++) {
        seat_t *seat = &self->seats [i];
        if (seat->awake)
            continue;
        seat->awake = true;
        int rc = zooid_worker_give (seat->worker, &seat->wake);
        assert (rc == 0);       //  It has room for one, and no other can wait
        return;
    }
}

int
queue_give (queue_t *self, zooid_job_t *job)
{
    int rc = 0;
    pthread_mutex_lock (&self->lock);
    if (self->stopped)
        rc = ZOOID_GONE;
    else if (self->size == self->options.limit)
        rc = ZOOID_FULL;
    else {
        job->next = NULL;
        if (self->last)
            self->last->next = job;
        else
            self->first = job;
        self->last = job;
        self->size++;
        if (self->wanted && self->size >= self->wanted)
            pthread_cond_signal (&self->grown);
        s_wake_one (self);
    }
    pthread_mutex_unlock (&self->lock);
    return rc;
}

size_t
queue_take (queue_t *self, size_t worker, size_t limit, zooid_job_t **ret_first)
{
    pthread_mutex_lock (&self->lock);
    size_t count = 0;
    zooid_job_t *last = NULL;
    *ret_first = self->first;
    for (zooid_job_t *job = self->first; job && count < limit; job = job->next) {
        last = job;
        count++;
    }
    if (last) {
        self->first = last->next;
        last->next = NULL;
    }
    if (!self->first)
        self->last = NULL;
    self->size -= count;
    if (count == 0)
        self->seats [worker].awake = false;
    pthread_mutex_unlock (&self->lock);
    return count;
}

size_t
queue_wait (queue_t *self, size_t count, int64_t wait_us)
{
    struct timespec until;
    clock_gettime (CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long) wait_us * 1000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock (&self->lock);
    self->wanted = count;
    int rc = 0;
    while (self->size < count && !self->stopped && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait (&self->grown, &self->lock, &until);
    self->wanted = 0;
    size_t size = self->size;
    pthread_mutex_unlock (&self->lock);
    return size;
}

size_t
queue_size (queue_t *self)
{
    pthread_mutex_lock (&self->lock);
    size_t size = self->size;
    pthread_mutex_unlock (&self->lock);
    return size;
}
