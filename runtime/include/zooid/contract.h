//  zooid/contract.h - what an actor offers: constant tables beside its code
//
//  From a contract the runtime encodes, checks and guards; the gateway makes routes and their descriptions. Tables are
//  referenced for ever: they are constants of a module that is never unloaded. All calls are [any].
#ifndef ZOOID_CONTRACT_H
#define ZOOID_CONTRACT_H

#include <zooid/message.h>

//  An actor, in its own turn: what it can do then is in zooid/actor.h.
typedef struct zooid_context zooid_context_t;

//  ---- failures: what can go wrong, by name

//  The kinds, each with the HTTP status that it becomes. Their names in lower case ("not_found") can be used by every
//  operation; a contract names others of its own, each of one of these kinds.
typedef enum {
    ZOOID_FAILURE_INVALID = 1,      //  422 a field breaks its rules
    ZOOID_FAILURE_MALFORMED,        //  400 cannot be parsed
    ZOOID_FAILURE_UNAUTHENTICATED,  //  401 who asks is not known, or not any more
    ZOOID_FAILURE_DENIED,           //  403 who asks may not
    ZOOID_FAILURE_NOT_FOUND,        //  404 no such thing
    ZOOID_FAILURE_CONFLICT,         //  409 it does not go with what is there
    ZOOID_FAILURE_PRECONDITION,     //  412 it has changed meanwhile
    ZOOID_FAILURE_TOO_LARGE,        //  413 more bytes than are taken
    ZOOID_FAILURE_RATE_LIMITED,     //  429 too often
    ZOOID_FAILURE_INTERNAL,         //  500 a defect: the log has more
    ZOOID_FAILURE_OVERLOADED,       //  503 a bound is reached: try again
    ZOOID_FAILURE_UNAVAILABLE,      //  503 what is needed is away: try again
    ZOOID_FAILURE_NO_SPACE,         //  507 the disk is full
    ZOOID_FAILURE_DEADLINE,         //  504 no answer in time
    ZOOID_FAILURE_OUTCOME_UNKNOWN,  //  504 it may or may not have happened
} zooid_failure_kind_t;

//  A failure of an operation's own.
typedef struct {
    const char *name;               //  snake_case: "device_unknown". That of a kind gives the kind another doc
    zooid_failure_kind_t kind;      //  What it is to those who do not know the name
    const char *doc;                //  When it comes, for those who read descriptions
} zooid_failure_t;

//  The name of a kind: "not_found". "internal" of what is none.
ZOOID_EXPORT const char *
    zooid_failure_kind_name (zooid_failure_kind_t kind);
//  The kind that has the name. ZOOID_FAILURE_INTERNAL when none has.
ZOOID_EXPORT zooid_failure_kind_t
    zooid_failure_kind (const char *name);

//  ---- operations

//  A command may change something, a query does not. A stream is refused when its actor is spawned: this version of the
//  runtime has none.
typedef enum { ZOOID_COMMAND = 1, ZOOID_QUERY, ZOOID_STREAM } zooid_operation_kind_t;

//  One message, handled in one turn, in which nothing waits. `arguments` is the decoded struct of .takes (NULL without
//  one); it and its strings end with the turn. The caller's mistakes are answered with zooid_fail, and the handler
//  returns 0. A negative return is a defect or a lost resource: the asker gets `internal`, the supervisor acts.
typedef int (zooid_handler_fn) (zooid_context_t *self, const void *arguments);

//  A row of a contract's table of operations.
typedef struct {
    const char *name;               //  "content.create": the contract's name, a dot, the verb in snake_case
    zooid_operation_kind_t kind;    //  A query may be a GET
    const zooid_record_t *takes;    //  NULL: nothing
    const zooid_record_t *gives;    //  NULL: an empty reply when the handler returns
    const char *scope;              //  What the principal needs; "public": nothing. There is no default
    const char *http;               //  "POST /api/content", "GET /api/devices/{device}"; NULL: not served. `@` is the actor's name
    const zooid_failure_t *fails;   //  Beside the kinds' own names
    size_t fail_count;              //  Its rows; ZOOID_FAILS gives both
    int64_t deadline_ms;            //  An ask that gives none has this one; 0: 5000
    size_t body_max;                //  Bytes of the arguments, encoded; 0: 1 MiB, at most 64 MiB
    bool exclusive;                 //  No other message is handled until it is answered and what it asked has come back
    zooid_handler_fn *handler;      //  What is done
    const char *doc;                //  What it does, for those who read descriptions
} zooid_operation_t;

//  ---- events and subscriptions

//  Topics are dotted names: "iot.telemetry.d1". In a declaration {name} stands for one segment; in a subscription `*`
//  stands for one segment and `>`, at the end, for one or more.
typedef struct {
    const char *topic;              //  "iot.telemetry.{device}": words and {names}, that fall under no other row
    const zooid_record_t *carries;  //  Its payload
    const char *scope;              //  What a principal needs to be shown it; "public": nothing
    bool durable;                   //  Kept until every durable subscriber has it. Refused at spawn: this version has none
    const char *doc;                //  What happened, for those who read descriptions
} zooid_event_t;

//  What happens to an event when the subscriber has `limit` of them waiting: the oldest is shed as its turn comes, or
//  the new one is. At twice the limit, and when the mailbox is full, it is always the new one. Every drop is counted.
typedef enum { ZOOID_DROP_OLDEST = 0, ZOOID_DROP_NEW } zooid_overflow_t;

//  A row of a contract's table of subscriptions: made when the actor is spawned, it ends with it. Its events are
//  handled as `actor:NAME`.
typedef struct {
    const char *topic;              //  A pattern
    const zooid_record_t *carries;  //  What the handler is given; NULL: it reads the message itself (zooid_message)
    zooid_handler_fn *handler;      //  What is done with it
    zooid_overflow_t overflow;      //  What goes when more wait than `limit`
    size_t limit;                   //  Events waiting at once; 0: 1024
    const char *doc;                //  What for
} zooid_subscription_t;

//  ---- the whole

//  A job that the gateway needs done and finds by this name, never by the actor's.
typedef struct {
    const char *role;               //  "identity.keys", "identity.tickets", "inbox"
    const char *operation;          //  Name of a row of this contract
} zooid_role_t;

//  Everything that an actor offers. Each table with its count is given by the macro below that has its name.
typedef struct {
    const char *name;               //  First segment of its operations. An actor of another name has its own there
    const zooid_operation_t *operations;        //  What it can be asked and told
    size_t operation_count;                     //  Rows
    const zooid_event_t *events;                //  What it publishes
    size_t event_count;                         //  Rows
    const zooid_subscription_t *subscriptions;  //  What it is sent of others' events
    size_t subscription_count;                  //  Rows
    const zooid_role_t *roles;                  //  Jobs that it does for the gateway
    size_t role_count;                          //  Rows
    const char *doc;                            //  What it is, for those who read descriptions
} zooid_contract_t;

//  A table and its count, as members of a contract, or of an operation (ZOOID_FAILS). The table stands in sight.
#define ZOOID_OPERATIONS(table)    .operations = (table), .operation_count = ZOOID_COUNT (table)
#define ZOOID_EVENTS(table)        .events = (table), .event_count = ZOOID_COUNT (table)
#define ZOOID_SUBSCRIPTIONS(table) .subscriptions = (table), .subscription_count = ZOOID_COUNT (table)
#define ZOOID_ROLES(table)         .roles = (table), .role_count = ZOOID_COUNT (table)
#define ZOOID_FAILS(table)         .fails = (table), .fail_count = ZOOID_COUNT (table)

//  Is the contract sound? ZOOID_INVALID: *ret_why (NULL: not wanted), in the arena, names the row and what is wrong
//  with it.
ZOOID_EXPORT int
    zooid_contract_check (const zooid_contract_t *contract, zooid_arena_t *arena, const char **ret_why);

//  Does `topic` fall under `pattern` (`*`, `>`, and {name} as `*`)?
ZOOID_EXPORT bool
    zooid_topic_matches (const char *pattern, const char *topic);
//  Can one topic fall under both patterns?
ZOOID_EXPORT bool
    zooid_topic_overlaps (const char *pattern, const char *other);
//  Is it a name of 1 to 255 bytes in dotted segments of [A-Za-z0-9_-]? NULL is none.
ZOOID_EXPORT bool
    zooid_topic_is_name (const char *topic);
//  The same of a pattern, whose segments may also be `*`, {name} and, the last one, `>`.
ZOOID_EXPORT bool
    zooid_topic_is_pattern (const char *topic);

#endif
