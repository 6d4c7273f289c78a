//  An actor's timers, its clocks and its chance. A timer knows its actor and is linked there, so that all end with it.
#include "dispatcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct actor_timer {
    zooid_context_t *actor;
    actor_timer_t *next;
    uint64_t handle;            //  Of the dispatcher's timer that is running
    uint64_t id;                //  What the actor knows it by: the first handle
    int64_t at_ms, period_ms;
    zooid_turn_fn *handler;
    void *state;
    zooid_destroy_fn *destroy;
    bool is_firing, is_ended;
};

static void
s_free (actor_timer_t *timer)
{
    if (timer->destroy)
        timer->destroy (timer->state);
    free (timer);
}

//  Out of the actor's list. One whose handler runs is freed behind it.
static void
s_end (actor_timer_t *timer)
{
    actor_timer_t **link = &timer->actor->timers;
    while (*link != timer)
        link = &(*link)->next;
    *link = timer->next;
    timers_stop (timer->actor->dispatcher->timers, timer->handle);
    timer->is_ended = true;
    if (!timer->is_firing)
        s_free (timer);
}

static int
s_run (zooid_context_t *self, void *state)
{
    actor_timer_t *timer = state;
    return timer->handler (self, timer->state);
}

static void
s_fire (void *owner, void *state)
{
    dispatcher_t *dispatcher = owner;
    actor_timer_t *timer = state;
    timer->handle = 0;
    timer->is_firing = true;
    context_turn (timer->actor, s_run, timer);
    timer->is_firing = false;
    if (timer->is_ended) {
        s_free (timer);
        return;
    }
    if (timer->period_ms == 0) {
        s_end (timer);
        return;
    }
    //  Periods that were missed are not made up for.
    timer->at_ms += timer->period_ms;
    if (timer->at_ms <= dispatcher->now_ms)
        timer->at_ms = dispatcher->now_ms + timer->period_ms;
    timer->handle = timers_start (dispatcher->timers, timer->at_ms, s_fire, dispatcher, timer);
}

void
zooid_timer_start (zooid_context_t *self, int64_t delay_ms, int64_t period_ms, zooid_turn_fn *handler, void *state,
                   zooid_destroy_fn *destroy, uint64_t *ret_timer)
{
    dispatcher_t *dispatcher = self->dispatcher;
    actor_timer_t *timer = zooid_allocate (sizeof *timer);
    *timer = (actor_timer_t) { .actor = self, .next = self->timers, .at_ms = dispatcher_now_ms (dispatcher) + delay_ms,
                               .period_ms = period_ms, .handler = handler, .state = state, .destroy = destroy };
    self->timers = timer;
    timer->handle = timer->id = timers_start (dispatcher->timers, timer->at_ms, s_fire, dispatcher, timer);
    if (ret_timer)
        *ret_timer = timer->id;
    dispatcher_settle (dispatcher);
}

void
zooid_timer_stop (zooid_context_t *self, uint64_t id)
{
    for (actor_timer_t *timer = self->timers; timer; timer = timer->next)
        if (timer->id == id) {
            s_end (timer);
            return;
        }
}

void
clock_end_timers (zooid_context_t *self)
{
    while (self->timers)
        s_end (self->timers);
}

int64_t
zooid_wall_ms (const zooid_context_t *self)
{
    const dispatcher_t *dispatcher = self->dispatcher;
    return dispatcher->in_turn ? dispatcher->wall_ms : environment_wall_ms (dispatcher->environment);
}

int64_t
zooid_monotonic_ms (const zooid_context_t *self)
{
    const dispatcher_t *dispatcher = self->dispatcher;
    return dispatcher->in_turn ? dispatcher->now_ms : environment_monotonic_ns (dispatcher->environment) / 1000000;
}

void
zooid_random (zooid_context_t *self, void *ret_data, size_t size)
{
    environment_random (self->dispatcher->environment, ret_data, size);
}

//  RFC 9562, section 5.7: 48 bits of ms, version, 74 bits of chance.
void
zooid_id (zooid_context_t *self, char ret_text [ZOOID_ID_SIZE])
{
    uint8_t id [16];
    zooid_random (self, id + 6, 10);
    uint64_t at_ms = (uint64_t) zooid_wall_ms (self);
    for (int i = 0; i < 6; i++)
        id [i] = (uint8_t) (at_ms >> (40 - 8 * i));
    id [6] = (uint8_t) (0x70 | (id [6] & 0x0f));
    id [8] = (uint8_t) (0x80 | (id [8] & 0x3f));
    char *place = ret_text;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *place++ = '-';
        place += snprintf (place, 3, "%02x", id [i]);
    }
}
