//  dispatcher.h - one thread that runs actors
#ifndef DISPATCHER_H
#define DISPATCHER_H

#include "context.h"
#include "lookup.h"
#include "pool.h"
#include "system_parts.h"
#include "timer.h"

#include <semaphore.h>

struct zooid_loop {
    dispatcher_t *dispatcher;
    zooid_context_t *actor;
};

struct dispatcher {
    zooid_system_t *system;
    environment_t *environment;
    uint32_t index;
    char name [64];
    void *thread;                       //  zactor_t; NULL in a virtual environment
    sem_t ended;                        //  Posted when its thread is over
    channel_t *channel;
    outlet_t *outlet;
    timers_t *timers;
    pendings_t *pendings;
    zooid_arena_t *arena;
    zooid_buffer_t scratch;
    lookups_t *lookups;
    pool_t *pool;                       //  Its messages; those that others hold outlive it
    zooid_ref_t recent;                 //  Whom the last envelope was for: his slot's cache line is the senders'
    zooid_context_t *recent_actor;
    zooid_context_t *first_ready, *last_ready;
    turn_t turn;                        //  Whose it is, if anybody's
    spare_t spare;
    actor_type_t *types;                //  Of its actors
    int epoll, alarm, again;            //  alarm: a timerfd, again: an eventfd, both for a loop that is not ours
    int64_t armed_ms;                   //  What the alarm is set to; -1: nothing
    watch_t **watches;                  //  By descriptor
    size_t watch_capacity, watch_count;
    watch_t *ended_watches;             //  To be freed behind this batch of events
    int64_t now_ms, wall_ms, tick;
    bool in_turn;
    bool uses_alarm;                    //  Something was written to alarm or again
    bool is_behind;                     //  More came than a turn takes
    zooid_context_t *tombs;             //  Stopped in this turn
    bool quitting;
    uint64_t messages;                  //  Ids made here
    uint64_t turns, handled;
    //  For the watchdog: turns begun, whether one is under way, and how long is too long; and what it found.
    atomic_uint progress;
    atomic_bool is_busy;
    int64_t overrun_ms;
    atomic_int_fast64_t overran_ms;     //  The handler that runs, or ran last, took so long already; 0: none did
    zooid_loop_t loop;                  //  Of the actor that brings its own
    size_t spawned;                     //  Spawners': actors that were sent here, and
    bool is_claimed;                    //  whether one of them wants the thread for itself
    bool is_own;                        //  It was made for one actor, and is found by no name
};

int
    dispatcher_new (dispatcher_t **self_p, zooid_system_t *system, uint32_t index, const char *name);
//  Start its thread; nothing in a virtual environment.
int
    dispatcher_start (dispatcher_t *self);
//  End the thread. Its actors have stopped.
void
    dispatcher_stop (dispatcher_t *self);
void
    dispatcher_destroy (dispatcher_t **self_p);

static inline void
dispatcher_note_progress (dispatcher_t *self)
{
    //  One writer.
    atomic_store_explicit (&self->progress, atomic_load_explicit (&self->progress, memory_order_relaxed) + 1, memory_order_relaxed);
}

//  What the turn of this actor is about; NULL, and its own principal, between turns.
static inline const zooid_message_t *
dispatcher_message (const zooid_context_t *actor)
{
    const turn_t *turn = &actor->dispatcher->turn;
    return turn->actor == actor ? turn->message : NULL;
}
static inline const zooid_principal_t *
dispatcher_principal (const zooid_context_t *actor)
{
    const turn_t *turn = &actor->dispatcher->turn;
    return turn->actor == actor ? turn->principal : actor->type->principal;
}

//  ---- on its thread

//  Take what came, fire what is due, run at most about `budget` messages. Returns what was done.
size_t
    dispatcher_turn (dispatcher_t *self, size_t budget);
//  Is there something that a turn would do now?
bool
    dispatcher_has_work (dispatcher_t *self);
//  The actor has something to do.
void
    dispatcher_ready (dispatcher_t *self, zooid_context_t *actor);
//  The clock of this turn; read afresh between turns.
int64_t
    dispatcher_now_ms (dispatcher_t *self);
//  Queue an envelope to any actor of the system.
void
    dispatcher_put (dispatcher_t *self, slot_t *slot, const envelope_t *envelope);
//  What was sent or started outside of a turn takes effect now.
void
    dispatcher_settle (dispatcher_t *self);
//  Empty, to encode what is copied before the next call.
zooid_buffer_t *
    dispatcher_scratch (dispatcher_t *self);
//  An actor has gone from it.
void
    dispatcher_forget (dispatcher_t *self, zooid_context_t *actor);
//  Its actors are of this type too; the type is let go with the last of them.
void
    dispatcher_enter_type (dispatcher_t *self, actor_type_t *type);
void
    dispatcher_release_type (dispatcher_t *self, actor_type_t *type);
//  Free it when the turn is over.
void
    dispatcher_entomb (dispatcher_t *self, zooid_context_t *actor);

//  A job for the dispatcher itself, from any thread: `job` runs there, between two turns; `destroy` (NULL: none) ends the
//  state, also when the dispatcher ended first.
typedef void (dispatcher_job_fn) (dispatcher_t *self, void *state);
void
    dispatcher_give (zooid_system_t *system, uint32_t index, dispatcher_job_fn *job, void *state, zooid_destroy_fn *destroy);

#endif
