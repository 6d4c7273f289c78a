//  Start, restart and stop of an actor. A fault ends the state and what hangs on it (timers, pending asks, watches,
//  subscriptions made by code), keeps ref, name and mailbox, and makes the state anew after a pause that doubles; too many
//  in a while and the node is told, for whoever started it to begin again.
#include "context.h"
#include "dispatcher.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zooid/log.h>

static int
s_call_start (zooid_context_t *self, void *state)
{
    (void) state;
    return self->module->start ? self->module->start (self, self->settings) : 0;
}

void
context_start (zooid_context_t *self)
{
    if (self->phase != PHASE_NEW && self->phase != PHASE_WAITING)
        return;
    self->state = zooid_allocate (self->module->state_size ? self->module->state_size : 1);
    self->phase = PHASE_RUNNING;
    zooid_health (self, ZOOID_HEALTHY, "");
    bool is_first = !self->started_once;
    self->started_once = true;
    context_turn (self, s_call_start, NULL);
    if (is_first)
        system_note_started (self->system);
    if (context_has_work (self))
        dispatcher_ready (self->dispatcher, self);
}

static void
s_end_state (zooid_context_t *self)
{
    if (!self->state)
        return;
    if (self->module->stop)
        self->module->stop (self);
    context_end_pendings (self);
    clock_end_timers (self);
    watch_end_all (self);
    publish_end_subscriptions (self);
    free (self->state);
    self->state = NULL;
}

//  ---- restart

static void
s_fire_restart (void *owner, void *state)
{
    (void) state;
    zooid_context_t *self = owner;
    self->restart_timer = 0;
    context_start (self);
}

//  Has it been restarted too often? Remembers this one.
static bool
s_is_too_often (zooid_context_t *self)
{
    int64_t *oldest = &self->restarts_at_ms [self->restarts % self->restarts_max];
    int64_t now_ms = self->dispatcher->now_ms;
    bool is_too_often = self->restarts >= self->restarts_max && now_ms - *oldest < self->within_ms;
    //  A quiet while behind it: the pause begins small again.
    if (self->restarts > 0 && now_ms - self->restarts_at_ms [(self->restarts - 1) % self->restarts_max] >= self->within_ms)
        self->next_backoff_ms = self->backoff_ms;
    *oldest = now_ms;
    self->restarts++;
    return is_too_often;
}

static int64_t
s_next_delay_ms (zooid_context_t *self)
{
    int64_t delay_ms = self->next_backoff_ms;
    self->next_backoff_ms = delay_ms * 2 < self->backoff_max_ms ? delay_ms * 2 : self->backoff_max_ms;
    uint32_t jitter;
    environment_random (self->dispatcher->environment, &jitter, sizeof jitter);
    return delay_ms / 2 + (int64_t) (jitter % (uint64_t) (delay_ms / 2 + 1));
}

static void
s_end (zooid_context_t *self);

static void
s_restart (zooid_context_t *self, int rc)
{
    bool was_stopping = self->phase == PHASE_STOPPING;
    s_end_state (self);
    if (was_stopping) {
        s_end (self);
        return;
    }
    if (s_is_too_often (self)) {
        self->phase = PHASE_FAILED;
        zooid_health (self, ZOOID_DEGRADED, "it used up its restarts");
        context_bury_all (self, "failed");
        system_escalate (self->system, self->name, strerror (-rc));
        if (self->told_to_stop)
            s_end (self);       //  The order was buried with the rest
        return;
    }
    self->phase = PHASE_WAITING;
    int64_t delay_ms = s_next_delay_ms (self);
    zooid_health (self, ZOOID_DEGRADED, "it is being restarted");
    zooid_log (self, ZOOID_WARN, "restarting", ZOOID_NUMBER ("delay_ms", delay_ms), ZOOID_NUMBER ("restarts", self->restarts));
    self->restart_timer = timers_start (self->dispatcher->timers, self->dispatcher->now_ms + delay_ms, s_fire_restart, self, NULL);
}

void
context_judge (zooid_context_t *self, int rc)
{
    if (rc == 0 || self->must_leave || (self->phase != PHASE_RUNNING && self->phase != PHASE_STOPPING))
        return;
    if (rc > 0)
        rc = -EPROTO;       //  An outcome that nobody handled is a defect too
    zooid_log (self, ZOOID_ERROR, "fault", ZOOID_TEXT ("error", strerror (-rc)), ZOOID_TEXT ("trace", zooid_fault_trace ()));
    if (self->in_loop) {
        self->must_leave = true;
        self->verdict = rc;
        return;
    }
    s_restart (self, rc);
}

//  ---- stop

static void
s_end (zooid_context_t *self)
{
    zooid_system_t *system = self->system;
    dispatcher_t *dispatcher = self->dispatcher;
    s_end_state (self);
    timers_stop (dispatcher->timers, self->restart_timer);
    bool never_started = !self->started_once;
    self->phase = PHASE_STOPPED;
    registry_remove (system->registry, self->name);
    for (size_t i = 0; i < self->module->contract->subscription_count; i++) {
        atomic_store (&self->declared [i]->ended, true);
        registry_unsubscribe (system->registry, self->declared [i]);
    }
    context_bury_all (self, "stopped");
    slots_give (system->slots, self->slot);
    dispatcher_forget (dispatcher, self);
    if (dispatcher->loop.actor == self)
        dispatcher->loop.actor = NULL;
    if (never_started)
        system_note_started (system);
    //  Whoever called us may still look at it: the dispatcher frees it when the turn is over.
    dispatcher_entomb (dispatcher, self);
}

void
context_kill (zooid_context_t *self)
{
    if (self->in_loop) {
        self->must_leave = true;
        self->verdict = 0;
        return;
    }
    s_end (self);
}

void
context_stop_if_done (zooid_context_t *self)
{
    if (self->phase == PHASE_STOPPING && !context_has_work (self) && !self->pendings && self->requests_open == 0)
        context_kill (self);
}

void
context_leave (zooid_context_t *self)
{
    self->must_leave = false;
    if (self->verdict < 0)
        s_restart (self, self->verdict);
    else
        s_end (self);
}
