//  The actor: its contract, its settings, and the small operations. What takes several steps is in sign_in.c and
//  account.c.
//
//  Durable: users, in the store; keys, in the actor's folder. In memory alone: tickets and the throttle, which a
//  restart may forget. Passwords are in memory in the open only within an errand.
#include "auth.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <zooid/module.h>

#include "given.h"
#include "rotation.h"
#include "seed.h"

static const char s_user_prefix [] = "user:";

const char *
auth_user_id (const zooid_principal_t *principal)
{
    const char *subject = principal ? zooid_principal_subject (principal) : "";
    size_t length = strlen (s_user_prefix);
    if (strncmp (subject, s_user_prefix, length) != 0 || strlen (subject + length) >= ZOOID_ID_SIZE)
        return NULL;
    return subject + length;
}

int
auth_query (zooid_context_t *self, const zooid_commit_t *query)
{
    const auth_t *auth = zooid_state (self);
    return auth->settled ? zooid_snapshot (self, query) : zooid_commit (self, query);
}

static int
s_on_keys (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    const auth_t *auth = zooid_state (self);
    public_key_t keys [KEYRING_MAX];
    for (size_t i = 0; i < auth->keyring.count; i++) {
        const signing_key_t *key = &auth->keyring.keys [i];
        keys [i] = (public_key_t) { .kty = "EC", .crv = "P-256", .x = key->x, .y = key->y, .kid = key->kid,
                                    .use = "sig", .alg = "ES256" };
    }
    return zooid_reply (self, &key_set_record, &(key_set_t) { .keys = { keys, auth->keyring.count } });
}

static int
s_on_ticket (zooid_context_t *self, const void *arguments)
{
    const ticket_request_t *request = arguments;
    auth_t *auth = zooid_state (self);
    const zooid_principal_t *principal = zooid_principal (self);
    if (!auth_user_id (principal))
        return zooid_fail (self, "denied", "only a user is given a ticket");
    uint8_t random [TICKET_RANDOM];
    char ticket [TICKET_SIZE];
    zooid_random (self, random, sizeof random);
    bool has_origin = ZOOID_HAS (&ticket_request_record, ticket_request_t, request, origin);
    int rc = ticket_issue (&auth->tickets, principal, has_origin ? request->origin : NULL, random,
                           zooid_monotonic_ms (self), ticket);
    if (rc)
        return zooid_fail (self, "overloaded", "too many tickets are out; try again in %d s",
                           TICKET_LIFETIME_MS / 1000);
    rc = zooid_reply (self, &ticket_grant_record, &(ticket_grant_t) {
        .ticket = ticket, .expires_in = TICKET_LIFETIME_MS / 1000 });
    sodium_memzero (random, sizeof random);
    sodium_memzero (ticket, sizeof ticket);
    return zooid_fault (rc);
}

static int
s_on_redeem (zooid_context_t *self, const void *arguments)
{
    const ticket_claim_t *claim = arguments;
    auth_t *auth = zooid_state (self);
    bool has_origin = ZOOID_HAS (&ticket_claim_record, ticket_claim_t, claim, origin);
    ZOOID_CLEANUP (zooid_principal_destroy) zooid_principal_t *principal = NULL;
    int rc = ticket_redeem (&auth->tickets, claim->ticket, has_origin ? claim->origin : NULL,
                            zooid_monotonic_ms (self), &principal);
    if (rc == 0 && zooid_principal_expires_at_ms (principal) <= zooid_wall_ms (self))
        rc = ZOOID_DENIED;
    if (rc)
        return zooid_fail (self, "bad_ticket", "the ticket is not good here");
    size_t count = zooid_principal_scope_count (principal);
    const char **scopes = zooid_arena_take (zooid_arena (self), (count + 1) * sizeof *scopes);
    if (!scopes)
        return zooid_fault (-ENOMEM);
    for (size_t i = 0; i < count; i++)
        scopes [i] = zooid_principal_scope (principal, i);
    return zooid_reply (self, &identity_record, &(identity_t) {
        .subject = zooid_principal_subject (principal), .scopes = { scopes, count },
        .expires_at = zooid_principal_expires_at_ms (principal) });
}

static const zooid_failure_t s_login_fails [] = {
    { "bad_credentials", ZOOID_FAILURE_UNAUTHENTICATED, "The username or the password is wrong" },
};
static const zooid_failure_t s_redeem_fails [] = {
    { "bad_ticket", ZOOID_FAILURE_UNAUTHENTICATED, "Unknown, used, too old, or shown from another origin" },
};
static const zooid_failure_t s_password_fails [] = {
    { "wrong_password", ZOOID_FAILURE_DENIED, "The old password is wrong" },
    { "weak_password", ZOOID_FAILURE_INVALID, "The new password is too short or too long" },
};
static const zooid_failure_t s_create_fails [] = {
    { "username_taken", ZOOID_FAILURE_CONFLICT, "A user of this name exists" },
    { "weak_password", ZOOID_FAILURE_INVALID, "The password is too short or too long" },
};
static const zooid_failure_t s_list_fails [] = {
    { "bad_cursor", ZOOID_FAILURE_INVALID, "The cursor is not one of this list" },
};

static const zooid_operation_t s_operations [] = {
    { .name = "auth.login", .kind = ZOOID_COMMAND, .takes = &credentials_record, .gives = &access_token_record,
      .scope = "public", .http = "POST /api/auth/login", ZOOID_FAILS (s_login_fails), .body_max = 4096,
      .handler = sign_in_on_login, .doc = "Sign in with name and password." },
    { .name = "auth.keys", .kind = ZOOID_QUERY, .gives = &key_set_record, .scope = "public",
      .http = "GET /.well-known/jwks.json", .handler = s_on_keys, .doc = "The keys that verify access tokens." },
    { .name = "auth.ticket", .kind = ZOOID_COMMAND, .takes = &ticket_request_record, .gives = &ticket_grant_record,
      .scope = "user", .http = "POST /api/auth/ticket", .body_max = 4096, .handler = s_on_ticket,
      .doc = "A ticket to open one WebSocket with." },
    { .name = "auth.redeem", .kind = ZOOID_COMMAND, .takes = &ticket_claim_record, .gives = &identity_record,
      .scope = "identity:redeem", ZOOID_FAILS (s_redeem_fails), .body_max = 4096, .handler = s_on_redeem,
      .doc = "Who shows this ticket? It ends with the question." },
    { .name = "auth.me", .kind = ZOOID_QUERY, .gives = &profile_record, .scope = "user", .http = "GET /api/auth/me",
      .handler = account_on_me, .doc = "The user who is signed in." },
    { .name = "auth.password", .kind = ZOOID_COMMAND, .takes = &password_change_record, .scope = "user",
      .http = "POST /api/auth/password", ZOOID_FAILS (s_password_fails), .body_max = 4096,
      .handler = account_on_password, .doc = "Change one's own password." },
    { .name = "auth.create_user", .kind = ZOOID_COMMAND, .takes = &user_draft_record, .gives = &user_record,
      .scope = "users:write", .http = "POST /api/users", ZOOID_FAILS (s_create_fails), .body_max = 4096,
      .handler = account_on_create, .doc = "Make a user, with roles that the maker's own scopes cover." },
    { .name = "auth.list_users", .kind = ZOOID_QUERY, .takes = &user_query_record, .gives = &user_page_record,
      .scope = "users:read", .http = "GET /api/users", ZOOID_FAILS (s_list_fails), .handler = account_on_list,
      .doc = "Users by name, page by page." },
};

static const zooid_role_t s_roles [] = {
    { .role = "identity.keys", .operation = "auth.keys" },
    { .role = "identity.tickets", .operation = "auth.redeem" },
};

static const zooid_contract_t s_contract = {
    .name = "auth", ZOOID_OPERATIONS (s_operations), ZOOID_ROLES (s_roles),
    .doc = "Who somebody is, and what they may do.",
};

static const zooid_field_t s_settings_fields [] = {
    ZOOID_BOOLEAN (settings_t, seed, .initial = "false",
                   .doc = "Make users admin, editor, reader and operator once, with passwords that everybody knows"),
    ZOOID_STRING (settings_t, issuer, .initial = "zooid", .max_length = 256, .doc = "`iss` of the tokens"),
    ZOOID_STRING (settings_t, audience, .initial = "zooid", .max_length = 256, .doc = "`aud` of the tokens"),
    ZOOID_DURATION (settings_t, key_age, .initial = "90d",
                    .integers = { true, KEYRING_OVERLAP_MS, 3660LL * 86400 * 1000 },
                    .doc = "After which a key stops signing"),
    ZOOID_INTEGER (settings_t, hashes, .initial = "1", .integers = { true, 1, 16 },
                   .doc = "Passwords hashed at once: 19 MiB and a thread of the pool each"),
};
static const zooid_record_t s_settings = ZOOID_RECORD ("auth_settings", settings_t, s_settings_fields,
    .doc = "Settings of auth");

//  The environment is looked at too: what it says holds at every start, as a setting does.
static void
s_check (const void *settings, zooid_arena_t *arena, zooid_violations_t *violations)
{
    (void) settings;
    char password [PASSWORD_SIZE];
    const char *why = NULL;
    if (given_password (password, arena, &why) == ZOOID_INVALID)
        zooid_violations_add (violations, arena, "", "password", "cannot start: %s", why);
    sodium_memzero (password, sizeof password);
}

static int
s_start (zooid_context_t *self, const void *settings)
{
    auth_t *auth = zooid_state (self);
    if (sodium_init () < 0)
        return zooid_fault (-EIO);
    uint8_t random [THROTTLE_KEY_SIZE + PASSWORD_DECOY_RANDOM];
    zooid_random (self, random, sizeof random);
    auth->settings = settings;
    throttle_init (&auth->throttle, random);
    password_decoy (random + THROTTLE_KEY_SIZE, auth->decoy);
    hasher_init (&auth->hasher, (size_t) auth->settings->hashes);
    int rc = rotation_start (self);
    return rc ? zooid_fault (rc) : zooid_fault (seed_start (self));
}

static void
s_stop (zooid_context_t *self)
{
    auth_t *auth = zooid_state (self);
    hasher_fini (&auth->hasher);
    ticket_box_fini (&auth->tickets);
    keyring_fini (&auth->keyring);
    sodium_memzero (auth, sizeof *auth);
}

ZOOID_EXPORT extern const zooid_module_t zooid_module_auth;
const zooid_module_t zooid_module_auth = {
    ZOOID_MODULE_HEADER, .name = "auth", .version = "1.0.0", .doc = "Users, tokens, tickets.", .contract = &s_contract,
    .settings = &s_settings, .check = s_check, .state_size = sizeof (auth_t), .start = s_start, .stop = s_stop,
    .migrations = user_migrations, .migration_count = USER_MIGRATIONS,
};
