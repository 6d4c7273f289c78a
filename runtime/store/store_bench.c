//  What group commit is worth: durable commands a second of 64 callers who each wait for their answer, committed in
//  groups, one by one, and by SQLite alone with the same settings, on the same disk, in the same run.
//
//      bench_store [--json] [FOLDER]
#include "database.h"
#include "scratch.h"
#include "store.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 5, RUN_MS = 1000, CALLERS = 64 };

//  ---- the actor that commits

typedef struct {
    int finished;           //  An eventfd: all callers have ended
    _Atomic bool ending;
    size_t callers;         //  Of the actor's thread, as the rest
    uint64_t commits;
    int64_t slept_us;       //  Sum of how long each commit took
} load_t;

typedef struct {
    load_t *load;
    int64_t given_us;
} call_t;

static int64_t
s_now_us (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int
s_transact (zooid_transaction_t *transaction, void *state)
{
    (void) state;
    zooid_sql_t *sql = zooid_sql (transaction, "INSERT INTO bench_item (at, value) VALUES (?1, ?2)");
    zooid_sql_bind_integer (sql, 1, zooid_transaction_wall_ms (transaction));
    zooid_sql_bind_text (sql, 2, "a reading of some sixty-four bytes, as a device might send it...");
    return zooid_fault (zooid_sql_step (sql));
}

static int
s_call (zooid_context_t *self, load_t *load);

static int
s_on_committed (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    const call_t *call = state;
    load_t *load = call->load;
    if (outcome->failure)
        abort ();
    load->commits++;
    load->slept_us += s_now_us () - call->given_us;
    if (!load->ending)
        return s_call (self, load);
    if (--load->callers == 0 && write (load->finished, &(uint64_t) { 1 }, 8) != 8)
        abort ();
    return 0;
}

static int
s_call (zooid_context_t *self, load_t *load)
{
    call_t *call = zooid_allocate (sizeof *call);
    *call = (call_t) { .load = load, .given_us = s_now_us () };
    const zooid_commit_t commit = { .transaction = s_transact, .then = s_on_committed, .state = call, .destroy = free };
    int rc = zooid_commit (self, &commit);
    if (rc)
        abort ();
    return 0;
}

static int
s_begin (zooid_context_t *self, void *state)
{
    load_t *load = state;
    for (size_t i = 0; i < load->callers; i++)
        s_call (self, load);
    return 0;
}

static const zooid_contract_t s_contract = { .name = "bench", .doc = "Commits" };
static const zooid_migration_t s_migrations [] = {
    { .sql = "CREATE TABLE bench_item (id INTEGER PRIMARY KEY, at INTEGER, value TEXT)", .doc = "Rows" },
};
static const zooid_module_t s_module = {
    ZOOID_MODULE_HEADER, .name = "bench", .version = "1", .doc = "Commits.", .contract = &s_contract,
    ZOOID_MIGRATIONS (s_migrations),
};

//  ---- one run of each kind

typedef struct {
    double rate;            //  Commits a second
    double latency_us;      //  Mean, as a caller sees it
    double group;           //  Commits of a group, mean
} result_t;

static void
s_must (int rc, const char *what)
{
    if (rc == 0)
        return;
    fprintf (stderr, "%s: %d: %s\n", what, rc, zooid_fault_trace ());
    exit (1);
}

static result_t
s_run_store (size_t callers, unsigned group_limit, int64_t group_wait_us)
{
    scratch_t *scratch = scratch_new ();
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    const char *why = NULL;
    zooid_system_t *system = NULL;
    store_t *store = NULL;
    zooid_ref_t actor;
    s_must (zooid_system_new (&system, &(const zooid_system_options_t) { 0 }), "system");
    const store_options_t options = { .path = scratch->file, .system = system, .group_limit = group_limit,
                                      .group_wait_us = group_wait_us };
    s_must (store_new (&store, &options, arena, &why), "store");
    s_must (store_migrate (store, &s_module, arena, &why), "migrate");
    const zooid_spawn_t spawn = { .name = "bench", .module = &s_module, .attachment = store_attach (store, &s_module) };
    s_must (zooid_system_spawn (system, &spawn, arena, &why, &actor), "spawn");
    s_must (zooid_system_wait_started (system, 10000), "start");
    load_t load = { .finished = eventfd (0, EFD_CLOEXEC), .callers = callers };
    int64_t begun_us = s_now_us ();
    s_must (zooid_system_post (system, actor, s_begin, &load, NULL), "post");
    nanosleep (&(const struct timespec) { .tv_sec = RUN_MS / 1000, .tv_nsec = RUN_MS % 1000 * 1000000L }, NULL);
    load.ending = true;
    uint64_t ended;
    if (read (load.finished, &ended, sizeof ended) != sizeof ended)
        exit (1);
    int64_t took_us = s_now_us () - begun_us;
    store_figures_t figures;
    store_figures (store, &figures);
    close (load.finished);
    zooid_system_stop (system, 10000);
    store_stop (store);
    zooid_system_destroy (&system);
    store_destroy (&store);
    scratch_destroy (&scratch);
    return (result_t) { .rate = (double) load.commits * 1e6 / (double) took_us,
                        .latency_us = (double) load.slept_us / (double) load.commits,
                        .group = (double) load.commits / (double) figures.groups };
}

static result_t
s_run_sqlite (void)
{
    scratch_t *scratch = scratch_new ();
    ZOOID_CLEANUP (database_close) database_t *database = NULL;
    char why [DATABASE_WHY_SIZE] = "";
    s_must (database_open (&database, scratch->file, NULL, DATABASE_WRITES, why), why);
    s_must (database_run (database, s_migrations [0].sql), "migrate");
    int64_t begun_us = s_now_us (), took_us = 0;
    uint64_t commits = 0;
    for (; took_us < RUN_MS * 1000; took_us = s_now_us () - begun_us, commits++) {
        zooid_sql_t *sql = database_sql (database, "INSERT INTO bench_item (at, value) VALUES (?1, ?2)");
        zooid_sql_bind_integer (sql, 1, begun_us);
        zooid_sql_bind_text (sql, 2, "a reading of some sixty-four bytes, as a device might send it...");
        s_must (zooid_sql_step (sql), "insert");
        database_rest (database);
    }
    scratch_destroy (&scratch);
    double rate = (double) commits * 1e6 / (double) took_us;
    return (result_t) { .rate = rate, .latency_us = 1e6 / rate, .group = 1 };
}

//  ---- medians

typedef struct {
    const char *name;
    size_t callers;         //  0: SQLite alone
    unsigned group_limit;
    int64_t group_wait_us;
    result_t median;
} kind_t;

static int
s_by_rate (const void *a, const void *b)
{
    double x = ((const result_t *) a)->rate, y = ((const result_t *) b)->rate;
    return x < y ? -1 : x > y;
}

static void
s_measure (kind_t *kinds, size_t count)
{
    result_t results [8] [RUNS];
    //  In turns, so that a disk that has a slow moment is slow for all.
    for (size_t run = 0; run < RUNS; run++)
        for (size_t i = 0; i < count; i++) {
            const kind_t *kind = &kinds [i];
            results [i] [run] = kind->callers ? s_run_store (kind->callers, kind->group_limit, kind->group_wait_us) : s_run_sqlite ();
        }
    for (size_t i = 0; i < count; i++) {
        qsort (results [i], RUNS, sizeof (result_t), s_by_rate);
        kinds [i].median = results [i] [RUNS / 2];
    }
}

int
main (int argc, char **argv)
{
    bool json = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp (argv [i], "--json") == 0)
            json = true;
        else
            setenv ("TMPDIR", argv [i], 1);
    }
    kind_t kinds [] = {
        { .name = "groups_64_callers", .callers = CALLERS },
        { .name = "groups_64_callers_no_wait", .callers = CALLERS, .group_wait_us = -1 },
        { .name = "one_by_one_64_callers", .callers = CALLERS, .group_limit = 1 },
        { .name = "groups_2_callers", .callers = 2 },
        { .name = "groups_2_callers_no_wait", .callers = 2, .group_wait_us = -1 },
        { .name = "groups_1_caller", .callers = 1 },
        { .name = "sqlite_alone" },
    };
    s_measure (kinds, ZOOID_COUNT (kinds));
    double ours = kinds [0].median.rate, theirs = kinds [ZOOID_COUNT (kinds) - 1].median.rate;
    if (json) {
        printf ("{\"bench\": \"store\", \"work\": \"durable commits, 64 callers\", \"unit\": \"commits/s\", \"ours\": %.0f, "
                "\"peer\": \"sqlite, a commit each\", \"theirs\": %.0f, \"ratio\": %.2f, \"runs\": %d}\n",
                ours, theirs, ours / theirs, RUNS);
        return 0;
    }
    for (size_t i = 0; i < ZOOID_COUNT (kinds); i++) {
        printf ("store.%s %.0f commits/s\n", kinds [i].name, kinds [i].median.rate);
        printf ("store.%s.latency %.0f us\n", kinds [i].name, kinds [i].median.latency_us);
        printf ("store.%s.group %.1f commits\n", kinds [i].name, kinds [i].median.group);
    }
    printf ("store.groups_to_one_by_one %.1f ratio\n", ours / kinds [2].median.rate);
    printf ("store.groups_to_sqlite_alone %.1f ratio\n", ours / theirs);
    return 0;
}
