//  errand.h - what an answer that takes several steps carries from one to the next: look up, hash, commit
#ifndef ERRAND_H
#define ERRAND_H

#include "hasher.h"
#include "user.h"

typedef struct {
    zooid_request_t *request;
    user_t user;            //  As it is looked up by .by, or as it shall be
    user_key_t by;
    bool found;
    char old_hash [PASSWORD_HASH_SIZE];     //  Of the password that is to be changed
    hashing_t hashing;
} errand_t;

//  With the request of this turn.
errand_t *
    errand_new (zooid_context_t *context);
//  What a continuation is given ends with it: take what it holds along to the next step. The old one is left empty.
errand_t *
    errand_move (errand_t *self);
//  Wiped. A request in it that nobody answered is answered `internal`. Fits zooid_destroy_fn.
void
    errand_destroy (void *self);

//  Look the user up in a snapshot; `then` follows, whether it was found or not, with the errand as its state. Answered
//  `overloaded` when there is no room. The errand is taken.
int
    errand_look_up (errand_t *self, zooid_context_t *context, zooid_continuation_fn *then);
//  Hash as .hashing says; `then` follows. Otherwise as above.
int
    errand_hash (errand_t *self, zooid_context_t *context, zooid_worked_fn *then);
//  The same for a transaction, which answers the request.
int
    errand_commit (errand_t *self, zooid_context_t *context, zooid_transaction_fn *transaction,
                   zooid_continuation_fn *then);

//  Answer with a failure and end. Returns 0.
int
    errand_fail (errand_t *self, zooid_context_t *context, const char *failure, const char *detail);

#endif
