//  A few connections, each with a worker of its own, share one queue: a long query holds up nobody while another worker
//  is free. BEGIN takes the snapshot with the first read, ROLLBACK ends it; the log cannot be begun anew while one is
//  open, so they end with the function.
#include "reader.h"

#include "queue.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <zooid/log.h>

typedef struct {
    database_t *database;
    zooid_transaction_t transaction;
} reader_t;

struct readers {
    zooid_system_t *system;
    queue_t *queue;
    size_t count;
    reader_t *items;
    _Atomic uint64_t done;
};

static int
s_run (reader_t *self, job_t *job)
{
    int rc = database_run (self->database, "BEGIN");
    if (rc)
        return database_fault (self->database, rc, "BEGIN");
    int result = transaction_run (&self->transaction, job->actor, job->module, job->told.transaction,
                                  job->told.state, &job->said);
    //  An error may have ended it already.
    if (!sqlite3_get_autocommit (self->database->handle))
        database_run (self->database, "ROLLBACK");
    return zooid_fault (result);
}

static void
s_serve (void *state, size_t worker)
{
    readers_t *self = state;
    reader_t *reader = &self->items [worker];
    zooid_job_t *first = NULL;
    while (queue_take (self->queue, worker, 1, &first)) {
        job_t *job = (job_t *) first;
        reader->transaction.wall_ms = zooid_system_wall_ms (self->system);
        job->rc = s_run (reader, job);
        if (job->rc < 0)
            zooid_log (NULL, ZOOID_ERROR, "snapshot_failed", ZOOID_TEXT ("actor", job->actor),
                       ZOOID_TEXT ("error", strerror (-job->rc)), ZOOID_TEXT ("at", zooid_fault_trace ()));
        atomic_fetch_add_explicit (&self->done, 1, memory_order_relaxed);
        job_done (&job, self->system);
    }
}

int
readers_new (readers_t **self_p, const store_options_t *options, zooid_arena_t *arena, const char **ret_why)
{
    ZOOID_CLEANUP (readers_destroy) readers_t *self = zooid_allocate (sizeof *self);
    self->system = options->system;
    self->count = options->readers;
    self->items = zooid_allocate (self->count * sizeof *self->items);
    for (size_t i = 0; i < self->count; i++) {
        reader_t *reader = &self->items [i];
        char why [DATABASE_WHY_SIZE] = "";
        int rc = database_open (&reader->database, options->path, options->vfs, DATABASE_READS, why);
        if (rc) {
            *ret_why = zooid_arena_copy (arena, why, strlen (why));
            return rc;
        }
        reader->transaction.database = reader->database;
        zooid_arena_new (&reader->transaction.arena, 0);
    }
    const queue_options_t queue = { .system = options->system, .name = "reader", .workers = self->count,
                                    .limit = options->queue_limit, .serve = s_serve, .state = self };
    int rc = queue_new (&self->queue, &queue);
    if (rc)
        return zooid_fault (rc);
    *self_p = self;
    self = NULL;
    return 0;
}

void
readers_stop (readers_t *self)
{
    if (self->queue)
        queue_stop (self->queue);
    for (size_t i = 0; i < self->count; i++)
        database_close (&self->items [i].database);
}

void
readers_destroy (readers_t **self_p)
{
    readers_t *self = *self_p;
    if (!self)
        return;
    readers_stop (self);
    queue_destroy (&self->queue);
    for (size_t i = 0; i < self->count; i++)
        zooid_arena_destroy (&self->items [i].transaction.arena);
    free (self->items);
    free (self);
    *self_p = NULL;
}

int
readers_give (readers_t *self, job_t *job)
{
    return queue_give (self->queue, &job->queued);
}

uint64_t
readers_done (const readers_t *self)
{
    return atomic_load (&self->done);
}
