//  What start finds decides what it writes; all of it is one transaction.
//
//      admin  password given   other users wanted     written
//      no     no               -                      admin with a random password, told on the terminal or in a file
//      no     no               yes, never loaded      admin, as the others, with the password of development
//      no     yes              -                      admin with that password
//      yes    yes, verifies    -                      nothing
//      yes    yes, does not    -                      admin's password, and a line in the log
//      any    any              yes, never loaded      besides: editor, reader, operator, where the name is free
//
//  A random password is told before the commit: after a crash between the two another is made and told again, while the
//  other order could leave one that nobody knows. Hashing here waits, as everything in start may: when the actor has
//  started its users are on their way, and the first sign-in is not told that there are none.
#include "seed.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zooid/log.h>

#include "auth.h"
#include "given.h"
#include "secret.h"

static const char *const s_admin = "admin";
static const char *const s_file = "admin-password";

typedef struct {
    user_t user;
    bool is_seed;
    bool made;
} newcomer_t;

typedef struct {
    bool has_admin, seed_loaded;    //  Found
    user_t admin;
    newcomer_t newcomers [ROLE_COUNT];
    size_t count;
    bool loads_seed;
    bool replaces;                  //  Admin's password: .admin has the hash that shall be, .old_hash the one that is
    char old_hash [PASSWORD_HASH_SIZE];
} plan_t;

enum { SEED_PASSWORD_SIZE = 2 * USER_NAME_MAX + 2 };

static void
s_seed_password (const char *username, char ret_password [SEED_PASSWORD_SIZE])
{
    snprintf (ret_password, SEED_PASSWORD_SIZE, "%.*s-%.*s", USER_NAME_MAX, username, USER_NAME_MAX, username);
}

static int
s_read (zooid_transaction_t *transaction, void *state)
{
    plan_t *plan = state;
    int rc = user_find (transaction, USER_BY_NAME, s_admin, &plan->admin);
    if (rc < 0)
        return zooid_fault (rc);
    plan->has_admin = rc == 0;
    return zooid_fault (user_seed_is_loaded (transaction, &plan->seed_loaded));
}

static int
s_write (zooid_transaction_t *transaction, void *state)
{
    plan_t *plan = state;
    int64_t now_ms = zooid_transaction_wall_ms (transaction);
    for (size_t i = 0; i < plan->count; i++) {
        newcomer_t *newcomer = &plan->newcomers [i];
        newcomer->user.created_at = newcomer->user.password_changed_at = now_ms;
        int rc = user_insert (transaction, &newcomer->user);
        if (rc < 0)
            return zooid_fault (rc);
        newcomer->made = rc == 0;
    }
    if (plan->replaces) {
        plan->admin.password_changed_at = now_ms;
        int rc = user_set_password (transaction, &plan->admin, plan->old_hash);
        if (rc)
            return rc < 0 ? zooid_fault (rc) : rc;
    }
    return plan->loads_seed ? zooid_fault (user_seed_set_loaded (transaction)) : 0;
}

static int
s_written (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    auth_t *auth = zooid_state (self);
    const plan_t *plan = state;
    if (outcome->failure) {
        zooid_log (self, ZOOID_ERROR, "first_users_failed", ZOOID_TEXT ("failure", outcome->failure));
        return zooid_fault (-EIO);
    }
    auth->settled = true;
    for (size_t i = 0; i < plan->count; i++) {
        const char *name = plan->newcomers [i].user.username;
        if (!plan->newcomers [i].made)
            continue;
        if (plan->newcomers [i].is_seed) {
            //  A password for everybody to read: that is what these users are for, and why they must be asked for
            char password [SEED_PASSWORD_SIZE];
            s_seed_password (name, password);
            zooid_log (self, ZOOID_WARN, "seed_user", ZOOID_TEXT ("username", name),
                       ZOOID_TEXT ("password", password));
        }
        else
            zooid_log (self, ZOOID_INFO, "user_created", ZOOID_TEXT ("username", name), ZOOID_TEXT ("by", "start"));
    }
    if (plan->replaces)
        zooid_log (self, ZOOID_WARN, "admin_password_replaced", ZOOID_TEXT ("by", "environment"));
    return 0;
}

//  ---- telling the first password of admin

//  The folder of the node, which the actor's own lies in. Yours to free; NULL: there is none.
static char *
s_node_folder (const zooid_context_t *self)
{
    const char *own = zooid_folder (self);
    if (!own)
        return NULL;
    char *folder = zooid_duplicate (own);
    size_t length = strlen (folder);
    while (length > 1 && folder [length - 1] == '/')
        folder [--length] = 0;
    char *slash = strrchr (folder, '/');
    if (!slash)
        strcpy (folder, ".");
    else
        slash [slash == folder] = 0;
    return folder;
}

static int
s_tell (zooid_context_t *self, const char *password)
{
    ZOOID_CLEANUP (zooid_release) char *folder = s_node_folder (self);
    if (isatty (STDERR_FILENO)) {
        dprintf (STDERR_FILENO, "\n    The first start made user %s with the password\n\n        %s\n\n"
                 "    It is shown here and nowhere else: sign in and change it.\n\n", s_admin, password);
        return 0;
    }
    if (!folder) {
        zooid_log (self, ZOOID_WARN, "admin_password_untold", ZOOID_TEXT ("set", "ZOOID_ADMIN_PASSWORD"));
        return 0;
    }
    char line [PASSWORD_GENERATED_SIZE + 1];
    int length = snprintf (line, sizeof line, "%s\n", password);
    int rc = secret_write (folder, s_file, (zooid_bytes_t) { (const uint8_t *) line, (size_t) length });
    sodium_memzero (line, sizeof line);
    if (rc)
        return zooid_fault (rc);
    zooid_log (self, ZOOID_WARN, "admin_password_written", ZOOID_TEXT ("folder", folder), ZOOID_TEXT ("file", s_file));
    return 0;
}

static int
s_remove (void *state)
{
    const char *folder = state;
    return secret_remove (folder, s_file);
}

static int
s_removed (zooid_context_t *self, void *state, int result)
{
    (void) state;
    if (result)
        zooid_log (self, ZOOID_ERROR, "admin_password_not_removed", ZOOID_TEXT ("file", s_file),
                   ZOOID_NUMBER ("error", -result));
    return 0;
}

int
seed_password_changed (zooid_context_t *self, const user_t *user)
{
    char *folder = strcmp (user->username, s_admin) == 0 ? s_node_folder (self) : NULL;
    if (!folder)
        return 0;
    int rc = zooid_work (self, s_remove, s_removed, folder, free);
    if (rc == 0)
        return 0;
    //  The next start does it: the password in it opens nothing any more
    free (folder);
    return rc < 0 ? zooid_fault (rc) : 0;
}

//  ---- start

static int
s_hash (zooid_context_t *self, const char *password, char ret_hash [PASSWORD_HASH_SIZE])
{
    uint8_t salt [PASSWORD_SALT_SIZE];
    zooid_random (self, salt, sizeof salt);
    return zooid_fault (password_hash (password, salt, ret_hash));
}

static int
s_add (zooid_context_t *self, plan_t *plan, role_t role, const char *password, newcomer_t kind)
{
    newcomer_t *newcomer = &plan->newcomers [plan->count];
    *newcomer = kind;
    newcomer->user.roles = 1u << role;
    zooid_id (self, newcomer->user.id);
    snprintf (newcomer->user.username, sizeof newcomer->user.username, "%s", role_names [role]);
    int rc = s_hash (self, password, newcomer->user.hash);
    if (rc)
        return zooid_fault (rc);
    plan->count++;
    return 0;
}

static int
s_add_seed (zooid_context_t *self, plan_t *plan, role_t role)
{
    char password [SEED_PASSWORD_SIZE];
    s_seed_password (role_names [role], password);
    return zooid_fault (s_add (self, plan, role, password, (newcomer_t) { .is_seed = true }));
}

static int
s_add_random_admin (zooid_context_t *self, plan_t *plan)
{
    uint8_t random [PASSWORD_RANDOM];
    char password [PASSWORD_GENERATED_SIZE];
    zooid_random (self, random, sizeof random);
    password_generate (random, password);
    int rc = s_add (self, plan, ROLE_ADMIN, password, (newcomer_t) { .user.initial = true });
    if (rc == 0)
        rc = s_tell (self, password);
    sodium_memzero (random, sizeof random);
    sodium_memzero (password, sizeof password);
    return zooid_fault (rc);
}

static int
s_hold_password (zooid_context_t *self, plan_t *plan, const char *password)
{
    if (!plan->has_admin)
        return zooid_fault (s_add (self, plan, ROLE_ADMIN, password, (newcomer_t) { .made = false }));
    int rc = password_verify (plan->admin.hash, password);
    if (rc != ZOOID_DENIED)
        return zooid_fault (rc);
    memcpy (plan->old_hash, plan->admin.hash, sizeof plan->old_hash);
    plan->admin.initial = false;
    plan->replaces = true;
    return zooid_fault (s_hash (self, password, plan->admin.hash));
}

static int
s_plan (zooid_context_t *self, plan_t *plan)
{
    const auth_t *auth = zooid_state (self);
    plan->loads_seed = auth->settings->seed && !plan->seed_loaded;
    char password [PASSWORD_SIZE];
    const char *why = NULL;
    int rc = given_password (password, zooid_arena (self), &why);
    if (rc == 0) {
        rc = s_hold_password (self, plan, password);
        sodium_memzero (password, sizeof password);
    }
    else if (rc == ZOOID_INVALID) {         //  It was sound when the node was checked
        zooid_log (self, ZOOID_ERROR, "admin_password_refused", ZOOID_TEXT ("why", why));
        rc = zooid_fault (-EINVAL);
    }
    else if (rc == ZOOID_UNKNOWN) {
        rc = 0;
        if (!plan->has_admin)
            rc = plan->loads_seed ? s_add_seed (self, plan, ROLE_ADMIN) : s_add_random_admin (self, plan);
    }
    for (role_t role = ROLE_EDITOR; rc == 0 && plan->loads_seed && role < ROLE_COUNT; role++)
        rc = s_add_seed (self, plan, role);
    return zooid_fault (rc);
}

static void
s_plan_destroy (void *state)
{
    plan_t *plan = state;
    sodium_memzero (plan, sizeof *plan);
    free (plan);
}

int
seed_start (zooid_context_t *self)
{
    auth_t *auth = zooid_state (self);
    plan_t *plan = zooid_allocate (sizeof *plan);
    int rc = zooid_load (self, s_read, plan);
    if (rc == 0)
        rc = s_plan (self, plan);
    bool file_is_stale = plan->replaces || (plan->has_admin && !plan->admin.initial);
    ZOOID_CLEANUP (zooid_release) char *folder = file_is_stale ? s_node_folder (self) : NULL;
    if (rc == 0 && folder)
        rc = secret_remove (folder, s_file);
    if (rc == 0 && (plan->count || plan->replaces || plan->loads_seed)) {
        rc = zooid_commit (self, &(zooid_commit_t) {
            .transaction = s_write, .then = s_written, .state = plan, .destroy = s_plan_destroy });
        if (rc == 0)
            return 0;
        if (rc == ZOOID_FULL)       //  A store that is full at the start: the supervisor tries again
            rc = -EAGAIN;
    }
    s_plan_destroy (plan);
    auth->settled = rc == 0;
    return zooid_fault (rc);
}
