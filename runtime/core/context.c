//  A message is popped, judged by what the contract says (deadline, scope, record), decoded into the turn's arena and
//  handled; then its room is released and the ledger told. The two lanes are two rings: what is urgent is taken first.
#include "context.h"

#include "dispatcher.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zooid/log.h>
#include <zooid/msgpack.h>

void
context_receive (zooid_context_t *self, const envelope_t *envelope)
{
    if (envelope->flags & ENVELOPE_URGENT)
        ring_push (&self->urgent, envelope);
    else {
        zooid_ledger_in (&self->mailbox);
        ring_push (&self->data, envelope);
    }
    if (envelope->message->kind == ZOOID_KIND_SYSTEM && envelope->message->order == SYSTEM_STOP)
        self->told_to_stop = true;
    //  One that can not run now will not come to a stop that waits in its queue.
    if (envelope->message->kind == ZOOID_KIND_SYSTEM && envelope->message->order == SYSTEM_STOP
        && self->phase != PHASE_RUNNING && self->phase != PHASE_STOPPING)
        context_kill (self);
    else if (self->phase == PHASE_FAILED && !(envelope->flags & ENVELOPE_URGENT))
        context_bury_all (self, "failed");
    else if (context_has_work (self))
        dispatcher_ready (self->dispatcher, self);
}

bool
context_has_work (const zooid_context_t *self)
{
    if (self->must_leave)
        return false;
    if (self->urgent.count > 0)
        return true;
    return self->data.count > 0 && (self->phase == PHASE_RUNNING || self->phase == PHASE_STOPPING);
}

//  ---- the turn

static void
s_begin_turn (zooid_context_t *self, const zooid_message_t *message, const zooid_principal_t *principal)
{
    zooid_fault_forget ();
    self->message = message;
    self->turn_principal = principal ? principal : self->principal;
    self->answered = !message || message->kind != ZOOID_KIND_ASK;
}

static void
s_end_turn (zooid_context_t *self)
{
    self->message = NULL;
    self->turn_principal = self->principal;
    self->answered = true;
    zooid_arena_reset (self->dispatcher->arena);
}

void
context_turn (zooid_context_t *self, int (*body) (zooid_context_t *self, void *state), void *state)
{
    if (self->must_leave)
        return;         //  Its state is condemned: only the loop is still to be left
    s_begin_turn (self, NULL, NULL);
    int rc = body (self, state);
    s_end_turn (self);
    context_judge (self, rc);
    context_stop_if_done (self);
}

//  ---- letters that die

void
context_bury (zooid_context_t *self, const zooid_message_t *message, const char *reason, const char *failure)
{
    if (message->kind == ZOOID_KIND_TELL || message->kind == ZOOID_KIND_ASK || message->kind == ZOOID_KIND_EVENT)
        dead_put (self->system->dead, &(zooid_dead_letter_t) {
            .at_ms = self->dispatcher->wall_ms, .actor = self->name, .reason = reason, .topic = message->name,
            .payload = zooid_message_payload (message) });
    if (failure && message->kind == ZOOID_KIND_ASK)
        call_fail (self, message, failure, reason, (zooid_bytes_t) { 0 });
}

//  What one message came to: NULL handled, else the reason it died of.
typedef const char *fate_t;

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
    if (self->answered)
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
    const void *arguments;
    fate_t fate = NULL;
    if (s_decode (self, message, operation->takes, &arguments, &fate))
        return fate;
    s_begin_turn (self, message, message->principal);
    int rc = operation->handler (self, arguments);
    s_answer_for_handler (self, message, rc);
    s_end_turn (self);
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
    int rc;
    fate_t fate = NULL;
    if (subscription->declared) {
        const void *carried;
        if (s_decode (self, message, subscription->declared->carries, &carried, &fate))
            return fate;
        s_begin_turn (self, message, NULL);
        rc = subscription->declared->handler (self, carried);
    }
    else {
        s_begin_turn (self, message, NULL);
        rc = subscription->handler (self, subscription->state, message);
    }
    s_end_turn (self);
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
    if (pending->previous)
        pending->previous->next = pending->next;
    else
        self->pendings = pending->next;
    if (pending->next)
        pending->next->previous = pending->previous;
    timers_stop (self->dispatcher->timers, pending->timer);
    self->asks_open--;
}

void
context_resume (zooid_context_t *self, pending_t *pending, const zooid_outcome_t *outcome)
{
    if (self->must_leave)
        return;         //  The entry ends with the state
    s_unlink (self, pending);
    s_begin_turn (self, pending->origin, pending->principal);
    self->answered = true;
    int rc = 0;
    if (pending->turn)
        rc = pending->turn (self, pending->state);
    else if (pending->then)
        rc = pending->then (self, pending->state, outcome);
    if (pending->destroy)
        pending->destroy (pending->state);
    s_end_turn (self);
    pendings_give (self->dispatcher->pendings, pending);
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
s_handle_data (zooid_context_t *self, const envelope_t *envelope)
{
    zooid_message_t *message = envelope->message;
    switch (message->kind) {
    case ZOOID_KIND_TELL:
    case ZOOID_KIND_ASK: return s_handle_request (self, message);
    case ZOOID_KIND_REPLY:
    case ZOOID_KIND_FAILURE: return s_handle_reply (self, message);
    case ZOOID_KIND_EVENT: return s_handle_event (self, message, envelope->subscription);
    case ZOOID_KIND_POST: return s_handle_post (self, message);
    case ZOOID_KIND_SYSTEM:
        self->phase = PHASE_STOPPING;
        return NULL;
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

void
context_release (zooid_context_t *self)
{
    if (self->handled_count == 0)
        return;
    slot_release (self->slot, self->handled_load);
    self->handled_load = 0;
    self->handled_count = 0;
}

//  Let go of what was popped, whatever came of it.
static void
s_finish (zooid_context_t *self, envelope_t *envelope, fate_t fate)
{
    if (envelope->flags & ENVELOPE_RESERVED) {
        self->handled_load += slot_load_of (message_charge (envelope->message));
        if (++self->handled_count == RELEASED_AT_ONCE)
            context_release (self);
    }
    if (fate)
        zooid_ledger_dead (&self->mailbox, fate);
    else
        zooid_ledger_handled (&self->mailbox);
    subscription_destroy (&envelope->subscription);
    zooid_message_destroy (&envelope->message);
}

//  ---- orders of the system

static int
s_call_drain (zooid_context_t *self, void *state)
{
    (void) state;
    if (self->module->drain)
        self->module->drain (self);
    return 0;
}

static void
s_obey (zooid_context_t *self, system_order_t order)
{
    switch (order) {
    case SYSTEM_START: context_start (self); break;
    case SYSTEM_DRAIN:
        if (self->phase == PHASE_RUNNING)
            context_turn (self, s_call_drain, NULL);
        break;
    case SYSTEM_KILL: context_kill (self); break;
    case SYSTEM_STOP: assert (order != SYSTEM_STOP); break;   //  It travels with the data
    }
}

size_t
context_run (zooid_context_t *self, size_t budget)
{
    dispatcher_t *dispatcher = self->dispatcher;
    size_t done = 0;
    envelope_t envelope;
    while (done < budget && context_has_work (self)) {
        done++;
        if (ring_pop (&self->urgent, &envelope)) {
            s_obey (self, envelope.message->order);
            zooid_message_destroy (&envelope.message);
            continue;
        }
        ring_pop (&self->data, &envelope);
        fate_t fate = s_handle_data (self, &envelope);
        s_finish (self, &envelope, fate);
    }
    context_release (self);
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

void
context_bury_all (zooid_context_t *self, const char *reason)
{
    envelope_t envelope;
    while (self->phase == PHASE_STOPPED && ring_pop (&self->urgent, &envelope))
        zooid_message_destroy (&envelope.message);
    while (ring_pop (&self->data, &envelope)) {
        zooid_message_t *message = envelope.message;
        fate_t fate = reason;
        if (message->kind == ZOOID_KIND_POST && !message->turn)
            fate = s_handle_completion (self, message);
        else if (message->kind != ZOOID_KIND_SYSTEM)
            context_bury (self, message, reason, "unavailable");
        if (message->kind == ZOOID_KIND_TELL || message->kind == ZOOID_KIND_ASK || message->kind == ZOOID_KIND_EVENT
            || (message->kind == ZOOID_KIND_POST && message->turn))
            atomic_store (&self->system->mail_died, true);
        if (envelope.subscription)
            atomic_fetch_sub (&envelope.subscription->waiting, 1);
        s_finish (self, &envelope, fate ? fate : reason);
    }
    context_release (self);
}
