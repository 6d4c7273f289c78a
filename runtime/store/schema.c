//  The table zooid_schema has a row per module and version, with the time it came. A version is the number of rows of
//  the module's table that were run. There is no way back: an older program refuses a newer file, since it cannot know
//  what the tables mean now.
//
//  A migration that fails leaves the file as it was before that row; those before it stay, each whole.
#include "schema.h"

#include <stdio.h>
#include <string.h>

static int
s_begin (database_t *database)
{
    int rc = database_run (database, "CREATE TABLE IF NOT EXISTS zooid_schema (module TEXT NOT NULL,"
                                     " version INTEGER NOT NULL, applied_at INTEGER NOT NULL,"
                                     " PRIMARY KEY (module, version)) STRICT, WITHOUT ROWID");
    return rc ? database_fault (database, rc, "CREATE TABLE zooid_schema") : 0;
}

static int
s_version (database_t *database, const char *module, int64_t *ret_version)
{
    zooid_sql_t *sql = database_sql (database, "SELECT max (version) FROM zooid_schema WHERE module = ?1");
    zooid_sql_bind_text (sql, 1, module);
    int rc = zooid_sql_step (sql);
    if (rc < 0)
        return zooid_fault (rc);
    *ret_version = zooid_sql_integer (sql, 0);
    database_rest (database);
    return 0;
}

static int
s_note (database_t *database, const char *module, int64_t version, int64_t wall_ms)
{
    zooid_sql_t *sql = database_sql (database,
                                     "INSERT INTO zooid_schema (module, version, applied_at) VALUES (?1, ?2, ?3)");
    zooid_sql_bind_text (sql, 1, module);
    zooid_sql_bind_integer (sql, 2, version);
    zooid_sql_bind_integer (sql, 3, wall_ms);
    int rc = zooid_sql_step (sql);
    database_rest (database);
    return zooid_fault (rc);
}

//  Within a transaction. An SQLite result.
static int
s_run_guarded (database_t *database, const char *module, const char *sql)
{
    database->module = module;
    database->migrating = true;
    int rc = database_run (database, sql);
    database->migrating = false;
    database->module = NULL;
    return rc;
}

static int
s_apply (database_t *database, const char *module, const zooid_migration_t *migration, int64_t version, int64_t wall_ms,
         zooid_arena_t *arena, const char **ret_why)
{
    int rc = database_run (database, "BEGIN IMMEDIATE");
    if (rc)
        return database_fault (database, rc, "BEGIN IMMEDIATE");
    rc = s_run_guarded (database, module, migration->sql);
    if (rc) {
        *ret_why = zooid_arena_format (arena, "%s: migration %lld of module %s (%s) failed: %s", database->path,
                                       (long long) version, module, migration->doc ? migration->doc : "without a doc",
                                       sqlite3_errmsg (database->handle));
        database_run (database, "ROLLBACK");
        return ZOOID_INVALID;
    }
    rc = s_note (database, module, version, wall_ms);
    if (rc == 0) {
        rc = database_run (database, "COMMIT");
        if (rc)
            rc = database_fault (database, rc, "COMMIT");
    }
    if (rc)
        database_run (database, "ROLLBACK");
    return zooid_fault (rc);
}

int
schema_migrate (database_t *database, const char *module, const zooid_migration_t *migrations, size_t count,
                int64_t wall_ms, zooid_arena_t *arena, const char **ret_why)
{
    int64_t version = 0;
    int rc = s_begin (database);
    if (rc == 0)
        rc = s_version (database, module, &version);
    if (rc)
        return zooid_fault (rc);
    if (version > (int64_t) count) {
        *ret_why = zooid_arena_format (arena, "%s: the tables of module %s have version %lld, this program knows up to %zu;"
                                              " run the newer program, or restore an older backup",
                                       database->path, module, (long long) version, count);
        return ZOOID_INVALID;
    }
    for (; rc == 0 && version < (int64_t) count; version++)
        rc = s_apply (database, module, &migrations [version], version + 1, wall_ms, arena, ret_why);
    return rc < 0 ? zooid_fault (rc) : rc;
}
