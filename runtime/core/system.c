//  The system owns what its actors share: slots, names, the pool, the dispatchers. Dispatchers are found by index in an
//  array that only grows; an index is in every slot and in every pending entry's id.
#include "dispatcher.h"
#include "watchdog.h"
#include "work.h"

#include <assert.h>
#include <czmq.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zooid/log.h>

enum { OVERRUN_MS = 1000, HANG_MS = 30000, POOL_THREADS = 2, POOL_LIMIT = 4096, DEAD_LETTERS = 1024 };

static atomic_uint s_systems;

//  czmq must not touch signals, and its default number of sockets is small. Once a process.
static void
s_prepare_czmq (void)
{
    zsys_handler_set (NULL);
    zsys_init ();
    zsys_set_max_sockets (0);
}

int
zooid_system_new (zooid_system_t **self_p, const zooid_system_options_t *options)
{
    zooid_system_options_t chosen = options ? *options : (zooid_system_options_t) { 0 };
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once (&once, s_prepare_czmq);
    zooid_system_t *self = zooid_allocate (sizeof *self);
    self->number = atomic_fetch_add (&s_systems, 1);
    environment_new (&self->environment, chosen.environment, chosen.seed);
    const char *wire = getenv ("ZOOID_WIRE");
    self->wire = chosen.wire || (wire && strcmp (wire, "1") == 0);
    self->overrun_ms = chosen.overrun_ms ? chosen.overrun_ms : OVERRUN_MS;
    self->hang_ms = chosen.hang_ms ? chosen.hang_ms : HANG_MS;
    slots_new (&self->slots);
    registry_new (&self->registry);
    dead_new (&self->dead, chosen.dead_letters ? chosen.dead_letters : DEAD_LETTERS);
    pthread_mutex_init (&self->outlet_lock, NULL);
    pthread_mutex_init (&self->lock, NULL);
    pthread_mutex_init (&self->spawn_lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init (&attributes);
    pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
    pthread_cond_init (&self->changed, &attributes);
    pthread_condattr_destroy (&attributes);
    outlet_new (&self->outlet, self->environment);
    self->escalation_descriptor = eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC);
    int rc = self->escalation_descriptor < 0 ? zooid_fault (-errno) : 0;
    if (!rc)
        rc = worker_new (&self->pool, self, "pool", chosen.pool_threads ? chosen.pool_threads : POOL_THREADS, POOL_LIMIT, 1,
                         work_batch, NULL);
    if (!rc && !environment_is_virtual (self->environment))
        rc = watchdog_new (&self->watchdog, self);
    if (rc) {
        zooid_system_destroy (&self);
        return rc;
    }
    *self_p = self;
    return 0;
}

void
zooid_system_destroy (zooid_system_t **self_p)
{
    zooid_system_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    zooid_system_stop (self, 0);
    watchdog_destroy (&self->watchdog);
    zooid_worker_destroy (&self->pool);
    uint32_t count = atomic_load (&self->dispatcher_count);
    for (uint32_t i = 0; i < count; i++)
        dispatcher_stop (atomic_load (&self->dispatchers [i]));
    outlet_destroy (&self->outlet);
    for (uint32_t i = 0; i < count; i++) {
        dispatcher_t *dispatcher = atomic_load (&self->dispatchers [i]);
        dispatcher_destroy (&dispatcher);
    }
    registry_destroy (&self->registry);
    slots_destroy (&self->slots);
    dead_destroy (&self->dead);
    environment_destroy (&self->environment);
    if (self->escalation_descriptor >= 0)
        close (self->escalation_descriptor);
    pthread_cond_destroy (&self->changed);
    pthread_mutex_destroy (&self->lock);
    pthread_mutex_destroy (&self->spawn_lock);
    pthread_mutex_destroy (&self->outlet_lock);
    free (self->actors);
    free (self->workers);
    free (self->escalation);
    free (self);
}

void
system_put (zooid_system_t *self, uint32_t index, const envelope_t *envelope)
{
    dispatcher_t *dispatcher = atomic_load (&self->dispatchers [index]);
    pthread_mutex_lock (&self->outlet_lock);
    outlet_put (self->outlet, index, dispatcher->channel, envelope);
    outlet_flush (self->outlet);
    pthread_mutex_unlock (&self->outlet_lock);
}

//  ---- from outside of every actor

int
zooid_system_post (zooid_system_t *self, zooid_ref_t to, zooid_turn_fn *turn, void *state, zooid_destroy_fn *destroy)
{
    slot_t *slot = slots_find (self->slots, to);
    if (!slot || !slot_is (slot, to))
        return ZOOID_GONE;
    zooid_message_t *message = message_new_post (turn, state, destroy);
    if (slot_reserve (slot, message_charge (message))) {
        message_disarm (message);
        zooid_message_destroy (&message);
        atomic_fetch_add (&slot->refused, 1);
        return ZOOID_FULL;
    }
    system_put (self, atomic_load (&slot->dispatcher), &(envelope_t) {
        .slot = to.slot, .generation = to.generation, .message = message });
    return 0;
}

int
zooid_system_find (zooid_system_t *self, const char *name, zooid_ref_t *ret_ref)
{
    return registry_find (self->registry, name, ret_ref);
}

struct zooid_port {
    zooid_system_t *system;
    zooid_ref_t actor;
};

void
zooid_port_new (zooid_port_t **self_p, zooid_context_t *self)
{
    zooid_port_t *port = zooid_allocate (sizeof *port);
    *port = (zooid_port_t) { self->dispatcher->system, context_ref (self) };
    *self_p = port;
}

void
zooid_port_destroy (zooid_port_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

int
zooid_port_post (zooid_port_t *self, zooid_turn_fn *handler, void *state, zooid_destroy_fn *destroy)
{
    return zooid_system_post (self->system, self->actor, handler, state, destroy);
}

int64_t
zooid_system_monotonic_ms (const zooid_system_t *self)
{
    return environment_monotonic_ns (self->environment) / 1000000;
}

int64_t
zooid_system_wall_ms (const zooid_system_t *self)
{
    return environment_wall_ms (self->environment);
}

//  ---- starts, stops, escalation

static void
s_order (zooid_system_t *self, zooid_context_t *actor, system_order_t order)
{
    zooid_message_t *message = message_new_order (order);
    system_put (self, atomic_load (&actor->slot->dispatcher), &(envelope_t) {
        .slot = actor->slot->index, .generation = actor->generation, .message = message,
        .flags = order == SYSTEM_STOP ? 0 : ENVELOPE_URGENT });
}

void
system_note_started (zooid_system_t *self)
{
    pthread_mutex_lock (&self->lock);
    assert (self->starting > 0);
    self->starting--;
    pthread_cond_broadcast (&self->changed);
    pthread_mutex_unlock (&self->lock);
}

void
system_note_stopped (zooid_system_t *self, zooid_context_t *actor)
{
    pthread_mutex_lock (&self->lock);
    for (size_t i = 0; i < self->actor_count; i++)
        if (self->actors [i] == actor)
            self->actors [i] = NULL;
    pthread_cond_broadcast (&self->changed);
    pthread_mutex_unlock (&self->lock);
}

void
system_escalate (zooid_system_t *self, const char *actor, const char *why)
{
    zooid_log (NULL, ZOOID_ERROR, "escalation", ZOOID_TEXT ("actor", actor), ZOOID_TEXT ("error", why));
    pthread_mutex_lock (&self->lock);
    if (!self->escalation && asprintf (&self->escalation, "actor `%s` used up its restarts: %s", actor, why) < 0)
        self->escalation = NULL;
    pthread_mutex_unlock (&self->lock);
    uint64_t one = 1;
    ssize_t rc = write (self->escalation_descriptor, &one, sizeof one);
    (void) rc;          //  It is readable already
}

int
zooid_system_escalation_descriptor (const zooid_system_t *self)
{
    return self->escalation_descriptor;
}

const char *
zooid_system_escalation (const zooid_system_t *self)
{
    pthread_mutex_lock ((pthread_mutex_t *) &self->lock);
    const char *why = self->escalation;
    pthread_mutex_unlock ((pthread_mutex_t *) &self->lock);
    return why;
}

static int64_t
s_next_timer_ms (const zooid_system_t *self)
{
    int64_t earliest_ms = -1;
    for (uint32_t i = 0; i < atomic_load (&((zooid_system_t *) self)->dispatcher_count); i++) {
        int64_t next_ms = timers_next_ms (atomic_load (&((zooid_system_t *) self)->dispatchers [i])->timers);
        if (next_ms >= 0 && (earliest_ms < 0 || next_ms < earliest_ms))
            earliest_ms = next_ms;
    }
    return earliest_ms;
}

//  Wait until `is_so`, by condition or, in a virtual environment, by running it. false: the time ended first.
static bool
s_wait (zooid_system_t *self, int64_t timeout_ms, bool (*is_so) (const zooid_system_t *self, const void *what), const void *what)
{
    if (environment_is_virtual (self->environment)) {
        //  From timer to timer, so that no more time passes than it takes.
        int64_t now_ms = zooid_system_monotonic_ms (self), until_ms = now_ms + timeout_ms;
        zooid_system_run (self, now_ms);
        while (!is_so (self, what) && now_ms < until_ms) {
            int64_t next_ms = s_next_timer_ms (self);
            now_ms = next_ms >= 0 && next_ms < until_ms ? next_ms : until_ms;
            zooid_system_run (self, now_ms);
        }
        return is_so (self, what);
    }
    struct timespec until;
    clock_gettime (CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock (&self->lock);
    int rc = 0;
    while (!is_so (self, what) && rc == 0)
        rc = pthread_cond_timedwait (&self->changed, &self->lock, &until);
    bool came = is_so (self, what);
    pthread_mutex_unlock (&self->lock);
    return came;
}

static bool
s_all_started (const zooid_system_t *self, const void *what)
{
    (void) what;
    return self->starting == 0;
}

int
zooid_system_wait_started (zooid_system_t *self, int64_t timeout_ms)
{
    return s_wait (self, timeout_ms, s_all_started, NULL) ? 0 : ZOOID_MORE;
}

static bool
s_has_stopped (const zooid_system_t *self, const void *what)
{
    return self->actors [*(const size_t *) what] == NULL;
}

//  Is it there, and if so tell it: under the lock it can not go.
static bool
s_order_at (zooid_system_t *self, size_t index, system_order_t order)
{
    pthread_mutex_lock (&self->lock);
    zooid_context_t *actor = self->actors [index];
    if (actor)
        s_order (self, actor, order);
    pthread_mutex_unlock (&self->lock);
    return actor;
}

int
zooid_system_stop (zooid_system_t *self, int64_t timeout_ms)
{
    enum { KILL_MS = 30000 };
    int64_t deadline_ms = zooid_system_monotonic_ms (self) + timeout_ms;
    bool all_handled = true;
    atomic_store (&self->mail_died, false);
    for (size_t i = 0; timeout_ms > 0 && i < self->actor_count; i++)
        s_order_at (self, i, SYSTEM_DRAIN);
    for (size_t i = self->actor_count; i-- > 0;) {
        if (!s_order_at (self, i, SYSTEM_STOP))
            continue;
        int64_t left_ms = deadline_ms - zooid_system_monotonic_ms (self);
        if (s_wait (self, left_ms > 0 ? left_ms : 0, s_has_stopped, &i))
            continue;
        all_handled = false;
        if (s_order_at (self, i, SYSTEM_KILL) && !s_wait (self, KILL_MS, s_has_stopped, &i)) {
            zooid_log (NULL, ZOOID_ERROR, "actor_hangs", ZOOID_NUMBER ("index", i));
            abort ();
        }
    }
    self->actor_count = 0;
    return all_handled && !atomic_load (&self->mail_died) ? 0 : ZOOID_MORE;
}

//  ---- a virtual run

static size_t
s_step (zooid_system_t *self)
{
    //  Whoever has something to do, in an order that the seed decides.
    uint32_t dispatchers = atomic_load (&self->dispatcher_count);
    size_t all = dispatchers + self->worker_count;
    size_t first = all ? environment_choose (self->environment, all) : 0;
    for (size_t i = 0; i < all; i++) {
        size_t chosen = (first + i) % all;
        if (chosen >= dispatchers) {
            zooid_worker_t *worker = self->workers [chosen - dispatchers];
            if (worker_is_idle (worker))
                continue;
            worker_step (worker);
            return 1;
        }
        dispatcher_t *dispatcher = atomic_load (&self->dispatchers [chosen]);
        if (!dispatcher_has_work (dispatcher))
            continue;
        size_t done = dispatcher_turn (dispatcher, 1 + environment_choose (self->environment, 8));
        return done ? done : 1;
    }
    return 0;
}

size_t
zooid_system_run (zooid_system_t *self, int64_t until_ms)
{
    size_t turns = 0;
    for (;;) {
        size_t done = s_step (self);
        turns += done;
        if (done)
            continue;
        int64_t next_ms = s_next_timer_ms (self);
        if (next_ms < 0 || next_ms > until_ms)
            break;
        environment_advance_to_ns (self->environment, next_ms * 1000000);
    }
    environment_advance_to_ns (self->environment, until_ms * 1000000);
    return turns;
}
