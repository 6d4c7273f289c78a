//  Start, restart and stop of an actor. A fault ends the state and what hangs on it (timers, pending asks, watches,
//  subscriptions made by code), then the children; it keeps ref, name and mailbox. Then whoever supervises it decides: its
//  parent (family.c), or for an actor without one the rule here: made anew after a pause that doubles; too many in a while
//  and the node is told, for whoever started it to begin again.
#include "behavior.h"
#include "dispatcher.h"
#include "family.h"
#include "intensity.h"
#include "monitor.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zooid/log.h>

static int
s_call_start (zooid_context_t *self, void *state)
{
    (void) state;
    const zooid_module_t *module = self->type->module;
    return module->start ? module->start (self, self->type->settings) : 0;
}

void
context_start (zooid_context_t *self)
{
    if (self->phase != PHASE_NEW && self->phase != PHASE_WAITING)
        return;
    bool is_first = !self->was_started, is_again = self->phase == PHASE_WAITING;
    memset (self->state, 0, self->type->module->state_size);
    self->has_state = true;
    self->phase = PHASE_RUNNING;
    self->was_started = true;
    if (is_again)
        zooid_health (self, ZOOID_HEALTHY, "");
    context_turn (self, s_call_start, NULL);
    if (is_first && !self->seat)
        system_note_started (self->dispatcher->system);
    if (is_again && self->seat && self->phase == PHASE_RUNNING)
        family_note (self->seat, self->dispatcher, FAMILY_STARTED, 0);
    if (context_has_work (self))
        dispatcher_ready (self->dispatcher, self);
}

static void
s_end_state (zooid_context_t *self)
{
    if (!self->has_state)
        return;
    //  It may be ended from another's turn, which goes on behind it.
    turn_t turn = self->dispatcher->turn;
    self->dispatcher->turn = (turn_t) { .actor = self, .principal = self->type->principal, .answered = true };
    if (self->type->module->stop)
        self->type->module->stop (self);
    self->dispatcher->turn = turn;
    context_end_pendings (self);
    clock_end_timers (self);
    if (self->extra) {
        behavior_end (self);
        monitor_end_all (self);
        watch_end_all (self);
        publish_end_subscriptions (self);
    }
    self->has_state = false;
}

//  ---- restart

static void
s_fire_restart (void *owner, void *state)
{
    (void) state;
    zooid_context_t *self = owner;
    self->extra->restart_timer = 0;
    context_start (self);
}

static void
s_restart_in (zooid_context_t *self, int64_t delay_ms)
{
    extra_t *extra = context_extra (self);
    extra->restarts++;
    zooid_health (self, ZOOID_DEGRADED, "it is being restarted");
    zooid_log (self, ZOOID_WARN, "restarting", ZOOID_NUMBER ("delay_ms", delay_ms),
               ZOOID_NUMBER ("restarts", (int64_t) extra->restarts));
    extra->restart_timer = timers_start (self->dispatcher->timers, self->dispatcher->now_ms + delay_ms, s_fire_restart, self, NULL);
}

static void
s_end (zooid_context_t *self);

//  Nobody supervises it but the node.
static void
s_restart_or_give_up (zooid_context_t *self)
{
    dispatcher_t *dispatcher = self->dispatcher;
    extra_t *extra = context_extra (self);
    if (!extra->intensity)
        intensity_new (&extra->intensity, &self->type->supervision);
    if (!intensity_is_exceeded (extra->intensity, dispatcher->now_ms)) {
        self->phase = PHASE_WAITING;
        s_restart_in (self, intensity_next_delay_ms (extra->intensity, dispatcher->environment));
        return;
    }
    self->phase = PHASE_FAILED;
    zooid_health (self, ZOOID_DEGRADED, "it used up its restarts");
    context_bury_all (self, "failed");
    system_escalate (dispatcher->system, self->type->name, strerror (-self->verdict));
    if (self->told_to_stop)
        s_end (self);       //  The order was buried with the rest
}

void
context_children_ended (zooid_context_t *self)
{
    if (self->phase == PHASE_STOPPING)
        context_stop_if_done (self);
    if (self->phase != PHASE_FAULTED)
        return;
    if (self->is_ending)
        s_end (self);
    else if (self->seat) {
        self->phase = PHASE_WAITING;
        family_note (self->seat, self->dispatcher, FAMILY_DOWN, self->verdict);
    }
    else
        s_restart_or_give_up (self);
}

//  Its state is over, for the reason of the verdict; the children go first, at once.
static void
s_fall (zooid_context_t *self, int verdict)
{
    self->is_ending = self->is_ending || self->phase == PHASE_STOPPING;
    self->verdict = (int16_t) verdict;
    self->phase = PHASE_FAULTED;
    s_end_state (self);
    if (!family_kill (self))
        context_children_ended (self);
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
        self->verdict = (int16_t) rc;
        return;
    }
    s_fall (self, rc);
}

void
context_obey (zooid_context_t *self, const zooid_message_t *order)
{
    enum { MADE_ANEW = 1 };
    switch (order->order) {
    case SYSTEM_DRAIN:
        if (self->phase == PHASE_RUNNING && self->type->module->drain) {
            turn_t turn = context_begin (self, NULL, NULL);
            self->type->module->drain (self);
            context_end (self, turn);
        }
        family_drain (self);
        break;
    case SYSTEM_KILL: context_kill (self); break;
    case SYSTEM_RESTART:
        if (self->phase == PHASE_WAITING)
            s_restart_in (self, order->deadline_ms);
        break;
    case SYSTEM_RESET:
        if (self->in_loop) {
            self->must_leave = true;
            self->verdict = MADE_ANEW;
        }
        else if (self->phase == PHASE_RUNNING || self->phase == PHASE_NEW)
            s_fall (self, MADE_ANEW);
        break;
    case SYSTEM_STOP:
    case SYSTEM_MONITOR:
    case SYSTEM_LINK:
    case SYSTEM_UNMONITOR:
    case SYSTEM_NOTICE: assert (order->kind != ZOOID_KIND_SYSTEM);  //  They travel with the data
    }
}

//  ---- stop

static void
s_end (zooid_context_t *self)
{
    dispatcher_t *dispatcher = self->dispatcher;
    zooid_system_t *system = dispatcher->system;
    actor_type_t *type = self->type;
    extra_t *extra = self->extra;
    s_end_state (self);
    bool never_started = !self->was_started;
    self->phase = PHASE_STOPPED;
    if (type->is_named)
        registry_remove (system->registry, type->name);
    if (extra)
        timers_stop (dispatcher->timers, extra->restart_timer);
    for (size_t i = 0; extra && extra->declared && i < type->module->contract->subscription_count; i++) {
        atomic_store (&extra->declared [i]->ended, true);
        registry_unsubscribe (system->registry, extra->declared [i]);
    }
    context_bury_all (self, "stopped");
    if (extra)
        monitor_tell (self);
    slots_give (system->slots, self->slot);
    dispatcher_forget (dispatcher, self);
    if (dispatcher->loop.actor == self)
        dispatcher->loop.actor = NULL;
    spawn_leave_dispatcher (self);
    if (never_started && !self->seat)
        system_note_started (system);
    if (self->seat)
        family_note (self->seat, dispatcher, FAMILY_ENDED, self->verdict);
    //  Whoever called us may still look at it: the dispatcher frees it when the turn is over.
    dispatcher_entomb (dispatcher, self);
}

void
context_kill (zooid_context_t *self)
{
    if (self->phase == PHASE_STOPPED)
        return;
    self->is_ending = true;
    if (self->in_loop) {
        self->must_leave = true;
        self->verdict = 0;
    }
    else if (self->phase != PHASE_FAULTED)      //  Else its children are on their way out
        //  One that waits because it faulted ends for that reason.
        s_fall (self, self->phase == PHASE_WAITING && self->verdict < 0 ? self->verdict : 0);
}

void
context_stop_if_done (zooid_context_t *self)
{
    if (self->phase == PHASE_STOPPING && !context_has_work (self) && !self->pendings && self->requests_open == 0
        && !family_stop (self))
        context_kill (self);
}

void
context_leave (zooid_context_t *self)
{
    self->must_leave = false;
    s_fall (self, self->verdict);
}
