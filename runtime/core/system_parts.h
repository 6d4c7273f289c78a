//  system_parts.h - what a system is made of, for the files of the core
#ifndef SYSTEM_PARTS_H
#define SYSTEM_PARTS_H

#include "channel.h"
#include "dead.h"
#include "registry.h"
#include "slot.h"
#include "worker.h"

#include <pthread.h>
#include <zooid/system.h>

typedef struct dispatcher dispatcher_t;
typedef struct watchdog watchdog_t;

enum { DISPATCHERS_MAX = 1024 };

struct zooid_system {
    environment_t *environment;
    bool wire;
    uint32_t number;                    //  In the process: names its endpoints
    slots_t *slots;
    registry_t *registry;
    dead_t *dead;
    zooid_worker_t *pool;
    int64_t overrun_ms, hang_ms;        //  Of handlers
    watchdog_t *watchdog;               //  NULL in a virtual environment
    _Atomic (dispatcher_t *) dispatchers [DISPATCHERS_MAX];
    atomic_uint dispatcher_count;
    pthread_mutex_t spawn_lock;         //  Of finding and starting dispatchers
    atomic_uint_fast64_t messages;      //  Ids of those that no dispatcher made

    //  The sending end of threads that are no dispatcher.
    pthread_mutex_t outlet_lock;
    outlet_t *outlet;

    //  Starts, stops and escalation; `changed` tells of each.
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t starting;                    //  Spawned and not yet started once
    zooid_context_t **actors;           //  In the order of their spawning; NULL once stopped
    size_t actor_count, actor_capacity;
    atomic_bool mail_died;              //  An actor ended before it handled all that it had
    char *escalation;
    int escalation_descriptor;

    //  Workers of a virtual environment, stepped by the run.
    zooid_worker_t **workers;
    size_t worker_count;
};

//  Queue an envelope to a dispatcher from a thread that is none. [any]
void
    system_put (zooid_system_t *self, uint32_t dispatcher, const envelope_t *envelope);
//  An actor has used up its restarts. [any]
void
    system_escalate (zooid_system_t *self, const char *actor, const char *why);
//  An actor was started for the first time, or failed to. [any]
void
    system_note_started (zooid_system_t *self);
//  An actor has stopped for good; it is freed after this. [any]
void
    system_note_stopped (zooid_system_t *self, zooid_context_t *actor);

#endif
