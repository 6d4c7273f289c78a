//  store.h - the store of one node: what runtime/node does with it
//
//      store_new -> store_migrate, store_attach for each actor -> (the actors run) -> zooid_system_stop -> store_stop
//      -> zooid_system_destroy -> store_destroy
//
//  One SQLite file, one connection that does all writes and all checkpoints. What actors see of it is zooid/store.h.
#ifndef STORE_H
#define STORE_H

#include <zooid/module.h>
#include <zooid/system.h>

typedef struct store store_t;

typedef struct {
    const char *path;               //  Of the file: var/NODE/store.sqlite. Made when it is not there, its folder is not
    zooid_system_t *system;         //  Its workers, its wall clock. Must live until store_stop has returned
    zooid_environment_t environment;    //  Of that system. ZOOID_VIRTUAL: nothing here waits for real time
    size_t queue_limit;             //  Commits that may wait, and snapshots; 0: STORE_QUEUE_LIMIT
    size_t readers;                 //  Connections for snapshots, a worker each; 0: STORE_READERS
    int64_t retention_ms;           //  How long an identity is remembered; 0: STORE_RETENTION_MS
    size_t identity_limit;          //  How many are remembered, the oldest forgotten first; 0: STORE_IDENTITY_LIMIT
    unsigned free_floor_percent;    //  Less of the disk free: durable work is refused; 0: STORE_FREE_FLOOR_PERCENT
    unsigned group_limit;           //  Jobs of one commit; 0: STORE_GROUP_LIMIT. 1: no group commit
    int64_t group_wait_us;          //  The longest that a commit waits for company; 0: STORE_GROUP_WAIT_US. < 0: never
    const char *vfs;                //  Name of a registered sqlite3_vfs; NULL: SQLite's own
} store_options_t;

enum {
    STORE_QUEUE_LIMIT = 8192,
    STORE_READERS = 2,
    STORE_RETENTION_MS = 7 * 24 * 3600 * 1000,
    STORE_IDENTITY_LIMIT = 1000000,
    STORE_FREE_FLOOR_PERCENT = 5,
    STORE_GROUP_LIMIT = 256,
    STORE_GROUP_WAIT_US = 2000,
    STORE_ID_SIZE = 16,
};

//  Open the file, recover what a crash left, bring the store's own tables up to date, start the workers.
//  ZOOID_INVALID: *ret_why, in the arena, says what is wrong with the file (no such folder, not a database, a schema
//  that is newer, a setting that did not hold).
int
    store_new (store_t **self_p, const store_options_t *options, zooid_arena_t *arena, const char **ret_why);
//  Bring a module's tables up to date. Before its actor is spawned. ZOOID_INVALID: *ret_why, in the arena.
int
    store_migrate (store_t *self, const zooid_module_t *module, zooid_arena_t *arena, const char **ret_why);

//  What zooid_spawn_t.attachment points at. A host that keeps more with an actor embeds one first in a struct of its
//  own. store NULL: the node has none, and every call of zooid/store.h is -ENODEV; so it is when the attachment is
//  NULL.
typedef struct {
    store_t *store;
    const zooid_module_t *module;
} store_attachment_t;
//  One that the store keeps until store_destroy.
store_attachment_t *
    store_attach (store_t *self, const zooid_module_t *module);

//  Finish what waits, checkpoint, close the file. Afterwards every call of an actor is -ENODEV. Once is enough.
void
    store_stop (store_t *self);
//  Stops it first when nobody did. No actor that was given an attachment may be left.
void
    store_destroy (store_t **self_p);

//  The random name of this data, made with the file.
void
    store_id (const store_t *self, uint8_t ret_id [STORE_ID_SIZE]);

//  Between two commits: given = committed + refused + faulted + waiting. [any]
typedef struct {
    uint64_t given;             //  Commits taken
    uint64_t committed;         //  Answered after their fsync
    uint64_t refused;           //  Rolled back by an outcome, or for want of space
    uint64_t faulted;           //  Rolled back by a fault
    uint64_t waiting;           //  Counted on its own
    uint64_t full;              //  Never taken
    uint64_t groups;            //  Commits of the file
    uint64_t snapshots;         //  Queries done
    uint64_t identities;        //  Remembered
    uint64_t log_pages;         //  Of the write-ahead log
    uint64_t sync_us;           //  The last commit of the file took so long
} store_figures_t;
void
    store_figures (const store_t *self, store_figures_t *ret_figures);

#endif
