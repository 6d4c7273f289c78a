//  The tables from which everything outside is made. At sign-in only the sizes are checked: a name or a password that
//  no user can have is as wrong as any other, and answered the same way.
#include "contract.h"

#include <errno.h>
#include <string.h>
#include <zooid/page.h>

#include "ticket.h"

static const zooid_field_t s_credentials [] = {
    ZOOID_STRING (credentials_t, username, .min_length = 1, .max_length = USER_NAME_MAX, .example = "\"reader\"",
                  .doc = "Name of the user"),
    ZOOID_STRING (credentials_t, password, .min_length = 1, .max_length = PASSWORD_BYTES_MAX, .secret = true,
                  .doc = "Password"),
};
const zooid_record_t credentials_record = ZOOID_RECORD ("credentials", credentials_t, s_credentials,
    .doc = "What a user signs in with");

static const zooid_field_t s_access_token [] = {
    ZOOID_STRING (access_token_t, access_token, .secret = true, .doc = "JWT, ES256; send it as Authorization: Bearer"),
    ZOOID_STRING (access_token_t, token_type, .doc = "Always Bearer"),
    ZOOID_INTEGER (access_token_t, expires_in, .unit = "s", .doc = "How long it is good for"),
};
const zooid_record_t access_token_record = ZOOID_RECORD ("access_token", access_token_t, s_access_token,
    .doc = "What a sign-in gives (RFC 6749, section 5.1)");

static const zooid_field_t s_public_key [] = {
    ZOOID_STRING (public_key_t, kty, .doc = "Key type: EC"),
    ZOOID_STRING (public_key_t, crv, .doc = "Curve: P-256"),
    ZOOID_STRING (public_key_t, x, .doc = "Base64url"),
    ZOOID_STRING (public_key_t, y, .doc = "Base64url"),
    ZOOID_STRING (public_key_t, kid, .doc = "RFC 7638 thumbprint"),
    ZOOID_STRING (public_key_t, use, .doc = "Always sig"),
    ZOOID_STRING (public_key_t, alg, .doc = "Always ES256"),
};
static const zooid_record_t s_public_key_record = ZOOID_RECORD ("public_key", public_key_t, s_public_key,
    .doc = "A key that verifies tokens (RFC 7517)");
static const zooid_field_t s_key_set [] = {
    ZOOID_LIST (key_set_t, keys, .max_length = 16,
                .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, public_key_t, .record = &s_public_key_record),
                .doc = "Every key whose tokens are good"),
};
const zooid_record_t key_set_record = ZOOID_RECORD ("key_set", key_set_t, s_key_set, .doc = "JSON Web Key Set");

static const zooid_field_t s_ticket_request [] = {
    ZOOID_STRING (ticket_request_t, origin, .optional = true, .max_length = ORIGIN_MAX, .in = ZOOID_IN_HEADER,
                  .header = "Origin", .doc = "Where the page that asks comes from"),
};
const zooid_record_t ticket_request_record = ZOOID_RECORD ("ticket_request", ticket_request_t, s_ticket_request,
    .presence = ZOOID_PRESENCE (ticket_request_t), .doc = "A wish for a ticket");

static const zooid_field_t s_ticket_grant [] = {
    ZOOID_STRING (ticket_grant_t, ticket, .secret = true, .doc = "Offer it as WebSocket subprotocol ticket.VALUE"),
    ZOOID_INTEGER (ticket_grant_t, expires_in, .unit = "s", .doc = "How long it is good for"),
};
const zooid_record_t ticket_grant_record = ZOOID_RECORD ("ticket_grant", ticket_grant_t, s_ticket_grant,
    .doc = "A ticket, good once");

static const zooid_field_t s_ticket_claim [] = {
    ZOOID_STRING (ticket_claim_t, ticket, .max_length = 128, .secret = true, .doc = "As it was shown"),
    ZOOID_STRING (ticket_claim_t, origin, .optional = true, .max_length = ORIGIN_MAX, .doc = "From where it was shown"),
};
const zooid_record_t ticket_claim_record = ZOOID_RECORD ("ticket_claim", ticket_claim_t, s_ticket_claim,
    .presence = ZOOID_PRESENCE (ticket_claim_t), .doc = "A ticket that somebody shows");

#define SCOPES ZOOID_ITEM (ZOOID_TYPE_STRING, const char *, .max_length = 255)
#define ROLES  ZOOID_ITEM (ZOOID_TYPE_ENUMERATION, int32_t, .names = role_names)

static const zooid_field_t s_identity [] = {
    ZOOID_STRING (identity_t, subject, .max_length = 255, .doc = "Whose it is: user:ID"),
    ZOOID_LIST (identity_t, scopes, .max_length = 64, .of = SCOPES, .doc = "What the user may do"),
    ZOOID_TIMESTAMP (identity_t, expires_at, .doc = "When the token that it was got with ends"),
};
const zooid_record_t identity_record = ZOOID_RECORD ("identity", identity_t, s_identity, .doc = "Who showed a ticket");

static const zooid_field_t s_profile [] = {
    ZOOID_ID (profile_t, id, .doc = "Of the user"),
    ZOOID_STRING (profile_t, username, .doc = "Name"),
    ZOOID_LIST (profile_t, roles, .max_length = ROLE_COUNT, .of = ROLES, .doc = "Roles"),
    ZOOID_LIST (profile_t, scopes, .max_length = 64, .of = SCOPES, .doc = "What this token allows"),
    ZOOID_TIMESTAMP (profile_t, expires_at, .doc = "When this token ends"),
};
const zooid_record_t profile_record = ZOOID_RECORD ("profile", profile_t, s_profile,
    .doc = "The user who is signed in");

static const zooid_field_t s_password_change [] = {
    ZOOID_STRING (password_change_t, old, .min_length = 1, .max_length = PASSWORD_BYTES_MAX, .secret = true,
                  .doc = "The one that holds"),
    ZOOID_STRING (password_change_t, new, .min_length = PASSWORD_MIN, .max_length = PASSWORD_BYTES_MAX, .secret = true,
                  .doc = "The one that shall hold: 8 to 128 characters"),
};
const zooid_record_t password_change_record = ZOOID_RECORD ("password_change", password_change_t, s_password_change,
    .doc = "A change of one's own password");

static const zooid_field_t s_user_draft [] = {
    ZOOID_STRING (user_draft_t, username, .min_length = 1, .max_length = USER_NAME_MAX,
                  .characters = USER_NAME_CHARACTERS, .example = "\"ada\"", .doc = "Name to sign in with"),
    ZOOID_STRING (user_draft_t, password, .min_length = PASSWORD_MIN, .max_length = PASSWORD_BYTES_MAX, .secret = true,
                  .doc = "8 to 128 characters"),
    ZOOID_LIST (user_draft_t, roles, .max_length = ROLE_COUNT, .of = ROLES, .example = "[\"reader\"]",
                .doc = "What the user may do"),
};
const zooid_record_t user_draft_record = ZOOID_RECORD ("user_draft", user_draft_t, s_user_draft,
    .doc = "A user to be made");

static const zooid_field_t s_user [] = {
    ZOOID_ID (user_view_t, id, .doc = "Given once, never changed"),
    ZOOID_STRING (user_view_t, username, .doc = "Name"),
    ZOOID_LIST (user_view_t, roles, .max_length = ROLE_COUNT, .of = ROLES, .doc = "Roles"),
    ZOOID_TIMESTAMP (user_view_t, created_at, .doc = "When the user was made"),
    ZOOID_TIMESTAMP (user_view_t, password_changed_at, .doc = "When the password was last set"),
};
const zooid_record_t user_record = ZOOID_RECORD ("user", user_view_t, s_user, .doc = "A user");

static const zooid_field_t s_user_query [] = {
    ZOOID_INTEGER (user_query_t, limit, .optional = true, .integers = { true, 1, ZOOID_PAGE_LIMIT_MAX },
                   .doc = "At most so many; 50"),
    ZOOID_STRING (user_query_t, cursor, .optional = true, .max_length = ZOOID_PAGE_CURSOR_MAX, .doc = "`next` of the page before"),
};
const zooid_record_t user_query_record = ZOOID_RECORD ("user_query", user_query_t, s_user_query,
    .presence = ZOOID_PRESENCE (user_query_t), .doc = "A page of users, by name");

static const zooid_field_t s_user_page [] = {
    ZOOID_LIST (user_page_t, items, .max_length = ZOOID_PAGE_LIMIT_MAX,
                .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, user_view_t, .record = &user_record), .doc = "Users, by name"),
    ZOOID_STRING (user_page_t, next, .nullable = true, .max_length = 128,
                  .doc = "Cursor of the next page; null: the last"),
};
const zooid_record_t user_page_record = ZOOID_RECORD ("user_page", user_page_t, s_user_page,
    .presence = ZOOID_PRESENCE (user_page_t), .doc = "A page of users");

int
user_show (const user_t *user, zooid_arena_t *arena, user_view_t *ret_view)
{
    int32_t *roles = zooid_arena_take (arena, ROLE_COUNT * sizeof *roles);
    if (!roles)
        return zooid_fault (-ENOMEM);
    *ret_view = (user_view_t) {
        .id = user->id,
        .username = user->username,
        .roles = { .items = roles, .count = role_set_indexes (user->roles, roles) },
        .created_at = user->created_at,
        .password_changed_at = user->password_changed_at,
    };
    return 0;
}
