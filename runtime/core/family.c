//  A child that faulted ends its state and says that it is down; its parent decides. One for one, and each child is
//  restarted by itself. Otherwise there is a plan: those from the first that fell on are brought down, the last first, and
//  started again, the first first, each when the one before it has said so. A child that falls meanwhile widens the plan.
//
//  Notes come while another actor's turn may run, and what follows from them may end the parent: so they are only written
//  down, and acted upon when the dispatcher runs the parent.
#include "family.h"

#include "intensity.h"

#include <errno.h>
#include <stdlib.h>

struct seat {
    zooid_context_t *parent;
    seat_t *previous, *next;
    zooid_ref_t child;
    unsigned is_temporary : 1;      //  After a fault it ends
    unsigned is_down : 1;           //  Waits to be started again
    unsigned number : 30;           //  Of its spawning
};

typedef enum { PLAN_NONE = 0, PLAN_ENDING, PLAN_STARTING } plan_t;

struct family {
    seat_t *first, *last;
    unsigned spawned;
    plan_t plan;
    seat_t *from;                   //  The plan's: it and all behind it
    seat_t *awaited;                //  Was told to reset, to start or to stop, and has not answered
    int64_t delay_ms;               //  The pause before the first of them starts again
    intensity_t *intensity;
    bool is_stopping;               //  One after the other, and
    bool is_killed;                 //  those that are left all at once
    bool is_due;                    //  There is something to act upon
    int fault;                      //  Too many restarts: the parent's own
    actor_type_t *type;             //  Of the last child without a name
};

static family_t *
s_family (zooid_context_t *parent)
{
    extra_t *extra = context_extra (parent);
    if (!extra->family)
        extra->family = zooid_allocate (sizeof *extra->family);
    return extra->family;
}

seat_t *
family_seat (zooid_context_t *parent, zooid_ref_t child, bool is_temporary)
{
    family_t *self = s_family (parent);
    seat_t *seat = zooid_allocate (sizeof *seat);
    *seat = (seat_t) { .parent = parent, .previous = self->last, .child = child, .is_temporary = is_temporary,
                       .number = self->spawned++ & ((1u << 30) - 1) };
    if (self->last)
        self->last->next = seat;
    else
        self->first = seat;
    self->last = seat;
    return seat;
}

bool
family_has (const zooid_context_t *parent, zooid_ref_t who)
{
    const dispatcher_t *dispatcher = parent->dispatcher;
    slot_t *slot = slots_find (dispatcher->system->slots, who);
    if (slot && slot_is (slot, who) && atomic_load (&slot->dispatcher) == dispatcher->index) {
        const seat_t *seat = atomic_load (&slot->actor)->seat;
        return seat && seat->parent == parent;
    }
    const family_t *self = parent->extra ? parent->extra->family : NULL;
    for (const seat_t *seat = self ? self->first : NULL; seat; seat = seat->next)
        if (zooid_ref_equals (seat->child, who))
            return true;
    return false;
}

actor_type_t *
family_type (const zooid_context_t *parent, const zooid_module_t *module)
{
    const family_t *self = parent->extra ? parent->extra->family : NULL;
    return self && self->type && self->type->module == module ? type_keep (self->type) : NULL;
}

void
family_set_type (zooid_context_t *parent, actor_type_t *type)
{
    family_t *self = s_family (parent);
    if (self->type == type)
        return;
    type_destroy (&self->type);
    self->type = type_keep (type);
}

void
family_destroy (family_t **self_p)
{
    family_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    type_destroy (&self->type);
    intensity_destroy (&self->intensity);
    free (self);
}

//  ---- orders

static void
s_order (seat_t *seat, system_order_t order, int64_t delay_ms)
{
    dispatcher_t *dispatcher = seat->parent->dispatcher;
    slot_t *slot = slots_find (dispatcher->system->slots, seat->child);
    if (!slot_is (slot, seat->child))
        return;             //  It has ended, and its note is on the way
    zooid_message_t *message = message_new_order (order);
    message->deadline_ms = delay_ms;
    dispatcher_put (dispatcher, slot, &(envelope_t) {
        .slot = seat->child.slot, .generation = seat->child.generation, .message = message,
        .flags = order == SYSTEM_STOP ? 0 : ENVELOPE_URGENT });
}

//  ---- the plan

//  From the last to the first of those that are not down yet; then from the first to the last.
static void
s_go_on (zooid_context_t *parent)
{
    family_t *self = parent->extra->family;
    if (self->plan == PLAN_NONE || self->awaited || self->is_stopping || self->is_killed)
        return;
    for (seat_t *seat = self->last; self->plan == PLAN_ENDING && seat; seat = seat == self->from ? NULL : seat->previous)
        if (!seat->is_down) {
            self->awaited = seat;
            s_order (seat, SYSTEM_RESET, 0);
            return;
        }
    self->plan = PLAN_STARTING;
    for (seat_t *seat = self->from; seat; seat = seat->next)
        if (seat->is_down) {
            self->awaited = seat;
            s_order (seat, SYSTEM_RESTART, self->delay_ms);
            self->delay_ms = 0;
            return;
        }
    self->plan = PLAN_NONE;
    self->from = NULL;
}

static void
s_bring_down (zooid_context_t *parent, seat_t *seat)
{
    family_t *self = parent->extra->family;
    zooid_strategy_t strategy = parent->type->module->children.strategy;
    int64_t delay_ms = intensity_next_delay_ms (self->intensity, parent->dispatcher->environment);
    //  Those that are told to stop start again too: what they were sent before is handled.
    if (strategy == ZOOID_ONE_FOR_ONE || self->is_stopping) {
        s_order (seat, SYSTEM_RESTART, delay_ms);
        return;
    }
    self->delay_ms = delay_ms;
    if (strategy == ZOOID_ONE_FOR_ALL)
        self->from = self->first;
    else if (!self->from || self->from->number > seat->number)
        self->from = seat;
    self->plan = PLAN_ENDING;
    s_go_on (parent);
}

//  It fell by a fault of its own.
static void
s_on_fault (zooid_context_t *parent, seat_t *seat, int verdict)
{
    family_t *self = parent->extra->family;
    if (seat->is_temporary) {
        s_order (seat, SYSTEM_KILL, 0);
        return;
    }
    if (!self->intensity)
        intensity_new (&self->intensity, &parent->type->module->children);
    if (!intensity_is_exceeded (self->intensity, parent->dispatcher->now_ms)) {
        s_bring_down (parent, seat);
        return;
    }
    self->fault = verdict;
    self->is_due = true;
}

static void
s_on_down (zooid_context_t *parent, seat_t *seat, int verdict)
{
    family_t *self = parent->extra->family;
    seat->is_down = true;
    //  One that is told to stop is awaited until it has ended.
    if (self->awaited == seat && !self->is_stopping)
        self->awaited = NULL;
    if (self->is_killed)
        return;             //  The order to end has overtaken it, or follows
    if (verdict < 0)
        s_on_fault (parent, seat, verdict);
    else if (self->is_stopping)
        s_order (seat, SYSTEM_RESTART, 0);
    else
        s_go_on (parent);
}

static void
s_stop_last (family_t *self)
{
    if (self->awaited || !self->last)
        return;
    self->awaited = self->last;
    s_order (self->last, SYSTEM_STOP, 0);
}

static void
s_on_ended (zooid_context_t *parent, seat_t *seat)
{
    family_t *self = parent->extra->family;
    if (seat->previous)
        seat->previous->next = seat->next;
    else
        self->first = seat->next;
    if (seat->next)
        seat->next->previous = seat->previous;
    else
        self->last = seat->previous;
    if (self->awaited == seat)
        self->awaited = NULL;
    if (self->from == seat)
        self->from = seat->next;
    if (self->plan != PLAN_NONE && !self->from)
        self->plan = PLAN_NONE;
    free (seat);
    if (!self->first)
        self->is_due = true;
    else if (self->is_stopping && !self->is_killed)
        s_stop_last (self);
}

//  ---- notes

typedef struct {
    seat_t *seat;
    family_event_t event;
    int verdict;
} note_t;

static void
s_take (dispatcher_t *dispatcher, void *state)
{
    (void) dispatcher;
    note_t *note = state;
    zooid_context_t *parent = note->seat->parent;
    family_t *self = parent->extra->family;
    switch (note->event) {
    case FAMILY_DOWN: s_on_down (parent, note->seat, note->verdict); break;
    case FAMILY_ENDED: s_on_ended (parent, note->seat); break;
    case FAMILY_STARTED:
        note->seat->is_down = false;
        if (self->awaited == note->seat && !self->is_stopping)
            self->awaited = NULL;
        break;
    }
    s_go_on (parent);
    if (self->is_due)
        dispatcher_ready (parent->dispatcher, parent);
}

void
family_note (seat_t *seat, dispatcher_t *dispatcher, family_event_t event, int verdict)
{
    dispatcher_t *home = seat->parent->dispatcher;
    note_t note = { seat, event, verdict };
    if (home == dispatcher) {
        s_take (home, &note);
        return;
    }
    note_t *state = zooid_allocate (sizeof *state);
    *state = note;
    zooid_message_t *message = message_new_post (NULL, state, free);
    message->job = s_take;
    outlet_put (dispatcher->outlet, home->index, home->channel, &(envelope_t) { .message = message, .flags = ENVELOPE_DISPATCHER });
}

//  ---- the end

void
family_drain (zooid_context_t *parent)
{
    const family_t *self = parent->extra ? parent->extra->family : NULL;
    for (seat_t *seat = self ? self->last : NULL; seat; seat = seat->previous)
        s_order (seat, SYSTEM_DRAIN, 0);
}

bool
family_stop (zooid_context_t *parent)
{
    family_t *self = parent->extra ? parent->extra->family : NULL;
    if (!self || !self->first)
        return false;
    if (!self->is_stopping) {
        self->is_stopping = true;
        self->awaited = NULL;
        s_stop_last (self);
    }
    return true;
}

//  There are no children: those that come begin with nothing behind them. What is kept while the parent is well is how
//  often they fell.
static void
s_forget (family_t *self)
{
    if (self->is_killed)
        intensity_destroy (&self->intensity);
    self->is_stopping = self->is_killed = false;
    self->plan = PLAN_NONE;
    self->from = NULL;
    self->delay_ms = 0;
    self->fault = 0;
}

bool
family_kill (zooid_context_t *parent)
{
    family_t *self = parent->extra ? parent->extra->family : NULL;
    if (self && !self->first) {
        self->is_killed = true;
        s_forget (self);
    }
    if (!self || !self->first)
        return false;
    self->is_killed = true;
    for (seat_t *seat = self->last; seat; seat = seat->previous)
        s_order (seat, SYSTEM_KILL, 0);
    return true;
}

void
family_act (zooid_context_t *parent)
{
    family_t *self = parent->extra ? parent->extra->family : NULL;
    if (!self || !self->is_due)
        return;
    self->is_due = false;
    int fault = self->fault;
    self->fault = 0;
    if (!self->first) {
        s_forget (self);
        context_children_ended (parent);
    }
    else if (fault)
        context_judge (parent, fault);
}
