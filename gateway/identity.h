//  gateway/identity.h - who a token says that somebody is
#ifndef GATEWAY_IDENTITY_H
#define GATEWAY_IDENTITY_H

#include <zooid/actor.h>
#include "jwt.h"

typedef struct identity identity_t;
typedef struct connection connection_t;

//  Called for each connection that waited for keys.
typedef void (identity_resume_fn) (zooid_context_t *self, connection_t *connection);

void
    identity_new (zooid_context_t *self, identity_t **self_p, const jwt_policy_t *policy, identity_resume_fn *resume);
void
    identity_destroy (identity_t **self_p);
//  Ask whoever has the role identity.keys for them, unless that was done a moment ago.
void
    identity_ask (zooid_context_t *self, identity_t *identity);

//  0: *ret_principal is yours. ZOOID_INVALID: *ret_why (static) may be shown. ZOOID_MORE: its key is not known and was
//  asked for: wait with identity_wait, then try again with `asked`. ZOOID_GONE: no keys can be had.
int
    identity_check (zooid_context_t *self, identity_t *identity, const char *token, size_t size, bool asked,
                    zooid_principal_t **ret_principal, const char **ret_why);
void
    identity_wait (identity_t *identity, connection_t *connection);
//  It waits no more. Of one that does not wait: nothing happens.
void
    identity_forget (identity_t *identity, const connection_t *connection);

//  A principal of a user with scopes separated by spaces.
void
    identity_principal (const char *subject, const char *scopes, int64_t expires_at_ms, zooid_arena_t *arena,
                        zooid_principal_t **ret_principal);

#endif
