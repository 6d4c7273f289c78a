//  The group commit. The store's worker takes what waits, at most 256 jobs, and commits them together: BEGIN IMMEDIATE,
//  a SAVEPOINT for each job, COMMIT, which returns after the fsync of the log; only then is any of them completed. A
//  job that says no takes back its own savepoint and nothing else.
//
//  The connection is used by one thread at a time, through a turnstile: the worker's, or that of an actor which loads
//  its memory as it starts. Whoever is inside waits for nothing but the disk, so there is no circle to be caught in.
//
//  Errors. What one statement met is its job's fault. A full disk takes back the whole group, of which nothing was
//  answered: `no_space`. A failed read, write or fsync ends the process at once: after a failed fsync the kernel may
//  call the next one a success although the pages are lost, so the only one who knows what is on the disk is a new
//  start.
//
//  The log is copied into the file here, after the answers have gone out, every 1000 pages; one that cannot be begun
//  anew because some snapshot is always open is waited for, briefly, from 16384 pages on.
#include "writer.h"

#include "company.h"
#include "queue.h"
#include "schema.h"
#include "turnstile.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <zooid/log.h>

enum { CHECKPOINT_PAGES = 1000, CHECKPOINT_PRESSING_PAGES = 16384, CHECKPOINT_WAIT_MS = 100, BUSY_MS = 5000 };

struct writer {
    store_options_t options;
    database_t *database;           //  NULL: closed
    inbox_t inbox;
    zooid_transaction_t transaction;
    queue_t *queue;
    turnstile_t turnstile;
    company_t company;
    int checkpointed_pages;
    bool full;                      //  The disk, as far as the log knows
    uint8_t id [STORE_ID_SIZE];
    _Atomic uint64_t given, waiting, committed, refused, faulted, overflowed, groups, identities, log_pages, sync_us;
};

static const zooid_migration_t s_migrations [] = {
    { .sql = inbox_schema, .doc = "Identities that were seen" },
    { .sql = "CREATE TABLE zooid_store (id BLOB NOT NULL) STRICT;"
             "INSERT INTO zooid_store (id) VALUES (randomblob (16));",
      .doc = "The name of this data" },
};

static int64_t
s_now_us (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

//  ---- one group

//  A statement of the store's own. An SQLite result.
static int
s_run (writer_t *self, const char *text)
{
    zooid_sql_t *sql = database_sql (self->database, text);
    if (!sql->statement)
        return SQLITE_ERROR;
    int rc = sqlite3_step (sql->statement);
    sqlite3_reset (sql->statement);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

//  Without room to spare a commit could be accepted, and the next checkpoint fail.
static bool
s_has_space (writer_t *self)
{
    struct statvfs disk;
    if (statvfs (self->options.path, &disk) || disk.f_blocks == 0)
        return true;
    bool full = (uint64_t) disk.f_bavail * 100 < (uint64_t) disk.f_blocks * self->options.free_floor_percent;
    if (full != self->full)
        zooid_log (NULL, full ? ZOOID_ERROR : ZOOID_INFO, full ? "store_without_space" : "store_with_space",
                   ZOOID_TEXT ("file", self->options.path),
                   ZOOID_NUMBER ("free_percent", (uint64_t) disk.f_bavail * 100 / disk.f_blocks),
                   ZOOID_NUMBER ("floor_percent", self->options.free_floor_percent));
    self->full = full;
    return !full;
}

//  A foreign key that is checked at the COMMIT would fail those of the other jobs: it is this job's fault, here.
static bool
s_has_dangling_keys (writer_t *self)
{
    int dangling = 0, highest = 0;
    sqlite3_db_status (self->database->handle, SQLITE_DBSTATUS_DEFERRED_FKS, &dangling, &highest, 0);
    return dangling != 0;
}

static int
s_call (writer_t *self, job_t *job)
{
    int rc = transaction_run (&self->transaction, job->actor, job->module, job->told.transaction,
                              job->told.state, &job->said);
    if (rc == 0 && s_has_dangling_keys (self))
        rc = zooid_fault (-EINVAL);
    if (rc < 0)
        zooid_log (NULL, ZOOID_ERROR, "transaction_failed", ZOOID_TEXT ("actor", job->actor),
                   ZOOID_TEXT ("error", strerror (-rc)), ZOOID_TEXT ("at", zooid_fault_trace ()));
    return rc;
}

//  Why the whole group comes to nothing, or NULL.
static const char *
s_run_job (writer_t *self, job_t *job)
{
    size_t identities = self->inbox.count;
    int rc = s_run (self, "SAVEPOINT job");
    if (rc)
        return database_fault (self->database, rc, "SAVEPOINT job") == -ENOSPC ? "no_space" : "internal";
    job->rc = s_call (self, job);
    //  Some errors (a full disk, no memory) take back the transaction, the other jobs with it.
    if (sqlite3_get_autocommit (self->database->handle))
        return job->rc == -ENOSPC ? "no_space" : "internal";
    if (job->rc)
        rc = s_run (self, "ROLLBACK TO job");
    if (rc == 0)
        rc = s_run (self, "RELEASE job");
    if (rc)
        return database_fault (self->database, rc, "RELEASE job") == -ENOSPC ? "no_space" : "internal";
    if (job->rc)
        self->inbox.count = identities;
    if (job->rc == -ENOSPC) {
        job->rc = 0;
        job->prevented = "no_space";
    }
    return NULL;
}

static const char *
s_commit (writer_t *self)
{
    bool measured = self->options.environment == ZOOID_REAL;
    int64_t begun_us = measured ? s_now_us () : 0;
    int rc = s_run (self, "COMMIT");
    if (rc)
        return database_fault (self->database, rc, "COMMIT") == -ENOSPC ? "no_space" : "internal";
    if (measured)
        atomic_store_explicit (&self->sync_us, (uint64_t) (s_now_us () - begun_us), memory_order_relaxed);
    atomic_fetch_add_explicit (&self->groups, 1, memory_order_relaxed);
    return NULL;
}

//  Within the turnstile: the jobs, and COMMIT. Why nothing of it was kept, or NULL.
static const char *
s_run_group (writer_t *self, job_t *first)
{
    int rc = s_run (self, "BEGIN IMMEDIATE");
    if (rc)
        return database_fault (self->database, rc, "BEGIN IMMEDIATE") == -ENOSPC ? "no_space" : "unavailable";
    size_t identities = self->inbox.count;
    self->transaction.wall_ms = zooid_system_wall_ms (self->options.system);
    const char *prevented = NULL;
    for (job_t *job = first; job && !prevented; job = (job_t *) job->queued.next)
        prevented = s_run_job (self, job);
    //  An old row that could not be forgotten was logged, and is met again at the next commit.
    if (!prevented && inbox_prune (&self->inbox, self->database, self->transaction.wall_ms) < 0
        && sqlite3_get_autocommit (self->database->handle))
        prevented = "no_space";
    if (!prevented)
        prevented = s_commit (self);
    if (prevented) {
        if (!sqlite3_get_autocommit (self->database->handle))
            s_run (self, "ROLLBACK");
        self->inbox.count = identities;
    }
    database_rest (self->database);
    atomic_store_explicit (&self->identities, self->inbox.count, memory_order_relaxed);
    atomic_store_explicit (&self->log_pages, (uint64_t) self->database->log_pages, memory_order_relaxed);
    return prevented;
}

static void
s_prevent (job_t *first, const char *why)
{
    for (job_t *job = first; job; job = (job_t *) job->queued.next)
        if (job->rc >= 0)
            job->prevented = why;
}

static void
s_count (writer_t *self, const job_t *job)
{
    _Atomic uint64_t *count = &self->committed;
    if (job->prevented || job->rc > 0)
        count = &self->refused;
    else if (job->rc < 0)
        count = &self->faulted;
    atomic_fetch_add_explicit (count, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit (&self->waiting, 1, memory_order_relaxed);
}

static void
s_complete (writer_t *self, job_t *first)
{
    while (first) {
        job_t *job = first;
        first = (job_t *) job->queued.next;
        s_count (self, job);
        job_done (&job, self->options.system);
    }
}

//  ---- the log

static void
s_checkpoint (writer_t *self)
{
    database_t *database = self->database;
    if (database->log_pages < self->checkpointed_pages)
        self->checkpointed_pages = 0;       //  The log was begun anew
    if (database->log_pages - self->checkpointed_pages < CHECKPOINT_PAGES)
        return;
    bool pressing = database->log_pages >= CHECKPOINT_PRESSING_PAGES;
    sqlite3_busy_timeout (database->handle, CHECKPOINT_WAIT_MS);
    int mode = pressing ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
    int rc = sqlite3_wal_checkpoint_v2 (database->handle, NULL, mode, NULL, NULL);
    sqlite3_busy_timeout (database->handle, BUSY_MS);
    if (rc && (rc & 0xff) != SQLITE_BUSY)
        database_fault (database, rc, "checkpoint");
    //  Those that some snapshot holds back are left for the next thousand.
    self->checkpointed_pages = database->log_pages;
}

//  ---- the worker

static void
s_wait_for_company (writer_t *self)
{
    int64_t wait_us = company_wait_us (&self->company, queue_size (self->queue), self->options.group_wait_us);
    if (wait_us > 0)
        company_waited (&self->company, queue_wait (self->queue, self->company.expected, wait_us));
}

static void
s_serve_group (writer_t *self, job_t *first, size_t count)
{
    turnstile_enter (&self->turnstile);
    uint64_t groups = atomic_load_explicit (&self->groups, memory_order_relaxed);
    const char *prevented = s_has_space (self) ? s_run_group (self, first) : "no_space";
    bool synced = atomic_load_explicit (&self->groups, memory_order_relaxed) > groups;
    turnstile_leave (&self->turnstile);
    if (prevented)
        s_prevent (first, prevented);
    int64_t sync_us = synced ? (int64_t) atomic_load_explicit (&self->sync_us, memory_order_relaxed) : 0;
    company_committed (&self->company, count, queue_size (self->queue), self->options.group_limit, sync_us);
    s_complete (self, first);
    turnstile_enter (&self->turnstile);
    s_checkpoint (self);
    turnstile_leave (&self->turnstile);
}

static void
s_serve (void *state, size_t worker)
{
    writer_t *self = state;
    while (true) {
        s_wait_for_company (self);
        zooid_job_t *first = NULL;
        size_t count = queue_take (self->queue, worker, self->options.group_limit, &first);
        if (count == 0)
            return;
        s_serve_group (self, (job_t *) first, count);
    }
}

//  ---- life

static int
s_load_id (writer_t *self)
{
    zooid_sql_t *sql = database_sql (self->database, "SELECT id FROM zooid_store");
    int rc = zooid_sql_step (sql);
    zooid_bytes_t id = rc == ZOOID_ROW ? zooid_sql_bytes (sql, 0) : (zooid_bytes_t) { 0 };
    if (rc >= 0 && id.size != STORE_ID_SIZE)
        rc = -EBADMSG;
    if (rc < 0)
        return zooid_fault (rc);
    memcpy (self->id, id.data, STORE_ID_SIZE);
    database_rest (self->database);
    return 0;
}

static int
s_open (writer_t *self, zooid_arena_t *arena, const char **ret_why)
{
    char why [DATABASE_WHY_SIZE] = "";
    int rc = database_open (&self->database, self->options.path, self->options.vfs, DATABASE_WRITES, why);
    if (rc) {
        *ret_why = zooid_arena_copy (arena, why, strlen (why));
        return rc;
    }
    rc = schema_migrate (self->database, "zooid", s_migrations, ZOOID_COUNT (s_migrations),
                         zooid_system_wall_ms (self->options.system), arena, ret_why);
    if (rc)
        return zooid_fault (rc);
    rc = inbox_load (&self->inbox, self->database);
    if (rc == 0)
        rc = s_load_id (self);
    return zooid_fault (rc);
}

int
writer_new (writer_t **self_p, const store_options_t *options, zooid_arena_t *arena, const char **ret_why)
{
    ZOOID_CLEANUP (writer_destroy) writer_t *self = zooid_allocate (sizeof *self);
    self->options = *options;
    self->options.path = zooid_duplicate (options->path);
    self->inbox = (inbox_t) { .retention_ms = options->retention_ms, .limit = options->identity_limit };
    turnstile_init (&self->turnstile);
    int rc = s_open (self, arena, ret_why);
    if (rc)
        return zooid_fault (rc);
    self->transaction = (zooid_transaction_t) { .database = self->database, .inbox = &self->inbox };
    zooid_arena_new (&self->transaction.arena, 0);
    atomic_store (&self->identities, self->inbox.count);
    const queue_options_t queue = { .system = options->system, .name = "store", .workers = 1,
                                    .limit = options->queue_limit, .serve = s_serve, .state = self };
    rc = queue_new (&self->queue, &queue);
    if (rc)
        return zooid_fault (rc);
    *self_p = self;
    self = NULL;
    return 0;
}

void
writer_stop (writer_t *self)
{
    if (self->queue)
        queue_stop (self->queue);
    turnstile_enter (&self->turnstile);
    if (self->database) {
        int rc = sqlite3_wal_checkpoint_v2 (self->database->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        //  Not copied is not lost: the log is read at the next start.
        if (rc)
            database_fault (self->database, rc, "checkpoint");
        database_close (&self->database);
    }
    turnstile_leave (&self->turnstile);
}

void
writer_destroy (writer_t **self_p)
{
    writer_t *self = *self_p;
    if (!self)
        return;
    writer_stop (self);
    queue_destroy (&self->queue);
    zooid_arena_destroy (&self->transaction.arena);
    turnstile_fini (&self->turnstile);
    free ((char *) self->options.path);
    free (self);
    *self_p = NULL;
}

//  ---- the calls

int
writer_give (writer_t *self, job_t *job)
{
    //  Before it is given: it may be done before the call returns.
    atomic_fetch_add_explicit (&self->waiting, 1, memory_order_relaxed);
    int rc = queue_give (self->queue, &job->queued);
    if (rc == 0)
        atomic_fetch_add_explicit (&self->given, 1, memory_order_relaxed);
    else {
        atomic_fetch_sub_explicit (&self->waiting, 1, memory_order_relaxed);
        atomic_fetch_add_explicit (&self->overflowed, rc == ZOOID_FULL, memory_order_relaxed);
    }
    return rc;
}

int
writer_load (writer_t *self, job_t *job)
{
    turnstile_enter (&self->turnstile);
    int rc = -ENODEV;
    if (self->database) {
        //  Not kept from an actor that starts on a full disk: it reads, mostly, and must be able to.
        const char *prevented = s_run_group (self, job);
        rc = job->rc;
        if (prevented || job->prevented)
            rc = -ENOSPC;
        if (prevented && strcmp (prevented, "no_space") != 0)
            rc = -EIO;
    }
    turnstile_leave (&self->turnstile);
    return zooid_fault (rc);
}

int
writer_migrate (writer_t *self, const char *module, const zooid_migration_t *migrations, size_t count,
                zooid_arena_t *arena, const char **ret_why)
{
    turnstile_enter (&self->turnstile);
    int rc = self->database ? schema_migrate (self->database, module, migrations, count,
                                              zooid_system_wall_ms (self->options.system), arena, ret_why)
                            : -ENODEV;
    turnstile_leave (&self->turnstile);
    return zooid_fault (rc);
}

void
writer_figures (writer_t *self, store_figures_t *ret_figures)
{
    *ret_figures = (store_figures_t) {
        .given = atomic_load (&self->given),
        .committed = atomic_load (&self->committed),
        .refused = atomic_load (&self->refused),
        .faulted = atomic_load (&self->faulted),
        .waiting = atomic_load (&self->waiting),
        .full = atomic_load (&self->overflowed),
        .groups = atomic_load (&self->groups),
        .identities = atomic_load (&self->identities),
        .log_pages = atomic_load (&self->log_pages),
        .sync_us = atomic_load (&self->sync_us),
    };
}

const uint8_t *
writer_id (const writer_t *self)
{
    return self->id;
}
