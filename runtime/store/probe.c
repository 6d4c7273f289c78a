#include "probe.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zooid/log.h>

//  One test at a time.
static probe_t *s_probe;

static pthread_mutex_t s_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t s_released = PTHREAD_COND_INITIALIZER;
static size_t s_releases;

static void
s_hold (const char *key)
{
    journal_note (s_probe->journal, "holds %s", key);
    pthread_mutex_lock (&s_lock);
    while (s_releases == 0)
        pthread_cond_wait (&s_released, &s_lock);
    s_releases--;
    pthread_mutex_unlock (&s_lock);
}

void
probe_release (probe_t *self)
{
    (void) self;
    pthread_mutex_lock (&s_lock);
    s_releases++;
    pthread_cond_signal (&s_released);
    pthread_mutex_unlock (&s_lock);
}

//  ---- contract

typedef struct {
    const char *key;
    int64_t how;
} put_t;
static const zooid_field_t s_put_fields [] = {
    ZOOID_STRING (put_t, key, .max_length = 60, .doc = "Of the row"),
    ZOOID_INTEGER (put_t, how, .doc = "A probe_how_t"),
};
static const zooid_record_t s_put = ZOOID_RECORD ("put", put_t, s_put_fields, .doc = "A row to add");

typedef struct {
    int64_t rows;
} counted_t;
static const zooid_field_t s_counted_fields [] = { ZOOID_INTEGER (counted_t, rows, .doc = "In the table") };
static const zooid_record_t s_counted = ZOOID_RECORD ("counted", counted_t, s_counted_fields, .doc = "Rows");

static const zooid_failure_t s_put_fails [] = { { "taken", ZOOID_FAILURE_CONFLICT, "As asked for" } };
static const zooid_event_t s_events [] = {
    { .topic = "probe.stored.{key}", .carries = &s_counted, .scope = "public", .doc = "A row was added" },
};

static int
s_on_put (zooid_context_t *self, const void *arguments);
static const zooid_operation_t s_operations [] = {
    { .name = "probe.put", .kind = ZOOID_COMMAND, .takes = &s_put, .gives = &s_counted, .scope = "public",
      ZOOID_FAILS (s_put_fails), .deadline_ms = 20000, .handler = s_on_put, .doc = "Add a row" },
};
static const zooid_contract_t s_contract = {
    .name = "probe", ZOOID_OPERATIONS (s_operations), ZOOID_EVENTS (s_events), .doc = "Commits",
};

static const zooid_migration_t s_migrations [] = {
    { .sql = "CREATE TABLE probe_item (id INTEGER PRIMARY KEY, key TEXT NOT NULL);"
             "CREATE TABLE probe_child (item INTEGER REFERENCES probe_item (id) DEFERRABLE INITIALLY DEFERRED);",
      .doc = "Rows" },
};

//  ---- the transaction

typedef struct {
    char key [64];
    probe_how_t how;
    size_t left;        //  Of a caller's commits
} row_t;

static row_t *
s_row (const char *key, probe_how_t how)
{
    row_t *row = zooid_allocate (sizeof *row);
    snprintf (row->key, sizeof row->key, "%s", key);
    row->how = how;
    return row;
}

static int
s_count_rows (zooid_transaction_t *transaction, int64_t *ret_rows)
{
    zooid_sql_t *sql = zooid_sql (transaction, "SELECT count (*) FROM probe_item");
    int rc = zooid_sql_step (sql);
    if (rc < 0)
        return zooid_fault (rc);
    *ret_rows = zooid_sql_integer (sql, 0);
    return 0;
}

static int
s_insert (zooid_transaction_t *transaction, const char *key)
{
    zooid_sql_t *sql = zooid_sql (transaction, "INSERT INTO probe_item (key) VALUES (?1)");
    zooid_sql_bind_text (sql, 1, key);
    return zooid_fault (zooid_sql_step (sql));
}

static int
s_once (zooid_transaction_t *transaction, const row_t *row)
{
    char id [64];
    snprintf (id, sizeof id, "%.*s", (int) strcspn (row->key, "/"), row->key);
    const zooid_identity_t identity = { .scope = "test", .id = id };
    return zooid_transaction_once (transaction, &identity);
}

static int
s_publish (zooid_transaction_t *transaction, const char *key, int64_t number)
{
    const char *topic = zooid_arena_format (zooid_transaction_arena (transaction), "probe.stored.%s", key);
    const counted_t counted = { .rows = number };
    return zooid_transaction_publish (transaction, topic, &s_counted, &counted);
}

static int
s_keep (zooid_transaction_t *transaction, const row_t *row)
{
    counted_t counted = { 0 };
    int rc = s_count_rows (transaction, &counted.rows);
    if (rc == 0 && !strchr (row->key, '/'))
        rc = s_publish (transaction, row->key, counted.rows);
    if (rc == 0)
        rc = zooid_transaction_reply (transaction, &s_counted, &counted);
    return zooid_fault (rc);
}

static int
s_three (zooid_transaction_t *transaction, const row_t *row)
{
    int rc = 0;
    for (int64_t i = 1; rc == 0 && i <= 3; i++)
        rc = s_publish (transaction, row->key, i);
    return zooid_fault (rc);
}

static int
s_dangle (zooid_transaction_t *transaction)
{
    return zooid_fault (zooid_sql_step (zooid_sql (transaction, "INSERT INTO probe_child (item) VALUES (-1)")));
}

static int
s_transact (zooid_transaction_t *transaction, void *state)
{
    row_t *row = state;
    int rc = row->how == PROBE_ONCE || row->how == PROBE_ONCE_REFUSE ? s_once (transaction, row) : 0;
    if (rc == 0)
        rc = s_insert (transaction, row->key);
    if (rc)
        return rc;
    switch (row->how) {
    case PROBE_KEEP:
    case PROBE_ONCE: return s_keep (transaction, row);
    case PROBE_REFUSE:
    case PROBE_ONCE_REFUSE: return ZOOID_REFUSED;
    case PROBE_NAME: return zooid_transaction_fail (transaction, "taken", "%s is taken", row->key);
    case PROBE_KEEP_FAILED: zooid_transaction_fail (transaction, "taken", "%s is taken", row->key); return 0;
    case PROBE_FAULT: return zooid_fault (-EPROTO);
    case PROBE_DANGLE: return s_dangle (transaction);
    case PROBE_THREE: return s_three (transaction, row);
    case PROBE_STRANGE: return zooid_transaction_publish (transaction, "probe.strange", &s_counted, &(counted_t) { 0 });
    case PROBE_HOLD: s_hold (row->key); return 0;
    }
    return zooid_fault (-EINVAL);
}

//  ---- the probe

static int
s_on_committed (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    (void) self;
    const row_t *row = state;
    journal_note (s_probe->journal, "then %s %s%s%s", row->key, outcome->failure ? outcome->failure : "ok",
                  outcome->detail [0] ? " " : "", outcome->detail);
    return 0;
}

static int
s_on_put (zooid_context_t *self, const void *arguments)
{
    const put_t *put = arguments;
    row_t *row = s_row (put->key, (probe_how_t) put->how);
    zooid_request_t *request = zooid_request_take (self);
    const zooid_commit_t commit = { .transaction = s_transact, .request = request, .state = row, .destroy = free };
    int rc = zooid_commit (self, &commit);
    if (rc == 0)
        return 0;
    free (row);
    return zooid_request_fail (self, &request, rc > 0 ? "overloaded" : "unavailable", "%s", "");
}

static int
s_commit_row (zooid_context_t *self, void *state)
{
    row_t *row = s_row (((row_t *) state)->key, ((row_t *) state)->how);
    const zooid_commit_t commit = { .transaction = s_transact, .then = s_on_committed, .state = row, .destroy = free };
    int rc = zooid_commit (self, &commit);
    if (rc) {
        const char *what = rc == ZOOID_FULL ? "full" : rc == -ENODEV ? "nodev" : "wrong";
        journal_note (s_probe->journal, "%s %s", what, row->key);
        free (row);
    }
    return 0;
}

static int
s_look (zooid_transaction_t *transaction, void *state)
{
    row_t *row = state;
    int64_t before = 0, after = 0;
    int rc = s_count_rows (transaction, &before);
    if (rc == 0 && row->how == PROBE_HOLD)
        s_hold (row->key);
    if (rc == 0)
        rc = s_count_rows (transaction, &after);
    journal_note (s_probe->journal, "saw %s %lld %lld", row->key, (long long) before, (long long) after);
    return zooid_fault (rc);
}

static int
s_look_and_write (zooid_transaction_t *transaction, void *state)
{
    return s_insert (transaction, ((row_t *) state)->key);
}

static int
s_query_row (zooid_context_t *self, void *state)
{
    const row_t *given = state;
    row_t *row = s_row (given->key, given->how);
    const zooid_commit_t query = { .transaction = given->how == PROBE_FAULT ? s_look_and_write : s_look,
                                   .then = s_on_committed, .state = row, .destroy = free };
    int rc = zooid_snapshot (self, &query);
    if (rc) {
        journal_note (s_probe->journal, "full %s", row->key);
        free (row);
    }
    return 0;
}

static int
s_load (zooid_transaction_t *transaction, void *state)
{
    counted_t *counted = state;
    int rc = s_count_rows (transaction, &counted->rows);
    if (rc == 0)
        rc = s_publish (transaction, "loaded", counted->rows);
    return zooid_fault (rc);
}

static int
s_on_start (zooid_context_t *self, const void *settings)
{
    (void) settings;
    counted_t counted = { 0 };
    int rc = zooid_load (self, s_load, &counted);
    if (rc == -ENODEV) {
        journal_note (s_probe->journal, "started without a store");
        return 0;
    }
    if (rc == 0)
        journal_note (s_probe->journal, "started %lld", (long long) counted.rows);
    return zooid_fault (rc);
}

//  ---- many callers

static size_t s_callers_left;

static int
s_give_next (zooid_context_t *self, row_t *row);

static int
s_on_next (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    row_t *row = state;
    if (outcome->failure)
        journal_note (s_probe->journal, "failed %s %s", row->key, outcome->failure);
    if (--row->left == 0) {
        if (--s_callers_left == 0)
            journal_note (s_probe->journal, "callers done");
        return 0;
    }
    row_t *next = s_row (row->key, PROBE_KEEP);
    next->left = row->left;
    return s_give_next (self, next);
}

static int
s_give_next (zooid_context_t *self, row_t *row)
{
    const zooid_commit_t commit = { .transaction = s_transact, .then = s_on_next, .state = row, .destroy = free };
    int rc = zooid_commit (self, &commit);
    if (rc)
        free (row);
    return zooid_fault (rc < 0 ? rc : -rc);
}

typedef struct {
    size_t callers, commits;
} callers_t;

static int
s_begin_callers (zooid_context_t *self, void *state)
{
    const callers_t *wanted = state;
    s_callers_left = wanted->callers;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < wanted->callers; i++) {
        char key [32];
        snprintf (key, sizeof key, "c%zu/", i);
        row_t *row = s_row (key, PROBE_KEEP);
        row->left = wanted->commits;
        rc = s_give_next (self, row);
    }
    return rc;
}

//  ---- the asker and the watcher

static int
s_on_answer (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    const row_t *row = state;
    counted_t counted = { 0 };
    if (outcome->failure)
        journal_note (s_probe->journal, "failure %s %s%s%s", row->key, outcome->failure,
                      outcome->detail [0] ? " " : "", outcome->detail);
    else if (outcome->payload.size == 0 || zooid_decode (self, &s_counted, outcome->payload, &counted))
        journal_note (s_probe->journal, "reply %s empty", row->key);
    else
        journal_note (s_probe->journal, "reply %s %lld", row->key, (long long) counted.rows);
    return 0;
}

static int
s_ask_row (zooid_context_t *self, void *state)
{
    const row_t *given = state;
    row_t *row = s_row (given->key, given->how);
    const put_t put = { .key = row->key, .how = row->how };
    int rc = zooid_ask (self, &(const zooid_call_t) { .operation = "probe.put", .takes = &s_put, .arguments = &put,
                                                      .then = s_on_answer, .state = row, .destroy = free });
    if (rc) {
        journal_note (s_probe->journal, "not asked %s %d", row->key, rc);
        free (row);
    }
    return 0;
}

static int
s_on_stored (zooid_context_t *self, const void *arguments)
{
    const counted_t *counted = arguments;
    journal_note (s_probe->journal, "event %s %lld", strrchr (zooid_message_name (zooid_message (self)), '.') + 1,
                  (long long) counted->rows);
    return 0;
}

static const zooid_contract_t s_asker_contract = { .name = "asker", .doc = "Asks" };
static const zooid_subscription_t s_subscriptions [] = {
    { .topic = "probe.stored.*", .carries = &s_counted, .handler = s_on_stored, .doc = "Notes" },
};
static const zooid_contract_t s_watcher_contract = {
    .name = "watcher", ZOOID_SUBSCRIPTIONS (s_subscriptions), .doc = "Watches",
};

static const zooid_module_t s_modules [] = {
    { ZOOID_MODULE_HEADER, .name = "watcher", .version = "1", .doc = "Watches.", .contract = &s_watcher_contract },
    { ZOOID_MODULE_HEADER, .name = "asker", .version = "1", .doc = "Asks.", .contract = &s_asker_contract },
    { ZOOID_MODULE_HEADER, .name = "probe", .version = "1", .doc = "Commits.", .contract = &s_contract,
      .start = s_on_start, ZOOID_MIGRATIONS (s_migrations) },
};

//  ---- life

static void
s_must (int rc, const char *what, const char *why)
{
    if (rc == 0)
        return;
    fprintf (stderr, "%s: %d: %s\n", what, rc, why ? why : "");
    abort ();
}

static void
s_spawn (probe_t *self, const zooid_module_t *module, void *attachment, zooid_ref_t *ret_ref)
{
    const char *why = NULL;
    const zooid_spawn_t spawn = { .name = module->name, .module = module, .attachment = attachment,
                                  .supervision = { .backoff_ms = 1, .backoff_max_ms = 10 } };
    s_must (zooid_system_spawn (self->system, &spawn, self->arena, &why, ret_ref), module->name, why);
}

probe_t *
probe_new (scratch_t *scratch, const store_options_t *options, zooid_environment_t environment)
{
    probe_t *self = zooid_allocate (sizeof *self);
    s_probe = self;
    s_releases = 0;
    self->scratch = scratch;
    journal_new (&self->journal);
    zooid_arena_new (&self->arena, 0);
    const char *why = NULL;
    const zooid_system_options_t system = { .environment = environment, .seed = 1 };
    s_must (zooid_system_new (&self->system, &system), "system", NULL);
    if (options) {
        store_options_t filled = *options;
        filled.path = scratch->file;
        filled.system = self->system;
        filled.environment = environment;
        s_must (store_new (&self->store, &filled, self->arena, &why), "store", why);
        s_must (store_migrate (self->store, &s_modules [2], self->arena, &why), "migrate", why);
    }
    s_spawn (self, &s_modules [0], NULL, &self->watcher);
    s_spawn (self, &s_modules [1], NULL, &self->asker);
    if (environment == ZOOID_REAL)
        s_must (zooid_system_wait_started (self->system, 20000), "start", NULL);
    s_spawn (self, &s_modules [2], self->store ? store_attach (self->store, &s_modules [2]) : NULL, &self->probe);
    if (environment == ZOOID_REAL)
        s_must (zooid_system_wait_started (self->system, 20000), "start", NULL);
    else
        probe_run (self);
    return self;
}

void
probe_destroy (probe_t **self_p)
{
    probe_t *self = *self_p;
    if (!self)
        return;
    zooid_system_stop (self->system, 20000);
    if (self->store)
        store_stop (self->store);
    zooid_system_destroy (&self->system);
    store_destroy (&self->store);
    zooid_arena_destroy (&self->arena);
    journal_destroy (&self->journal);
    free (self);
    *self_p = NULL;
}

void
probe_run (probe_t *self)
{
    zooid_system_run (self->system, zooid_system_monotonic_ms (self->system) + 1000);
}

//  ---- what a test tells it to do

static void
s_post (probe_t *self, zooid_ref_t to, zooid_turn_fn *turn, void *state)
{
    s_must (zooid_system_post (self->system, to, turn, state, free), "post", NULL);
}

void
probe_commit (probe_t *self, const char *key, probe_how_t how)
{
    s_post (self, self->probe, s_commit_row, s_row (key, how));
}

void
probe_ask (probe_t *self, const char *key, probe_how_t how)
{
    s_post (self, self->asker, s_ask_row, s_row (key, how));
}

void
probe_query (probe_t *self, const char *key, bool holds)
{
    s_post (self, self->probe, s_query_row, s_row (key, holds ? PROBE_HOLD : PROBE_KEEP));
}

void
probe_query_writes (probe_t *self, const char *key)
{
    s_post (self, self->probe, s_query_row, s_row (key, PROBE_FAULT));
}

void
probe_callers (probe_t *self, size_t callers, size_t commits)
{
    callers_t *wanted = zooid_allocate (sizeof *wanted);
    *wanted = (callers_t) { .callers = callers, .commits = commits };
    s_post (self, self->probe, s_begin_callers, wanted);
}

int
probe_rows (const scratch_t *scratch, const char *where)
{
    char sql [256];
    snprintf (sql, sizeof sql, "SELECT count (*) FROM probe_item WHERE %s", where);
    sqlite3 *handle = NULL;
    sqlite3_stmt *statement = NULL;
    int rows = -1;
    if (sqlite3_open_v2 (scratch->file, &handle, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK
        && sqlite3_prepare_v2 (handle, sql, -1, &statement, NULL) == SQLITE_OK
        && sqlite3_step (statement) == SQLITE_ROW)
        rows = sqlite3_column_int (statement, 0);
    sqlite3_finalize (statement);
    sqlite3_close (handle);
    return rows;
}
