//  zooid/actor.h - what an actor can do while it handles a message
//
//  All calls belong to the thread that calls the handler, and are made from a turn: a handler, a continuation, a timer,
//  a watched descriptor, start, drain or stop. Calls that send encode before they return: arguments stay yours. What is
//  borrowed ends with the turn, unless it says otherwise. A turn that returns < 0, or an outcome, is a fault: the
//  supervisor restarts the actor, and what hangs on its state (timers, open asks, watches, subscriptions made by code)
//  ends.
#ifndef ZOOID_ACTOR_H
#define ZOOID_ACTOR_H

#include <zooid/contract.h>

//  Ends a state that was handed over: in the actor's thread, unless the actor was gone before.
typedef void (zooid_destroy_fn) (void *state);
//  A turn of the actor's own that no message began. 0, or a fault.
typedef int (zooid_turn_fn) (zooid_context_t *self, void *state);

//  ---- itself

//  The actor's state: module.state_size zeroed bytes, made anew at each start.
ZOOID_EXPORT void *
    zooid_state (zooid_context_t *self);
//  Its name in the topology, where its operations are found. Lives as long as the actor, as do the texts and the record
//  below.
ZOOID_EXPORT const char *
    zooid_name (const zooid_context_t *self);
//  The name of its node.
ZOOID_EXPORT const char *
    zooid_node_name (const zooid_context_t *self);
//  Itself, to be sent to others: the same from spawn to stop.
ZOOID_EXPORT zooid_ref_t
    zooid_self (const zooid_context_t *self);
//  The record given at spawn, decoded. NULL: its module has none.
ZOOID_EXPORT const void *
    zooid_settings (const zooid_context_t *self);
//  Path of the folder that the node lends to this actor alone: its files. NULL: the node keeps nothing on disk.
ZOOID_EXPORT const char *
    zooid_folder (const zooid_context_t *self);
//  Memory that ends with the turn. It has no limit.
ZOOID_EXPORT zooid_arena_t *
    zooid_arena (zooid_context_t *self);

//  ---- time and chance: the environment's, so that a test can own them

//  Wall clock, ms UTC. Read once a turn.
ZOOID_EXPORT int64_t
    zooid_wall_ms (const zooid_context_t *self);
//  For durations only; counts time asleep. Read once a turn.
ZOOID_EXPORT int64_t
    zooid_monotonic_ms (const zooid_context_t *self);
//  Bytes that nobody can guess, from getrandom; in a virtual environment those that its seed gives.
ZOOID_EXPORT void
    zooid_random (zooid_context_t *self, void *ret_data, size_t size);
//  Room for an id: 36 characters and a NUL.
enum { ZOOID_ID_SIZE = 37 };
//  A new UUIDv7 (RFC 9562), in lower case.
ZOOID_EXPORT void
    zooid_id (zooid_context_t *self, char ret_text [ZOOID_ID_SIZE]);

//  ---- the message of this turn

//  The tell, ask or event; in a continuation that of the turn which asked. NULL in a turn that no message began.
ZOOID_EXPORT const zooid_message_t *
    zooid_message (const zooid_context_t *self);
//  Whoever this turn is done for: the principal of a tell or ask, in a continuation that of the turn which asked, else
//  the actor itself.
ZOOID_EXPORT const zooid_principal_t *
    zooid_principal (const zooid_context_t *self);

//  Answer the ask of this turn; at a tell or an event nothing happens. record NULL: an empty reply. An ask is answered
//  once, in its own turn or by its request: a second answer, or one in a turn that no message began, is -EALREADY. A
//  value that breaks its record is -EINVAL.
ZOOID_EXPORT int
    zooid_reply (zooid_context_t *self, const zooid_record_t *record, const void *value);
//  Answer with a failure by name: one of the operation's own or of the kinds; any other is of kind `internal`. The
//  detail is for the caller to read, at most 511 bytes. Returns 0, so that a handler can `return zooid_fail (...)`; at
//  a tell, or once answered, nothing happens.
ZOOID_EXPORT int
    zooid_fail (zooid_context_t *self, const char *name, const char *format, ...) ZOOID_PRINTF (3, 4);

//  An ask that is to be answered later. Move-only; destroyed unanswered it replies `internal`. An actor that is told to
//  stop waits for those that it holds.
typedef struct zooid_request zooid_request_t;
//  Take that of this turn with you, to be answered in any later turn of this actor. From a tell, or once answered, one
//  is made too, and answers nobody.
ZOOID_EXPORT zooid_request_t *
    zooid_request_take (zooid_context_t *self);
//  As zooid_reply. Answered, and *request_p NULL, whatever is returned; -EINVAL replies `internal`. -EALREADY:
//  *request_p was NULL, here and below.
ZOOID_EXPORT int
    zooid_request_reply (zooid_context_t *self, zooid_request_t **request_p, const zooid_record_t *record, const void *value);
//  As zooid_fail, and *request_p NULL.
ZOOID_EXPORT int
    zooid_request_fail (zooid_context_t *self, zooid_request_t **request_p, const char *name, const char *format, ...)
        ZOOID_PRINTF (4, 5);
//  What came of an ask. See zooid_outcome.
typedef struct zooid_outcome zooid_outcome_t;
//  Pass on a reply or failure as it came, and *request_p NULL.
ZOOID_EXPORT int
    zooid_request_forward (zooid_context_t *self, zooid_request_t **request_p, const zooid_outcome_t *outcome);
//  Reply `internal` where nothing was said. NULL is no mistake.
ZOOID_EXPORT void
    zooid_request_destroy (zooid_request_t **request_p);

//  Hand the tell or ask of this turn on: `to` (nobody: whoever serves it) gets it as `operation`, with its arguments,
//  principal, identity and deadline, and answers in this actor's place. Outcomes as of zooid_tell: on any but 0 it is still
//  this turn's to answer. -EALREADY: it is answered, or the turn has none.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_forward (zooid_context_t *self, zooid_ref_t to, const char *operation);

//  ---- handled later, or otherwise

//  Put the message of this turn aside, unanswered; it keeps its room in the mailbox. A restart takes back what was put
//  aside. -EALREADY: it is answered, or the turn has none.
ZOOID_EXPORT int
    zooid_stash (zooid_context_t *self);
//  What was put aside comes next, in its order, before everything that waits.
ZOOID_EXPORT void
    zooid_unstash (zooid_context_t *self);

//  Another handler for an operation of the contract.
typedef struct {
    const char *operation;          //  As the contract's table has it
    zooid_handler_fn *handler;      //  Is given what that operation takes
} zooid_case_t;
//  What becomes of operations that no case names.
typedef enum {
    ZOOID_OTHERS_AS_EVER = 0,       //  By the contract's handler
    ZOOID_OTHERS_STASH,             //  Put aside
    ZOOID_OTHERS_REFUSE,            //  `unavailable`
} zooid_others_t;
//  How an actor behaves for a while.
typedef struct {
    const zooid_case_t *cases;      //  The first that names the operation counts
    size_t case_count;              //  Rows; ZOOID_CASES gives both
    zooid_others_t others;          //  The rest
} zooid_behavior_t;
//  Both of a table's members.
#define ZOOID_CASES(table) .cases = (table), .case_count = ZOOID_COUNT (table)
//  From the next message on. Referenced until the next call, or a restart, which begins with the contract's handlers again.
//  NULL: those of the contract.
ZOOID_EXPORT void
    zooid_become (zooid_context_t *self, const zooid_behavior_t *behavior);

//  ---- tell and ask

//  What came of an ask, a commit or a snapshot. Borrowed by the continuation.
struct zooid_outcome {
    const char *failure;            //  NULL: it succeeded. Else a failure's name
    zooid_failure_kind_t kind;      //  Of the failure
    const char *detail;             //  Of the failure; "" when there is none
    zooid_bytes_t payload;          //  Of the reply, or of a failure: the violations as msgpack [{pointer, code, detail}]
    const zooid_message_t *message; //  The answer. NULL: there was none (a deadline, a commit, a snapshot)
};

//  What an ask, a commit or a snapshot is followed by. Runs exactly once, in the actor, with reply, failure or
//  deadline. If the actor stops or restarts first, only `destroy` runs. `state` is destroyed after it.
typedef int (zooid_continuation_fn) (zooid_context_t *self, void *state, const zooid_outcome_t *outcome);

//  What is told or asked, of whom, as whom. The four behind `trace` are an ask's alone.
typedef struct {
    const char *operation;          //  Full name: the actor's, a dot, the verb
    zooid_ref_t to;                 //  Nobody: whoever serves the operation
    const zooid_record_t *takes;    //  How `arguments` is encoded: your own table of the fields that you give
    const void *arguments;          //  The struct
    zooid_bytes_t payload;          //  Where `takes` is NULL: the arguments as msgpack, copied
    bool as_self;                   //  With the actor's own grants, not those of the principal of this turn
    const zooid_principal_t *principal;     //  On behalf of; for modules that the topology grants it
    const zooid_identity_t *identity;       //  What makes a repeat known; copied. NULL: nothing does
    const zooid_trace_t *trace;     //  NULL: that of this turn
    int64_t deadline_ms;            //  From now; 0: the operation's
    zooid_continuation_fn *then;    //  NULL: whatever comes is let go
    void *state;                    //  Of the continuation. Taken when the call returns 0
    zooid_destroy_fn *destroy;      //  NULL: the state needs none
} zooid_call_t;

//  Queue a message for whoever serves the operation, and forget it.
//  ZOOID_FULL: its mailbox is at its limit. ZOOID_GONE, ZOOID_UNKNOWN: no such actor, or it serves no such operation.
//  ZOOID_DENIED: the principal lacks the scope, or may not be set. ZOOID_INVALID: the payload is larger than the
//  operation takes. -EINVAL: the arguments break `takes`. 0: queued, no more: one that breaks the operation's record is
//  a dead letter.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_tell (zooid_context_t *self, const zooid_call_t *call);
//  Queue a message, and go on with the answer. What a tell returns comes by the continuation: `overloaded`,
//  `unavailable`, `denied`, `too_large`; so do `invalid` with its violations, `deadline`, and all that the operation
//  fails with. ZOOID_FULL: this actor has as many asks open as it may (ZOOID_ASKS_MAX). -EINVAL: the arguments break
//  `takes`. Then nothing was sent, and the state is yours.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_ask (zooid_context_t *self, const zooid_call_t *call);

//  Asks, commits, snapshots and work that an actor may have open at once.
enum { ZOOID_ASKS_MAX = 65536 };

//  Decode a payload into *ret_value, its strings into the turn's arena. ZOOID_INVALID: it breaks the record.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_decode (zooid_context_t *self, const zooid_record_t *record, zooid_bytes_t payload, void *ret_value);

//  ---- publish and subscribe

//  To all who subscribed, encoded once; who has no room sheds it, as its subscription says. An event of the actor's own
//  contract; ZOOID_UNKNOWN: it declares none such. -EINVAL: the value breaks its record.
ZOOID_EXPORT int
    zooid_publish (zooid_context_t *self, const char *topic, const zooid_record_t *record, const void *value);
//  As above from msgpack, which is copied, and checked by those who receive it.
ZOOID_EXPORT int
    zooid_publish_payload (zooid_context_t *self, const char *topic, zooid_bytes_t payload);

//  A turn that an event began: zooid_message_name has its topic.
typedef int (zooid_event_fn) (zooid_context_t *self, void *state, const zooid_message_t *event);
//  A subscription made by code; ends with the actor's state. At most `limit` events wait, 0: 1024. They are handled as
//  `actor:NAME`. The state stays yours, and is to outlive it. ZOOID_INVALID: not a pattern.
ZOOID_EXPORT int
    zooid_subscribe (zooid_context_t *self, const char *pattern, zooid_overflow_t overflow, size_t limit,
                     zooid_event_fn *handler, void *state, uint64_t *ret_subscription);
//  No event of it is handled any more, those that wait are dead. One that has ended is no mistake.
ZOOID_EXPORT void
    zooid_unsubscribe (zooid_context_t *self, uint64_t subscription);
//  Events that it has shed so far because too many waited. 0: no such subscription.
ZOOID_EXPORT uint64_t
    zooid_subscription_dropped (const zooid_context_t *self, uint64_t subscription);

//  ---- timers

//  Run `handler` after delay_ms, then every period_ms; 0: once. Periods that were missed are not made up for. The state
//  is taken, and destroyed when the timer has ended, however it ends: it does with the actor's state. ret_timer may be
//  NULL.
ZOOID_EXPORT void
    zooid_timer_start (zooid_context_t *self, int64_t delay_ms, int64_t period_ms, zooid_turn_fn *handler, void *state,
                       zooid_destroy_fn *destroy, uint64_t *ret_timer);
//  End it, in its own turn too. One that has ended is no mistake.
ZOOID_EXPORT void
    zooid_timer_stop (zooid_context_t *self, uint64_t timer);

//  ---- descriptors

//  What a descriptor is ready for; one, or both together.
enum { ZOOID_READABLE = 1, ZOOID_WRITABLE = 2 };
//  A turn that a descriptor began. events: those of the watched ones that it is ready for.
typedef int (zooid_ready_fn) (zooid_context_t *self, void *state, int descriptor, unsigned events);
//  Call `handler` whenever the descriptor is ready for one of `events` (level-triggered; errors and hang-ups count as
//  both). It stays yours, and so does the state; unwatch it before you close it. A second watch of the same one changes
//  events, handler and state. Ends with the actor's state. < 0: epoll does not take it. -ENOTSUP: a virtual
//  environment.
ZOOID_EXPORT int
    zooid_watch (zooid_context_t *self, int descriptor, unsigned events, zooid_ready_fn *handler, void *state);
//  The handler is called no more. One that is not watched is no mistake.
ZOOID_EXPORT void
    zooid_unwatch (zooid_context_t *self, int descriptor);

//  ---- work that takes long, on the pool

//  On a thread of the pool; sees only the state, which nobody else does meanwhile. What it returns is yours to read.
typedef int (zooid_work_fn) (void *state);
//  The turn behind it, with what the work returned.
typedef int (zooid_worked_fn) (zooid_context_t *self, void *state, int result);
//  Run `work` on the pool, then `then` (NULL: nothing) in the actor, then destroy the state. If the actor stops or
//  restarts first, the work is done and only `destroy` follows. Two may run at once, in any order. ZOOID_FULL: the
//  pool's queue is at its bound, or as zooid_ask; nothing was taken.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_work (zooid_context_t *self, zooid_work_fn *work, zooid_worked_fn *then, void *state, zooid_destroy_fn *destroy);

//  ---- a port: how a thread that is not ours (a client library's callback) reaches an actor

//  Used by one thread at a time, any thread. It may outlive the actor, not the system.
typedef struct zooid_port zooid_port_t;
//  To this actor, its restarts included. Made in a turn.
ZOOID_EXPORT void
    zooid_port_new (zooid_port_t **self_p, zooid_context_t *self);
//  What was posted still runs. NULL is no mistake. [any]
ZOOID_EXPORT void
    zooid_port_destroy (zooid_port_t **self_p);
//  Run `handler` as a turn of the actor that made the port, then destroy the state; when the actor stops first, only
//  that. ZOOID_FULL: its mailbox is at its limit. ZOOID_GONE: it has stopped. Then the state is still yours. [any]
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_port_post (zooid_port_t *self, zooid_turn_fn *handler, void *state, zooid_destroy_fn *destroy);

//  ---- a loop that is not ours, for modules with .run

//  A library with an event loop of its own (libwebsockets) watches `zooid_loop_descriptor` there for reading
//  (level-triggered), and calls zooid_loop_turn when it is readable, and once before it first waits. Both belong to the
//  thread of .run.
typedef struct zooid_loop zooid_loop_t;
//  Readable when something waits, be it a message, a timer or a watched descriptor. Not to be read or closed.
ZOOID_EXPORT int
    zooid_loop_descriptor (const zooid_loop_t *self);
//  Handle what waits, at most `budget` messages. 0: nothing waits. ZOOID_MORE: the descriptor stays readable.
//  ZOOID_GONE: the actor is to end: return from .run.
ZOOID_EXPORT int
    zooid_loop_turn (zooid_loop_t *self, size_t budget);

//  ---- what is seen from outside

//  Write down that a message, or something that never became one, will not arrive: among the last dead letters of the
//  process (zooid_dead_letters). It is counted where a ledger of yours says so. `reason` is short: "bad_json". All is
//  copied, of the payload at most 4 KiB, of the detail 511 bytes.
ZOOID_EXPORT void
    zooid_dead_letter (zooid_context_t *self, const char *reason, const char *topic, zooid_bytes_t payload,
                       const char *format, ...) ZOOID_PRINTF (5, 6);

//  What an actor says of itself.
typedef enum { ZOOID_HEALTHY = 0, ZOOID_DEGRADED } zooid_health_t;
//  Healthy until said otherwise, and again at each start; `why` (copied; NULL: "") is shown by /health/ready.
ZOOID_EXPORT void
    zooid_health (zooid_context_t *self, zooid_health_t health, const char *why);

//  A ledger: in = handled + dead [reason] + in flight, where in flight is counted on its own.
typedef struct zooid_ledger zooid_ledger_t;
//  The actor's ledger of that name, made when first asked for, shown in /metrics as "NAME". It is the actor's, its
//  restarts included, and ends with it. At most 64 an actor: whoever asks for more is given the last.
ZOOID_EXPORT zooid_ledger_t *
    zooid_ledger (zooid_context_t *self, const char *name);
//  Something came in: it is in flight.
ZOOID_EXPORT void
    zooid_ledger_in (zooid_ledger_t *self);
//  One of those in flight was handled. That there is none is a defect, which ends the process, here and below.
ZOOID_EXPORT void
    zooid_ledger_handled (zooid_ledger_t *self);
//  One of those in flight will not be. reason: a constant; at most 8 different ones a ledger, the ninth and later count
//  as "other".
ZOOID_EXPORT void
    zooid_ledger_dead (zooid_ledger_t *self, const char *reason);
//  What a ledger says.
typedef struct {
    const char *name;                   //  Of the ledger
    uint64_t in, handled, in_flight;    //  Counted since the actor was spawned; in_flight: now
    size_t reason_count;                //  Of `dead`
    struct { const char *reason; uint64_t count; } dead [9];    //  By reason
} zooid_ledger_reading_t;
//  Read one of the actor's own. The texts are the ledger's.
ZOOID_EXPORT void
    zooid_ledger_read (const zooid_ledger_t *self, zooid_ledger_reading_t *ret_reading);

//  Set a number of the actor's own in /metrics, by a Prometheus name without the prefix `zooid_`. Texts are copied. At
//  most 64 an actor, counts included: what is more is not shown.
ZOOID_EXPORT void
    zooid_gauge (zooid_context_t *self, const char *name, const char *doc, double value);
//  Add to a number that only grows.
ZOOID_EXPORT void
    zooid_count (zooid_context_t *self, const char *name, const char *doc, uint64_t more);

#endif
