//  zooid/module.h - what a module (an actor, a bridge, the gateway) hands to the runtime: one constant descriptor
//
//      ZOOID_EXPORT const zooid_module_t zooid_module_iot = {
//          ZOOID_MODULE_HEADER, .name = "iot", .version = "1.0.0", .doc = "Devices and their telemetry.",
//          .contract = &contract, .settings = &settings, .state_size = sizeof (iot_t),
//          .start = iot_start, .stop = iot_stop, ZOOID_MIGRATIONS (migrations),
//      };
//
//  The library is libzooid_NAME.so and exports zooid_module_NAME (`-` becomes `_` in the symbol). It is opened
//  RTLD_NOW | RTLD_LOCAL and never closed. A program that links a module statically names the descriptor itself.
#ifndef ZOOID_MODULE_H
#define ZOOID_MODULE_H

#include <zooid/contract.h>
#include <zooid/store.h>

//  Grows when a row of any table changes its meaning or its place.
enum { ZOOID_ABI = 1 };

//  What a module was built against. Made by ZOOID_MODULE_HEADER.
typedef struct {
    uint32_t abi;           //  ZOOID_ABI
    uint32_t module_size, operation_size, event_size, subscription_size, field_size, record_size, migration_size, subcommand_size;  //  Of a row
} zooid_module_header_t;

//  A subcommand of `zooid` that a module brings.
typedef struct {
    const char *name;       //  One that `zooid` has itself comes first
    const char *doc;        //  First line: what it does. The rest: its usage
    int (*run) (int argc, char **argv);     //  argv [0] is its name. Returns an exit code: 0 done, 1 failed, 2 bad usage
} zooid_subcommand_t;

//  What the actors of a topology offer together, before any of them runs.
typedef struct {
    void *state;            //  The runtime's: first argument of `operation`
    //  The operation of that full name. ZOOID_UNKNOWN: no actor offers it; *ret_nearest is the one that was probably
    //  meant, or NULL. ZOOID_MORE: an actor of another node may offer it, whose module is not here to be asked.
    int (*operation) (void *state, const char *name, const zooid_operation_t **ret_operation, const char **ret_nearest);
} zooid_offers_t;

//  What happens when an actor faults. It is restarted after a pause that doubles, with jitter; when there were too many
//  restarts in a while, whoever supervises it faults in its place: its parent, or the node.
typedef enum {
    ZOOID_ONE_FOR_ONE = 0,      //  The child that faulted is restarted
    ZOOID_ONE_FOR_ALL,          //  All children are
    ZOOID_REST_FOR_ONE,         //  It and those that were spawned after it are
} zooid_strategy_t;

//  How those who are supervised are restarted. All 0: the defaults.
typedef struct {
    zooid_strategy_t strategy;  //  Who is restarted with whom
    int64_t backoff_ms;         //  The first pause; 0: 100
    int64_t backoff_max_ms;     //  The longest; 0: 10000
    uint32_t restarts;          //  At most so many; 0: 10
    int64_t within_ms;          //  in so long; 0: 60000
} zooid_supervision_t;

//  The descriptor. What is optional may be left out.
typedef struct {
    zooid_module_header_t header;       //  ZOOID_MODULE_HEADER
    const char *name;                   //  That of its library; its tables in the store begin with it
    const char *version;                //  Its own, shown to people
    const char *doc;                    //  What it is, in a sentence
    const zooid_contract_t *contract;   //  What its actors offer
    const zooid_record_t *settings;     //  What the topology may say under the actor's name; NULL: nothing
    //  What no record can say of the settings: add it to `violations`, with a pointer to the field
    //  ("/routes/door/from"). Called before anything starts, by `zooid check` too, on any thread, and again as the
    //  actor is spawned. Optional.
    void (*check) (const void *settings, zooid_arena_t *arena, zooid_violations_t *violations);
    //  The same for settings that name operations of other actors: does one offer them, and would it take what is sent?
    //  Called behind `check`, when all modules are known. Optional.
    void (*check_calls) (const void *settings, const zooid_offers_t *offers, zooid_arena_t *arena,
                         zooid_violations_t *violations);
    size_t state_size;                  //  Bytes of zooid_state
    //  Make the state, which is zeroed. A negative return is a fault: the supervisor tries again, later. `settings`
    //  (NULL: there are none) live as long as the actor. Optional.
    int (*start) (zooid_context_t *self, const void *settings);
    //  Told once that the node is about to stop: take nothing new from outside; what is under way goes on. Optional.
    void (*drain) (zooid_context_t *self);
    //  Give back what the state holds. After a start that failed too. Optional.
    void (*stop) (zooid_context_t *self);
    //  The actor brings the loop of its thread, which it shares with no other. Returns when zooid_loop_turn says
    //  ZOOID_GONE, what it then returns is not looked at; earlier is a fault. Optional.
    int (*run) (zooid_context_t *self, zooid_loop_t *loop);
    const zooid_migration_t *migrations;        //  Of its tables in the store
    size_t migration_count;                     //  Rows; ZOOID_MIGRATIONS gives both
    const zooid_subcommand_t *subcommands;      //  Of `zooid`
    size_t subcommand_count;                    //  Rows; ZOOID_SUBCOMMANDS gives both
    zooid_supervision_t children;       //  How it supervises the actors that it spawns
    size_t mailbox_limit;               //  Messages that may wait; 0: 65536
    size_t mailbox_bytes;               //  And their bytes; 0: 64 MiB
} zooid_module_t;

//  First in a descriptor: the versions and sizes of these headers.
#define ZOOID_MODULE_HEADER                                                                                     \
    .header = { ZOOID_ABI, sizeof (zooid_module_t), sizeof (zooid_operation_t), sizeof (zooid_event_t),         \
                sizeof (zooid_subscription_t), sizeof (zooid_field_t), sizeof (zooid_record_t),                 \
                sizeof (zooid_migration_t), sizeof (zooid_subcommand_t) }
//  A table and its count, as members of a descriptor. The table stands in sight.
#define ZOOID_MIGRATIONS(table)  .migrations = (table), .migration_count = ZOOID_COUNT (table)
#define ZOOID_SUBCOMMANDS(table) .subcommands = (table), .subcommand_count = ZOOID_COUNT (table)

//  Was it built for this runtime, and is it whole? ZOOID_INVALID: *ret_why (static) says what differs or lacks. [any]
ZOOID_EXPORT int
    zooid_module_check (const zooid_module_t *module, const char **ret_why);

#endif
