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

typedef struct {
    uint32_t abi;
    uint32_t module_size, operation_size, event_size, subscription_size, field_size, record_size, migration_size, subcommand_size;
} zooid_module_header_t;

//  A subcommand of `zooid` that a module brings. argv [0] is its name. Returns an exit code: 0 done, 1 failed, 2 bad usage.
typedef struct {
    const char *name;
    const char *doc;        //  First line: what it does. The rest: its usage
    int (*run) (int argc, char **argv);
} zooid_subcommand_t;

//  What the actors of a topology offer together, before any of them runs.
typedef struct {
    void *state;
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

typedef struct {
    zooid_strategy_t strategy;
    int64_t backoff_ms;         //  The first pause; 0: 100
    int64_t backoff_max_ms;     //  0: 10000
    uint32_t restarts;          //  At most so many; 0: 10
    int64_t within_ms;          //  in so long; 0: 60000
} zooid_supervision_t;

typedef struct {
    zooid_module_header_t header;   //  ZOOID_MODULE_HEADER
    const char *name;
    const char *version;
    const char *doc;
    const zooid_contract_t *contract;
    const zooid_record_t *settings;     //  What the topology may say under the actor's name; NULL: nothing
    //  What no record can say of the settings: add it to `violations`, with a pointer to the field ("/routes/door/from").
    //  Called before anything starts, by `zooid check` too, on any thread. Optional.
    void (*check) (const void *settings, zooid_arena_t *arena, zooid_violations_t *violations);
    //  The same for settings that name operations of other actors: does one offer them, and would it take what is sent?
    //  Called behind `check`, when all modules are known. Optional.
    void (*check_calls) (const void *settings, const zooid_offers_t *offers, zooid_arena_t *arena,
                         zooid_violations_t *violations);
    size_t state_size;
    //  Make the state. A negative return is a fault: the supervisor tries again, later. `settings` lives on.
    int (*start) (zooid_context_t *self, const void *settings);
    //  Told once that the node is about to stop: take nothing new from outside; what is under way goes on. Optional.
    void (*drain) (zooid_context_t *self);
    //  Give back what the state holds. After a start that failed too. Optional.
    void (*stop) (zooid_context_t *self);
    //  The actor brings the loop of its thread. Returns when zooid_loop_turn says ZOOID_GONE. Optional.
    int (*run) (zooid_context_t *self, zooid_loop_t *loop);
    const zooid_migration_t *migrations;
    size_t migration_count;
    const zooid_subcommand_t *subcommands;
    size_t subcommand_count;
    zooid_supervision_t children;       //  How it supervises the actors that it spawns
    size_t mailbox_limit;               //  Messages; 0: 65536
    size_t mailbox_bytes;               //  0: 64 MiB
} zooid_module_t;

#define ZOOID_MODULE_HEADER                                                                                     \
    .header = { ZOOID_ABI, sizeof (zooid_module_t), sizeof (zooid_operation_t), sizeof (zooid_event_t),         \
                sizeof (zooid_subscription_t), sizeof (zooid_field_t), sizeof (zooid_record_t),                 \
                sizeof (zooid_migration_t), sizeof (zooid_subcommand_t) }
#define ZOOID_MIGRATIONS(table)  .migrations = (table), .migration_count = ZOOID_COUNT (table)
#define ZOOID_SUBCOMMANDS(table) .subcommands = (table), .subcommand_count = ZOOID_COUNT (table)

//  Was it built for this runtime? ZOOID_INVALID: *ret_why (static) says what differs. [any]
ZOOID_EXPORT int
    zooid_module_check (const zooid_module_t *module, const char **ret_why);

#endif
