//  The pool: jobs one by one on a few threads. What a job sees is its own state; the actor gets it back with the result.
#include "work.h"

#include "dispatcher.h"

#include <stdlib.h>

typedef struct {
    zooid_job_t job;
    zooid_system_t *system;
    zooid_completion_t completion;
    zooid_work_fn *work;
    zooid_worked_fn *then;
    void *state;
    zooid_destroy_fn *destroy;
    int result;
} work_t;

static int
s_then (zooid_context_t *self, void *state)
{
    work_t *work = state;
    return work->then ? work->then (self, work->state, work->result) : 0;
}

static void
s_destroy (void *state)
{
    work_t *work = state;
    if (work->destroy)
        work->destroy (work->state);
    free (work);
}

void
work_batch (void *state, zooid_job_t *first, size_t count)
{
    (void) state;
    for (size_t i = 0; i < count; i++) {
        work_t *work = (work_t *) first;
        first = first->next;
        work->result = work->work (work->state);
        zooid_completion_done (work->system, work->completion);
    }
}

int
zooid_work (zooid_context_t *self, zooid_work_fn *work_fn, zooid_worked_fn *then, void *state, zooid_destroy_fn *destroy)
{
    work_t *work = zooid_allocate (sizeof *work);
    *work = (work_t) { .system = self->dispatcher->system, .work = work_fn, .then = then, .state = state, .destroy = destroy };
    int rc = zooid_completion_new (self, s_then, work, s_destroy, &work->completion);
    if (!rc) {
        rc = zooid_worker_give (self->dispatcher->system->pool, &work->job);
        if (rc)
            zooid_completion_cancel (self, work->completion);
    }
    if (rc)
        free (work);
    return rc;
}
