//  probe.h - for tests: a system with a store, an actor that commits, one that asks it and one that watches its events
#ifndef PROBE_H
#define PROBE_H

#include "journal.h"
#include "scratch.h"
#include "store.h"

typedef struct {
    scratch_t *scratch;
    zooid_arena_t *arena;
    zooid_system_t *system;
    store_t *store;
    journal_t *journal;
    zooid_ref_t probe, asker, watcher;
} probe_t;

//  What a transaction of the probe does, besides adding the row `key`.
typedef enum {
    PROBE_KEEP = 0,     //  Publishes probe.stored.KEY, replies how many rows there are
    PROBE_REFUSE,       //  ZOOID_REFUSED
    PROBE_NAME,         //  Fails as "taken"
    PROBE_KEEP_FAILED,  //  Fails as "taken", and keeps its row
    PROBE_FAULT,        //  -EPROTO
    PROBE_ONCE,         //  Under the identity (test, key before the first '/'), then as KEEP
    PROBE_ONCE_REFUSE,  //  The same, and refuses
    PROBE_DANGLE,       //  Breaks a foreign key that is checked at the COMMIT
    PROBE_THREE,        //  Publishes three events
    PROBE_STRANGE,      //  Publishes what is not declared
    PROBE_HOLD,         //  Waits for probe_release
} probe_how_t;

//  Options: path, system and environment are filled in. The actors have started when it returns.
probe_t *
    probe_new (scratch_t *scratch, const store_options_t *options, zooid_environment_t environment);
//  The store is stopped, the scratch folder stays.
void
    probe_destroy (probe_t **self_p);

//  A commit of the probe: notes "then KEY OUTCOME [DETAIL]", and "full KEY" when it was not taken.
void
    probe_commit (probe_t *self, const char *key, probe_how_t how);
//  The asker asks probe.put: notes "reply KEY ROWS" or "failure KEY NAME DETAIL".
void
    probe_ask (probe_t *self, const char *key, probe_how_t how);
//  A query of the probe: notes "saw KEY ROWS ROWS": the rows before and after probe_release, when `holds`, and "then
//  KEY OUTCOME".
void
    probe_query (probe_t *self, const char *key, bool holds);
//  A query that tries to write: notes "then KEY OUTCOME".
void
    probe_query_writes (probe_t *self, const char *key);
//  Many callers, each with its next commit when the last was answered: notes "callers done".
void
    probe_callers (probe_t *self, size_t callers, size_t commits);
//  Whoever holds, or is about to, goes on. Noted before: "holds KEY".
void
    probe_release (probe_t *self);

//  In a virtual environment: run it.
void
    probe_run (probe_t *self);
//  Rows in the file, by a connection that is not the store's.
int
    probe_rows (const scratch_t *scratch, const char *where);

#endif
