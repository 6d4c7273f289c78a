//  The number that a notice carries is the errno of a fault, 0 of a stop and NOBODY where nobody was.
#include "monitor.h"

#include <errno.h>
#include <stdlib.h>
#include <zooid/supervision.h>

enum { NOBODY = -1 };

struct watcher {
    uint64_t monitor;
    zooid_ref_t ref;
};

static void
s_send (dispatcher_t *dispatcher, zooid_ref_t to, system_order_t order, uint64_t monitor, zooid_ref_t from, int number)
{
    slot_t *slot = slots_find (dispatcher->system->slots, to);
    if (!slot || !slot_is (slot, to))
        return;
    zooid_message_t *message = message_new_order (order);
    message->correlation = monitor;
    message->from = from;
    message->deadline_ms = number;
    dispatcher_put (dispatcher, slot, &(envelope_t) { .slot = to.slot, .generation = to.generation, .message = message });
    dispatcher_settle (dispatcher);
}

//  ---- the watcher's side

static void
s_monitor (zooid_context_t *self, system_order_t order, zooid_ref_t who, zooid_notice_fn *notice, void *state,
           zooid_destroy_fn *destroy, uint64_t *ret_monitor)
{
    dispatcher_t *dispatcher = self->dispatcher;
    pending_t *pending = pendings_take (dispatcher->pendings);
    pending_link (pending, &context_extra (self)->monitors);
    pending->actor = self;
    pending->notice = notice;
    pending->about = who;
    pending->state = state;
    pending->destroy = destroy;
    if (ret_monitor)
        *ret_monitor = pending->id;
    slot_t *slot = slots_find (dispatcher->system->slots, who);
    if (slot && slot_is (slot, who))
        s_send (dispatcher, who, order, pending->id, context_ref (self), 0);
    else
        s_send (dispatcher, context_ref (self), SYSTEM_NOTICE, pending->id, who, NOBODY);
}

void
zooid_monitor (zooid_context_t *self, zooid_ref_t who, zooid_notice_fn *notice, void *state, zooid_destroy_fn *destroy,
               uint64_t *ret_monitor)
{
    s_monitor (self, SYSTEM_MONITOR, who, notice, state, destroy, ret_monitor);
}

//  What one that is linked does: end as the other did.
static int
s_fall_too (zooid_context_t *self, void *state, zooid_ref_t who, const zooid_end_t *end)
{
    (void) self;
    (void) state;
    (void) who;
    return end->reason == ZOOID_END_STOPPED ? 0 : zooid_fault (-EOWNERDEAD);
}

void
zooid_link (zooid_context_t *self, zooid_ref_t who)
{
    s_monitor (self, SYSTEM_LINK, who, s_fall_too, NULL, NULL, NULL);
}

static void
s_end (zooid_context_t *self, pending_t *pending)
{
    pending_unlink (pending);
    if (pending->destroy)
        pending->destroy (pending->state);
    pendings_give (self->dispatcher->pendings, pending);
}

static void
s_unmonitor (zooid_context_t *self, pending_t *pending)
{
    s_send (self->dispatcher, pending->about, SYSTEM_UNMONITOR, pending->id, context_ref (self), 0);
    s_end (self, pending);
}

void
zooid_unmonitor (zooid_context_t *self, uint64_t monitor)
{
    pending_t *pending = pendings_find (self->dispatcher->pendings, monitor);
    if (pending && pending->actor == self && pending->notice)
        s_unmonitor (self, pending);
}

void
monitor_end_all (zooid_context_t *self)
{
    while (self->extra->monitors)
        s_unmonitor (self, self->extra->monitors);
}

static void
s_notice (zooid_context_t *self, const zooid_message_t *message)
{
    pending_t *pending = pendings_find (self->dispatcher->pendings, message->correlation);
    //  It may have been ended while the notice was on its way.
    if (!pending || pending->actor != self || self->phase == PHASE_STOPPED)
        return;
    int number = (int) message->deadline_ms;
    zooid_end_t end = {
        .reason = number == NOBODY ? ZOOID_END_NOBODY : number ? ZOOID_END_FAULT : ZOOID_END_STOPPED,
        .error = number > 0 ? number : 0,
    };
    zooid_notice_fn *notice = pending->notice;
    turn_t outer = context_begin (self, NULL, NULL);
    int rc = notice (self, pending->state, pending->about, &end);
    context_end (self, outer);
    //  The handler may have ended it.
    pending = pendings_find (self->dispatcher->pendings, message->correlation);
    if (pending)
        s_end (self, pending);
    context_judge (self, rc);
}

//  ---- the watched one's

static void
s_watch (zooid_context_t *self, const zooid_message_t *message)
{
    extra_t *extra = context_extra (self);
    //  Room for twice as many at each power of two.
    if ((extra->watcher_count & (extra->watcher_count - 1)) == 0) {
        size_t capacity = extra->watcher_count ? 2 * extra->watcher_count : 1;
        extra->watchers = realloc (extra->watchers, capacity * sizeof *extra->watchers);
        if (!extra->watchers)
            abort ();
    }
    extra->watchers [extra->watcher_count++] = (watcher_t) { message->correlation, message->from };
}

static void
s_forget (zooid_context_t *self, uint64_t monitor)
{
    extra_t *extra = self->extra;
    for (size_t i = 0; extra && i < extra->watcher_count; i++)
        if (extra->watchers [i].monitor == monitor) {
            extra->watchers [i] = extra->watchers [--extra->watcher_count];
            return;
        }
}

void
monitor_obey (zooid_context_t *self, const zooid_message_t *order)
{
    switch (order->order) {
    case SYSTEM_LINK:
        if (self->phase == PHASE_RUNNING || self->phase == PHASE_STOPPING)
            s_monitor (self, SYSTEM_MONITOR, order->from, s_fall_too, NULL, NULL, NULL);
        s_watch (self, order);
        break;
    case SYSTEM_MONITOR: s_watch (self, order); break;
    case SYSTEM_UNMONITOR: s_forget (self, order->correlation); break;
    case SYSTEM_NOTICE: s_notice (self, order); break;
    case SYSTEM_STOP:
    case SYSTEM_DRAIN:
    case SYSTEM_KILL:
    case SYSTEM_RESET:
    case SYSTEM_RESTART: break;
    }
}

void
monitor_return (dispatcher_t *dispatcher, const zooid_message_t *order)
{
    if (order->order == SYSTEM_MONITOR || order->order == SYSTEM_LINK)
        s_send (dispatcher, order->from, SYSTEM_NOTICE, order->correlation, (zooid_ref_t) { 0 }, NOBODY);
}

void
monitor_tell (zooid_context_t *self)
{
    extra_t *extra = self->extra;
    int number = self->verdict < 0 ? -self->verdict : 0;
    for (size_t i = 0; i < extra->watcher_count; i++)
        s_send (self->dispatcher, extra->watchers [i].ref, SYSTEM_NOTICE, extra->watchers [i].monitor, context_ref (self), number);
    extra->watcher_count = 0;
}

void
monitor_fini (zooid_context_t *self)
{
    free (self->extra->watchers);
}
