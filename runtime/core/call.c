//  What an actor sends: tells, asks, replies. Room is reserved here, on the sender's thread, before anything is queued; an
//  ask that can not be queued is answered by ourselves, so that its continuation runs like every other.
#include "behavior.h"
#include "dispatcher.h"

#include "../record/image.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEADLINE_DEFAULT_MS = 5000, BODY_MAX_DEFAULT = 1024 * 1024, DETAIL_MAX = 512 };

zooid_failure_kind_t
call_failure_kind (const zooid_operation_t *operation, const char *name)
{
    for (size_t i = 0; operation && i < operation->fail_count; i++)
        if (strcmp (operation->fails [i].name, name) == 0)
            return operation->fails [i].kind;
    return zooid_failure_kind (name);
}

static uint64_t
s_next_id (dispatcher_t *self)
{
    return (uint64_t) (self->index + 1) << 48 | ++self->messages;
}

//  In wire mode a message becomes what a peer would have made of it.
static zooid_message_t *
s_over_the_wire (zooid_system_t *system, int64_t now_ms, zooid_message_t *message)
{
    if (!system->wire)
        return message;
    zooid_buffer_t wire = { 0 };
    message_encode (message, now_ms, &wire);
    zooid_message_t *copy = NULL;
    int rc = wire.failed ? ZOOID_FULL : message_decode ((zooid_bytes_t) { wire.data, wire.size }, now_ms, &copy);
    zooid_buffer_fini (&wire);
    if (rc) {
        fprintf (stderr, "zooid: a message of kind %d does not survive the wire\n", message->kind);
        abort ();
    }
    if (copy->kind == ZOOID_KIND_TELL || copy->kind == ZOOID_KIND_ASK)
        copy->operation = message->operation;       //  As the receiver's contract has it by that name
    zooid_message_destroy (&message);
    return copy;
}

//  Takes the message. The room, if it needs any, is reserved.
static void
s_put (dispatcher_t *self, slot_t *slot, zooid_ref_t to, zooid_message_t *message)
{
    size_t charge = message_charge (message);
    message = s_over_the_wire (self->system, self->now_ms, message);
    if (message_is_charged (message) && message_charge (message) != charge)
        slot_adjust (slot, charge, message_charge (message));
    dispatcher_put (self, slot, &(envelope_t) { .slot = to.slot, .generation = to.generation, .message = message });
}

//  ---- answers

static void
s_answer (dispatcher_t *self, zooid_ref_t from, const zooid_message_t *ask, message_parts_t *parts)
{
    slot_t *slot = slots_find (self->system->slots, ask->from);
    if (ask->kind != ZOOID_KIND_ASK || !slot || !slot_is (slot, ask->from))
        return;
    parts->id = s_next_id (self);
    parts->correlation = ask->correlation;
    parts->from = from;
    parts->trace = zooid_message_trace (ask);
    zooid_message_t *message = message_new (parts);
    if (!message) {
        *parts = (message_parts_t) { .kind = ZOOID_KIND_FAILURE, .id = parts->id, .correlation = ask->correlation,
                                     .from = from, .name = "too_large", .failure_kind = ZOOID_FAILURE_TOO_LARGE };
        message = message_new (parts);
    }
    s_put (self, slot, ask->from, message);
    dispatcher_settle (self);
}

void
call_reply (zooid_context_t *self, const zooid_message_t *ask, zooid_bytes_t payload)
{
    s_answer (self->dispatcher, context_ref (self), ask, &(message_parts_t) { .kind = ZOOID_KIND_REPLY, .payload = payload });
}

void
call_fail (zooid_context_t *self, const zooid_message_t *ask, const char *name, const char *detail, zooid_bytes_t payload)
{
    s_answer (self->dispatcher, context_ref (self), ask, &(message_parts_t) {
        .kind = ZOOID_KIND_FAILURE, .name = name, .detail = detail, .payload = payload,
        .failure_kind = call_failure_kind (ask->operation, name) });
}

void
call_return (dispatcher_t *dispatcher, const zooid_message_t *ask, const char *name, const char *detail)
{
    s_answer (dispatcher, (zooid_ref_t) { 0 }, ask, &(message_parts_t) {
        .kind = ZOOID_KIND_FAILURE, .name = name, .detail = detail, .failure_kind = call_failure_kind (NULL, name) });
}

static int
s_encode_reply (const zooid_record_t *record, const void *value, zooid_buffer_t *payload)
{
    if (!record)
        return 0;
    int rc = zooid_record_encode (record, value, payload);
    return payload->failed ? zooid_fault (-ENOMEM) : rc;
}

int
zooid_reply (zooid_context_t *self, const zooid_record_t *record, const void *value)
{
    const zooid_message_t *message = dispatcher_message (self);
    if (message && message->kind != ZOOID_KIND_ASK)
        return 0;
    if (!message || self->dispatcher->turn.answered)
        return zooid_fault (-EALREADY);
    zooid_buffer_t *payload = dispatcher_scratch (self->dispatcher);
    int rc = s_encode_reply (record, value, payload);
    if (rc)
        return zooid_fault (rc);
    self->dispatcher->turn.answered = true;
    call_reply (self, message, (zooid_bytes_t) { payload->data, payload->size });
    return 0;
}

int
zooid_fail (zooid_context_t *self, const char *name, const char *format, ...)
{
    const zooid_message_t *message = dispatcher_message (self);
    if (!message || self->dispatcher->turn.answered)
        return 0;
    char detail [DETAIL_MAX];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (detail, sizeof detail, format, arguments);
    va_end (arguments);
    self->dispatcher->turn.answered = true;
    call_fail (self, message, name, detail, (zooid_bytes_t) { 0 });
    return 0;
}

//  ---- requests that are answered later

zooid_request_t *
zooid_request_take (zooid_context_t *self)
{
    zooid_request_t *request = zooid_allocate (sizeof *request);
    request->dispatcher = self->dispatcher;
    request->actor = context_ref (self);
    const zooid_message_t *message = dispatcher_message (self);
    turn_t *turn = &self->dispatcher->turn;
    if (message && !turn->answered) {
        request->message = zooid_message_keep (message);
        turn->answered = true;
    }
    request->exclusive_era = behavior_open (self);
    self->requests_open++;
    return request;
}

static void
s_request_end (zooid_request_t **request_p)
{
    zooid_request_t *request = *request_p;
    *request_p = NULL;
    slot_t *slot = slots_find (request->dispatcher->system->slots, request->actor);
    if (slot_is (slot, request->actor)) {
        zooid_context_t *actor = atomic_load (&slot->actor);
        actor->requests_open--;
        behavior_close (actor, request->exclusive_era);
        //  One that is to stop may have waited for this alone, and this may be no turn of its own.
        if (actor->phase == PHASE_STOPPING) {
            dispatcher_ready (actor->dispatcher, actor);
            dispatcher_settle (actor->dispatcher);
        }
    }
    zooid_message_destroy (&request->message);
    free (request);
}

int
zooid_request_reply (zooid_context_t *self, zooid_request_t **request_p, const zooid_record_t *record, const void *value)
{
    if (!*request_p)
        return zooid_fault (-EALREADY);
    int rc = 0;
    const zooid_message_t *ask = (*request_p)->message;
    if (ask) {
        zooid_buffer_t *payload = dispatcher_scratch (self->dispatcher);
        rc = s_encode_reply (record, value, payload);
        if (rc)
            call_fail (self, ask, "internal", "", (zooid_bytes_t) { 0 });
        else
            call_reply (self, ask, (zooid_bytes_t) { payload->data, payload->size });
    }
    s_request_end (request_p);
    return rc;
}

int
zooid_request_fail (zooid_context_t *self, zooid_request_t **request_p, const char *name, const char *format, ...)
{
    if (!*request_p)
        return zooid_fault (-EALREADY);
    char detail [DETAIL_MAX];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (detail, sizeof detail, format, arguments);
    va_end (arguments);
    if ((*request_p)->message)
        call_fail (self, (*request_p)->message, name, detail, (zooid_bytes_t) { 0 });
    s_request_end (request_p);
    return 0;
}

int
zooid_request_forward (zooid_context_t *self, zooid_request_t **request_p, const zooid_outcome_t *outcome)
{
    if (!*request_p)
        return zooid_fault (-EALREADY);
    const zooid_message_t *ask = (*request_p)->message;
    if (ask && outcome->failure)
        s_answer (self->dispatcher, context_ref (self), ask, &(message_parts_t) {
            .kind = ZOOID_KIND_FAILURE, .name = outcome->failure, .detail = outcome->detail,
            .failure_kind = outcome->kind, .payload = outcome->payload });
    else if (ask)
        call_reply (self, ask, outcome->payload);
    s_request_end (request_p);
    return 0;
}

void
zooid_request_destroy (zooid_request_t **request_p)
{
    if (!*request_p)
        return;
    if ((*request_p)->message)
        call_return ((*request_p)->dispatcher, (*request_p)->message, "internal", "the actor gave up on it");
    s_request_end (request_p);
}

//  ---- tell and ask

//  Whom a call goes to, and as what.
typedef struct {
    slot_t *slot;
    zooid_ref_t to;
    const zooid_operation_t *operation;
    const lookup_t *lookup;
    const zooid_principal_t *principal;
    const char *failure;            //  Why it can not be sent, and
    const char *detail;
    int outcome;                    //  what a tell says then
} target_t;

static int
s_refuse (target_t *target, int outcome, const char *failure, const char *detail)
{
    target->outcome = outcome;
    target->failure = failure;
    target->detail = detail;
    return ZOOID_REFUSED;
}

static int
s_choose_principal (zooid_context_t *self, const zooid_call_t *call, target_t *target)
{
    target->principal = call->principal ? call->principal : call->as_self ? self->type->principal : dispatcher_principal (self);
    if (call->principal && !self->type->sets_principal)
        return s_refuse (target, ZOOID_DENIED, "denied", "the topology does not let this actor set a principal");
    if (!target->lookup->is_public && !zooid_principal_has (target->principal, target->operation->scope))
        return s_refuse (target, ZOOID_DENIED, "denied", "a scope is missing");
    return 0;
}

//  By its name whoever serves the operation; by a ref that actor, if it does: under its name, or in its contract.
static int
s_aim (zooid_context_t *self, const zooid_call_t *call, target_t *target)
{
    zooid_system_t *system = self->dispatcher->system;
    lookups_t *lookups = self->dispatcher->lookups;
    target->to = call->to;
    if (zooid_ref_is_nobody (call->to)) {
        target->lookup = lookups_find (lookups, call->operation);
        if (!target->lookup)
            return s_refuse (target, ZOOID_UNKNOWN, "unavailable", "nobody serves the operation");
        target->to = target->lookup->ref;
    }
    target->slot = slots_find (system->slots, target->to);
    if (!target->slot || !slot_is (target->slot, target->to))
        return s_refuse (target, ZOOID_GONE, "unavailable", "the actor has stopped");
    if (!target->lookup)
        target->lookup = lookups_of (lookups, target->slot, target->to, call->operation);
    if (!target->lookup)
        return s_refuse (target, ZOOID_UNKNOWN, "unavailable", "that actor does not serve the operation");
    target->operation = target->lookup->operation;
    return s_choose_principal (self, call, target);
}

static int
s_encode (const zooid_call_t *call, const target_t *target, zooid_buffer_t *buffer, message_parts_t *parts)
{
    parts->payload = call->payload;
    if (!call->takes)
        return 0;
    if (call->takes == target->lookup->image && image_is_sound (call->takes, call->arguments)) {
        parts->image = call->takes;
        parts->payload = (zooid_bytes_t) { call->arguments, call->takes->size };
        return 0;
    }
    buffer->limit = 2 * (target->operation->body_max ? target->operation->body_max : BODY_MAX_DEFAULT);
    int rc = zooid_record_encode (call->takes, call->arguments, buffer);
    parts->payload = (zooid_bytes_t) { buffer->data, buffer->size };
    return rc ? zooid_fault (rc) : 0;
}

//  Make the message, reserve its room and queue it.
static int
s_send (zooid_context_t *self, const zooid_call_t *call, target_t *target, const message_parts_t *form)
{
    zooid_buffer_t *buffer = dispatcher_scratch (self->dispatcher);
    message_parts_t parts = *form;
    int rc = s_encode (call, target, buffer, &parts);
    if (rc)
        return rc;
    size_t body_max = target->operation->body_max ? target->operation->body_max : BODY_MAX_DEFAULT;
    if (buffer->failed || parts.payload.size > body_max)
        return s_refuse (target, ZOOID_INVALID, "too_large", "the arguments are larger than the operation takes");
    parts.id = s_next_id (self->dispatcher);
    if (zooid_ref_is_nobody (parts.from))
        parts.from = context_ref (self);
    parts.name = target->lookup->constant ? target->lookup->constant : call->operation;
    parts.name_is_static = target->lookup->constant;
    parts.operation = target->operation;
    parts.principal = target->principal;
    parts.identity = call->identity;
    const zooid_message_t *origin = dispatcher_message (self);
    parts.trace = call->trace ? call->trace : origin ? zooid_message_trace (origin) : NULL;
    zooid_message_t *message = message_new (&parts);
    if (!message || slot_reserve (target->slot, message_charge (message))) {
        zooid_message_destroy (&message);
        return s_refuse (target, ZOOID_FULL, "overloaded", "its mailbox is full");
    }
    s_put (self->dispatcher, target->slot, target->to, message);
    return 0;
}

//  What the receiver's figures say of it.
static void
s_note_refusal (const target_t *target)
{
    if (target->slot && (target->outcome == ZOOID_FULL || target->outcome == ZOOID_DENIED))
        atomic_fetch_add (&target->slot->refused, 1);
}

int
zooid_tell (zooid_context_t *self, const zooid_call_t *call)
{
    target_t target = { 0 };
    int rc = s_aim (self, call, &target);
    if (!rc)
        rc = s_send (self, call, &target, &(message_parts_t) { .kind = ZOOID_KIND_TELL });
    if (rc == ZOOID_REFUSED)
        s_note_refusal (&target);
    dispatcher_settle (self->dispatcher);
    return rc == ZOOID_REFUSED ? target.outcome : rc;
}

int
zooid_forward (zooid_context_t *self, zooid_ref_t to, const char *operation)
{
    const zooid_message_t *message = dispatcher_message (self);
    turn_t *turn = &self->dispatcher->turn;
    bool is_request = message && (message->kind == ZOOID_KIND_TELL || message->kind == ZOOID_KIND_ASK);
    if (!is_request || turn->is_stashed || (message->kind == ZOOID_KIND_ASK && turn->answered))
        return zooid_fault (-EALREADY);
    zooid_call_t call = { .operation = operation, .to = to, .identity = zooid_message_identity (message) };
    target_t target = { 0 };
    int rc = s_aim (self, &call, &target);
    bool is_image = message->image && target.lookup && message->image == target.lookup->image;
    call.payload = is_image ? message->body : zooid_message_payload (message);
    if (!rc)
        rc = s_send (self, &call, &target, &(message_parts_t) {
            .kind = message->kind, .from = message->from, .correlation = message->correlation, .deadline_ms = message->deadline_ms,
            .image = is_image ? message->image : NULL });
    if (rc == ZOOID_REFUSED)
        s_note_refusal (&target);
    if (rc == 0)
        turn->answered = true;
    dispatcher_settle (self->dispatcher);
    return rc == ZOOID_REFUSED ? target.outcome : rc;
}

static void
s_fire_deadline (void *owner, void *state)
{
    pending_t *pending = state;
    pending->timer = 0;
    context_resume (owner, pending, &(zooid_outcome_t) {
        .failure = "deadline", .kind = ZOOID_FAILURE_DEADLINE, .detail = "no answer came in time" });
}

//  The answer that we give ourselves; it comes by the mailbox like any other.
static void
s_fail_self (zooid_context_t *self, const pending_t *pending, const target_t *target)
{
    assert (target->failure);
    zooid_message_t *message = message_new (&(message_parts_t) {
        .kind = ZOOID_KIND_FAILURE, .id = s_next_id (self->dispatcher), .correlation = pending->id, .from = context_ref (self),
        .name = target->failure, .detail = target->detail,
        .failure_kind = call_failure_kind (target->operation, target->failure) });
    if (message)
        s_put (self->dispatcher, self->slot, context_ref (self), message);
}

static pending_t *
s_open (zooid_context_t *self)
{
    pending_t *pending = pendings_take (self->dispatcher->pendings);
    pending->actor = self;
    pending_link (pending, &self->pendings);
    self->asks_open++;
    pending->origin = zooid_message_keep (dispatcher_message (self));
    pending->principal = zooid_principal_keep (dispatcher_principal (self));
    pending->exclusive_era = behavior_open (self);
    return pending;
}

//  Take it back: nothing was sent.
static void
s_close (zooid_context_t *self, pending_t *pending)
{
    timers_stop (self->dispatcher->timers, pending->timer);
    pending_unlink (pending);
    self->asks_open--;
    behavior_close (self, pending->exclusive_era);
    pendings_give (self->dispatcher->pendings, pending);
}

int
zooid_ask (zooid_context_t *self, const zooid_call_t *call)
{
    if (self->asks_open >= ZOOID_ASKS_MAX)
        return ZOOID_FULL;
    target_t target = { 0 };
    int rc = s_aim (self, call, &target);
    int64_t wait_ms = call->deadline_ms ? call->deadline_ms
                      : target.operation && target.operation->deadline_ms ? target.operation->deadline_ms
                                                                          : DEADLINE_DEFAULT_MS;
    if (wait_ms > INT32_MAX)
        wait_ms = INT32_MAX;        //  The most that the wire form carries
    int64_t deadline_ms = dispatcher_now_ms (self->dispatcher) + wait_ms;
    pending_t *pending = s_open (self);
    pending->then = call->then;
    pending->timer = timers_start (self->dispatcher->timers, deadline_ms, s_fire_deadline, self, pending);
    if (!rc)
        rc = s_send (self, call, &target, &(message_parts_t) {
            .kind = ZOOID_KIND_ASK, .correlation = pending->id, .deadline_ms = deadline_ms });
    if (rc < 0) {
        s_close (self, pending);
        return zooid_fault (rc);
    }
    pending->state = call->state;
    pending->destroy = call->destroy;
    if (rc) {
        s_note_refusal (&target);
        s_fail_self (self, pending, &target);
    }
    dispatcher_settle (self->dispatcher);
    return 0;
}

//  ---- completions: entries of the same table, done by other threads

int
zooid_completion_new (zooid_context_t *self, zooid_turn_fn *then, void *state, zooid_destroy_fn *destroy, zooid_completion_t *ret_completion)
{
    if (self->asks_open >= ZOOID_ASKS_MAX)
        return ZOOID_FULL;
    pending_t *pending = s_open (self);
    pending->turn = then;
    pending->state = state;
    pending->destroy = destroy;
    *ret_completion = (zooid_completion_t) { context_ref (self), pending->id };
    return 0;
}

void
zooid_completion_cancel (zooid_context_t *self, zooid_completion_t completion)
{
    pending_t *pending = pendings_find (self->dispatcher->pendings, completion.id);
    if (pending)
        s_close (self, pending);
}

void
zooid_completion_done (zooid_system_t *system, zooid_completion_t completion)
{
    zooid_message_t *message = message_new_post (NULL, NULL, NULL);
    message->correlation = completion.id;
    system_put (system, pending_dispatcher (completion.id), &(envelope_t) { .message = message, .flags = ENVELOPE_DISPATCHER });
}
