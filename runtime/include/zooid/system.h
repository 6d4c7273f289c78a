//  zooid/system.h - a system of actors: dispatchers, names, subscriptions and the environment that they run in
//
//  What a node is built of, and what a test of actors needs. Calls are made by the thread that made the system, unless
//  marked [any]; those that take a context are made in its turn.
#ifndef ZOOID_SYSTEM_H
#define ZOOID_SYSTEM_H

#include <zooid/directory.h>

//  Actors, their names, and the threads that run them. A process may have several.
typedef struct zooid_system zooid_system_t;

//  Where time, chance, threads and transport come from.
typedef enum {
    ZOOID_REAL = 0,     //  The machine's
    ZOOID_VIRTUAL,      //  One thread, one seed, virtual time: zooid_system_run drives it. The same seed, the same run
} zooid_environment_t;

//  Copied by zooid_system_new.
typedef struct {
    zooid_environment_t environment;    //  Real or virtual
    uint64_t seed;              //  Of a virtual environment
    size_t pool_threads;        //  For zooid_work; 0: 2
    bool wire;                  //  Encode and decode every message between actors (also: variable ZOOID_WIRE=1)
    size_t dead_letters;        //  Kept to be looked at; 0: 1024
    int64_t overrun_ms;         //  A handler that takes longer is logged and its actor degraded for ten seconds; 0: 1000
    int64_t hang_ms;            //  One that takes longer ends the process, for whoever runs it to begin again; 0: 30000
} zooid_system_options_t;

//  Without an actor yet. options NULL: all 0. < 0: no descriptor or thread is to be had.
ZOOID_EXPORT int
    zooid_system_new (zooid_system_t **self_p, const zooid_system_options_t *options);
//  Stops what still runs, at once. NULL is no mistake.
ZOOID_EXPORT void
    zooid_system_destroy (zooid_system_t **self_p);

//  An actor that is to be.
typedef struct {
    const char *name;               //  [a-z][a-z0-9_]{0,62}, one of its kind in the system
    const char *node;               //  NULL: "local"
    const char *dispatcher;         //  Actors of the same one share a thread; NULL: one of its own
    const zooid_module_t *module;   //  What it does. Referenced for ever
    zooid_bytes_t settings;         //  msgpack of the module's settings; empty: all initial values
    const char *const *scopes;      //  The actor's own grants
    size_t scope_count;             //  Of `scopes`
    bool sets_principal;            //  May name a principal other than itself (gateway, bridges)
    const char *folder;             //  Path of what zooid_folder gives it; NULL: none
    void *attachment;               //  What the host keeps with it; zooid_attachment gives it back
    zooid_supervision_t supervision;    //  Of its restarts, by the node; the strategy is one for one
} zooid_spawn_t;

//  Everything is copied but module and attachment. The actor starts on its dispatcher, soon; its name is taken at once,
//  and what is sent to it meanwhile waits. ret_ref may be NULL. ZOOID_INVALID: *ret_why (static or in the arena) says
//  what is wrong with name, contract or settings, or by whom its name or role is taken. ZOOID_FULL: there are 1024
//  dispatchers. < 0: no thread is to be had.
ZOOID_EXPORT int
    zooid_system_spawn (zooid_system_t *self, const zooid_spawn_t *spawn, zooid_arena_t *arena, const char **ret_why, zooid_ref_t *ret_ref);

//  Wait until every actor spawned so far was started once, or failed to. 0, or ZOOID_MORE: not within the time.
ZOOID_EXPORT int
    zooid_system_wait_started (zooid_system_t *self, int64_t timeout_ms);
//  Drain every actor, then stop them in the reverse order of their start: 0 when all is handled, ZOOID_MORE when
//  timeout_ms ended first (what was left is counted as dead) or mail died all the same. timeout_ms 0: do not drain. A
//  handler that has not returned 30 s later ends the process: nothing that runs is ever taken from its thread.
ZOOID_EXPORT int
    zooid_system_stop (zooid_system_t *self, int64_t timeout_ms);
//  A descriptor that is readable once an actor has used up its restarts: the node is to end. Not to be read or closed.
ZOOID_EXPORT int
    zooid_system_escalation_descriptor (const zooid_system_t *self);
//  Which actor that was, and why; the first, when there are several. NULL: none has. Borrowed from the system. [any]
ZOOID_EXPORT const char *
    zooid_system_escalation (const zooid_system_t *self);

//  A virtual system alone: run until nothing is left to do before `until_ms` of virtual time (from the beginning), and
//  set the clock there. Returns the turns taken.
ZOOID_EXPORT size_t
    zooid_system_run (zooid_system_t *self, int64_t until_ms);
//  Virtual ms since the beginning, or real monotonic ms, which count time asleep. [any]
ZOOID_EXPORT int64_t
    zooid_system_monotonic_ms (const zooid_system_t *self);

//  ---- from outside of every actor: a host's own thread, a test

//  Run `turn` as a turn of `to`, then destroy the state; when the actor stops first, only that. ZOOID_FULL: its mailbox
//  is at its limit. ZOOID_GONE: it has stopped. Then the state is still yours. [any]
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_system_post (zooid_system_t *self, zooid_ref_t to, zooid_turn_fn *turn, void *state, zooid_destroy_fn *destroy);
//  The actor of that name. ZOOID_UNKNOWN: there is none. [any]
ZOOID_EXPORT int
    zooid_system_find (zooid_system_t *self, const char *name, zooid_ref_t *ret_ref);

//  ---- for those who build upon it (the store)

//  What was given with the actor when it was spawned.
ZOOID_EXPORT void *
    zooid_attachment (const zooid_context_t *self);
//  The system that the actor is in.
ZOOID_EXPORT zooid_system_t *
    zooid_context_system (const zooid_context_t *self);

//  A thread of its own that takes all jobs that wait, in order, as one batch. In a virtual environment a step of the
//  run.
typedef struct zooid_worker zooid_worker_t;
//  What is to be done. See zooid_job.
typedef struct zooid_job zooid_job_t;
//  Embed it first in a struct of your own, which is the batch's from zooid_worker_give on.
struct zooid_job {
    zooid_job_t *next;      //  The worker's while it waits; in a batch the next of it, NULL: the last
};
//  On the worker's thread: `count` jobs from `first` on, at least one.
typedef void (zooid_batch_fn) (void *state, zooid_job_t *first, size_t count);
//  At most `limit` jobs wait. name: of the thread, behind "z:", 13 bytes of it. The state stays yours, and is to
//  outlive the worker. < 0: no thread is to be had.
ZOOID_EXPORT int
    zooid_worker_new (zooid_worker_t **self_p, zooid_system_t *system, const char *name, size_t limit, zooid_batch_fn *batch, void *state);
//  Waits until all that was given is done. Before its system ends. NULL is no mistake.
ZOOID_EXPORT void
    zooid_worker_destroy (zooid_worker_t **self_p);
//  Queue a job. ZOOID_FULL: `limit` jobs wait, it is still yours. [any]
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_worker_give (zooid_worker_t *self, zooid_job_t *job);

//  What another thread will have done for an actor. A plain value.
typedef struct {
    zooid_ref_t actor;      //  Whose it is
    uint64_t id;            //  Which of its own
} zooid_completion_t;
//  One more thing to come back, which is then never refused. `then` runs in the actor exactly once, with the principal,
//  trace and message of this turn, unless it stopped or restarted first; `destroy` in any case, but not before it is
//  done. ZOOID_FULL: as zooid_ask.
ZOOID_EXPORT ZOOID_MUST_USE int
    zooid_completion_new (zooid_context_t *self, zooid_turn_fn *then, void *state, zooid_destroy_fn *destroy, zooid_completion_t *ret_completion);
//  It is done. Exactly once for each that was made and not cancelled. [any]
ZOOID_EXPORT void
    zooid_completion_done (zooid_system_t *system, zooid_completion_t completion);
//  Take one back that was never handed out: the state is yours again. In the turn that made it.
ZOOID_EXPORT void
    zooid_completion_cancel (zooid_context_t *self, zooid_completion_t completion);

//  Wall clock of the environment, ms UTC. [any]
ZOOID_EXPORT int64_t
    zooid_system_wall_ms (const zooid_system_t *self);

#endif
