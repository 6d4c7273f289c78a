//  runtime_bench - what a tell, an ask and a durable command cost, beside what the libraries below could do
//
//      runtime_bench NAME COUNT        prints: OURS THEIRS, both a second
//
//  A source that only told would fill the sink's mailbox and measure refusals. So it tells BURST messages and then asks
//  for a mark, and goes on when one of the last WINDOW marks comes back: the sink is never out of work, and its mailbox
//  never full.
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BURST = 512, WINDOW = 16 };

double
bench_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

void
bench_check (int rc, const char *what)
{
    if (rc) {
        fprintf (stderr, "runtime_bench: %s: %d\n", what, rc);
        exit (1);
    }
}

//  ---- the sink

typedef struct {
    int64_t number;
} item_t;

static const zooid_field_t item_fields [] = {
    ZOOID_INTEGER (item_t, number, .doc = "Counts up"),
};
static const zooid_record_t item = ZOOID_RECORD ("item", item_t, item_fields, .doc = "What is sent");

static int
s_on_take (zooid_context_t *self, const void *arguments)
{
    int64_t *sum = zooid_state (self);
    *sum += ((const item_t *) arguments)->number;
    return 0;
}

static int
s_on_mark (zooid_context_t *self, const void *arguments)
{
    return zooid_reply (self, &item, arguments);
}

static const zooid_operation_t sink_operations [] = {
    { .name = "sink.take", .kind = ZOOID_COMMAND, .takes = &item, .scope = "public", .handler = s_on_take, .doc = "Take one." },
    { .name = "sink.mark", .kind = ZOOID_QUERY, .takes = &item, .gives = &item, .scope = "public", .deadline_ms = 60000,
      .handler = s_on_mark, .doc = "Answer when all before it is handled." },
};
static const zooid_contract_t sink_contract = { .name = "sink", ZOOID_OPERATIONS (sink_operations), .doc = "Takes all." };
static const zooid_module_t sink_module = {
    ZOOID_MODULE_HEADER, .name = "sink", .version = "1", .doc = "Takes all.", .contract = &sink_contract, .state_size = sizeof (int64_t),
};

//  ---- the source, which is driven from outside: a run is a turn that is posted to it

static const zooid_contract_t source_contract = { .name = "source", .doc = "Sends." };
static const zooid_module_t source_module = {
    ZOOID_MODULE_HEADER, .name = "source", .version = "1", .doc = "Sends.", .contract = &source_contract,
};

typedef struct {
    zooid_ref_t sink;
    size_t count, sent, handled, burst;
    sem_t done;
} run_t;

static int
    s_send (zooid_context_t *self, run_t *run);

static int
s_on_marked (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    run_t *run = *(run_t **) state;
    bench_check (outcome->failure != NULL, "an ask failed");
    run->handled += run->burst;
    if (run->handled >= run->count) {
        sem_post (&run->done);
        return 0;
    }
    return s_send (self, run);
}

//  One burst: `burst - 1` tells, and an ask behind them. A burst of one is an ask alone.
static int
s_send (zooid_context_t *self, run_t *run)
{
    if (run->sent >= run->count)
        return 0;
    zooid_call_t tell = { .operation = "sink.take", .to = run->sink, .takes = &item };
    for (size_t i = 1; i < run->burst; i++) {
        tell.arguments = &(item_t) { (int64_t) i };
        bench_check (zooid_tell (self, &tell), "a tell was refused");
    }
    run->sent += run->burst;
    run_t **state = zooid_allocate (sizeof (run_t *));
    *state = run;
    bench_check (zooid_ask (self, &(zooid_call_t) {
        .operation = "sink.mark", .to = run->sink, .takes = &item, .arguments = &(item_t) { 0 },
        .then = s_on_marked, .state = state, .destroy = free }), "an ask was refused");
    return 0;
}

static int
s_begin (zooid_context_t *self, void *state)
{
    run_t *run = state;
    size_t window = run->burst > 1? WINDOW: 1;
    for (size_t i = 0; i < window; i++)
        bench_check (s_send (self, run), "send");
    return 0;
}

static double
s_run (size_t count, size_t burst, const char *source_dispatcher, const char *sink_dispatcher)
{
    zooid_system_t *system = NULL;
    bench_check (zooid_system_new (&system, &(zooid_system_options_t) { .environment = ZOOID_REAL }), "zooid_system_new");
    zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    run_t run = { .count = count / burst * burst, .burst = burst };
    bench_check (sem_init (&run.done, 0, 0), "sem_init");
    zooid_spawn_t sink_spawn = { .name = "sink", .module = &sink_module, .dispatcher = sink_dispatcher };
    zooid_spawn_t source_spawn = { .name = "source", .module = &source_module, .dispatcher = source_dispatcher };
    zooid_ref_t source;
    const char *why = "";
    bench_check (zooid_system_spawn (system, &sink_spawn, arena, &why, &run.sink), why);
    bench_check (zooid_system_spawn (system, &source_spawn, arena, &why, &source), why);
    bench_check (zooid_system_wait_started (system, 10000), "zooid_system_wait_started");
    double begin = bench_now ();
    bench_check (zooid_system_post (system, source, s_begin, &run, NULL), "zooid_system_post");
    sem_wait (&run.done);
    double took = bench_now () - begin;
    bench_check (zooid_system_stop (system, 10000), "zooid_system_stop");
    zooid_system_destroy (&system);
    zooid_arena_destroy (&arena);
    sem_destroy (&run.done);
    return (double) run.count / took;
}

double bench_tell_one (size_t count) { return s_run (count, BURST, "a", "a"); }
double bench_tell_two (size_t count) { return s_run (count, BURST, "a", "b"); }
double bench_ask_one (size_t count)  { return s_run (count, 1, "a", "a"); }
double bench_ask_two (size_t count)  { return s_run (count, 1, "a", "b"); }

//  ---- the command

static const struct {
    const char *name;
    bench_fn *ours, *theirs;
} benches [] = {
    { "tell_one", bench_tell_one, peer_queue },
    { "tell_two", bench_tell_two, peer_queue },
    { "ask_one",  bench_ask_one,  peer_ping },
    { "ask_two",  bench_ask_two,  peer_ping },
    { "durable",  bench_durable,  peer_rows },
};

int
main (int argc, char **argv)
{
    long count = argc == 3? strtol (argv [2], NULL, 10): 0;
    for (size_t i = 0; count > 0 && i < ZOOID_COUNT (benches); i++)
        if (strcmp (argv [1], benches [i].name) == 0) {
            double ours = benches [i].ours ((size_t) count);
            double theirs = benches [i].theirs ((size_t) count);
            printf ("%.0f %.0f\n", ours, theirs);
            return 0;
        }
    fprintf (stderr, "usage: runtime_bench tell_one|tell_two|ask_one|ask_two|durable COUNT\n");
    return 2;
}
