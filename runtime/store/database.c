//  Two kinds of connection. The one that writes also does every checkpoint: SQLite 3.40.1 can lose a commit when one
//  connection resets the log while another checkpoints, so automatic checkpoints are off everywhere, and the readers,
//  which are query_only, do none when they close.
//
//  A setting that SQLite cannot apply is not an error to it (journal_mode answers with the old mode), so each is read
//  back. What rests on them is the promise that an answered commit survives a power cut.
//
//  Statements are prepared on behalf of a module. The authorizer, which SQLite asks while it prepares and never while
//  it runs, refuses what would break the group that the statement runs in (COMMIT, SAVEPOINT, ATTACH, PRAGMA) and
//  changes to another module's tables. An error in SQL is written to the log with its text; bound values never are.
#include "database.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <zooid/log.h>

//  "ZOID": a file of ours.
#define APPLICATION_ID "1515145540"

typedef struct {
    const char *name;
    const char *value;
    const char *expected;   //  As it is read back
} setting_t;

static const setting_t s_settings [] = {
    { "busy_timeout", "5000", "5000" },
    { "journal_mode", "WAL", "wal" },
    { "synchronous", "FULL", "2" },
    { "wal_autocheckpoint", "0", "0" },
    { "journal_size_limit", "67108864", "67108864" },
    { "foreign_keys", "ON", "1" },
    { "trusted_schema", "OFF", "0" },
    { "temp_store", "MEMORY", "2" },
    { "cache_size", "-16384", "-16384" },
};

//  ---- who may do what

static bool
s_is_owned (const database_t *self, const char *table)
{
    const char *module = self->module;
    size_t at = 0;
    for (; module [at]; at++) {
        char expected = module [at] == '-' ? '_' : module [at];
        if (strncasecmp (&table [at], &expected, 1) != 0)
            return false;
    }
    return table [at] == '_' || table [at] == 0;
}

static bool
s_is_inner (const char *table)
{
    return strncasecmp (table, "sqlite_", 7) == 0;
}

//  quick_check is what ALTER TABLE asks of itself, data_version what full-text search does.
static bool
s_is_harmless (const char *pragma)
{
    return strcasecmp (pragma, "quick_check") == 0 || strcasecmp (pragma, "data_version") == 0;
}

static int
s_authorize (void *state, int action, const char *first, const char *second, const char *schema, const char *inner)
{
    (void) schema;
    (void) inner;
    const database_t *self = state;
    if (!self->module)
        return SQLITE_OK;
    bool allowed = false;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE: allowed = true; break;
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE: allowed = s_is_owned (self, first) || (self->migrating && s_is_inner (first)); break;
    case SQLITE_CREATE_TABLE:
    case SQLITE_DROP_TABLE:
    case SQLITE_CREATE_VIEW:
    case SQLITE_DROP_VIEW:
    case SQLITE_CREATE_VTABLE:
    case SQLITE_DROP_VTABLE: allowed = self->migrating && s_is_owned (self, first); break;
    case SQLITE_CREATE_INDEX:
    case SQLITE_DROP_INDEX:
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_DROP_TRIGGER:
    case SQLITE_ALTER_TABLE: allowed = self->migrating && s_is_owned (self, second); break;
    case SQLITE_REINDEX:
    case SQLITE_ANALYZE: allowed = self->migrating; break;
    case SQLITE_PRAGMA: allowed = s_is_harmless (first); break;
    default: break;
    }
    return allowed ? SQLITE_OK : SQLITE_DENY;
}

//  ---- open and close

//  The file is made here, readable by its owner alone (log and index take their mode from it), and its name is on the
//  disk before anything is in it.
static int
s_make_file (const char *path, char ret_why [DATABASE_WHY_SIZE])
{
    int file = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        snprintf (ret_why, DATABASE_WHY_SIZE, "%s: cannot be opened: %s", path, strerror (errno));
        return ZOOID_INVALID;
    }
    close (file);
    ZOOID_CLEANUP (zooid_release) char *copy = zooid_duplicate (path);
    const char *folder = dirname (copy);
    int descriptor = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = descriptor < 0 || fsync (descriptor) ? errno : 0;
    if (descriptor >= 0)
        close (descriptor);
    if (rc == 0)
        return 0;
    snprintf (ret_why, DATABASE_WHY_SIZE, "%s: its folder cannot be synced: %s", path, strerror (rc));
    return ZOOID_INVALID;
}

//  One value, as text, of one statement; false when it has none.
static bool
s_ask (database_t *self, const char *sql, char *ret_text, size_t size)
{
    sqlite3_stmt *statement = NULL;
    bool answered = false;
    if (sqlite3_prepare_v2 (self->handle, sql, -1, &statement, NULL) == SQLITE_OK
        && sqlite3_step (statement) == SQLITE_ROW) {
        const char *text = (const char *) sqlite3_column_text (statement, 0);
        snprintf (ret_text, size, "%s", text ? text : "");
        answered = true;
    }
    sqlite3_finalize (statement);
    return answered;
}

static int
s_refuse (database_t *self, const char *what, char ret_why [DATABASE_WHY_SIZE])
{
    snprintf (ret_why, DATABASE_WHY_SIZE, "%s: %s: %s", self->path, what, sqlite3_errmsg (self->handle));
    return ZOOID_INVALID;
}

static int
s_apply (database_t *self, const setting_t *setting, char ret_why [DATABASE_WHY_SIZE])
{
    char sql [128], value [64] = "";
    snprintf (sql, sizeof sql, "PRAGMA %s = %s", setting->name, setting->value);
    if (database_run (self, sql))
        return s_refuse (self, sql, ret_why);
    snprintf (sql, sizeof sql, "PRAGMA %s", setting->name);
    if (s_ask (self, sql, value, sizeof value) && strcmp (value, setting->expected) == 0)
        return 0;
    snprintf (ret_why, DATABASE_WHY_SIZE, "%s: the setting %s is \"%s\"; it must be \"%s\"", self->path, setting->name,
              value, setting->expected);
    return ZOOID_INVALID;
}

//  A file that somebody else made is not written to.
static int
s_claim (database_t *self, char ret_why [DATABASE_WHY_SIZE])
{
    char id [32] = "", tables [32] = "";
    if (!s_ask (self, "PRAGMA application_id", id, sizeof id)
        || !s_ask (self, "SELECT count (*) FROM sqlite_master", tables, sizeof tables))
        return s_refuse (self, "cannot be read as a store", ret_why);
    if (strcmp (id, APPLICATION_ID) == 0)
        return 0;
    if (strcmp (id, "0") != 0 || strcmp (tables, "0") != 0) {
        snprintf (ret_why, DATABASE_WHY_SIZE, "%s: this SQLite file is not a store of zooid; move it away", self->path);
        return ZOOID_INVALID;
    }
    if (database_run (self, "PRAGMA application_id = " APPLICATION_ID))
        return s_refuse (self, "cannot be written", ret_why);
    return 0;
}

//  The process before may have ended because the log could not be synced. The kernel takes such pages for clean: they are
//  read, as if they were on the disk, and no later sync writes them. A commit behind them would end with the power. So
//  what was recovered is written once more, over itself, before anything is built upon it.
static int
s_make_log_last (database_t *self, char ret_why [DATABASE_WHY_SIZE])
{
    sqlite3_file *log = NULL;
    sqlite3_int64 size = 0;
    char piece [16384];
    int rc = sqlite3_file_control (self->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (rc == SQLITE_OK && log->pMethods)
        rc = log->pMethods->xFileSize (log, &size);
    for (sqlite3_int64 at = 0; rc == SQLITE_OK && at < size; at += (sqlite3_int64) sizeof piece) {
        int part = size - at < (sqlite3_int64) sizeof piece ? (int) (size - at) : (int) sizeof piece;
        rc = log->pMethods->xRead (log, piece, part, at);
        if (rc == SQLITE_OK)
            rc = log->pMethods->xWrite (log, piece, part, at);
    }
    if (rc == SQLITE_OK && size > 0)
        rc = log->pMethods->xSync (log, SQLITE_SYNC_NORMAL);
    if (rc == SQLITE_OK)
        return 0;
    snprintf (ret_why, DATABASE_WHY_SIZE, "%s: its log cannot be written: %s", self->path, sqlite3_errstr (rc));
    return ZOOID_INVALID;
}

static int
s_on_log (void *state, sqlite3 *handle, const char *schema, int pages)
{
    (void) handle;
    (void) schema;
    database_t *self = state;
    self->log_pages = pages;
    return SQLITE_OK;
}

static int
s_configure (database_t *self, char ret_why [DATABASE_WHY_SIZE])
{
    sqlite3_extended_result_codes (self->handle, 1);
    if (sqlite3_db_config (self->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL))
        return s_refuse (self, "cannot be guarded", ret_why);
    int rc = self->access == DATABASE_WRITES ? s_claim (self, ret_why) : 0;
    for (size_t i = 0; rc == 0 && i < ZOOID_COUNT (s_settings); i++)
        rc = s_apply (self, &s_settings [i], ret_why);
    if (rc)
        return rc;
    if (self->access == DATABASE_READS) {
        if (sqlite3_db_config (self->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL))
            return s_refuse (self, "cannot be told not to checkpoint", ret_why);
        rc = s_apply (self, &(const setting_t) { "query_only", "ON", "1" }, ret_why);
    }
    else {
        rc = s_make_log_last (self, ret_why);
        sqlite3_wal_hook (self->handle, s_on_log, self);
    }
    sqlite3_set_authorizer (self->handle, s_authorize, self);
    return rc;
}

int
database_open (database_t **self_p, const char *path, const char *vfs, database_access_t access,
               char ret_why [DATABASE_WHY_SIZE])
{
    int rc = access == DATABASE_WRITES ? s_make_file (path, ret_why) : 0;
    if (rc)
        return rc;
    ZOOID_CLEANUP (database_close) database_t *self = zooid_allocate (sizeof *self);
    self->path = zooid_duplicate (path);
    self->access = access;
    //  Each connection is used by one thread at a time, which whoever owns it sees to.
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    if (sqlite3_open_v2 (path, &self->handle, flags, vfs))
        return s_refuse (self, "cannot be opened", ret_why);
    rc = s_configure (self, ret_why);
    if (rc)
        return rc;
    *self_p = self;
    self = NULL;
    return 0;
}

static void
s_forget_statements (database_t *self)
{
    for (size_t i = 0; i < DATABASE_BUCKETS; i++) {
        while (self->buckets [i]) {
            zooid_sql_t *sql = self->buckets [i];
            self->buckets [i] = sql->next;
            sqlite3_finalize (sql->statement);
            free (sql);
        }
    }
    self->statement_count = 0;
}

void
database_close (database_t **self_p)
{
    database_t *self = *self_p;
    if (!self)
        return;
    s_forget_statements (self);
    int rc = sqlite3_close (self->handle);
    assert (rc == SQLITE_OK);
    free (self->path);
    free (self);
    *self_p = NULL;
}

//  ---- statements

int
database_run (database_t *self, const char *sql)
{
    return sqlite3_exec (self->handle, sql, NULL, NULL, NULL);
}

void
database_rest (database_t *self)
{
    while (self->used) {
        zooid_sql_t *sql = self->used;
        self->used = sql->next_used;
        sql->used = false;
        sqlite3_reset (sql->statement);
    }
    //  Texts are constants, so there are no more statements than code has; one that is not would grow for ever.
    if (self->statement_count > DATABASE_STATEMENTS_MAX)
        s_forget_statements (self);
}

static bool
s_is_blank (const char *text)
{
    return text [strspn (text, " \t\r\n;")] == 0;
}

static void
s_prepare (zooid_sql_t *sql)
{
    database_t *self = sql->database;
    const char *tail = "";
    int rc = sqlite3_prepare_v3 (self->handle, sql->text, -1, SQLITE_PREPARE_PERSISTENT, &sql->statement, &tail);
    if (rc == SQLITE_OK && sql->statement && s_is_blank (tail))
        return;
    if (rc == SQLITE_OK) {
        zooid_log (NULL, ZOOID_ERROR, "sql_failed", ZOOID_TEXT ("sql", sql->text),
                   ZOOID_TEXT ("error", "not one statement"));
        sql->fault = zooid_fault (-EINVAL);
    }
    else
        sql->fault = database_fault (self, rc, sql->text);
    sqlite3_finalize (sql->statement);
    sql->statement = NULL;
}

zooid_sql_t *
database_sql (database_t *self, const char *text)
{
    zooid_sql_t **bucket = &self->buckets [((uintptr_t) text >> 3) % DATABASE_BUCKETS];
    zooid_sql_t *sql = *bucket;
    while (sql && sql->text != text)
        sql = sql->next;
    if (!sql) {
        sql = zooid_allocate (sizeof *sql);
        *sql = (zooid_sql_t) { .database = self, .text = text, .next = *bucket };
        *bucket = sql;
        self->statement_count++;
    }
    //  An address that holds another text was no constant: what it held before must not run in its place.
    if (sql->statement && strcmp (sqlite3_sql (sql->statement), text) != 0) {
        sqlite3_finalize (sql->statement);
        sql->statement = NULL;
    }
    sql->fault = 0;
    sql->ended = false;
    if (sql->statement) {
        sqlite3_reset (sql->statement);
        sqlite3_clear_bindings (sql->statement);
    }
    else
        s_prepare (sql);
    if (!sql->used) {
        sql->used = true;
        sql->next_used = self->used;
        self->used = sql;
    }
    return sql;
}

//  ---- faults

static int
s_errno (int error)
{
    switch (error) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return -EEXIST;
    default: break;
    }
    switch (error & 0xff) {
    case SQLITE_FULL: return -ENOSPC;
    case SQLITE_NOMEM: return -ENOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return -EBUSY;
    case SQLITE_READONLY: return -EROFS;
    case SQLITE_AUTH: return -EPERM;
    case SQLITE_IOERR: return -EIO;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return -EBADMSG;
    case SQLITE_TOOBIG: return -EMSGSIZE;
    default: return -EINVAL;
    }
}

void
database_die (database_t *self, const char *what, int error)
{
    zooid_log (NULL, ZOOID_ERROR, "store_failed", ZOOID_TEXT ("file", self->path), ZOOID_TEXT ("during", what),
               ZOOID_TEXT ("error", sqlite3_errstr (error)), ZOOID_NUMBER ("code", error));
    //  The log may go elsewhere; who looks at how a process ended looks here.
    fprintf (stderr,
             "zooid: %s: %s failed: %s (%d). What was answered is on the disk; stopping, to recover it at the next start\n",
             self->path, what, sqlite3_errstr (error), error);
    abort ();
}

int
database_fault (database_t *self, int error, const char *sql)
{
    if (self->access == DATABASE_WRITES && (error & 0xff) == SQLITE_IOERR && error != SQLITE_IOERR_NOMEM)
        database_die (self, sql, error);
    int rc = s_errno (error);
    //  A key that is taken is something to ask for, and for the asker to judge.
    if (rc != -EEXIST)
        zooid_log (NULL, ZOOID_ERROR, "sql_failed", ZOOID_TEXT ("module", self->module), ZOOID_TEXT ("sql", sql),
                   ZOOID_TEXT ("error", sqlite3_errmsg (self->handle)));
    return zooid_fault (rc);
}
