//  Each step hands the errand to the runtime as its state, which destroys it behind the continuation. A continuation
//  that goes on moves the errand into a block of its own first: every copy of a password is wiped where it lay.
#include "errand.h"

#include <sodium.h>
#include <stdlib.h>

#include "auth.h"

errand_t *
errand_new (zooid_context_t *context)
{
    errand_t *self = zooid_allocate (sizeof *self);
    self->request = zooid_request_take (context);
    return self;
}

errand_t *
errand_move (errand_t *self)
{
    errand_t *moved = zooid_allocate (sizeof *moved);
    *moved = *self;
    sodium_memzero (self, sizeof *self);
    return moved;
}

void
errand_destroy (void *state)
{
    errand_t *self = state;
    zooid_request_destroy (&self->request);
    sodium_memzero (self, sizeof *self);
    free (self);
}

int
errand_fail (errand_t *self, zooid_context_t *context, const char *failure, const char *detail)
{
    int rc = zooid_request_fail (context, &self->request, failure, "%s", detail);
    errand_destroy (self);
    return rc < 0 ? zooid_fault (rc) : 0;
}

//  A step was not begun.
static int
s_refuse (errand_t *self, zooid_context_t *context, int rc)
{
    if (rc == ZOOID_FULL)
        return errand_fail (self, context, "overloaded", "too many sign-ins wait; try again");
    errand_destroy (self);
    return zooid_fault (rc);
}

static int
s_find (zooid_transaction_t *transaction, void *state)
{
    errand_t *self = state;
    user_t user;
    int rc = user_find (transaction, self->by, self->by == USER_BY_ID ? self->user.id : self->user.username, &user);
    if (rc < 0)
        return zooid_fault (rc);
    self->found = rc == 0;
    if (self->found)
        self->user = user;
    return 0;
}

int
errand_look_up (errand_t *self, zooid_context_t *context, zooid_continuation_fn *then)
{
    int rc = auth_query (context, &(zooid_commit_t) {
        .transaction = s_find, .then = then, .state = self, .destroy = errand_destroy });
    return rc ? s_refuse (self, context, rc) : 0;
}

int
errand_hash (errand_t *self, zooid_context_t *context, zooid_worked_fn *then)
{
    auth_t *auth = zooid_state (context);
    if (*self->hashing.fresh)
        zooid_random (context, self->hashing.salt, sizeof self->hashing.salt);
    int rc = hasher_give (&auth->hasher, context, &self->hashing, then, self, errand_destroy);
    return rc ? s_refuse (self, context, rc) : 0;
}

int
errand_commit (errand_t *self, zooid_context_t *context, zooid_transaction_fn *transaction, zooid_continuation_fn *then)
{
    zooid_request_t *request = self->request;
    self->request = NULL;
    int rc = zooid_commit (context, &(zooid_commit_t) {
        .transaction = transaction, .request = request, .then = then, .state = self, .destroy = errand_destroy });
    if (rc == 0)
        return 0;
    self->request = request;
    return s_refuse (self, context, rc);
}
