//  A row per identity, in the table zooid_inbox, written by the transaction whose effect it guards. Names are a
//  module's own: two modules that are told the same message each have an effect to make.
//
//  A source whose identities come round again (packet ids of a session) says how many of its last ones to keep; those
//  rows have a place, which counts up within their scope, and a new one pushes the oldest out. All others go by age.
//  The bound is over all of them, so that sources which never come back are forgotten too, the oldest first.
//
//  Whatever is pruned is pruned in steps of a few rows inside commits that are made anyway: no commit waits for a big
//  one.
#include "inbox.h"

#include <errno.h>
#include <string.h>

enum { NAME_MAX_BYTES = 255, PRUNE_STEP = 256, PRUNE_EVERY_MS = 60 * 1000 };

const char inbox_schema [] =
    "CREATE TABLE zooid_inbox ("
    " sequence INTEGER PRIMARY KEY, module TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL,"
    " place INTEGER, seen_at INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX zooid_inbox_identity ON zooid_inbox (module, scope, id);"
    "CREATE UNIQUE INDEX zooid_inbox_place ON zooid_inbox (module, scope, place) WHERE place IS NOT NULL;"
    "CREATE INDEX zooid_inbox_age ON zooid_inbox (seen_at) WHERE place IS NULL;";

int
inbox_load (inbox_t *self, database_t *database)
{
    zooid_sql_t *sql = database_sql (database, "SELECT count (*) FROM zooid_inbox");
    int rc = zooid_sql_step (sql);
    if (rc < 0)
        return zooid_fault (rc);
    self->count = (size_t) zooid_sql_integer (sql, 0);
    database_rest (database);
    return 0;
}

static bool
s_is_name (const char *text)
{
    return text && text [0] && strlen (text) <= NAME_MAX_BYTES;
}

static int
s_next_place (database_t *database, const char *module, const char *scope, int64_t *ret_place)
{
    zooid_sql_t *sql = database_sql (
        database, "SELECT max (place) FROM zooid_inbox WHERE module = ?1 AND scope = ?2 AND place IS NOT NULL");
    zooid_sql_bind_text (sql, 1, module);
    zooid_sql_bind_text (sql, 2, scope);
    int rc = zooid_sql_step (sql);
    if (rc < 0)
        return zooid_fault (rc);
    *ret_place = zooid_sql_integer (sql, 0) + 1;
    return 0;
}

static int
s_insert (inbox_t *self, database_t *database, const char *module, const char *scope, const char *id, int64_t place,
          int64_t wall_ms)
{
    zooid_sql_t *sql = database_sql (database, "INSERT INTO zooid_inbox (module, scope, id, place, seen_at)"
                                               " VALUES (?1, ?2, ?3, nullif (?4, 0), ?5)"
                                               " ON CONFLICT (module, scope, id) DO NOTHING");
    zooid_sql_bind_text (sql, 1, module);
    zooid_sql_bind_text (sql, 2, scope);
    zooid_sql_bind_text (sql, 3, id);
    zooid_sql_bind_integer (sql, 4, place);
    zooid_sql_bind_integer (sql, 5, wall_ms);
    int rc = zooid_sql_step (sql);
    if (rc < 0)
        return zooid_fault (rc);
    if (zooid_sql_changes (sql) == 0)
        return ZOOID_DUPLICATE;
    self->count++;
    return 0;
}

static int
s_push_out (inbox_t *self, database_t *database, const char *module, const char *scope, int64_t last)
{
    zooid_sql_t *sql = database_sql (
        database, "DELETE FROM zooid_inbox WHERE sequence IN (SELECT sequence FROM zooid_inbox"
                  " WHERE module = ?1 AND scope = ?2 AND place IS NOT NULL AND place <= ?3 ORDER BY place LIMIT ?4)");
    zooid_sql_bind_text (sql, 1, module);
    zooid_sql_bind_text (sql, 2, scope);
    zooid_sql_bind_integer (sql, 3, last);
    zooid_sql_bind_integer (sql, 4, PRUNE_STEP);
    int rc = zooid_sql_step (sql);
    if (rc < 0)
        return zooid_fault (rc);
    self->count -= (size_t) zooid_sql_changes (sql);
    return 0;
}

int
inbox_once (inbox_t *self, database_t *database, const char *module, const zooid_identity_t *identity, int64_t wall_ms)
{
    const char *scope = identity->scope ? identity->scope : "";
    if (!s_is_name (identity->id) || strlen (scope) > NAME_MAX_BYTES)
        return zooid_fault (-EINVAL);
    int64_t place = 0;
    int rc = identity->keep ? s_next_place (database, module, scope, &place) : 0;
    if (rc == 0)
        rc = s_insert (self, database, module, scope, identity->id, place, wall_ms);
    if (rc == 0 && place > identity->keep)
        rc = s_push_out (self, database, module, scope, place - identity->keep);
    return zooid_fault (rc);
}

static int
s_forget_old (inbox_t *self, database_t *database, int64_t wall_ms)
{
    zooid_sql_t *sql = database_sql (
        database, "DELETE FROM zooid_inbox WHERE sequence IN (SELECT sequence FROM zooid_inbox"
                  " WHERE place IS NULL AND seen_at < ?1 ORDER BY seen_at LIMIT ?2)");
    zooid_sql_bind_integer (sql, 1, wall_ms - self->retention_ms);
    zooid_sql_bind_integer (sql, 2, PRUNE_STEP);
    int rc = zooid_sql_step (sql);
    if (rc < 0)
        return zooid_fault (rc);
    int64_t forgotten = zooid_sql_changes (sql);
    self->count -= (size_t) forgotten;
    //  A full step: there are more, so the next commit takes the next one.
    if (forgotten < PRUNE_STEP)
        self->due_at_ms = wall_ms + PRUNE_EVERY_MS;
    return 0;
}

static int
s_forget_excess (inbox_t *self, database_t *database)
{
    zooid_sql_t *sql = database_sql (database, "DELETE FROM zooid_inbox WHERE sequence IN"
                                               " (SELECT sequence FROM zooid_inbox ORDER BY sequence LIMIT ?1)");
    size_t excess = self->count - self->limit;
    zooid_sql_bind_integer (sql, 1, excess < PRUNE_STEP ? (int64_t) excess : PRUNE_STEP);
    int rc = zooid_sql_step (sql);
    if (rc < 0)
        return zooid_fault (rc);
    self->count -= (size_t) zooid_sql_changes (sql);
    return 0;
}

int
inbox_prune (inbox_t *self, database_t *database, int64_t wall_ms)
{
    int rc = 0;
    //  A clock that was set back makes the time to look again lie far ahead.
    if (wall_ms >= self->due_at_ms || self->due_at_ms - wall_ms > PRUNE_EVERY_MS)
        rc = s_forget_old (self, database, wall_ms);
    if (rc == 0 && self->count > self->limit)
        rc = s_forget_excess (self, database);
    return zooid_fault (rc);
}
