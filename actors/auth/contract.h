//  contract.h - the records of auth: what its operations take and give
#ifndef CONTRACT_H
#define CONTRACT_H

#include <zooid/contract.h>

#include "user.h"

enum { ORIGIN_MAX = 256 };

typedef struct { const char *username, *password; } credentials_t;
typedef struct { const char *access_token, *token_type; int64_t expires_in; } access_token_t;
typedef struct { const char *kty, *crv, *x, *y, *kid, *use, *alg; } public_key_t;
typedef struct { zooid_list_t keys; } key_set_t;
typedef struct { zooid_presence_t presence; const char *origin; } ticket_request_t;
typedef struct { const char *ticket; int64_t expires_in; } ticket_grant_t;
typedef struct { zooid_presence_t presence; const char *ticket, *origin; } ticket_claim_t;
typedef struct { const char *subject; zooid_list_t scopes; int64_t expires_at; } identity_t;
typedef struct { const char *id, *username; zooid_list_t roles, scopes; int64_t expires_at; } profile_t;
typedef struct { const char *old, *new; } password_change_t;
typedef struct { const char *username, *password; zooid_list_t roles; } user_draft_t;
typedef struct { const char *id, *username; zooid_list_t roles; int64_t created_at, password_changed_at; } user_view_t;
typedef struct { zooid_presence_t presence; int64_t limit; const char *cursor; } user_query_t;
typedef struct { zooid_presence_t presence; zooid_list_t items; const char *next; } user_page_t;

extern const zooid_record_t credentials_record, access_token_record, key_set_record, ticket_request_record,
    ticket_grant_record, ticket_claim_record, identity_record, profile_record, password_change_record,
    user_draft_record, user_record, user_query_record, user_page_record;

//  What others may see of a user. Its list of roles is in the arena. -ENOMEM
int
    user_show (const user_t *user, zooid_arena_t *arena, user_view_t *ret_view);

#endif
