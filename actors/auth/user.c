//  Roles are kept as names in one column: they are read with the user, always all of them, and never searched by.
#include "user.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const zooid_migration_t user_migrations [USER_MIGRATIONS] = {
    { .doc = "Users",
      .sql = "CREATE TABLE auth_user ("
             " id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, hash TEXT NOT NULL, roles TEXT NOT NULL,"
             " created_at INTEGER NOT NULL, password_changed_at INTEGER NOT NULL, initial INTEGER NOT NULL) STRICT" },
    { .doc = "That development users were made, so that one who was changed or removed does not come back",
      .sql = "CREATE TABLE auth_seed (loaded_at INTEGER NOT NULL) STRICT" },
};

#define COLUMNS "id, username, hash, roles, created_at, password_changed_at, initial"

static void
s_read (zooid_sql_t *sql, user_t *ret_user)
{
    *ret_user = (user_t) {
        .roles = role_set_read (zooid_sql_text (sql, 3)),
        .created_at = zooid_sql_integer (sql, 4),
        .password_changed_at = zooid_sql_integer (sql, 5),
        .initial = zooid_sql_integer (sql, 6) != 0,
    };
    snprintf (ret_user->id, sizeof ret_user->id, "%s", zooid_sql_text (sql, 0));
    snprintf (ret_user->username, sizeof ret_user->username, "%s", zooid_sql_text (sql, 1));
    snprintf (ret_user->hash, sizeof ret_user->hash, "%s", zooid_sql_text (sql, 2));
}

int
user_find (zooid_transaction_t *transaction, user_key_t key, const char *value, user_t *ret_user)
{
    zooid_sql_t *sql = key == USER_BY_ID
        ? zooid_sql (transaction, "SELECT " COLUMNS " FROM auth_user WHERE id = ?1")
        : zooid_sql (transaction, "SELECT " COLUMNS " FROM auth_user WHERE username = ?1");
    zooid_sql_bind_text (sql, 1, value);
    int rc = zooid_sql_step (sql);
    if (rc < 0)
        return zooid_fault (rc);
    if (rc == 0)
        return ZOOID_UNKNOWN;
    s_read (sql, ret_user);
    return 0;
}

int
user_insert (zooid_transaction_t *transaction, const user_t *user)
{
    char roles [ROLE_TEXT_SIZE];
    role_set_write (user->roles, roles);
    zooid_sql_t *sql = zooid_sql (transaction, "INSERT INTO auth_user (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
                                               " ON CONFLICT (username) DO NOTHING");
    zooid_sql_bind_text (sql, 1, user->id);
    zooid_sql_bind_text (sql, 2, user->username);
    zooid_sql_bind_text (sql, 3, user->hash);
    zooid_sql_bind_text (sql, 4, roles);
    zooid_sql_bind_integer (sql, 5, user->created_at);
    zooid_sql_bind_integer (sql, 6, user->password_changed_at);
    zooid_sql_bind_integer (sql, 7, user->initial);
    int rc = zooid_sql_step (sql);
    if (rc < 0)
        return zooid_fault (rc);
    return zooid_sql_changes (sql) == 1 ? 0 : ZOOID_DUPLICATE;
}

int
user_set_password (zooid_transaction_t *transaction, const user_t *user, const char *old_hash)
{
    zooid_sql_t *sql = zooid_sql (transaction, "UPDATE auth_user SET hash = ?3, password_changed_at = ?4, initial = ?5"
                                               " WHERE id = ?1 AND hash = ?2");
    zooid_sql_bind_text (sql, 1, user->id);
    zooid_sql_bind_text (sql, 2, old_hash);
    zooid_sql_bind_text (sql, 3, user->hash);
    zooid_sql_bind_integer (sql, 4, user->password_changed_at);
    zooid_sql_bind_integer (sql, 5, user->initial);
    int rc = zooid_sql_step (sql);
    if (rc < 0)
        return zooid_fault (rc);
    return zooid_sql_changes (sql) == 1 ? 0 : ZOOID_REFUSED;
}

int
user_list (zooid_transaction_t *transaction, const char *after, size_t limit, const user_t **ret_users,
           size_t *ret_count)
{
    user_t *users = zooid_arena_take (zooid_transaction_arena (transaction), limit * sizeof *users);
    if (!users)
        return zooid_fault (-ENOMEM);
    zooid_sql_t *sql = zooid_sql (transaction, "SELECT " COLUMNS " FROM auth_user WHERE username > ?1"
                                               " ORDER BY username LIMIT ?2");
    zooid_sql_bind_text (sql, 1, after);
    zooid_sql_bind_integer (sql, 2, (int64_t) limit);
    size_t count = 0;
    int rc = ZOOID_ROW;
    while (count < limit && (rc = zooid_sql_step (sql)) == ZOOID_ROW)
        s_read (sql, &users [count++]);
    if (rc < 0)
        return zooid_fault (rc);
    *ret_users = users;
    *ret_count = count;
    return 0;
}

int
user_seed_is_loaded (zooid_transaction_t *transaction, bool *ret_loaded)
{
    int rc = zooid_sql_step (zooid_sql (transaction, "SELECT loaded_at FROM auth_seed LIMIT 1"));
    if (rc < 0)
        return zooid_fault (rc);
    *ret_loaded = rc == ZOOID_ROW;
    return 0;
}

int
user_seed_set_loaded (zooid_transaction_t *transaction)
{
    zooid_sql_t *sql = zooid_sql (transaction, "INSERT INTO auth_seed (loaded_at) VALUES (?1)");
    zooid_sql_bind_integer (sql, 1, zooid_transaction_wall_ms (transaction));
    return zooid_fault (zooid_sql_step (sql));
}
