//  session.c - packet ids name messages only within one session of the broker. A new session begins to count anew, so
//  its readings must not be taken for those of the one before: each session has a nonce. It has to be on disk before
//  the first message is, or a crash between the two would make the repeat a new reading.
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const zooid_migration_t session_migrations [SESSION_MIGRATION_COUNT] = {
    { .sql = "CREATE TABLE bridge_mqtt_session ("
             "    actor TEXT NOT NULL, url TEXT NOT NULL, client_id TEXT NOT NULL,"
             "    nonce TEXT NOT NULL, made_at INTEGER NOT NULL,"
             "    PRIMARY KEY (actor, url, client_id)"
             ") WITHOUT ROWID",
      .doc = "One row for each session that a broker keeps for us" },
};

typedef struct {
    session_t *session;         //  Of session_load, whose thread is the actor's
    char *actor, *url, *client_id;
    char nonce [ZOOID_ID_SIZE];
    zooid_continuation_fn *then;
    void *state;
    zooid_destroy_fn *destroy;
} job_t;

static int
s_load (zooid_transaction_t *transaction, void *state)
{
    job_t *job = state;
    zooid_sql_t *sql = zooid_sql (transaction,
        "SELECT nonce FROM bridge_mqtt_session WHERE actor = ? AND url = ? AND client_id = ?");
    zooid_sql_bind_text (sql, 1, job->actor);
    zooid_sql_bind_text (sql, 2, job->url);
    zooid_sql_bind_text (sql, 3, job->client_id);
    int rc = zooid_sql_step (sql);
    if (rc != ZOOID_ROW)
        return rc;
    const char *nonce = zooid_sql_text (sql, 0);
    if (strlen (nonce) < sizeof job->nonce)
        strcpy (job->nonce, nonce);
    return 0;
}

static int
s_save (zooid_transaction_t *transaction, void *state)
{
    const job_t *job = state;
    zooid_sql_t *sql = zooid_sql (transaction,
        "INSERT INTO bridge_mqtt_session (actor, url, client_id, nonce, made_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET nonce = excluded.nonce, made_at = excluded.made_at");
    zooid_sql_bind_text (sql, 1, job->actor);
    zooid_sql_bind_text (sql, 2, job->url);
    zooid_sql_bind_text (sql, 3, job->client_id);
    zooid_sql_bind_text (sql, 4, job->nonce);
    zooid_sql_bind_integer (sql, 5, zooid_transaction_wall_ms (transaction));
    return zooid_sql_step (sql);
}

int
session_load (session_t *self, zooid_context_t *context)
{
    ZOOID_CLEANUP (zooid_release) char *actor = zooid_duplicate (zooid_name (context));
    ZOOID_CLEANUP (zooid_release) char *url = zooid_duplicate (self->url);
    ZOOID_CLEANUP (zooid_release) char *client_id = zooid_duplicate (self->client_id);
    job_t job = { .actor = actor, .url = url, .client_id = client_id };
    int rc = zooid_load (context, s_load, &job);
    if (rc == -ENODEV)
        return 0;
    memcpy (self->nonce, job.nonce, sizeof self->nonce);
    self->is_kept = rc == 0 && *job.nonce;
    return rc < 0 ? zooid_fault (rc) : 0;
}

static void
s_job_release (void *state)
{
    job_t *job = state;
    if (job->destroy)
        job->destroy (job->state);
    free (job->actor);
    free (job->url);
    free (job->client_id);
    free (job);
}

static int
s_saved (zooid_context_t *context, void *state, const zooid_outcome_t *outcome)
{
    job_t *job = state;
    //  Another may have been made meanwhile, for another connection.
    if (strcmp (job->session->nonce, job->nonce) == 0)
        job->session->is_kept = outcome->failure == NULL;
    return job->then (context, job->state, outcome);
}

int
session_resume (session_t *self, zooid_context_t *context, bool is_present, zooid_continuation_fn *then, void *state,
                zooid_destroy_fn *destroy)
{
    if (is_present && self->is_kept)
        return 0;
    zooid_id (context, self->nonce);
    self->is_kept = false;
    job_t *job = zooid_allocate (sizeof *job);
    *job = (job_t) {
        .session = self, .actor = zooid_duplicate (zooid_name (context)), .url = zooid_duplicate (self->url),
        .client_id = zooid_duplicate (self->client_id), .then = then, .state = state, .destroy = destroy,
    };
    memcpy (job->nonce, self->nonce, sizeof job->nonce);
    int rc = zooid_commit (context, &(zooid_commit_t) {
        .transaction = s_save, .then = s_saved, .state = job, .destroy = s_job_release,
    });
    if (rc == 0)
        return ZOOID_MORE;
    job->destroy = NULL;        //  The caller's state stays the caller's
    s_job_release (job);
    self->is_kept = rc == -ENODEV;
    if (self->is_kept)
        return 0;
    return rc < 0 ? zooid_fault (rc) : rc;
}
