//  zooid/actor.h - what an actor can do while it handles a message
//
//  All calls belong to the thread that calls the handler, and are made from a turn: a handler, a continuation, a timer,
//  a watched descriptor, start, drain or stop. Calls that send encode before they return: arguments stay yours.
#ifndef ZOOID_ACTOR_H
#define ZOOID_ACTOR_H

#include <zooid/contract.h>

typedef void (zooid_destroy_fn) (void *state);
//  A turn of the actor's own that no message began.
typedef int (zooid_turn_fn) (zooid_context_t *self, void *state);

//  ---- itself

//  The actor's state: module.state_size zeroed bytes, made anew at each start.
ZOOID_EXPORT void *
    zooid_state (zooid_context_t *self);
ZOOID_EXPORT const char *
    zooid_name (const zooid_context_t *self);
ZOOID_EXPORT const char *
    zooid_node_name (const zooid_context_t *self);
ZOOID_EXPORT zooid_ref_t
    zooid_self (const zooid_context_t *self);
//  The record given at spawn, decoded; it lives as long as the actor.
ZOOID_EXPORT const void *
    zooid_settings (const zooid_context_t *self);
//  The folder that the node lends to this actor alone: its files. NULL: the node keeps nothing on disk.
ZOOID_EXPORT const char *
    zooid_folder (const zooid_context_t *self);
//  Memory that ends with the turn.
ZOOID_EXPORT zooid_arena_t *
    zooid_arena (zooid_context_t *self);

//  ---- time and chance: the environment's, so that a test can own them

//  Wall clock, ms UTC. Read once a turn.
ZOOID_EXPORT int64_t
    zooid_wall_ms (const zooid_context_t *self);
//  For durations only; counts time asleep. Read once a turn.
ZOOID_EXPORT int64_t
    zooid_monotonic_ms (const zooid_context_t *self);
ZOOID_EXPORT void
    zooid_random (zooid_context_t *self, void *ret_data, size_t size);
enum { ZOOID_ID_SIZE = 37 };
//  A new UUIDv7.
ZOOID_EXPORT void
    zooid_id (zooid_context_t *self, char ret_text [ZOOID_ID_SIZE]);

//  ---- the message of this turn

//  NULL in a turn that no message began. Borrowed until the turn ends.
ZOOID_EXPORT const zooid_message_t *
    zooid_message (const zooid_context_t *self);
//  Whoever this turn is done for: the message's principal, else the actor itself. Borrowed until the turn ends.
ZOOID_EXPORT const zooid_principal_t *
    zooid_principal (const zooid_context_t *self);

//  Answer the ask of this turn; at a tell nothing happens. NULL: an empty reply. An ask is answered once: a second
//  answer is -EALREADY, a value that breaks its record -EINVAL.
ZOOID_EXPORT int
    zooid_reply (zooid_context_t *self, const zooid_record_t *record, const void *value);
//  Answer with a failure by name: one of the operation's own or of the kinds. The detail is for the caller to read.
//  Returns 0, so that a handler can `return zooid_fail (...)`.
ZOOID_EXPORT int
    zooid_fail (zooid_context_t *self, const char *name, const char *format, ...) ZOOID_PRINTF (3, 4);

//  To answer later, take the request with you. Move-only; destroyed unanswered it replies `internal`. From a tell one
//  is made too, and answers nobody.
typedef struct zooid_request zooid_request_t;
ZOOID_EXPORT zooid_request_t *
    zooid_request_take (zooid_context_t *self);
//  Answered, and *request_p NULL, whatever is returned; -EINVAL replies `internal`. In any turn of the actor that took it.
ZOOID_EXPORT int
    zooid_request_reply (zooid_context_t *self, zooid_request_t **request_p, const zooid_record_t *record, const void *value);
ZOOID_EXPORT int
    zooid_request_fail (zooid_context_t *self, zooid_request_t **request_p, const char *name, const char *format, ...)
        ZOOID_PRINTF (4, 5);
//  Pass on a reply or failure as it came.
typedef struct zooid_outcome zooid_outcome_t;
ZOOID_EXPORT int
    zooid_request_forward (zooid_context_t *self, zooid_request_t **request_p, const zooid_outcome_t *outcome);
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

//  Other handlers for operations of the contract.
typedef struct {
    const char *operation;          //  As the contract's table has it
    zooid_handler_fn *handler;
} zooid_case_t;
typedef enum {
    ZOOID_OTHERS_AS_EVER = 0,       //  By the contract's handler
    ZOOID_OTHERS_STASH,             //  Put aside
    ZOOID_OTHERS_REFUSE,            //  `unavailable`
} zooid_others_t;
typedef struct {
    const zooid_case_t *cases;
    size_t case_count;
    zooid_others_t others;          //  What becomes of operations that no case names
} zooid_behavior_t;
#define ZOOID_CASES(table) .cases = (table), .case_count = ZOOID_COUNT (table)
//  From the next message on. Referenced until the next call, or a restart, which begins with the contract's handlers again.
//  NULL: those of the contract.
ZOOID_EXPORT void
    zooid_become (zooid_context_t *self, const zooid_behavior_t *behavior);

//  ---- tell and ask

struct zooid_outcome {
    const char *failure;            //  NULL: it succeeded. Else a failure's name
    zooid_failure_kind_t kind;      //  Of the failure
    const char *detail;             //  Of the failure; "" when there is none
    zooid_bytes_t payload;          //  Of the reply, or of a failure: the violations as msgpack [{pointer, code, detail}]
    const zooid_message_t *message; //  NULL where none came (deadline, gone)
};

//  What an ask, a commit or a snapshot is followed by. Runs exactly once, in the actor, with reply, failure or deadline.
//  If the actor stops or restarts first, only `destroy` runs. `state` is destroyed after it.
typedef int (zooid_continuation_fn) (zooid_context_t *self, void *state, const zooid_outcome_t *outcome);

typedef struct {
    const char *operation;          //  Full name
    zooid_ref_t to;                 //  Nobody: whoever serves the operation
    const zooid_record_t *takes;    //  How `arguments` is encoded: your own table of the fields that you give
    const void *arguments;
    zooid_bytes_t payload;          //  Instead of arguments: msgpack, copied
    bool as_self;                   //  With the actor's own grants, not those of the principal of this turn
    const zooid_principal_t *principal;     //  On behalf of; for modules that the topology grants it
    const zooid_identity_t *identity;
    const zooid_trace_t *trace;     //  NULL: that of this turn
    //  An ask's alone:
    int64_t deadline_ms;            //  From now; 0: the operation's
    zooid_continuation_fn *then;
    void *state;                    //  Taken when the call returns 0
    zooid_destroy_fn *destroy;      //  NULL: the state needs none
} zooid_call_t;

//  ZOOID_FULL: its mailbox is at its limit. ZOOID_GONE, ZOOID_UNKNOWN: no such actor, operation. ZOOID_DENIED: the
//  principal lacks the scope. ZOOID_INVALID: the payload is larger than the operation takes. 0: queued, no more: one that
//  breaks the operation's record is a dead letter.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_tell (zooid_context_t *self, const zooid_call_t *call);
//  Every failure but one comes by the continuation. ZOOID_FULL: this actor has as many asks open as it may
//  (ZOOID_ASKS_MAX): nothing was sent, the state is yours.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_ask (zooid_context_t *self, const zooid_call_t *call);

enum { ZOOID_ASKS_MAX = 65536 };

//  Decode a payload into the turn's arena. ZOOID_INVALID: it breaks the record.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_decode (zooid_context_t *self, const zooid_record_t *record, zooid_bytes_t payload, void *ret_value);

//  ---- publish and subscribe

//  To all who subscribed, encoded once. An event of the actor's own contract; ZOOID_UNKNOWN: it declares none such.
ZOOID_EXPORT int
    zooid_publish (zooid_context_t *self, const char *topic, const zooid_record_t *record, const void *value);
//  As above from msgpack, which is copied.
ZOOID_EXPORT int
    zooid_publish_payload (zooid_context_t *self, const char *topic, zooid_bytes_t payload);

typedef int (zooid_event_fn) (zooid_context_t *self, void *state, const zooid_message_t *event);
//  A subscription made by code; ends with the actor. Its events run as `actor:NAME`. ZOOID_INVALID: not a pattern.
ZOOID_EXPORT int
    zooid_subscribe (zooid_context_t *self, const char *pattern, zooid_overflow_t overflow, size_t limit,
                     zooid_event_fn *handler, void *state, uint64_t *ret_subscription);
ZOOID_EXPORT void
    zooid_unsubscribe (zooid_context_t *self, uint64_t subscription);
//  Events that it has shed so far because too many waited. 0: no such subscription.
ZOOID_EXPORT uint64_t
    zooid_subscription_dropped (const zooid_context_t *self, uint64_t subscription);

//  ---- timers

//  period_ms 0: once. The state is destroyed when the timer has ended, however it ends. *ret_timer may be NULL.
ZOOID_EXPORT void
    zooid_timer_start (zooid_context_t *self, int64_t delay_ms, int64_t period_ms, zooid_turn_fn *handler, void *state,
                       zooid_destroy_fn *destroy, uint64_t *ret_timer);
//  One that has ended is no mistake.
ZOOID_EXPORT void
    zooid_timer_stop (zooid_context_t *self, uint64_t timer);

//  ---- descriptors

enum { ZOOID_READABLE = 1, ZOOID_WRITABLE = 2 };
typedef int (zooid_ready_fn) (zooid_context_t *self, void *state, int descriptor, unsigned events);
//  Call `handler` whenever the descriptor is ready for one of `events` (level-triggered; errors and hang-ups count as
//  both). It stays yours; unwatch it before you close it. A second watch of the same one changes events and handler.
ZOOID_EXPORT int
    zooid_watch (zooid_context_t *self, int descriptor, unsigned events, zooid_ready_fn *handler, void *state);
ZOOID_EXPORT void
    zooid_unwatch (zooid_context_t *self, int descriptor);

//  ---- work that takes long, on the pool

//  On a thread of the pool; sees only the state, which nobody else does meanwhile.
typedef int (zooid_work_fn) (void *state);
typedef int (zooid_worked_fn) (zooid_context_t *self, void *state, int result);
//  `then` runs in the actor with what `work` returned. ZOOID_FULL: the pool's queue is at its bound, nothing was taken.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_work (zooid_context_t *self, zooid_work_fn *work, zooid_worked_fn *then, void *state, zooid_destroy_fn *destroy);

//  ---- a port: how a thread that is not ours (a client library's callback) reaches an actor

typedef struct zooid_port zooid_port_t;
//  Made in a turn, then used by one thread at a time, any thread.
ZOOID_EXPORT void
    zooid_port_new (zooid_port_t **self_p, zooid_context_t *self);
ZOOID_EXPORT void
    zooid_port_destroy (zooid_port_t **self_p);
//  Run `handler` as a turn of the actor that made the port. ZOOID_FULL, ZOOID_GONE: the state is still yours. [any]
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_port_post (zooid_port_t *self, zooid_turn_fn *handler, void *state, zooid_destroy_fn *destroy);

//  ---- a loop that is not ours, for modules with .run

//  A library with an event loop of its own (libwebsockets) watches `zooid_loop_descriptor` there for reading
//  (level-triggered), and calls zooid_loop_turn when it is readable, and once before it first waits.
typedef struct zooid_loop zooid_loop_t;
ZOOID_EXPORT int
    zooid_loop_descriptor (const zooid_loop_t *self);
//  Handle what waits, at most `budget` messages. 0: nothing waits. ZOOID_MORE: the descriptor stays readable.
//  ZOOID_GONE: the actor is to end: return from .run.
ZOOID_EXPORT int
    zooid_loop_turn (zooid_loop_t *self, size_t budget);

//  ---- what is seen from outside

//  Write down that a message, or something that never became one, will not arrive. Counted by reason; the last ones
//  are kept to be looked at. `reason` is a short constant: "bad_json". Payload: at most 4 KiB of it are kept.
ZOOID_EXPORT void
    zooid_dead_letter (zooid_context_t *self, const char *reason, const char *topic, zooid_bytes_t payload,
                       const char *format, ...) ZOOID_PRINTF (5, 6);

//  Healthy until said otherwise; `why` is shown by /health/ready.
typedef enum { ZOOID_HEALTHY = 0, ZOOID_DEGRADED } zooid_health_t;
ZOOID_EXPORT void
    zooid_health (zooid_context_t *self, zooid_health_t health, const char *why);

//  A ledger: in = handled + dead [reason] + in flight, where in flight is counted on its own. Owned by the actor and
//  shown in /metrics as "NAME". At most 64 an actor; lives until the actor stops.
typedef struct zooid_ledger zooid_ledger_t;
ZOOID_EXPORT zooid_ledger_t *
    zooid_ledger (zooid_context_t *self, const char *name);
ZOOID_EXPORT void
    zooid_ledger_in (zooid_ledger_t *self);
ZOOID_EXPORT void
    zooid_ledger_handled (zooid_ledger_t *self);
//  reason: a constant; at most 8 different ones a ledger, the ninth and later count as "other".
ZOOID_EXPORT void
    zooid_ledger_dead (zooid_ledger_t *self, const char *reason);
typedef struct {
    const char *name;
    uint64_t in, handled, in_flight;
    size_t reason_count;
    struct { const char *reason; uint64_t count; } dead [9];
} zooid_ledger_reading_t;
ZOOID_EXPORT void
    zooid_ledger_read (const zooid_ledger_t *self, zooid_ledger_reading_t *ret_reading);

//  A number of the actor's own in /metrics, by a Prometheus name without the prefix `zooid_`; set or added to.
ZOOID_EXPORT void
    zooid_gauge (zooid_context_t *self, const char *name, const char *doc, double value);
ZOOID_EXPORT void
    zooid_count (zooid_context_t *self, const char *name, const char *doc, uint64_t more);

#endif
