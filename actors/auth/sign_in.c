//  Signing in: throttle, look-up, hash, token. An unknown name goes all the way too, against a hash that nothing fits,
//  so that neither words, nor time, nor the throttle tell who has an account here.
#include <sodium.h>
#include <stdio.h>
#include <zooid/log.h>

#include "auth.h"
#include "errand.h"
#include "token.h"

static const char s_wrong [] = "the username or the password is wrong";

static int
s_answer (zooid_context_t *self, errand_t *errand)
{
    const auth_t *auth = zooid_state (self);
    char id [ZOOID_ID_SIZE], scope [ROLE_SCOPE_TEXT_SIZE];
    zooid_id (self, id);
    role_set_scope_text (errand->user.roles, scope);
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t token = { 0 };
    int rc = token_write (&(token_claims_t) {
        .issuer = auth->settings->issuer, .audience = auth->settings->audience, .subject = errand->user.id,
        .username = errand->user.username, .scope = scope, .id = id, .issued_at_ms = zooid_wall_ms (self),
    }, keyring_signer (&auth->keyring), &token);
    if (rc)
        return zooid_fault (rc);
    return zooid_request_reply (self, &errand->request, &access_token_record, &(access_token_t) {
        .access_token = zooid_buffer_string (&token), .token_type = "Bearer", .expires_in = TOKEN_LIFETIME_MS / 1000 });
}

static int
s_verified (zooid_context_t *self, void *state, int result)
{
    auth_t *auth = zooid_state (self);
    errand_t *errand = state;
    if (result == 0 && errand->found) {
        throttle_forgive (&auth->throttle, errand->user.username);
        zooid_count (self, "auth_logins", "Sign-ins that succeeded", 1);
        return s_answer (self, errand);
    }
    if (result == 0 || result == ZOOID_DENIED) {
        zooid_count (self, "auth_logins_wrong", "Sign-ins with a wrong name or password", 1);
        //  A name that nobody has may be a password typed in the wrong field: it is not written down
        if (errand->found)
            zooid_log (self, ZOOID_INFO, "login_wrong", ZOOID_TEXT ("username", errand->user.username));
        return zooid_request_fail (self, &errand->request, "bad_credentials", "%s", s_wrong);
    }
    if (result < 0)
        zooid_log (self, ZOOID_ERROR, "password_not_verified", ZOOID_NUMBER ("error", -result));
    return zooid_request_fail (self, &errand->request, "overloaded", "no room to verify a password; try again");
}

static int
s_found (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    const auth_t *auth = zooid_state (self);
    errand_t *errand = errand_move (state);
    if (outcome->failure)
        return errand_fail (errand, self, "unavailable", "users cannot be looked up; try again");
    snprintf (errand->hashing.hash, sizeof errand->hashing.hash, "%s", errand->found ? errand->user.hash : auth->decoy);
    return errand_hash (errand, self, s_verified);
}

int
sign_in_on_login (zooid_context_t *self, const void *arguments)
{
    const credentials_t *credentials = arguments;
    auth_t *auth = zooid_state (self);
    int64_t wait_ms = 0;
    if (throttle_take (&auth->throttle, credentials->username, zooid_monotonic_ms (self), &wait_ms)) {
        zooid_count (self, "auth_logins_throttled", "Sign-ins refused because too many were tried", 1);
        return zooid_fail (self, "rate_limited", "too many attempts; try again in %lld s",
                           (long long) (wait_ms + 999) / 1000);
    }
    errand_t *errand = errand_new (self);
    errand->by = USER_BY_NAME;
    snprintf (errand->user.username, sizeof errand->user.username, "%s", credentials->username);
    snprintf (errand->hashing.password, sizeof errand->hashing.password, "%s", credentials->password);
    return errand_look_up (errand, self, s_found);
}
