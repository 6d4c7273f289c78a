//  zooid/store.h - durable state: transactions on the store's thread, snapshots on the pool
//
//  A node has one SQLite file. An actor's tables are made by its migrations, which run forward, once each, in order, and
//  are named TABLE with the actor's module name in front: `iot_device`; SQL of a module that would change another table, or
//  the transaction itself, is a fault. Durable state changes only in a transaction function; it runs inside a SAVEPOINT of
//  the current group commit, and what follows it runs after the fsync. Commits of one actor run in the order given.
#ifndef ZOOID_STORE_H
#define ZOOID_STORE_H

#include <zooid/actor.h>

//  Row n of a module's table of migrations makes version n + 1 of its part of the schema. Rows are only ever added.
typedef struct {
    const char *sql;        //  One or more statements
    const char *doc;
} zooid_migration_t;

typedef struct zooid_transaction zooid_transaction_t;

//  On the store's thread: sees only the transaction and the state, which nobody else does meanwhile. 0: keep the
//  changes. ZOOID_REFUSED, ZOOID_DUPLICATE or another outcome: roll them back; the continuation is told. < 0: a fault,
//  rolled back, and the actor restarts.
typedef int (zooid_transaction_fn) (zooid_transaction_t *transaction, void *state);

typedef struct {
    zooid_transaction_fn *transaction;
    zooid_request_t *request;       //  Optional: answered after the commit as the transaction says (zooid_transaction_reply
                                    //  or _fail; an empty reply when it says neither; `conflict` when it refused and named
                                    //  no failure). Taken when the call returns 0
    zooid_continuation_fn *then;    //  Optional. outcome->failure is NULL when committed; else the failure that the
                                    //  transaction named, or "refused", "duplicate", "no_space", "internal"
    void *state;                    //  Taken when the call returns 0
    zooid_destroy_fn *destroy;
} zooid_commit_t;

//  ZOOID_FULL: the store's queue is at its bound: nothing was taken. -ENODEV: the node has no store.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_commit (zooid_context_t *self, const zooid_commit_t *commit);
//  The same on the pool, over a read-only snapshot: SQL that reads, a reply, no events.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_snapshot (zooid_context_t *self, const zooid_commit_t *query);
//  Run now, on this thread, and wait: for `start` alone, where an actor loads what it keeps in memory.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_load (zooid_context_t *self, zooid_transaction_fn *transaction, void *state);

//  ---- within a transaction function

//  Wall clock, ms UTC, as the commit began.
ZOOID_EXPORT int64_t
    zooid_transaction_wall_ms (const zooid_transaction_t *self);
//  Memory that ends with the function.
ZOOID_EXPORT zooid_arena_t *
    zooid_transaction_arena (zooid_transaction_t *self);
//  Is this the first time? 0: yes (always so for a NULL identity), and it is remembered with this transaction's changes.
//  ZOOID_DUPLICATE: no. What is passed up as that outcome rolls back; to keep changes all the same, or to reply, return 0.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_transaction_once (zooid_transaction_t *self, const zooid_identity_t *identity);
//  An event of the actor's contract, published after the commit, in order.
ZOOID_EXPORT int
    zooid_transaction_publish (zooid_transaction_t *self, const char *topic, const zooid_record_t *record, const void *value);
//  What the request is answered with after the commit, encoded at once.
ZOOID_EXPORT int
    zooid_transaction_reply (zooid_transaction_t *self, const zooid_record_t *record, const void *value);
//  Returns ZOOID_REFUSED, so that a function can `return zooid_transaction_fail (...)`.
ZOOID_EXPORT int
    zooid_transaction_fail (zooid_transaction_t *self, const char *name, const char *format, ...) ZOOID_PRINTF (3, 4);

//  ---- SQL. One that cannot be prepared, or breaks a constraint, is a fault that zooid_sql_step returns.

typedef struct zooid_sql zooid_sql_t;
//  text: a constant; prepared once, found again by its address. It is reset, with nothing bound.
ZOOID_EXPORT zooid_sql_t *
    zooid_sql (zooid_transaction_t *self, const char *text);
//  Parameters count from 1, are copied, and stay bound until the next zooid_sql of the same text. NULL text: NULL.
ZOOID_EXPORT void zooid_sql_bind_integer (zooid_sql_t *self, int parameter, int64_t value);
ZOOID_EXPORT void zooid_sql_bind_real (zooid_sql_t *self, int parameter, double value);
ZOOID_EXPORT void zooid_sql_bind_text (zooid_sql_t *self, int parameter, const char *text);
ZOOID_EXPORT void zooid_sql_bind_bytes (zooid_sql_t *self, int parameter, zooid_bytes_t bytes);
ZOOID_EXPORT void zooid_sql_bind_null (zooid_sql_t *self, int parameter);
//  ZOOID_ROW: columns can be read. 0: no more. -EEXIST: a unique or primary key stood in the way. < 0: another fault.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_sql_step (zooid_sql_t *self);
//  Rows that the last statement of this transaction changed.
ZOOID_EXPORT int64_t
    zooid_sql_changes (const zooid_sql_t *self);
//  Columns count from 0. Texts and bytes are borrowed until the next step.
ZOOID_EXPORT bool zooid_sql_is_null (zooid_sql_t *self, int column);
ZOOID_EXPORT int64_t zooid_sql_integer (zooid_sql_t *self, int column);
ZOOID_EXPORT double zooid_sql_real (zooid_sql_t *self, int column);
ZOOID_EXPORT const char *zooid_sql_text (zooid_sql_t *self, int column);
ZOOID_EXPORT zooid_bytes_t zooid_sql_bytes (zooid_sql_t *self, int column);

#endif
