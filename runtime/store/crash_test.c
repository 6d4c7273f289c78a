//  Processes that end without warning: what they answered must be in the file. A child commits and says so on a pipe;
//  the parent reads, kills it at a moment that a seed chooses, and compares. Children are made before this process has
//  threads.
#include "probe.h"
#include "sync_gate.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zooid/log.h>
#include <cmocka.h>

enum { ROUNDS = 12, CALLERS = 16, ACKNOWLEDGED_MAX = 100000, DEADLINE_MS = 20000 };

//  ---- the child

typedef struct {
    int pipe;
    uint32_t round;
    uint32_t next;
} child_t;

static child_t s_child;

typedef struct {
    uint32_t round, number;
} pair_t;

static const zooid_contract_t s_contract = { .name = "probe", .doc = "Commits" };
static const zooid_migration_t s_migrations [] = {
    { .sql = "CREATE TABLE probe_item (round INTEGER NOT NULL, number INTEGER NOT NULL,"
             " PRIMARY KEY (round, number))",
      .doc = "Rows" },
};

static int
s_transact (zooid_transaction_t *transaction, void *state)
{
    const pair_t *key = state;
    zooid_sql_t *sql = zooid_sql (transaction, "INSERT INTO probe_item (round, number) VALUES (?1, ?2)");
    zooid_sql_bind_integer (sql, 1, key->round);
    zooid_sql_bind_integer (sql, 2, key->number);
    return zooid_fault (zooid_sql_step (sql));
}

static int
s_commit_next (zooid_context_t *self, void *state);

static int
s_on_committed (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    const pair_t *key = state;
    //  One write is all or nothing.
    if (!outcome->failure && write (s_child.pipe, key, sizeof *key) != (ssize_t) sizeof *key)
        _exit (3);
    return s_commit_next (self, NULL);
}

static int
s_commit_next (zooid_context_t *self, void *state)
{
    (void) state;
    pair_t *key = zooid_allocate (sizeof *key);
    *key = (pair_t) { .round = s_child.round, .number = s_child.next++ };
    const zooid_commit_t commit = { .transaction = s_transact, .then = s_on_committed, .state = key, .destroy = free };
    int rc = zooid_commit (self, &commit);
    if (rc)
        free (key);
    return zooid_fault (rc > 0 ? -rc : rc);
}

static int
s_start (zooid_context_t *self, const void *settings)
{
    (void) settings;
    int rc = 0;
    for (int i = 0; rc == 0 && i < CALLERS; i++)
        rc = s_commit_next (self, NULL);
    return rc;
}

static const zooid_module_t s_module = {
    ZOOID_MODULE_HEADER, .name = "probe", .version = "1", .doc = "Commits.", .contract = &s_contract, .start = s_start,
    ZOOID_MIGRATIONS (s_migrations),
};

static void
s_be_child (const scratch_t *scratch, uint32_t round, int pipe, size_t fail_from)
{
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    s_child = (child_t) { .pipe = pipe, .round = round };
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    const char *why = NULL;
    zooid_system_t *system = NULL;
    store_t *store = NULL;
    zooid_ref_t ref;
    if (zooid_system_new (&system, &(const zooid_system_options_t) { 0 }))
        _exit (4);
    const store_options_t options = { .path = scratch->file, .system = system, .vfs = SYNC_GATE_VFS };
    if (store_new (&store, &options, arena, &why) || store_migrate (store, &s_module, arena, &why)) {
        fprintf (stderr, "%s\n", why);
        _exit (5);
    }
    sync_gate_fail_from (fail_from);
    const zooid_spawn_t spawn = { .name = "probe", .module = &s_module, .attachment = store_attach (store, &s_module) };
    if (zooid_system_spawn (system, &spawn, arena, &why, &ref))
        _exit (6);
    //  Until it is killed, or the parent is gone.
    while (true)
        pause ();
}

//  ---- the parent

typedef struct {
    pid_t child;
    int pipe;
    int errors;
    uint32_t *numbers;
    size_t count;
} run_t;

static void
s_begin (run_t *self, const scratch_t *scratch, uint32_t round, size_t fail_from)
{
    int ends [2], errors [2];
    assert_int_equal (pipe (ends), 0);
    assert_int_equal (pipe (errors), 0);
    *self = (run_t) { .numbers = calloc (ACKNOWLEDGED_MAX, sizeof (uint32_t)) };
    assert_non_null (self->numbers);
    fflush (NULL);
    self->child = fork ();
    assert_true (self->child >= 0);
    if (self->child == 0) {
        close (ends [0]);
        close (errors [0]);
        dup2 (errors [1], STDERR_FILENO);
        s_be_child (scratch, round, ends [1], fail_from);
    }
    close (ends [1]);
    close (errors [1]);
    self->pipe = ends [0];
    self->errors = errors [0];
}

//  Read acknowledgements until there are `enough`, or the child is gone. false: it is gone.
static bool
s_read (run_t *self, size_t enough)
{
    while (self->count < enough && self->count < ACKNOWLEDGED_MAX) {
        struct pollfd ready = { .fd = self->pipe, .events = POLLIN };
        if (poll (&ready, 1, DEADLINE_MS) != 1)
            fail_msg ("the child acknowledged nothing for %d ms", DEADLINE_MS);
        pair_t key;
        ssize_t size = read (self->pipe, &key, sizeof key);
        if (size != (ssize_t) sizeof key)
            return false;
        self->numbers [self->count++] = key.number;
    }
    return true;
}

static int
s_end (run_t *self)
{
    int status = 0;
    assert_int_equal (waitpid (self->child, &status, 0), self->child);
    s_read (self, ACKNOWLEDGED_MAX);
    close (self->pipe);
    return status;
}

typedef struct {
    size_t missing, unanswered;
} tally_t;

//  Acknowledged but not in the file; in the file but not acknowledged.
static tally_t
s_compare (const scratch_t *scratch, uint32_t round, const run_t *run)
{
    sqlite3 *handle = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal (sqlite3_open (scratch->file, &handle), SQLITE_OK);
    static const char sql [] = "SELECT number FROM probe_item WHERE round = ?1";
    assert_int_equal (sqlite3_prepare_v2 (handle, sql, -1, &statement, NULL), SQLITE_OK);
    sqlite3_bind_int64 (statement, 1, round);
    bool *there = calloc (ACKNOWLEDGED_MAX * 2, sizeof *there);
    assert_non_null (there);
    tally_t tally = { 0 };
    size_t rows = 0;
    for (; sqlite3_step (statement) == SQLITE_ROW; rows++)
        there [sqlite3_column_int64 (statement, 0)] = true;
    for (size_t i = 0; i < run->count; i++)
        tally.missing += !there [run->numbers [i]];
    tally.unanswered = rows - (run->count - tally.missing);
    free (there);
    sqlite3_finalize (statement);
    sqlite3_close (handle);
    return tally;
}

static void
test_kill_loses_nothing_that_was_acknowledged (void **state)
{
    const scratch_t *scratch = *state;
    unsigned seed = (unsigned) time (NULL);
    const char *given = getenv ("ZOOID_SEED");
    if (given)
        seed = (unsigned) strtoul (given, NULL, 10);
    printf ("seed %u\n", seed);
    size_t acknowledged = 0, unanswered = 0;
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        run_t run;
        s_begin (&run, scratch, round, 0);
        assert_true (s_read (&run, 1 + (size_t) rand_r (&seed) % 400));
        kill (run.child, SIGKILL);
        int status = s_end (&run);
        assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
        close (run.errors);
        tally_t tally = s_compare (scratch, round, &run);
        assert_int_equal (tally.missing, 0);
        acknowledged += run.count;
        unanswered += tally.unanswered;
        free (run.numbers);
    }
    printf ("%d kills: %zu acknowledged, 0 missing, %zu committed and not yet acknowledged\n", ROUNDS, acknowledged,
            unanswered);
    assert_true (acknowledged > 0);
}

//  After a failed fsync nobody knows what is on the disk but a new start: the process ends, and says why.
static void
test_failed_fsync_ends_the_process_and_loses_nothing (void **state)
{
    const scratch_t *scratch = *state;
    run_t run;
    s_begin (&run, scratch, 1, 20);
    int status = s_end (&run);
    assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGABRT);
    char said [4096] = "";
    size_t size = 0;
    for (ssize_t more; (more = read (run.errors, said + size, sizeof said - 1 - size)) > 0;)
        size += (size_t) more;
    close (run.errors);
    assert_non_null (strstr (said, "COMMIT failed: disk I/O error"));
    assert_non_null (strstr (said, scratch->file));
    assert_true (run.count > 0);
    assert_int_equal (s_compare (scratch, 1, &run).missing, 0);
    free (run.numbers);
    //  And the next start goes on from there.
    s_begin (&run, scratch, 2, 0);
    assert_true (s_read (&run, 50));
    kill (run.child, SIGKILL);
    s_end (&run);
    close (run.errors);
    assert_int_equal (s_compare (scratch, 2, &run).missing, 0);
    free (run.numbers);
}

int
main (void)
{
    sync_gate_register ();
    signal (SIGPIPE, SIG_IGN);
#define TEST(function) cmocka_unit_test_setup_teardown (function, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests [] = {
        TEST (test_kill_loses_nothing_that_was_acknowledged),
        TEST (test_failed_fsync_ends_the_process_and_loses_nothing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
