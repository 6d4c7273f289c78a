//  auth.h - the actor's state, and the handlers that stand in files of their own
#ifndef AUTH_H
#define AUTH_H

#include "contract.h"
#include "hasher.h"
#include "keyring.h"
#include "throttle.h"
#include "ticket.h"

typedef struct {
    bool seed;
    const char *issuer;
    const char *audience;
    int64_t key_age;
    int64_t hashes;
} settings_t;

typedef struct {
    const settings_t *settings;
    keyring_t keyring;
    throttle_t throttle;
    hasher_t hasher;
    ticket_box_t tickets;
    char decoy [PASSWORD_HASH_SIZE];    //  What the password of an unknown user is compared with
    bool settled;                       //  What the start had to write is committed
} auth_t;

//  The user's id of a subject "user:ID"; NULL: it is not a user's.
const char *
    auth_user_id (const zooid_principal_t *principal);
//  zooid_snapshot of users. Until the first ones are committed it goes the way of commits, behind them, so that whoever
//  asks at once finds them.
ZOOID_MUST_USE int
    auth_query (zooid_context_t *self, const zooid_commit_t *query);

//  sign_in.c
int
    sign_in_on_login (zooid_context_t *self, const void *arguments);
//  account.c
int
    account_on_me (zooid_context_t *self, const void *arguments);
int
    account_on_password (zooid_context_t *self, const void *arguments);
int
    account_on_create (zooid_context_t *self, const void *arguments);
int
    account_on_list (zooid_context_t *self, const void *arguments);

#endif
