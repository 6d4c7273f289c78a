//  An event is one message in many mailboxes. Each subscription has a bound of its own: at twice its limit, while the
//  subscriber does not even look, the newest is shed here; from the limit on the oldest goes first, when it is handled.
#include "dispatcher.h"

#include "../record/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT_DEFAULT = 1024 };

typedef struct {
    zooid_context_t *publisher;
    zooid_message_t *message;
    size_t reached;
} delivery_t;

//  The subscriber's own message in wire mode, the same one else.
static zooid_message_t *
s_copy_for (const delivery_t *delivery)
{
    const zooid_context_t *publisher = delivery->publisher;
    if (!publisher->dispatcher->system->wire)
        return zooid_message_keep (delivery->message);
    zooid_buffer_t wire = { 0 };
    zooid_message_t *copy = NULL;
    message_encode (delivery->message, publisher->dispatcher->now_ms, &wire);
    if (wire.failed || message_decode ((zooid_bytes_t) { wire.data, wire.size }, publisher->dispatcher->now_ms, &copy))
        abort ();
    zooid_buffer_fini (&wire);
    return copy;
}

static void
s_shed (subscription_t *subscription, slot_t *slot)
{
    atomic_fetch_sub (&subscription->waiting, 1);
    atomic_fetch_add (&subscription->dropped, 1);
    atomic_fetch_add (&slot->dropped, 1);
}

static void
s_deliver (void *state, subscription_t *subscription)
{
    delivery_t *delivery = state;
    dispatcher_t *dispatcher = delivery->publisher->dispatcher;
    slot_t *slot = slots_find (dispatcher->system->slots, subscription->to);
    if (!slot || !slot_is (slot, subscription->to))
        return;
    size_t bound = subscription->overflow == ZOOID_DROP_OLDEST ? 2 * subscription->limit : subscription->limit;
    if (atomic_fetch_add (&subscription->waiting, 1) >= bound) {
        s_shed (subscription, slot);
        return;
    }
    zooid_message_t *message = s_copy_for (delivery);
    if (slot_reserve (slot, message_charge (message))) {
        zooid_message_destroy (&message);
        s_shed (subscription, slot);
        return;
    }
    delivery->reached++;
    dispatcher_put (dispatcher, slot, &(envelope_t) {
        .slot = subscription->to.slot, .generation = subscription->to.generation, .message = message,
        .subscription = subscription_keep (subscription) });
}

//  NULL: the contract declares none such.
static const zooid_event_t *
s_find_event (const zooid_contract_t *contract, const char *topic)
{
    for (size_t i = 0; i < contract->event_count; i++)
        if (zooid_topic_matches (contract->events [i].topic, topic))
            return &contract->events [i];
    return NULL;
}

static int
s_publish (zooid_context_t *self, const char *topic, zooid_bytes_t payload, const zooid_record_t *image, size_t *ret_reached)
{
    dispatcher_t *dispatcher = self->dispatcher;
    const zooid_message_t *message = dispatcher_message (self);
    delivery_t delivery = { .publisher = self, .message = message_new (&(message_parts_t) {
        .kind = ZOOID_KIND_EVENT, .id = (uint64_t) (dispatcher->index + 1) << 48 | ++dispatcher->messages, .from = context_ref (self),
        .name = topic, .principal = dispatcher_principal (self), .payload = payload, .image = image,
        .trace = message ? zooid_message_trace (message) : NULL }) };
    if (!delivery.message)
        return zooid_fault (-ENOMEM);
    registry_match (dispatcher->system->registry, topic, s_deliver, &delivery);
    zooid_message_destroy (&delivery.message);
    dispatcher_settle (dispatcher);
    *ret_reached = delivery.reached;
    return 0;
}

int
zooid_publish_payload (zooid_context_t *self, const char *topic, zooid_bytes_t payload)
{
    size_t reached;
    if (!zooid_topic_is_name (topic) || !s_find_event (self->type->module->contract, topic))
        return ZOOID_UNKNOWN;
    return s_publish (self, topic, payload, NULL, &reached);
}

int
zooid_directory_publish (zooid_context_t *self, const char *topic, zooid_bytes_t payload, size_t *ret_reached)
{
    const zooid_event_t *event = NULL;
    if (!zooid_topic_is_name (topic) || registry_event (self->dispatcher->system->registry, topic, &event))
        return ZOOID_UNKNOWN;
    if (!zooid_principal_has (dispatcher_principal (self), event->scope))
        return ZOOID_DENIED;
    return s_publish (self, topic, payload, NULL, ret_reached);
}

int
zooid_publish (zooid_context_t *self, const char *topic, const zooid_record_t *record, const void *value)
{
    size_t reached;
    const zooid_event_t *event = zooid_topic_is_name (topic) ? s_find_event (self->type->module->contract, topic) : NULL;
    if (!event)
        return ZOOID_UNKNOWN;
    //  Subscribers that take the same record are given the struct.
    if (record == event->carries && image_is_possible (record) && image_is_sound (record, value))
        return s_publish (self, topic, (zooid_bytes_t) { value, record->size }, record, &reached);
    zooid_buffer_t *payload = dispatcher_scratch (self->dispatcher);
    int rc = zooid_record_encode (record, value, payload);
    if (rc || payload->failed)
        return zooid_fault (rc ? rc : -ENOMEM);
    return s_publish (self, topic, (zooid_bytes_t) { payload->data, payload->size }, NULL, &reached);
}

//  ---- subscriptions made by code

int
zooid_subscribe (zooid_context_t *self, const char *pattern, zooid_overflow_t overflow, size_t limit,
                 zooid_event_fn *handler, void *state, uint64_t *ret_subscription)
{
    if (!zooid_topic_is_pattern (pattern))
        return ZOOID_INVALID;
    subscription_t *subscription = zooid_allocate (sizeof *subscription);
    atomic_init (&subscription->references, 1);
    subscription->limit = limit ? limit : LIMIT_DEFAULT;
    subscription->overflow = overflow;
    subscription->to = context_ref (self);
    subscription->id = (uint64_t) (self->dispatcher->index + 1) << 48 | ++self->dispatcher->messages;
    subscription->handler = handler;
    subscription->state = state;
    subscription->pattern = zooid_duplicate (pattern);
    extra_t *extra = context_extra (self);
    extra->subscriptions = realloc (extra->subscriptions, (extra->subscription_count + 1) * sizeof (subscription_t *));
    if (!extra->subscriptions)
        abort ();
    extra->subscriptions [extra->subscription_count++] = subscription;
    registry_subscribe (self->dispatcher->system->registry, subscription);
    *ret_subscription = subscription->id;
    return 0;
}

static void
s_end (zooid_context_t *self, size_t index)
{
    extra_t *extra = self->extra;
    subscription_t *subscription = extra->subscriptions [index];
    extra->subscriptions [index] = extra->subscriptions [--extra->subscription_count];
    atomic_store (&subscription->ended, true);
    registry_unsubscribe (self->dispatcher->system->registry, subscription);
    subscription_destroy (&subscription);
}

void
zooid_unsubscribe (zooid_context_t *self, uint64_t subscription)
{
    const extra_t *extra = self->extra;
    for (size_t i = 0; extra && i < extra->subscription_count; i++)
        if (extra->subscriptions [i]->id == subscription) {
            s_end (self, i);
            return;
        }
}

uint64_t
zooid_subscription_dropped (const zooid_context_t *self, uint64_t subscription)
{
    const extra_t *extra = self->extra;
    for (size_t i = 0; extra && i < extra->subscription_count; i++)
        if (extra->subscriptions [i]->id == subscription)
            return atomic_load (&extra->subscriptions [i]->dropped);
    return 0;
}

void
publish_end_subscriptions (zooid_context_t *self)
{
    extra_t *extra = self->extra;
    while (extra->subscription_count > 0)
        s_end (self, extra->subscription_count - 1);
    free (extra->subscriptions);
    extra->subscriptions = NULL;
}
