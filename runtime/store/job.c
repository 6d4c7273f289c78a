//  A job has two owners. Its completion belongs to the actor, and is destroyed when the actor restarts, which may be
//  while the store's thread is in the transaction function; so the state that the function sees ends with the last of
//  both. The request belongs to the actor alone, and is answered or destroyed on its thread.
#include "job.h"
#include "store_inner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zooid/log.h>

//  What a result of a transaction function is called when the function did not name a failure itself: to the
//  continuation, and to whoever asked.
typedef struct {
    int rc;
    const char *failure;
    const char *answer;     //  NULL: a success, empty if it said no reply: what was asked for was done before
} verdict_t;

static const verdict_t s_verdicts [] = {
    { ZOOID_REFUSED, "refused", "conflict" },
    { ZOOID_DUPLICATE, "duplicate", NULL },
    { ZOOID_FULL, "overloaded", "overloaded" },
    { ZOOID_GONE, "unavailable", "unavailable" },
    { ZOOID_UNKNOWN, "not_found", "not_found" },
    { ZOOID_INVALID, "invalid", "invalid" },
    { ZOOID_DENIED, "denied", "denied" },
};

static const verdict_t *
s_verdict (int rc)
{
    for (size_t i = 0; i < ZOOID_COUNT (s_verdicts); i++)
        if (s_verdicts [i].rc == rc)
            return &s_verdicts [i];
    return &s_verdicts [0];
}

static zooid_failure_kind_t
s_kind (const zooid_module_t *module, const char *failure)
{
    if (strcmp (failure, "refused") == 0 || strcmp (failure, "duplicate") == 0)
        return ZOOID_FAILURE_CONFLICT;
    const zooid_contract_t *contract = module->contract;
    for (size_t i = 0; contract && i < contract->operation_count; i++) {
        const zooid_operation_t *operation = &contract->operations [i];
        for (size_t n = 0; n < operation->fail_count; n++)
            if (strcmp (operation->fails [n].name, failure) == 0)
                return operation->fails [n].kind;
    }
    return zooid_failure_kind (failure);
}

//  ---- life

static void
s_release (job_t *self)
{
    if (atomic_fetch_sub_explicit (&self->references, 1, memory_order_acq_rel) > 1)
        return;
    if (self->told.destroy)
        self->told.destroy (self->told.state);
    said_fini (&self->said);
    free (self);
}

void
job_done (job_t **self_p, zooid_system_t *system)
{
    job_t *self = *self_p;
    *self_p = NULL;
    zooid_completion_t completion = self->completion;
    s_release (self);
    zooid_completion_done (system, completion);
}

//  The completion's state ends.
static void
s_on_completion_end (void *state)
{
    job_t *self = state;
    zooid_request_destroy (&self->told.request);
    s_release (self);
}

//  ---- the turn after it

static const char *
s_failure (const job_t *self)
{
    if (self->prevented)
        return self->prevented;
    if (self->rc == 0)
        return NULL;
    if (self->rc < 0)
        return "internal";
    return self->said.failure ? self->said.failure : s_verdict (self->rc)->failure;
}

static zooid_bytes_t
s_reply (const job_t *self)
{
    return (zooid_bytes_t) { .data = self->said.reply.data, .size = self->said.reply.size };
}

static int
s_publish (job_t *self, zooid_context_t *context)
{
    int rc = 0;
    for (said_event_t *event = self->said.first; event && rc >= 0; event = event->next) {
        zooid_bytes_t payload = { .data = event->payload.data, .size = event->payload.size };
        rc = zooid_publish_payload (context, event->topic, payload);
        if (rc > 0)
            zooid_dead_letter (context, "not_published", event->topic, payload, "outcome %d", rc);
    }
    return rc < 0 ? zooid_fault (rc) : 0;
}

static int
s_answer (job_t *self, zooid_context_t *context)
{
    const char *failure = NULL, *detail = "";
    if (self->prevented)
        failure = self->prevented;
    else if (self->rc < 0)
        failure = "internal";
    else if (self->said.failure) {
        failure = self->said.failure;
        detail = self->said.detail;
    }
    else if (self->rc > 0 && !self->said.replied)
        failure = s_verdict (self->rc)->answer;
    if (failure)
        return zooid_request_fail (context, &self->told.request, failure, "%s", detail);
    const zooid_outcome_t outcome = { .detail = "", .payload = s_reply (self) };
    return zooid_request_forward (context, &self->told.request, &outcome);
}

static int
s_continue (job_t *self, zooid_context_t *context)
{
    const char *failure = s_failure (self);
    zooid_outcome_t outcome = {
        .failure = failure,
        .kind = failure ? s_kind (self->module, failure) : 0,
        .detail = failure && self->said.detail && !self->prevented ? self->said.detail : "",
        .payload = s_reply (self),
    };
    return self->told.then (context, self->told.state, &outcome);
}

static int
s_on_completion (zooid_context_t *context, void *state)
{
    job_t *self = state;
    int rc = !self->prevented && self->rc == 0 ? s_publish (self, context) : 0;
    if (rc == 0 && self->told.request)
        rc = s_answer (self, context);
    if (rc == 0 && self->told.then)
        rc = s_continue (self, context);
    //  The transaction's own fault comes first: it is why the actor restarts.
    return zooid_fault (self->rc < 0 ? self->rc : rc);
}

//  ---- the calls

static int
s_give (zooid_context_t *context, const zooid_commit_t *told, bool writes)
{
    const store_attachment_t *attachment = zooid_attachment (context);
    if (!attachment || !attachment->store)
        return zooid_fault (-ENODEV);
    if (!told->transaction)
        return zooid_fault (-EINVAL);
    job_t *job = zooid_allocate (sizeof *job);
    *job = (job_t) { .references = 2, .told = *told, .module = attachment->module };
    snprintf (job->actor, sizeof job->actor, "%s", zooid_name (context));
    int rc = zooid_completion_new (context, s_on_completion, job, s_on_completion_end, &job->completion);
    if (rc) {
        free (job);
        return zooid_fault (rc);
    }
    //  Given is gone: its turn may have been queued before this returns.
    zooid_completion_t completion = job->completion;
    rc = store_give (attachment->store, job, writes);
    if (rc) {
        zooid_completion_cancel (context, completion);
        free (job);
        return zooid_fault (rc == ZOOID_GONE ? -ENODEV : rc);
    }
    return 0;
}

int
zooid_commit (zooid_context_t *self, const zooid_commit_t *commit)
{
    return s_give (self, commit, true);
}

int
zooid_snapshot (zooid_context_t *self, const zooid_commit_t *query)
{
    return s_give (self, query, false);
}

int
zooid_load (zooid_context_t *self, zooid_transaction_fn *transaction, void *state)
{
    const store_attachment_t *attachment = zooid_attachment (self);
    if (!attachment || !attachment->store)
        return zooid_fault (-ENODEV);
    job_t job = { .told = { .transaction = transaction, .state = state }, .module = attachment->module };
    snprintf (job.actor, sizeof job.actor, "%s", zooid_name (self));
    int rc = store_load (attachment->store, &job);
    if (rc == 0)
        rc = s_publish (&job, self);
    said_fini (&job.said);
    return zooid_fault (rc);
}
