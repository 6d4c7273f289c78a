//  A message is popped, judged by what the contract says (deadline, scope, record), decoded into the turn's arena and
//  handled; then its room is released and the ledger told. The two lanes are two rings: what is urgent is taken first.
#include "context.h"

#include "behavior.h"
#include "dispatcher.h"
#include "family.h"
#include "intensity.h"
#include "monitor.h"
#include "watchdog.h"

#include <assert.h>
#include <stdlib.h>
#include <zooid/log.h>
#include <zooid/msgpack.h>

zooid_context_t *
context_new (actor_type_t *type, dispatcher_t *dispatcher)
{
    zooid_context_t *self = zooid_allocate (sizeof *self + type->module->state_size);
    self->type = type_keep (type);
    self->dispatcher = dispatcher;
    zooid_ref_t ref;
    slot_t *slot = self->slot = slots_take (dispatcher->system->slots, &ref);
    self->generation = ref.generation;
    atomic_store_explicit (&slot->dispatcher, dispatcher->index, memory_order_relaxed);
    atomic_store_explicit (&slot->limit, type->limit, memory_order_relaxed);
    atomic_store_explicit (&slot->refused, 0, memory_order_relaxed);
    atomic_store_explicit (&slot->dropped, 0, memory_order_relaxed);
    atomic_store_explicit (&slot->contract, type->module->contract, memory_order_relaxed);
    atomic_store_explicit (&slot->actor, self, memory_order_release);
    return self;
}

extra_t *
context_extra (zooid_context_t *self)
{
    if (!self->extra)
        self->extra = zooid_allocate (sizeof *self->extra);
    return self->extra;
}

void
context_destroy (zooid_context_t **self_p)
{
    zooid_context_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    extra_t *extra = self->extra;
    if (extra) {
        for (size_t i = 0; extra->declared && i < self->type->module->contract->subscription_count; i++)
            subscription_destroy (&extra->declared [i]);
        free (extra->declared);
        monitor_fini (self);
        family_destroy (&extra->family);
        intensity_destroy (&extra->intensity);
        free (extra->why);
        free (extra);
    }
    dispatcher_release_type (self->dispatcher, self->type);
    free (self);
}

void
context_adopt (zooid_context_t *self)
{
    dispatcher_enter_type (self->dispatcher, self->type);
    if (self->type->is_named)
        self->type->actor = self;
    if (self->type->module->run)
        self->dispatcher->loop.actor = self;
    dispatcher_ready (self->dispatcher, self);
}

static void
s_push_urgent (zooid_context_t *self, zooid_message_t *order)
{
    zooid_message_t **link = &self->urgent;
    while (*link)
        link = &(*link)->next;
    order->next = NULL;
    *link = order;
}

void
context_receive (zooid_context_t *self, const envelope_t *envelope)
{
    zooid_message_t *message = envelope->message;
    if (envelope->flags & ENVELOPE_URGENT) {
        s_push_urgent (self, message);
        dispatcher_ready (self->dispatcher, self);
        return;
    }
    zooid_ledger_in (&self->type->mailbox);
    queue_push (&self->data, &self->dispatcher->spare, (mail_t) { message, envelope->subscription });
    if (message->kind == ZOOID_KIND_SYSTEM && message->order == SYSTEM_STOP) {
        self->told_to_stop = true;
        self->is_condemned = self->phase != PHASE_NEW && self->phase != PHASE_RUNNING && self->phase != PHASE_STOPPING;
    }
    if (self->phase == PHASE_FAILED && !self->is_condemned)
        context_bury_all (self, "failed");
    else if (context_has_work (self))
        dispatcher_ready (self->dispatcher, self);
}

bool
context_has_work (const zooid_context_t *self)
{
    if (self->must_leave)
        return false;
    if (self->urgent || self->is_condemned || self->phase == PHASE_NEW)
        return true;
    return !queue_is_empty (&self->data) && (self->phase == PHASE_RUNNING || self->phase == PHASE_STOPPING);
}

//  ---- the turn

turn_t
context_begin (zooid_context_t *self, const zooid_message_t *message, const zooid_principal_t *principal)
{
    zooid_fault_forget ();
    dispatcher_t *dispatcher = self->dispatcher;
    turn_t outer = dispatcher->turn;
    dispatcher->turn = (turn_t) { .actor = self, .message = message, .principal = principal ? principal : self->type->principal,
                                  .answered = !message || message->kind != ZOOID_KIND_ASK };
    dispatcher_note_progress (dispatcher);
    return outer;
}

void
context_end (zooid_context_t *self, turn_t outer)
{
    dispatcher_t *dispatcher = self->dispatcher;
    dispatcher->turn = outer;
    if (!outer.actor)
        zooid_arena_reset (dispatcher->arena);
}

void
context_turn (zooid_context_t *self, int (*body) (zooid_context_t *self, void *state), void *state)
{
    if (self->must_leave)
        return;         //  Its state is condemned: only the loop is still to be left
    turn_t outer = context_begin (self, NULL, NULL);
    int rc = body (self, state);
    context_end (self, outer);
    context_judge (self, rc);
    context_stop_if_done (self);
}

//  ---- letters that die

void
context_bury (zooid_context_t *self, const zooid_message_t *message, const char *reason, const char *failure)
{
    if (message->kind == ZOOID_KIND_TELL || message->kind == ZOOID_KIND_ASK || message->kind == ZOOID_KIND_EVENT)
        dead_put (self->dispatcher->system->dead, &(zooid_dead_letter_t) {
            .at_ms = self->dispatcher->wall_ms, .actor = self->type->name, .reason = reason, .topic = message->name,
            .payload = zooid_message_payload (message) });
    if (failure && message->kind == ZOOID_KIND_ASK)
        call_fail (self, message, failure, reason, (zooid_bytes_t) { 0 });
}

//  What one message came to: NULL handled, STASHED, else the reason it died of.
typedef const char *fate_t;
static const char STASHED [] = "stashed";

static fate_t
s_die (zooid_context_t *self, const zooid_message_t *message, const char *reason, const char *failure)
{
    context_bury (self, message, reason, failure);
    return reason;
}

//  ---- tells, asks and events

static void
s_pack_violations (const zooid_violations_t *violations, zooid_buffer_t *out)
{
    zooid_pack_array (out, violations->count);
    for (size_t i = 0; i < violations->count; i++) {
        const zooid_violation_t *item = &violations->items [i];
        zooid_pack_map (out, 3);
        zooid_pack_text (out, "pointer");
        zooid_pack_text (out, item->pointer);
        zooid_pack_text (out, "code");
        zooid_pack_text (out, item->code);
        zooid_pack_text (out, "detail");
        zooid_pack_text (out, item->detail);
    }
}

static fate_t
s_refuse_invalid (zooid_context_t *self, const zooid_message_t *message, const zooid_violations_t *violations)
{
    if (message->kind != ZOOID_KIND_ASK)
        return s_die (self, message, "invalid", NULL);
    zooid_buffer_t payload = { 0 };
    s_pack_violations (violations, &payload);
    const char *detail = violations->count ? violations->items [0].detail : "the arguments break their record";
    call_fail (self, message, "invalid", detail, (zooid_bytes_t) { payload.data, payload.size });
    zooid_buffer_fini (&payload);
    return NULL;
}

//  Fill the struct that the handler is given. ZOOID_INVALID: refused, *ret_fate says how.
static int
s_decode (zooid_context_t *self, const zooid_message_t *message, const zooid_record_t *record, const void **ret_value,
          fate_t *ret_fate)
{
    *ret_value = NULL;
    if (!record)
        return 0;
    if (message->image == record) {
        *ret_value = message->body.data;
        return 0;
    }
    zooid_arena_t *arena = self->dispatcher->arena;
    void *value = zooid_arena_take (arena, record->size);
    zooid_violations_t violations = { .count = 0 };
    int rc = value ? zooid_record_decode (record, zooid_message_payload (message), arena, value, &violations) : ZOOID_INVALID;
    if (rc) {
        *ret_fate = s_refuse_invalid (self, message, &violations);
        return ZOOID_INVALID;
    }
    *ret_value = value;
    return 0;
}

static void
s_answer_for_handler (zooid_context_t *self, const zooid_message_t *message, int rc)
{
    const turn_t *turn = &self->dispatcher->turn;
    if (turn->answered && !(turn->is_stashed && rc))
        return;
    if (rc == 0 && !message->operation->gives) {
        call_reply (self, message, (zooid_bytes_t) { 0 });
        return;
    }
    if (rc == 0)
        zooid_log (self, ZOOID_ERROR, "handler_gave_no_answer", ZOOID_TEXT ("operation", message->name));
    call_fail (self, message, "internal", "", (zooid_bytes_t) { 0 });
}

static bool
s_has_expired (const zooid_context_t *self, const zooid_principal_t *principal)
{
    int64_t expires_at_ms = principal ? zooid_principal_expires_at_ms (principal) : 0;
    return expires_at_ms && expires_at_ms <= self->dispatcher->wall_ms;
}

static fate_t
s_handle_request (zooid_context_t *self, const zooid_message_t *message)
{
    const zooid_operation_t *operation = message->operation;
    if (message->deadline_ms && self->dispatcher->now_ms > message->deadline_ms)
        return s_die (self, message, "expired", "deadline");
    if (!operation)
        return s_die (self, message, "unknown_operation", "unavailable");
    if (s_has_expired (self, message->principal))
        return s_die (self, message, "principal_expired", "unauthenticated");
    if (!zooid_principal_has (message->principal, operation->scope))
        return s_die (self, message, "denied", "denied");
    zooid_others_t others;
    zooid_handler_fn *handler = behavior_handler (self, operation, &others);
    if (!handler)
        return others == ZOOID_OTHERS_STASH ? STASHED : s_die (self, message, "not_now", "unavailable");
    const void *arguments;
    fate_t fate = NULL;
    if (s_decode (self, message, operation->takes, &arguments, &fate))
        return fate;
    turn_t outer = context_begin (self, message, message->principal);
    self->dispatcher->turn.is_exclusive = operation->exclusive;
    int rc = handler (self, arguments);
    if (self->dispatcher->turn.is_stashed)
        fate = STASHED;
    s_answer_for_handler (self, message, rc);
    context_end (self, outer);
    if (rc)
        fate = s_die (self, message, "fault", NULL);
    context_judge (self, rc);
    return fate;
}

static fate_t
s_handle_event (zooid_context_t *self, const zooid_message_t *message, subscription_t *subscription)
{
    size_t waiting = atomic_fetch_sub (&subscription->waiting, 1);
    if (atomic_load (&subscription->ended))
        return "unsubscribed";
    //  More than its limit wait behind this one, which is therefore the oldest that is too many.
    if (waiting > subscription->limit && subscription->overflow == ZOOID_DROP_OLDEST) {
        atomic_fetch_add (&subscription->dropped, 1);
        return "dropped_oldest";
    }
    fate_t fate = NULL;
    const zooid_subscription_t *declared = subscription->declared;
    const void *carried = NULL;
    if (declared && s_decode (self, message, declared->carries, &carried, &fate))
        return fate;
    turn_t outer = context_begin (self, message, NULL);
    int rc = declared ? declared->handler (self, carried) : subscription->handler (self, subscription->state, message);
    if (self->dispatcher->turn.is_stashed)
        fate = STASHED;
    context_end (self, outer);
    if (rc)
        fate = s_die (self, message, "fault", NULL);
    context_judge (self, rc);
    return fate;
}

//  ---- replies and completions

//  Out of the actor's list; what comes for it later is stale.
static void
s_unlink (zooid_context_t *self, pending_t *pending)
{
    pending_unlink (pending);
    timers_stop (self->dispatcher->timers, pending->timer);
    self->asks_open--;
}

void
context_resume (zooid_context_t *self, pending_t *pending, const zooid_outcome_t *outcome)
{
    if (self->must_leave)
        return;         //  The entry ends with the state
    s_unlink (self, pending);
    turn_t outer = context_begin (self, pending->origin, pending->principal);
    uint32_t exclusive_era = pending->exclusive_era;
    self->dispatcher->turn.answered = true;
    self->dispatcher->turn.is_exclusive = exclusive_era;
    int rc = 0;
    if (pending->turn)
        rc = pending->turn (self, pending->state);
    else if (pending->then)
        rc = pending->then (self, pending->state, outcome);
    if (pending->destroy)
        pending->destroy (pending->state);
    context_end (self, outer);
    pendings_give (self->dispatcher->pendings, pending);
    behavior_close (self, exclusive_era);
    context_judge (self, rc);
    context_stop_if_done (self);
}

static fate_t
s_handle_reply (zooid_context_t *self, const zooid_message_t *message)
{
    pending_t *pending = pendings_find (self->dispatcher->pendings, message->correlation);
    if (!pending || pending->actor != self)
        return "late_reply";
    zooid_outcome_t outcome = { .detail = "", .payload = zooid_message_payload (message), .message = message };
    if (message->kind == ZOOID_KIND_FAILURE) {
        outcome.failure = message->name;
        outcome.kind = message_failure_kind (message);
        outcome.detail = message_detail (message);
    }
    context_resume (self, pending, &outcome);
    return NULL;
}

static fate_t
s_handle_completion (zooid_context_t *self, const zooid_message_t *message)
{
    dispatcher_t *dispatcher = self->dispatcher;
    pending_t *pending = pendings_find (dispatcher->pendings, message->correlation);
    assert (pending);
    if (pending->actor == self) {
        context_resume (self, pending, NULL);
        return NULL;
    }
    if (pending->destroy)
        pending->destroy (pending->state);
    pendings_give (dispatcher->pendings, pending);
    return "restarted";
}

static fate_t
s_handle_post (zooid_context_t *self, zooid_message_t *message)
{
    if (!message->turn)
        return s_handle_completion (self, message);
    context_turn (self, message->turn, message->state);
    return NULL;
}

static fate_t
s_handle_order (zooid_context_t *self, const zooid_message_t *message)
{
    if (message->order == SYSTEM_STOP)
        self->phase = PHASE_STOPPING;
    else
        monitor_obey (self, message);
    return NULL;
}

static fate_t
s_handle_data (zooid_context_t *self, const mail_t *mail)
{
    zooid_message_t *message = mail->message;
    switch (message->kind) {
    case ZOOID_KIND_TELL:
    case ZOOID_KIND_ASK: return s_handle_request (self, message);
    case ZOOID_KIND_REPLY:
    case ZOOID_KIND_FAILURE: return s_handle_reply (self, message);
    case ZOOID_KIND_EVENT: return s_handle_event (self, message, mail->subscription);
    case ZOOID_KIND_POST: return s_handle_post (self, message);
    case ZOOID_KIND_SYSTEM: return s_handle_order (self, message);
    case ZOOID_KIND_CHUNK:
    case ZOOID_KIND_CREDIT:
    case ZOOID_KIND_END:
    case ZOOID_KIND_CANCEL: break;
    }
    return "unknown_kind";
}

//  The room of what was handled is given back several messages at a time: senders on other threads want the same cache
//  line. Never for longer than a slice.
enum { RELEASED_AT_ONCE = 32 };
typedef struct {
    uint64_t load;
    uint32_t count;
} handled_t;

static void
s_release (zooid_context_t *self, handled_t *handled)
{
    if (handled->count > 0)
        slot_release (self->slot, handled->load);
    *handled = (handled_t) { 0 };
}

//  Let go of what was popped, whatever came of it.
static void
s_finish (zooid_context_t *self, mail_t *mail, fate_t fate, handled_t *handled)
{
    if (message_is_charged (mail->message)) {
        handled->load += slot_load_of (message_charge (mail->message));
        if (++handled->count == RELEASED_AT_ONCE)
            s_release (self, handled);
    }
    if (fate)
        zooid_ledger_dead (&self->type->mailbox, fate);
    else
        zooid_ledger_handled (&self->type->mailbox);
    subscription_destroy (&mail->subscription);
    zooid_message_destroy (&mail->message);
}

static void
s_obey_next (zooid_context_t *self)
{
    zooid_message_t *order = self->urgent;
    self->urgent = order->next;
    context_obey (self, order);
    zooid_message_destroy (&order);
}

static void
s_take (zooid_context_t *self, mail_t mail, handled_t *handled)
{
    if (behavior_holds (self, mail))
        return;
    fate_t fate = s_handle_data (self, &mail);
    if (fate == STASHED)
        behavior_keep (self, mail);
    else
        s_finish (self, &mail, fate, handled);
}

size_t
context_run (zooid_context_t *self, size_t budget)
{
    dispatcher_t *dispatcher = self->dispatcher;
    handled_t handled = { 0 };
    size_t done = 0;
    mail_t mail;
    family_act (self);
    while (done < budget && context_has_work (self)) {
        done++;
        if (self->urgent)
            s_obey_next (self);
        else if (self->phase == PHASE_NEW)
            context_start (self);
        else if (self->is_condemned) {
            self->is_condemned = false;
            context_kill (self);
        }
        else {
            queue_pop (&self->data, &dispatcher->spare, &mail);
            s_take (self, mail, &handled);
        }
    }
    s_release (self, &handled);
    if (atomic_load_explicit (&dispatcher->overran_ms, memory_order_relaxed))
        watchdog_note (self);
    if (context_has_work (self))
        dispatcher_ready (dispatcher, self);
    else
        context_stop_if_done (self);
    return done;
}

//  ---- for supervision.c

void
context_end_pendings (zooid_context_t *self)
{
    while (self->pendings) {
        pending_t *pending = self->pendings;
        s_unlink (self, pending);
        pending->actor = NULL;
        //  A completion's state is in other hands until it is done.
        if (pending->turn)
            continue;
        if (pending->destroy)
            pending->destroy (pending->state);
        pendings_give (self->dispatcher->pendings, pending);
    }
}

//  What became of a letter that nobody will read.
static fate_t
s_bury_mail (zooid_context_t *self, const mail_t *mail, const char *reason)
{
    zooid_message_t *message = mail->message;
    fate_t fate = reason;
    if (message->kind == ZOOID_KIND_POST && !message->turn)
        fate = s_handle_completion (self, message);
    else if (message->kind == ZOOID_KIND_SYSTEM)
        monitor_obey (self, message);       //  Whoever wants to be told of the end will be: it comes
    else
        context_bury (self, message, reason, "unavailable");
    if (message_is_charged (message))
        atomic_store (&self->dispatcher->system->mail_died, true);
    if (mail->subscription)
        atomic_fetch_sub (&mail->subscription->waiting, 1);
    return fate ? fate : reason;
}

void
context_bury_all (zooid_context_t *self, const char *reason)
{
    while (self->phase == PHASE_STOPPED && self->urgent) {
        zooid_message_t *order = self->urgent;
        self->urgent = order->next;
        zooid_message_destroy (&order);
    }
    handled_t handled = { 0 };
    for (mail_t mail; queue_pop (&self->data, &self->dispatcher->spare, &mail);)
        s_finish (self, &mail, s_bury_mail (self, &mail, reason), &handled);
    s_release (self, &handled);
}
