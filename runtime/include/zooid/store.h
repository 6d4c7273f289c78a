//  zooid/store.h - durable state: transactions on the store's thread, snapshots on the pool
//
//  A node has one SQLite file. An actor's tables are made by its migrations, which run forward, once each, in order,
//  and are named TABLE with the actor's module name in front: `iot_device`; SQL of a module that would change another
//  table, or the transaction itself, is a fault. Durable state changes only in a transaction function; it runs inside a
//  SAVEPOINT of the current group commit, and what follows it runs after the fsync. Commits of one actor run in the
//  order given. A disk that fails ends the process: what was answered is on it, and the next start recovers it.
#ifndef ZOOID_STORE_H
#define ZOOID_STORE_H

#include <zooid/actor.h>

//  Row n of a module's table of migrations makes version n + 1 of its part of the schema. Rows are only ever added.
typedef struct {
    const char *sql;        //  One or more statements
    const char *doc;        //  What it brings, for people
} zooid_migration_t;

//  What a transaction function works with, and on nothing else. It ends with the function.
typedef struct zooid_transaction zooid_transaction_t;

//  On the store's thread: sees only the transaction and the state, which nobody else does meanwhile. 0: keep the
//  changes. ZOOID_REFUSED, ZOOID_DUPLICATE or another outcome: roll them back; the continuation is told. < 0: a fault,
//  rolled back, and the actor restarts. Runs once: what it did to the state stays, whatever becomes of the changes.
typedef int (zooid_transaction_fn) (zooid_transaction_t *transaction, void *state);

//  A commit or a snapshot, and what follows it in the actor: its events, then the answer, then the continuation.
typedef struct {
    zooid_transaction_fn *transaction;  //  What is done
    zooid_request_t *request;       //  Optional: answered after the commit as it says, by zooid_transaction_reply
                                    //  or zooid_transaction_fail. When it says neither: an empty reply where it kept
                                    //  its changes or met a duplicate, `conflict` where it refused. Taken when the call
                                    //  returns 0
    zooid_continuation_fn *then;    //  Optional. outcome->failure is NULL when committed; else the failure that the
                                    //  transaction named, or "refused", "duplicate", "no_space", "internal",
                                    //  "unavailable"; outcome->payload is the reply
    void *state;                    //  Of both functions. Taken when the call returns 0
    zooid_destroy_fn *destroy;      //  NULL: the state needs none. Runs behind both
} zooid_commit_t;

//  Queue a transaction, to be committed with others that wait. ZOOID_FULL: the store's queue is at its bound, or as
//  zooid_ask. -ENODEV: the node has no store, or has closed it. Then nothing was taken.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_commit (zooid_context_t *self, const zooid_commit_t *commit);
//  The same beside the store's thread, over a read-only snapshot: SQL that reads, a reply, no events. Several may
//  run at once.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_snapshot (zooid_context_t *self, const zooid_commit_t *query);
//  Run now, on this thread, and wait: for `start` alone, where an actor loads what it keeps in memory. Returns what the
//  transaction does; -ENODEV as above, -ENOSPC: the disk is full, -EIO: it could not be begun.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_load (zooid_context_t *self, zooid_transaction_fn *transaction, void *state);

//  ---- within a transaction function

//  Wall clock, ms UTC, as the commit began.
ZOOID_EXPORT int64_t
    zooid_transaction_wall_ms (const zooid_transaction_t *self);
//  Memory that ends with the function.
ZOOID_EXPORT zooid_arena_t *
    zooid_transaction_arena (zooid_transaction_t *self);
//  Is this the first time? 0: yes (always so for a NULL identity), and it is remembered with this transaction's
//  changes. ZOOID_DUPLICATE: no. What is passed up as that outcome rolls back; to keep changes all the same, or to
//  reply, return 0. -EINVAL: an id that is empty or longer than 255 bytes. -EROFS: a snapshot remembers nothing.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_transaction_once (zooid_transaction_t *self, const zooid_identity_t *identity);
//  An event of the actor's contract, encoded at once, published after the commit, in order. ZOOID_UNKNOWN: the contract
//  declares none such. -EINVAL: the value breaks its record. -EMSGSIZE: more than 16 MiB. -EROFS: a snapshot has no
//  events.
ZOOID_EXPORT int
    zooid_transaction_publish (zooid_transaction_t *self, const char *topic, const zooid_record_t *record, const void *value);
//  What the request is answered with after the commit, encoded at once; record NULL: an empty reply. -EALREADY:
//  something was said before. -EINVAL, -EMSGSIZE as above.
ZOOID_EXPORT int
    zooid_transaction_reply (zooid_transaction_t *self, const zooid_record_t *record, const void *value);
//  Answer with a failure by name, as zooid_fail, instead of what was said before. Returns ZOOID_REFUSED, so that a
//  function can `return zooid_transaction_fail (...)`.
ZOOID_EXPORT int
    zooid_transaction_fail (zooid_transaction_t *self, const char *name, const char *format, ...) ZOOID_PRINTF (3, 4);

//  ---- SQL. One that cannot be prepared, or breaks a constraint, is a fault that zooid_sql_step returns.

//  A statement of SQLite. Borrowed until the function returns.
typedef struct zooid_sql zooid_sql_t;
//  Never NULL. text: a constant, one statement; prepared once, found again by its address. It is reset, with nothing
//  bound.
ZOOID_EXPORT zooid_sql_t *
    zooid_sql (zooid_transaction_t *self, const char *text);
//  Parameters count from 1, are copied, and stay bound until the next zooid_sql of the same text. NULL text: NULL.
//  Those that are not bound are NULL.
ZOOID_EXPORT void zooid_sql_bind_integer (zooid_sql_t *self, int parameter, int64_t value);
ZOOID_EXPORT void zooid_sql_bind_real (zooid_sql_t *self, int parameter, double value);
ZOOID_EXPORT void zooid_sql_bind_text (zooid_sql_t *self, int parameter, const char *text);
ZOOID_EXPORT void zooid_sql_bind_bytes (zooid_sql_t *self, int parameter, zooid_bytes_t bytes);
ZOOID_EXPORT void zooid_sql_bind_null (zooid_sql_t *self, int parameter);
//  Run it as far as the next row. ZOOID_ROW: columns can be read. 0: no more. -EEXIST: a unique or primary key stood in
//  the way. < 0: another fault; it is said again at each further step.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_sql_step (zooid_sql_t *self);
//  Rows that the last statement of this transaction changed.
ZOOID_EXPORT int64_t
    zooid_sql_changes (const zooid_sql_t *self);
//  A column of the row; they count from 0. Converted as SQLite does: of NULL 0, a NULL text, no bytes. Texts and bytes
//  are borrowed until the next step.
ZOOID_EXPORT bool zooid_sql_is_null (zooid_sql_t *self, int column);
ZOOID_EXPORT int64_t zooid_sql_integer (zooid_sql_t *self, int column);
ZOOID_EXPORT double zooid_sql_real (zooid_sql_t *self, int column);
ZOOID_EXPORT const char *zooid_sql_text (zooid_sql_t *self, int column);
ZOOID_EXPORT zooid_bytes_t zooid_sql_bytes (zooid_sql_t *self, int column);

#endif
