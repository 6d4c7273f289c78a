//  Users as such: one's own profile and password, and the users that an administrator makes and lists.
//
//  A user is made only with roles whose every scope the maker has too: who may write users may not become more by that.
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zooid/log.h>
#include <zooid/page.h>

#include "auth.h"
#include "errand.h"
#include "seed.h"

//  ---- auth.me

typedef struct {
    char id [ZOOID_ID_SIZE];
    zooid_principal_t *principal;
} me_t;

static void
s_me_destroy (void *state)
{
    me_t *me = state;
    zooid_principal_destroy (&me->principal);
    free (me);
}

static int
s_read_me (zooid_transaction_t *transaction, void *state)
{
    const me_t *me = state;
    user_t user;
    int rc = user_find (transaction, USER_BY_ID, me->id, &user);
    if (rc < 0)
        return zooid_fault (rc);
    if (rc)
        return zooid_transaction_fail (transaction, "not_found", "this user is no more");
    size_t count = zooid_principal_scope_count (me->principal);
    const char **scopes = zooid_arena_take (zooid_transaction_arena (transaction), (count + 1) * sizeof *scopes);
    if (!scopes)
        return zooid_fault (-ENOMEM);
    for (size_t i = 0; i < count; i++)
        scopes [i] = zooid_principal_scope (me->principal, i);
    int32_t roles [ROLE_COUNT];
    size_t role_count = role_set_indexes (user.roles, roles);
    return zooid_transaction_reply (transaction, &profile_record, &(profile_t) {
        .id = user.id, .username = user.username, .roles = { roles, role_count }, .scopes = { scopes, count },
        .expires_at = zooid_principal_expires_at_ms (me->principal) });
}

//  Give a query to the store with the request of this turn. The state is taken.
static int
s_query (zooid_context_t *self, zooid_transaction_fn *transaction, void *state, zooid_destroy_fn *destroy)
{
    zooid_request_t *request = zooid_request_take (self);
    int rc = auth_query (self, &(zooid_commit_t) {
        .transaction = transaction, .request = request, .state = state, .destroy = destroy });
    if (rc == 0)
        return 0;
    destroy (state);
    if (rc == ZOOID_FULL)
        return zooid_request_fail (self, &request, "overloaded", "too many queries wait; try again");
    zooid_request_destroy (&request);
    return zooid_fault (rc);
}

int
account_on_me (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    const zooid_principal_t *principal = zooid_principal (self);
    const char *id = auth_user_id (principal);
    if (!id)
        return zooid_fail (self, "not_found", "only a user has a profile");
    me_t *me = zooid_allocate (sizeof *me);
    snprintf (me->id, sizeof me->id, "%s", id);
    me->principal = zooid_principal_keep (principal);
    return s_query (self, s_read_me, me, s_me_destroy);
}

//  ---- auth.password

static int
s_change (zooid_transaction_t *transaction, void *state)
{
    errand_t *errand = state;
    errand->user.password_changed_at = zooid_transaction_wall_ms (transaction);
    int rc = user_set_password (transaction, &errand->user, errand->old_hash);
    if (rc < 0)
        return zooid_fault (rc);
    return rc ? zooid_transaction_fail (transaction, "conflict", "the password was changed meanwhile") : 0;
}

static int
s_changed (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    const errand_t *errand = state;
    if (outcome->failure)
        return 0;
    auth_t *auth = zooid_state (self);
    char subject [ZOOID_ID_SIZE + 8];
    snprintf (subject, sizeof subject, "user:%s", errand->user.id);
    ticket_revoke (&auth->tickets, subject);
    zooid_log (self, ZOOID_INFO, "password_changed", ZOOID_TEXT ("username", errand->user.username));
    return seed_password_changed (self, &errand->user);
}

static int
s_hashed_change (zooid_context_t *self, void *state, int result)
{
    auth_t *auth = zooid_state (self);
    errand_t *errand = errand_move (state);
    if (result == ZOOID_DENIED)
        return errand_fail (errand, self, "wrong_password", "the old password is wrong");
    if (result)
        return errand_fail (errand, self, "overloaded", "no room to verify a password; try again");
    throttle_forgive (&auth->throttle, errand->user.username);
    memcpy (errand->old_hash, errand->user.hash, sizeof errand->old_hash);
    memcpy (errand->user.hash, errand->hashing.fresh_hash, sizeof errand->user.hash);
    errand->user.initial = false;
    return errand_commit (errand, self, s_change, s_changed);
}

static int
s_found_change (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    auth_t *auth = zooid_state (self);
    errand_t *errand = errand_move (state);
    if (outcome->failure)
        return errand_fail (errand, self, "unavailable", "users cannot be looked up; try again");
    if (!errand->found)
        return errand_fail (errand, self, "not_found", "this user is no more");
    //  The same counter as at sign-in: a stolen token gives no more guesses than anybody has
    int64_t wait_ms = 0;
    if (throttle_take (&auth->throttle, errand->user.username, zooid_monotonic_ms (self), &wait_ms))
        return errand_fail (errand, self, "rate_limited", "too many attempts; try again later");
    memcpy (errand->hashing.hash, errand->user.hash, sizeof errand->hashing.hash);
    return errand_hash (errand, self, s_hashed_change);
}

int
account_on_password (zooid_context_t *self, const void *arguments)
{
    const password_change_t *change = arguments;
    const char *id = auth_user_id (zooid_principal (self));
    if (!id)
        return zooid_fail (self, "not_found", "only a user has a password");
    if (!password_is_acceptable (change->new))
        return zooid_fail (self, "weak_password", "a password has %d to %d characters", PASSWORD_MIN, PASSWORD_MAX);
    errand_t *errand = errand_new (self);
    errand->by = USER_BY_ID;
    snprintf (errand->user.id, sizeof errand->user.id, "%s", id);
    snprintf (errand->hashing.password, sizeof errand->hashing.password, "%s", change->old);
    snprintf (errand->hashing.fresh, sizeof errand->hashing.fresh, "%s", change->new);
    return errand_look_up (errand, self, s_found_change);
}

//  ---- auth.create_user

static int
s_create (zooid_transaction_t *transaction, void *state)
{
    errand_t *errand = state;
    errand->user.created_at = errand->user.password_changed_at = zooid_transaction_wall_ms (transaction);
    int rc = user_insert (transaction, &errand->user);
    if (rc < 0)
        return zooid_fault (rc);
    if (rc)
        return zooid_transaction_fail (transaction, "username_taken", "a user of this name exists");
    user_view_t view;
    rc = user_show (&errand->user, zooid_transaction_arena (transaction), &view);
    return rc ? zooid_fault (rc) : zooid_transaction_reply (transaction, &user_record, &view);
}

static int
s_created (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    const errand_t *errand = state;
    char roles [ROLE_TEXT_SIZE];
    role_set_write (errand->user.roles, roles);
    if (!outcome->failure)
        zooid_log (self, ZOOID_INFO, "user_created", ZOOID_TEXT ("username", errand->user.username),
                   ZOOID_TEXT ("roles", roles),
                   ZOOID_TEXT ("by", zooid_principal_subject (zooid_principal (self))));
    return 0;
}

static int
s_hashed_draft (zooid_context_t *self, void *state, int result)
{
    errand_t *errand = errand_move (state);
    if (result)
        return errand_fail (errand, self, "overloaded", "no room to hash a password; try again");
    memcpy (errand->user.hash, errand->hashing.fresh_hash, sizeof errand->user.hash);
    return errand_commit (errand, self, s_create, s_created);
}

int
account_on_create (zooid_context_t *self, const void *arguments)
{
    const user_draft_t *draft = arguments;
    if (!password_is_acceptable (draft->password))
        return zooid_fail (self, "weak_password", "a password has %d to %d characters", PASSWORD_MIN, PASSWORD_MAX);
    role_set_t roles = role_set_of (draft->roles);
    const char *scopes [ROLE_SCOPES_MAX];
    size_t count = role_set_scopes (roles, scopes);
    for (size_t i = 1; i < count; i++)      //  The first is `user`, which everybody has
        if (!zooid_principal_has (zooid_principal (self), scopes [i]))
            return zooid_fail (self, "denied", "a role gives `%s`, which you do not have yourself", scopes [i]);
    errand_t *errand = errand_new (self);
    errand->user.roles = roles;
    zooid_id (self, errand->user.id);
    snprintf (errand->user.username, sizeof errand->user.username, "%s", draft->username);
    snprintf (errand->hashing.fresh, sizeof errand->hashing.fresh, "%s", draft->password);
    return errand_hash (errand, self, s_hashed_draft);
}

//  ---- auth.list_users

//  Where a page begins: behind this name.
typedef struct {
    const char *username;
} place_t;

static const zooid_field_t s_place_fields [] = {
    ZOOID_STRING (place_t, username, .max_length = USER_NAME_MAX, .doc = "The last of the page before"),
};
static const zooid_record_t s_place = ZOOID_RECORD ("user_place", place_t, s_place_fields, .doc = "A place in the list");

typedef struct {
    size_t limit;
    char after [USER_NAME_MAX + 1];
} page_t;

static int
s_read_page (zooid_transaction_t *transaction, void *state)
{
    const page_t *page = state;
    zooid_arena_t *arena = zooid_transaction_arena (transaction);
    const user_t *users = NULL;
    size_t found = 0;
    int rc = user_list (transaction, page->after, page->limit + 1, &users, &found);
    if (rc)
        return zooid_fault (rc);
    size_t count = found > page->limit ? page->limit : found;
    user_view_t *views = zooid_arena_take (arena, (count + 1) * sizeof *views);
    if (!views)
        return zooid_fault (-ENOMEM);
    for (size_t i = 0; i < count; i++) {
        rc = user_show (&users [i], arena, &views [i]);
        if (rc)
            return zooid_fault (rc);
    }
    user_page_t answer = { .items = { views, count } };
    if (found > count) {
        answer.next = zooid_page_cursor (&user_query_record, &(user_query_t) { .limit = 0 }, &s_place,
                                         &(place_t) { users [count - 1].username }, arena);
        if (!answer.next)
            return zooid_fault (-ENOMEM);
        ZOOID_SET (&user_page_record, user_page_t, &answer, next);
    }
    else
        ZOOID_SET_NULL (&user_page_record, user_page_t, &answer, next);
    return zooid_transaction_reply (transaction, &user_page_record, &answer);
}

int
account_on_list (zooid_context_t *self, const void *arguments)
{
    const user_query_t *query = arguments;
    page_t *page = zooid_allocate (sizeof *page);
    page->limit = ZOOID_HAS (&user_query_record, user_query_t, query, limit) ? (size_t) query->limit : ZOOID_PAGE_LIMIT;
    if (ZOOID_HAS (&user_query_record, user_query_t, query, cursor)) {
        place_t place = { .username = "" };
        if (zooid_page_place (&user_query_record, query, query->cursor, &s_place, zooid_arena (self), &place)) {
            free (page);
            return zooid_fail (self, "bad_cursor", "the cursor is not one of this list");
        }
        snprintf (page->after, sizeof page->after, "%s", place.username);
    }
    return s_query (self, s_read_page, page, free);
}
