//  zooid/system.h - a system of actors: dispatchers, names, subscriptions and the environment that they run in
//
//  What a node is built of, and what a test of actors needs. Calls are made by the thread that made the system, unless
//  marked [any].
#ifndef ZOOID_SYSTEM_H
#define ZOOID_SYSTEM_H

#include <zooid/directory.h>

typedef struct zooid_system zooid_system_t;

//  Where time, chance, threads and transport come from.
typedef enum {
    ZOOID_REAL = 0,
    ZOOID_VIRTUAL,      //  One thread, one seed, virtual time: zooid_system_run drives it. The same seed, the same run
} zooid_environment_t;

typedef struct {
    zooid_environment_t environment;
    uint64_t seed;              //  Of a virtual environment
    size_t pool_threads;        //  0: 2
    bool wire;                  //  Encode and decode every message between actors (also: variable ZOOID_WIRE=1)
    size_t dead_letters;        //  Kept to be looked at; 0: 1024
    int64_t overrun_ms;         //  A handler that takes longer is logged and its actor degraded for a minute; 0: 1000
    int64_t hang_ms;            //  One that takes longer ends the process, for whoever runs it to begin again; 0: 30000
} zooid_system_options_t;

ZOOID_EXPORT int
    zooid_system_new (zooid_system_t **self_p, const zooid_system_options_t *options);
//  Stops what still runs, at once.
ZOOID_EXPORT void
    zooid_system_destroy (zooid_system_t **self_p);

typedef struct {
    const char *name;               //  [a-z][a-z0-9_]{0,62}, one of its kind in the system
    const char *node;               //  NULL: "local"
    const char *dispatcher;         //  Actors of the same one share a thread; NULL: one of its own
    const zooid_module_t *module;
    zooid_bytes_t settings;         //  msgpack of the module's settings; empty: all initial values
    const char *const *scopes;      //  The actor's own grants
    size_t scope_count;
    bool sets_principal;            //  May name a principal other than itself (gateway, bridges)
    const char *folder;             //  NULL: none
    void *attachment;               //  What the host keeps with it; zooid_attachment gives it back
    zooid_supervision_t supervision;    //  By the node; the strategy is one for one
} zooid_spawn_t;

//  Everything is copied but module and attachment. The actor starts on its dispatcher, soon; its name is taken at once.
//  ZOOID_INVALID: *ret_why (in the arena) says what is wrong with name, contract or settings.
ZOOID_EXPORT int
    zooid_system_spawn (zooid_system_t *self, const zooid_spawn_t *spawn, zooid_arena_t *arena, const char **ret_why, zooid_ref_t *ret_ref);

//  Wait until every actor spawned so far was started once, or failed to. 0, or ZOOID_MORE: not within the time.
ZOOID_EXPORT int
    zooid_system_wait_started (zooid_system_t *self, int64_t timeout_ms);
//  Drain every actor, then stop them in the reverse order of their start: 0 when all is handled, ZOOID_MORE when
//  timeout_ms ended first (what was left is counted as dead). A handler that has not returned 30 s later ends the process:
//  nothing that runs is ever taken from its thread.
ZOOID_EXPORT int
    zooid_system_stop (zooid_system_t *self, int64_t timeout_ms);
//  An actor has used up its restarts: the node is to end. A descriptor that is readable then; NULL reason: none has.
ZOOID_EXPORT int
    zooid_system_escalation_descriptor (const zooid_system_t *self);
ZOOID_EXPORT const char *
    zooid_system_escalation (const zooid_system_t *self);

//  A virtual system alone: run until nothing is left to do before `until_ms` of virtual time (from the beginning), and
//  set the clock there. Returns the turns taken.
ZOOID_EXPORT size_t
    zooid_system_run (zooid_system_t *self, int64_t until_ms);
//  Virtual ms since the beginning, or real monotonic ms.
ZOOID_EXPORT int64_t
    zooid_system_monotonic_ms (const zooid_system_t *self);

//  ---- from outside of every actor: a host's own thread, a test

//  Run `turn` as a turn of `to`. ZOOID_FULL, ZOOID_GONE: the state is still yours. [any]
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_system_post (zooid_system_t *self, zooid_ref_t to, zooid_turn_fn *turn, void *state, zooid_destroy_fn *destroy);
//  [any]
ZOOID_EXPORT int
    zooid_system_find (zooid_system_t *self, const char *name, zooid_ref_t *ret_ref);

//  ---- for those who build upon it (the store)

ZOOID_EXPORT void *
    zooid_attachment (const zooid_context_t *self);
ZOOID_EXPORT zooid_system_t *
    zooid_context_system (const zooid_context_t *self);

//  A thread of its own that takes all jobs that wait, in order, as one batch. In a virtual environment a step of the run.
typedef struct zooid_worker zooid_worker_t;
typedef struct zooid_job zooid_job_t;
struct zooid_job {
    zooid_job_t *next;
    //  Embed it first in a struct of your own.
};
typedef void (zooid_batch_fn) (void *state, zooid_job_t *first, size_t count);
ZOOID_EXPORT int
    zooid_worker_new (zooid_worker_t **self_p, zooid_system_t *system, const char *name, size_t limit, zooid_batch_fn *batch, void *state);
//  Waits until the batches are done.
ZOOID_EXPORT void
    zooid_worker_destroy (zooid_worker_t **self_p);
//  ZOOID_FULL: `limit` jobs wait. [any]
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_worker_give (zooid_worker_t *self, zooid_job_t *job);

//  A completion: room is reserved in the actor's mailbox now, so that what comes back is never refused. `then` runs in
//  the actor exactly once, unless it stopped or restarted first; `destroy` in any case. ZOOID_FULL: as zooid_ask.
typedef struct {
    zooid_ref_t actor;
    uint64_t id;
} zooid_completion_t;
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_completion_new (zooid_context_t *self, zooid_turn_fn *then, void *state, zooid_destroy_fn *destroy, zooid_completion_t *ret_completion);
//  Exactly once for each that was made. [any]
ZOOID_EXPORT void
    zooid_completion_done (zooid_system_t *system, zooid_completion_t completion);
//  Take one back that was never handed out: the state is yours again. In the turn that made it.
ZOOID_EXPORT void
    zooid_completion_cancel (zooid_context_t *self, zooid_completion_t completion);
//  In the turn of `then`: continue with the principal, trace and message of the turn that made the completion.

//  Wall clock of the environment, ms UTC. [any]
ZOOID_EXPORT int64_t
    zooid_system_wall_ms (const zooid_system_t *self);

#endif
