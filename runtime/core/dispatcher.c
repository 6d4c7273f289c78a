//  A turn takes what came, fires what is due and runs what is ready; then everything that was sent leaves in one batch for
//  each receiver. The thread waits in epoll for three things: the channel, watched descriptors, and the next timer.
//
//  An actor whose module brings a loop has the dispatcher to itself: the loop watches our epoll descriptor, in which there
//  are then also an alarm for the next timer and an eventfd that says that a budget ended before the work did.
#include "dispatcher.h"

#include "monitor.h"
#include "principal.h"
#include "thread_end.h"
#include "watch.h"

#include <assert.h>
#include <czmq.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { RECEIVE_MAX = 8192, TURN_BUDGET = 1024, SLICE = 64 };

void
dispatcher_entomb (dispatcher_t *self, zooid_context_t *actor)
{
    actor->next_ready = self->tombs;
    self->tombs = actor;
}

static void
s_bury_stopped (dispatcher_t *self)
{
    while (self->tombs) {
        zooid_context_t *actor = self->tombs;
        self->tombs = actor->next_ready;
        //  What it sent has left, so whoever waits for its end may act on it.
        system_note_stopped (self->system, actor);
        context_destroy (&actor);
    }
}

static int
s_add_descriptor (dispatcher_t *self, int descriptor)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
    if (descriptor < 0 || epoll_ctl (self->epoll, EPOLL_CTL_ADD, descriptor, &event))
        return zooid_fault (-errno);
    return 0;
}

static int
s_open_descriptors (dispatcher_t *self)
{
    self->epoll = epoll_create1 (EPOLL_CLOEXEC);
    self->alarm = timerfd_create (CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    self->again = eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (self->epoll < 0 || self->alarm < 0 || self->again < 0)
        return zooid_fault (-errno);
    int rc = s_add_descriptor (self, channel_descriptor (self->channel));
    if (!rc)
        rc = s_add_descriptor (self, self->alarm);
    if (!rc)
        rc = s_add_descriptor (self, self->again);
    return rc;
}

int
dispatcher_new (dispatcher_t **self_p, zooid_system_t *system, uint32_t index, const char *name)
{
    dispatcher_t *self = zooid_allocate (sizeof *self);
    self->system = system;
    self->environment = system->environment;
    self->index = index;
    self->epoll = self->alarm = self->again = -1;
    self->armed_ms = -1;
    self->overrun_ms = system->overrun_ms;
    snprintf (self->name, sizeof self->name, "%s", name);
    char endpoint [96];
    snprintf (endpoint, sizeof endpoint, "zooid-%u-%u", system->number, index);
    channel_new (&self->channel, system->environment, endpoint);
    outlet_new (&self->outlet, system->environment);
    timers_new (&self->timers);
    pendings_new (&self->pendings, index);
    zooid_arena_new (&self->arena, 0);
    lookups_new (&self->lookups, system->registry);
    pool_new (&self->pool);
    self->loop.dispatcher = self;
    int rc = environment_is_virtual (system->environment) ? 0 : s_open_descriptors (self);
    if (rc) {
        dispatcher_destroy (&self);
        return rc;
    }
    *self_p = self;
    return 0;
}

void
dispatcher_destroy (dispatcher_t **self_p)
{
    dispatcher_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    dispatcher_stop (self);
    outlet_destroy (&self->outlet);
    channel_destroy (&self->channel);
    pendings_destroy (&self->pendings);
    timers_destroy (&self->timers);
    zooid_arena_destroy (&self->arena);
    zooid_buffer_fini (&self->scratch);
    lookups_destroy (&self->lookups);
    s_bury_stopped (self);
    watch_free_ended (self);
    int descriptors [] = { self->epoll, self->alarm, self->again };
    for (size_t i = 0; i < ZOOID_COUNT (descriptors); i++)
        if (descriptors [i] >= 0)
            close (descriptors [i]);
    free (self->watches);
    spare_fini (&self->spare);
    pool_destroy (&self->pool);
    free (self);
}

//  ---- the list of those that are ready

void
dispatcher_ready (dispatcher_t *self, zooid_context_t *actor)
{
    if (actor->is_ready)
        return;
    actor->is_ready = true;
    actor->next_ready = NULL;
    if (self->last_ready)
        self->last_ready->next_ready = actor;
    else
        self->first_ready = actor;
    self->last_ready = actor;
}

static zooid_context_t *
s_take_ready (dispatcher_t *self)
{
    zooid_context_t *actor = self->first_ready;
    if (actor) {
        self->first_ready = actor->next_ready;
        if (!self->first_ready)
            self->last_ready = NULL;
        actor->is_ready = false;
    }
    return actor;
}

void
dispatcher_forget (dispatcher_t *self, zooid_context_t *actor)
{
    self->recent = (zooid_ref_t) { 0 };
    if (!actor->is_ready)
        return;
    zooid_context_t **link = &self->first_ready, *before = NULL;
    while (*link != actor) {
        before = *link;
        link = &before->next_ready;
    }
    *link = actor->next_ready;
    if (self->last_ready == actor)
        self->last_ready = before;
    actor->is_ready = false;
}

//  ---- types

void
dispatcher_enter_type (dispatcher_t *self, actor_type_t *type)
{
    if (type->actor_count++ > 0)
        return;
    type->previous = NULL;
    type->next = self->types;
    if (self->types)
        self->types->previous = type;
    self->types = type;
}

void
dispatcher_release_type (dispatcher_t *self, actor_type_t *type)
{
    //  Not entered: its spawning failed.
    if (type->actor_count > 0 && --type->actor_count == 0) {
        if (type->previous)
            type->previous->next = type->next;
        else
            self->types = type->next;
        if (type->next)
            type->next->previous = type->previous;
    }
    type_destroy (&type);
}

//  ---- what arrives

//  Nobody is there for it.
static void
s_return_to_sender (dispatcher_t *self, const envelope_t *envelope)
{
    zooid_message_t *message = envelope->message;
    slot_t *slot = slots_find (self->system->slots, (zooid_ref_t) { 0, envelope->slot, envelope->generation });
    if (slot && message_is_charged (message))
        slot_release (slot, slot_load_of (message_charge (message)));
    if (message->kind == ZOOID_KIND_TELL || message->kind == ZOOID_KIND_ASK)
        dead_put (self->system->dead, &(zooid_dead_letter_t) {
            .at_ms = self->wall_ms, .reason = "gone", .topic = message->name,
            .payload = zooid_message_payload (message) });
    if (message->kind == ZOOID_KIND_SYSTEM)
        monitor_return (self, message);
    if (message->kind == ZOOID_KIND_ASK)
        call_return (self, message, "unavailable", "the actor that serves it has stopped");
    subscription_t *subscription = envelope->subscription;
    if (subscription) {
        atomic_fetch_sub (&subscription->waiting, 1);
        subscription_destroy (&subscription);
    }
    zooid_message_destroy (&message);
}

//  A completion finds its entry whatever became of the actor: the state in it must end.
static void
s_complete (dispatcher_t *self, const envelope_t *envelope)
{
    zooid_message_t *message = envelope->message;
    pending_t *pending = pendings_find (self->pendings, message->correlation);
    assert (pending);
    if (pending->actor) {
        queue_push (&pending->actor->data, &self->spare, (mail_t) { message, NULL });
        zooid_ledger_in (&pending->actor->type->mailbox);
        dispatcher_ready (self, pending->actor);
        return;
    }
    if (pending->destroy)
        pending->destroy (pending->state);
    pendings_give (self->pendings, pending);
    zooid_message_destroy (&message);
}

static void
s_receive (void *state, const envelope_t *envelope)
{
    dispatcher_t *self = state;
    zooid_message_t *message = envelope->message;
    if (envelope->flags & ENVELOPE_DISPATCHER) {
        if (!message->job) {
            s_complete (self, envelope);
            return;
        }
        message->job (self, message->state);
        zooid_message_destroy (&message);
        return;
    }
    zooid_ref_t ref = { 0, envelope->slot, envelope->generation };
    if (!zooid_ref_equals (ref, self->recent)) {
        slot_t *slot = slots_find (self->system->slots, ref);
        self->recent_actor = slot && slot_is (slot, ref) ? atomic_load (&slot->actor) : NULL;
        self->recent = self->recent_actor ? ref : (zooid_ref_t) { 0 };
    }
    if (self->recent_actor)
        context_receive (self->recent_actor, envelope);
    else
        s_return_to_sender (self, envelope);
}

void
dispatcher_put (dispatcher_t *self, slot_t *slot, const envelope_t *envelope)
{
    uint32_t index = atomic_load_explicit (&slot->dispatcher, memory_order_relaxed);
    if (index == self->index)
        s_receive (self, envelope);
    else
        outlet_put (self->outlet, index, atomic_load (&self->system->dispatchers [index])->channel, envelope);
}

zooid_buffer_t *
dispatcher_scratch (dispatcher_t *self)
{
    enum { KEPT = 65536 };
    if (self->scratch.capacity > KEPT)
        zooid_buffer_fini (&self->scratch);
    zooid_buffer_clear (&self->scratch);
    self->scratch.limit = 0;
    return &self->scratch;
}

void
dispatcher_give (zooid_system_t *system, uint32_t index, dispatcher_job_fn *job, void *state, zooid_destroy_fn *destroy)
{
    zooid_message_t *message = message_new_post (NULL, state, destroy);
    message->job = job;
    system_put (system, index, &(envelope_t) { .message = message, .flags = ENVELOPE_DISPATCHER });
}

//  ---- a turn

static void
s_read_clock (dispatcher_t *self)
{
    self->tick = environment_tick (self->environment);
    self->now_ms = environment_monotonic_ns (self->environment) / 1000000;
    self->wall_ms = environment_wall_ms (self->environment);
}

int64_t
dispatcher_now_ms (dispatcher_t *self)
{
    return environment_monotonic_ns (self->environment) / 1000000;
}

static void
s_drain (int descriptor)
{
    uint64_t count;
    ssize_t rc = read (descriptor, &count, sizeof count);
    (void) rc;      //  EAGAIN: it was another descriptor that woke us
}

static void
s_begin_turn (dispatcher_t *self)
{
    self->in_turn = true;
    atomic_store_explicit (&self->is_busy, true, memory_order_relaxed);
    s_read_clock (self);
}

static void
s_end_turn (dispatcher_t *self)
{
    outlet_flush (self->outlet);
    pool_settle ();
    s_bury_stopped (self);
    if (!self->first_ready)
        principal_account_settle ();
    atomic_store_explicit (&self->is_busy, false, memory_order_relaxed);
    self->in_turn = false;
}

//  timeout_ms 0 looks, -1 waits.
static size_t
s_poll (dispatcher_t *self, int timeout_ms)
{
    struct epoll_event events [64];
    int count = epoll_wait (self->epoll, events, ZOOID_COUNT (events), timeout_ms);
    if (count <= 0)
        return 0;
    bool was_in_turn = self->in_turn;
    if (!was_in_turn)
        s_begin_turn (self);
    bool is_ours = false;
    size_t done = 0;
    for (int i = 0; i < count; i++)
        if (events [i].data.ptr) {
            watch_fire (self, events [i].data.ptr, events [i].events);
            done++;
        }
        else
            is_ours = true;
    if (is_ours && self->uses_alarm) {
        s_drain (self->alarm);
        s_drain (self->again);
        self->armed_ms = -1;
    }
    watch_free_ended (self);
    if (!was_in_turn)
        s_end_turn (self);
    return done;
}

size_t
dispatcher_turn (dispatcher_t *self, size_t budget)
{
    assert (!self->in_turn);
    s_begin_turn (self);
    self->turns++;
    size_t done = channel_receive (self->channel, RECEIVE_MAX, s_receive, self);
    self->is_behind = done >= RECEIVE_MAX;
    if (self->epoll >= 0 && (self->loop.actor || self->watch_count > 0))
        done += s_poll (self, 0);
    done += timers_fire (self->timers, self->now_ms);
    size_t left = budget;
    while (left > 0) {
        zooid_context_t *actor = s_take_ready (self);
        if (!actor)
            break;
        //  Those before may have taken long; but a look at the clock costs as much as a short message.
        if (environment_tick (self->environment) != self->tick)
            s_read_clock (self);
        size_t handled = context_run (actor, left < SLICE ? left : SLICE);
        left -= handled < left ? handled : left;
        done += handled;
        self->handled += handled;
        if (handled == 0 && left > 0)
            left--;
    }
    s_end_turn (self);
    return done;
}

bool
dispatcher_has_work (dispatcher_t *self)
{
    if (self->first_ready || self->is_behind)
        return true;
    int64_t next_ms = timers_next_ms (self->timers);
    if (next_ms >= 0 && next_ms <= environment_monotonic_ns (self->environment) / 1000000)
        return true;
    return environment_is_virtual (self->environment) && !channel_is_empty (self->channel);
}

void
dispatcher_settle (dispatcher_t *self)
{
    if (self->in_turn)
        return;
    outlet_flush (self->outlet);
    if (!self->loop.actor)
        return;
    self->uses_alarm = true;
    if (self->first_ready || self->is_behind) {
        uint64_t one = 1;
        ssize_t rc = write (self->again, &one, sizeof one);
        (void) rc;  //  EAGAIN: it is readable already
    }
    int64_t next_ms = timers_next_ms (self->timers);
    if (next_ms == self->armed_ms)
        return;
    self->armed_ms = next_ms;
    struct itimerspec at = { .it_value = { .tv_sec = next_ms / 1000, .tv_nsec = next_ms % 1000 * 1000000 } };
    if (next_ms < 0)
        at = (struct itimerspec) { 0 };
    else if (next_ms == 0)
        at.it_value.tv_nsec = 1;
    timerfd_settime (self->alarm, TFD_TIMER_ABSTIME, &at, NULL);
}

//  ---- the thread

static int
s_timeout_ms (dispatcher_t *self)
{
    int64_t next_ms = timers_next_ms (self->timers);
    if (next_ms < 0)
        return -1;
    int64_t now_ns = environment_monotonic_ns (self->environment), left_ns = next_ms * 1000000 - now_ns;
    if (left_ns <= 0)
        return 0;
    int64_t left_ms = (left_ns + 999999) / 1000000;
    return left_ms > 3600000 ? 3600000 : (int) left_ms;
}

//  Let the module's own loop have the thread until it is to be left.
static void
s_run_loop (dispatcher_t *self, zooid_context_t *actor)
{
    actor->in_loop = true;
    actor->must_leave = false;
    int rc = actor->type->module->run (actor, &self->loop);
    actor->in_loop = false;
    s_begin_turn (self);
    if (actor->must_leave)
        context_leave (actor);
    else
        context_judge (actor, rc < 0 ? rc : -ECANCELED);
    s_end_turn (self);
}

//  The address sanitizer is to see every message's end: there each is malloc's.
static void
s_enter_pool (pool_t *pool)
{
#if !defined __SANITIZE_ADDRESS__
    pool_enter (pool);
#else
    (void) pool;
#endif
}

static void
s_main (zsock_t *pipe, void *argument)
{
    dispatcher_t *self = argument;
    char title [16];
    snprintf (title, sizeof title, "z:%.13s", self->name);
    pthread_setname_np (pthread_self (), title);
    thread_end_announce (&self->ended);
    s_enter_pool (self->pool);
    principal_account_open ();
    zsock_signal (pipe, 0);
    while (!self->quitting) {
        dispatcher_turn (self, TURN_BUDGET);
        zooid_context_t *actor = self->loop.actor;
        if (actor && actor->phase == PHASE_RUNNING && !self->quitting)
            s_run_loop (self, actor);
        if (!self->quitting && !dispatcher_has_work (self))
            s_poll (self, s_timeout_ms (self));
    }
    outlet_flush (self->outlet);
    principal_account_close ();
    pool_enter (NULL);
}

int
dispatcher_start (dispatcher_t *self)
{
    if (environment_is_virtual (self->environment))
        return 0;
    sem_init (&self->ended, 0, 0);
    self->thread = zactor_new (s_main, self);
    return self->thread ? 0 : zooid_fault (-EAGAIN);
}

static void
s_quit (dispatcher_t *self, void *state)
{
    (void) state;
    self->quitting = true;
}

void
dispatcher_stop (dispatcher_t *self)
{
    if (!self->thread)
        return;
    dispatcher_give (self->system, self->index, s_quit, NULL, NULL);
    zactor_t *thread = self->thread;
    self->thread = NULL;
    zactor_destroy (&thread);
    while (sem_wait (&self->ended) && errno == EINTR)
        ;
    sem_destroy (&self->ended);
}
