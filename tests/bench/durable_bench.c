//  durable - commands a second that are answered after their commit, with 64 callers who each wait for their answer
#include "bench.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zooid/node.h>

enum { CALLERS = 64 };

typedef struct {
    int64_t number;
} entry_t;

static const zooid_field_t entry_fields [] = {
    ZOOID_INTEGER (entry_t, number, .doc = "What is written down"),
};
static const zooid_record_t entry = ZOOID_RECORD ("entry", entry_t, entry_fields, .doc = "A row");

static int
s_insert (zooid_transaction_t *transaction, void *state)
{
    zooid_sql_t *insert = zooid_sql (transaction, "INSERT INTO ledger_entry (number) VALUES (?)");
    zooid_sql_bind_integer (insert, 1, *(int64_t *) state);
    return zooid_sql_step (insert);
}

static int
s_on_add (zooid_context_t *self, const void *arguments)
{
    int64_t *number = zooid_allocate (sizeof (int64_t));
    *number = ((const entry_t *) arguments)->number;
    zooid_request_t *request = zooid_request_take (self);
    int rc = zooid_commit (self, &(zooid_commit_t) { .transaction = s_insert, .request = request, .state = number, .destroy = free });
    if (rc == 0)
        return 0;
    free (number);
    return rc < 0? zooid_fault (rc): zooid_request_fail (self, &request, "overloaded", "the store is busy");
}

static const zooid_operation_t ledger_operations [] = {
    { .name = "ledger.add", .kind = ZOOID_COMMAND, .takes = &entry, .scope = "public", .handler = s_on_add, .doc = "Write one down." },
};
static const zooid_contract_t ledger_contract = { .name = "ledger", ZOOID_OPERATIONS (ledger_operations), .doc = "Writes down." };
static const zooid_migration_t ledger_migrations [] = {
    { .sql = "CREATE TABLE ledger_entry (number INTEGER NOT NULL) STRICT;", .doc = "entries" },
};
static const zooid_module_t ledger_module = {
    ZOOID_MODULE_HEADER, .name = "ledger", .version = "1", .doc = "Writes down.", .contract = &ledger_contract, ZOOID_MIGRATIONS (ledger_migrations),
};

//  ---- the callers: one actor with 64 asks open, which is the same to the ledger

static struct {
    size_t count, sent, answered;
    double begin, end;
    sem_t done;
} s_run;

static int
    s_add (zooid_context_t *self);

static int
s_on_added (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    (void) state;
    bench_check (outcome->failure != NULL, "a command failed");
    if (++s_run.answered == s_run.count) {
        s_run.end = bench_now ();
        sem_post (&s_run.done);
    }
    return s_add (self);
}

static int
s_add (zooid_context_t *self)
{
    if (s_run.sent == s_run.count)
        return 0;
    s_run.sent++;
    return zooid_ask (self, &(zooid_call_t) {
        .operation = "ledger.add", .takes = &entry, .arguments = &(entry_t) { (int64_t) s_run.sent }, .then = s_on_added });
}

static int
s_begin (zooid_context_t *self, void *state)
{
    (void) state;
    s_run.begin = bench_now ();
    for (size_t i = 0; i < CALLERS; i++)
        bench_check (s_add (self), "an ask was refused");
    return 0;
}

//  The ledger is asked by name, so it must be there: the first turn comes when the node is up.
static int
s_start (zooid_context_t *self, const void *settings)
{
    (void) settings;
    zooid_timer_start (self, 200, 0, s_begin, NULL, NULL, NULL);
    return 0;
}

static const zooid_contract_t caller_contract = { .name = "caller", .doc = "Asks." };
static const zooid_module_t caller_module = {
    ZOOID_MODULE_HEADER, .name = "caller", .version = "1", .doc = "Asks.", .contract = &caller_contract, .start = s_start,
};

static int
s_remove (const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void) about, (void) kind, (void) place;
    return remove (path);
}

double
bench_durable (size_t count)
{
    char folder [] = "/tmp/zooid-bench-XXXXXX";
    bench_check (!mkdtemp (folder), "mkdtemp");
    s_run.count = count;
    bench_check (sem_init (&s_run.done, 0, 0), "sem_init");
    const zooid_module_t *modules [] = { &ledger_module, &caller_module };
    zooid_node_t *node = NULL;
    if (zooid_node_new (&node, &(zooid_node_options_t) {
            .topology = "zooid: 1\nnodes: { local: { actors: [ledger, caller] } }\nactors: { ledger: {}, caller: {} }\n",
            .data = folder, .modules = modules, .module_count = ZOOID_COUNT (modules) })
    ||  zooid_node_start (node)) {
        fprintf (stderr, "%s", zooid_node_errors (node));
        exit (1);
    }
    sem_wait (&s_run.done);
    bench_check (zooid_node_stop (node, 10000), "zooid_node_stop");
    zooid_node_destroy (&node);
    sem_destroy (&s_run.done);
    nftw (folder, s_remove, 16, FTW_DEPTH | FTW_PHYS);
    return (double) count / (s_run.end - s_run.begin);
}
