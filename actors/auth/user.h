//  user.h - a user in the store: its tables, and what is done with them within a transaction or a snapshot
#ifndef USER_H
#define USER_H

#include <zooid/module.h>

#include "password.h"
#include "role.h"

enum { USER_NAME_MAX = 64, USER_MIGRATIONS = 2 };
#define USER_NAME_CHARACTERS "a-z0-9_.-"

typedef struct {
    char id [ZOOID_ID_SIZE];
    char username [USER_NAME_MAX + 1];
    char hash [PASSWORD_HASH_SIZE];     //  Of the password
    role_set_t roles;
    int64_t created_at;
    int64_t password_changed_at;
    bool initial;                       //  The password is the one that the first start made up
} user_t;

extern const zooid_migration_t user_migrations [USER_MIGRATIONS];

//  What a caller keys a look-up by.
typedef enum { USER_BY_ID, USER_BY_NAME } user_key_t;

//  0, ZOOID_UNKNOWN: no such user, < 0: a fault.
int
    user_find (zooid_transaction_t *transaction, user_key_t key, const char *value, user_t *ret_user);
//  ZOOID_DUPLICATE: the username is taken.
int
    user_insert (zooid_transaction_t *transaction, const user_t *user);
//  Set hash, time and `initial` from *user where the password is still `old_hash`. ZOOID_REFUSED: it is not.
int
    user_set_password (zooid_transaction_t *transaction, const user_t *user, const char *old_hash);
//  At most `limit` of them, by username, behind `after` ("" from the first). Into the transaction's arena.
int
    user_list (zooid_transaction_t *transaction, const char *after, size_t limit, const user_t **ret_users,
               size_t *ret_count);

//  Was the seed of development users loaded into this store, ever? And: it is now.
int
    user_seed_is_loaded (zooid_transaction_t *transaction, bool *ret_loaded);
int
    user_seed_set_loaded (zooid_transaction_t *transaction);

#endif
