//  gateway/identity.c - who a token says that somebody is
//
//  Tokens are verified here, with keys that whoever has the role `identity.keys` gave. They are asked for at the
//  start, when a token names a key that is not known, and every few minutes, so that one that was withdrawn ends; at
//  most once in KEYS_PAUSE_MS however many strange tokens come. Those whose token needs a key that is being asked for
//  wait for it.
#include "identity.h"
#include "gateway.h"
#include "keys.h"
#include "tokens.h"

#include <stdlib.h>
#include <string.h>
#include <zooid/directory.h>
#include <zooid/log.h>

enum { KEYS_PAUSE_MS = 5000, KEYS_RETRY_MS = 200, KEYS_AGE_MS = 300000, SCOPES_MAX = 128 };

struct identity {
    jwt_policy_t policy;
    identity_resume_fn *resume;
    key_set_t *keys;
    tokens_t *tokens;
    bool asking;
    int64_t asked_at_ms;            //  Monotonic; 0: never
    int64_t retry_ms;               //  Of the next try when one has failed
    connection_t **waiting;
    size_t waiting_count, waiting_capacity;
};

void
identity_new (zooid_context_t *self, identity_t **self_p, const jwt_policy_t *policy, identity_resume_fn *resume)
{
    identity_t *identity = zooid_allocate (sizeof *identity);
    uint64_t seed = 0;
    zooid_random (self, &seed, sizeof seed);
    identity->policy = *policy;
    identity->resume = resume;
    identity->retry_ms = KEYS_RETRY_MS;
    key_set_new (&identity->keys);
    tokens_new (&identity->tokens, seed);
    *self_p = identity;
}

void
identity_destroy (identity_t **self_p)
{
    identity_t *identity = *self_p;
    if (!identity)
        return;
    key_set_destroy (&identity->keys);
    tokens_destroy (&identity->tokens);
    free (identity->waiting);
    free (identity);
    *self_p = NULL;
}

//  ---- who waits

void
identity_wait (identity_t *identity, connection_t *connection)
{
    if (identity->waiting_count == identity->waiting_capacity) {
        size_t capacity = identity->waiting_capacity ? identity->waiting_capacity * 2 : 16;
        connection_t **waiting = zooid_allocate (capacity * sizeof *waiting);
        if (identity->waiting_count)
            memcpy (waiting, identity->waiting, identity->waiting_count * sizeof *waiting);
        free (identity->waiting);
        identity->waiting = waiting;
        identity->waiting_capacity = capacity;
    }
    identity->waiting [identity->waiting_count++] = connection;
}

void
identity_forget (identity_t *identity, const connection_t *connection)
{
    for (size_t index = 0; index < identity->waiting_count; index++)
        if (identity->waiting [index] == connection)
            identity->waiting [index] = identity->waiting [--identity->waiting_count];
}

static void
s_resume_all (zooid_context_t *self, identity_t *identity)
{
    while (identity->waiting_count)
        identity->resume (self, identity->waiting [--identity->waiting_count]);
}

//  ---- keys

static void
s_show_health (zooid_context_t *self, const char *why)
{
    gateway_t *gateway = zooid_state (self);
    gateway->keys_why = why;
    gateway_show_health (self, gateway);
}

static int
s_on_retry (zooid_context_t *self, void *state)
{
    identity_ask (self, state);
    return 0;
}

static int
s_on_keys (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    identity_t *identity = *(identity_t **) state;
    identity->asking = false;
    if (!outcome->failure && key_set_read (identity->keys, outcome->payload, zooid_arena (self)) == 0) {
        tokens_clear (identity->tokens);
        identity->retry_ms = KEYS_RETRY_MS;
        s_show_health (self, NULL);
        zooid_log (self, ZOOID_INFO, "keys_read", ZOOID_NUMBER ("count", key_set_count (identity->keys)));
    }
    else {
        zooid_log (self, ZOOID_WARN, "keys_missing",
                   ZOOID_TEXT ("failure", outcome->failure ? outcome->failure : "not a key set"),
                   ZOOID_NUMBER ("retry_ms", identity->retry_ms));
        if (key_set_count (identity->keys) == 0)
            s_show_health (self, "The keys of identity cannot be had: nobody can sign in.");
        zooid_timer_start (self, identity->retry_ms, 0, s_on_retry, identity, NULL, NULL);
        identity->retry_ms = identity->retry_ms < KEYS_PAUSE_MS ? identity->retry_ms * 2 : KEYS_PAUSE_MS;
    }
    s_resume_all (self, identity);
    return 0;
}

void
identity_ask (zooid_context_t *self, identity_t *identity)
{
    const char *operation = NULL;
    int64_t now = zooid_monotonic_ms (self), pause = key_set_count (identity->keys) ? KEYS_PAUSE_MS : KEYS_RETRY_MS;
    if (identity->asking || (identity->asked_at_ms && now - identity->asked_at_ms < pause)
        || zooid_directory_role (self, "identity.keys", &operation))
        return;
    identity_t **state = zooid_allocate (sizeof *state);
    *state = identity;
    identity->asked_at_ms = now;
    int rc = zooid_ask (
        self, &(zooid_call_t) {
                  .operation = operation, .as_self = true, .then = s_on_keys, .state = state, .destroy = free });
    if (rc)
        free (state);
    identity->asking = rc == 0;
}

//  ---- tokens

void
identity_principal (const char *subject, const char *scopes, int64_t expires_at_ms, zooid_arena_t *arena,
                    zooid_principal_t **ret_principal)
{
    const char *items [SCOPES_MAX];
    size_t count = 0;
    char *rest = zooid_arena_copy (arena, scopes, strlen (scopes)), *item;
    while (rest && (item = strsep (&rest, " ")) && count < SCOPES_MAX)
        if (*item)
            items [count++] = item;
    zooid_principal_new (ret_principal, subject, items, count, expires_at_ms);
}

static int
s_verify (zooid_context_t *self, identity_t *identity, const jwt_t *jwt, bool asked, const char **ret_why)
{
    int64_t now = zooid_monotonic_ms (self);
    int rc = jwt_verify (jwt, identity->keys);
    if (rc == 0 && now - identity->asked_at_ms > KEYS_AGE_MS)
        identity_ask (self, identity);
    if (rc != ZOOID_UNKNOWN) {
        *ret_why = "The token's signature is not right.";
        return rc ? ZOOID_INVALID : 0;
    }
    *ret_why = "The token names a key that is not known.";
    if (!asked)
        identity_ask (self, identity);
    if (identity->asking)
        return ZOOID_MORE;
    return key_set_count (identity->keys) ? ZOOID_INVALID : ZOOID_GONE;
}

int
identity_check (zooid_context_t *self, identity_t *identity, const char *token, size_t size, bool asked,
                zooid_principal_t **ret_principal, const char **ret_why)
{
    const zooid_principal_t *known = tokens_find (identity->tokens, token, size, zooid_wall_ms (self));
    if (known) {
        *ret_principal = zooid_principal_keep (known);
        return 0;
    }
    jwt_t jwt;
    int rc = jwt_read (&jwt, token, size, &identity->policy, zooid_wall_ms (self), zooid_arena (self), ret_why);
    if (rc == 0)
        rc = s_verify (self, identity, &jwt, asked, ret_why);
    if (rc)
        return rc;
    const char *subject = zooid_arena_format (zooid_arena (self), "user:%s", jwt.claims.sub);
    identity_principal (subject, jwt.claims.scope ? jwt.claims.scope : "", jwt.claims.exp * 1000, zooid_arena (self),
                        ret_principal);
    tokens_add (identity->tokens, token, size, *ret_principal);
    return 0;
}
