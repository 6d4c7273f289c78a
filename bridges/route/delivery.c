//  delivery.c - every message in hand is an item, with copies of its topic, payload and identity behind it in one
//  block. An item is either asked (the open ask owns it, as its state) or waiting (the list `waiting` owns it). All
//  waiting ones are tried again by one timer: when an operation is overloaded it is so for all of them.
//
//  `generation` tells what belongs to the source's present connection. The answer to an older item still counts in the
//  ledger, but settles nothing: its source has been told to send it again.
#include "route/delivery.h"

#include <zooid/log.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    BYTES_MAX = 16 * 1024 * 1024,   //  Of topics and payloads held at once
    ATTEMPTS_MAX = 5,               //  At an operation that answers `internal`
    ATTEMPTS_SILENT = 3,            //  Before health says that messages are held up
};

typedef struct item item_t;
struct item {
    delivery_t *delivery;
    item_t *next;                   //  In `waiting`
    route_t *route;
    uint64_t generation;
    unsigned attempts;
    bool is_waiting;
    bool has_trace;
    bool has_identity;
    zooid_identity_t identity;
    zooid_trace_t trace;
    zooid_bytes_t topic, payload;
    char text [];
};

struct delivery {
    broker_t *broker;
    delivery_settled_fn *settled;
    void *source;
    size_t window;
    size_t open;                    //  Asked and not answered
    size_t waiting_count;
    size_t unsettled;               //  Of this generation
    size_t bytes;
    uint64_t generation;
    item_t *waiting;
    item_t **waiting_tail;
    uint64_t timer;                 //  0: none runs
    bool is_held;                   //  The broker was told
    backoff_t backoff;
    zooid_arena_t *arena;           //  Of one message
    zooid_buffer_t arguments;       //  Of one message
};

void
delivery_new (delivery_t **self_p, broker_t *broker, size_t window, delivery_settled_fn *settled, void *source)
{
    delivery_t *self = zooid_allocate (sizeof *self);
    *self = (delivery_t) {
        .broker = broker, .settled = settled, .source = source, .window = window, .generation = 1,
        .backoff = { .first_ms = 10, .max_ms = 2000 },
    };
    self->waiting_tail = &self->waiting;
    zooid_arena_new (&self->arena, 2 * BYTES_MAX);
    *self_p = self;
}

bool
delivery_is_full (const delivery_t *self)
{
    return self->open + self->waiting_count >= self->window || self->bytes >= BYTES_MAX;
}

size_t
delivery_unsettled (const delivery_t *self)
{
    return self->unsettled;
}

delivery_verdict_t
delivery_verdict (zooid_failure_kind_t kind)
{
    switch (kind) {
    //  The message itself is wrong: it would be wrong again.
    case ZOOID_FAILURE_INVALID:
    case ZOOID_FAILURE_MALFORMED:
    case ZOOID_FAILURE_NOT_FOUND:
    case ZOOID_FAILURE_CONFLICT:
    case ZOOID_FAILURE_PRECONDITION:
    case ZOOID_FAILURE_TOO_LARGE:
        return DELIVERY_DEAD;
    //  A defect may be of this message alone; one message must not stop all the others for ever.
    case ZOOID_FAILURE_INTERNAL:
        return DELIVERY_AGAIN_BOUNDED;
    //  Ours or the operation's, and may pass. A missing grant too: nothing is lost while it is mended.
    case ZOOID_FAILURE_UNAUTHENTICATED:
    case ZOOID_FAILURE_DENIED:
    case ZOOID_FAILURE_RATE_LIMITED:
    case ZOOID_FAILURE_OVERLOADED:
    case ZOOID_FAILURE_UNAVAILABLE:
    case ZOOID_FAILURE_NO_SPACE:
    case ZOOID_FAILURE_DEADLINE:
    case ZOOID_FAILURE_OUTCOME_UNKNOWN:
        break;
    }
    return DELIVERY_AGAIN;
}

//  ---- items

static size_t
s_item_bytes (const item_t *item)
{
    return sizeof *item + item->topic.size + item->payload.size;
}

//  The size is the sender's: NULL when there is no memory for it.
static item_t *
s_item_new (delivery_t *self, const delivery_message_t *message)
{
    const zooid_identity_t *identity = message->identity;
    size_t scope_size = identity ? strlen (identity->scope) + 1 : 0;
    size_t id_size = identity ? strlen (identity->id) + 1 : 0;
    item_t *item = malloc (sizeof *item + scope_size + id_size + message->topic.size + 1 + message->payload.size);
    if (!item)
        return NULL;
    *item = (item_t) { .delivery = self, .route = message->route, .generation = self->generation };
    char *text = item->text;
    if (identity) {
        item->has_identity = true;
        item->identity = *identity;
        item->identity.scope = memcpy (text, identity->scope, scope_size);
        item->identity.id = memcpy (text + scope_size, identity->id, id_size);
        text += scope_size + id_size;
    }
    if (message->trace) {
        item->has_trace = true;
        item->trace = *message->trace;
    }
    memcpy (text, message->topic.data, message->topic.size);
    text [message->topic.size] = 0;
    item->topic = (zooid_bytes_t) { (const uint8_t *) text, message->topic.size };
    text += message->topic.size + 1;
    if (message->payload.size)
        memcpy (text, message->payload.data, message->payload.size);
    item->payload = (zooid_bytes_t) { (const uint8_t *) text, message->payload.size };
    return item;
}

//  The destructor of an open ask. One that was put among the waiting belongs to them.
static void
s_item_release (void *state)
{
    item_t *item = state;
    if (!item->is_waiting)
        free (item);
}

void
delivery_destroy (delivery_t **self_p)
{
    delivery_t *self = *self_p;
    if (!self)
        return;
    while (self->waiting) {
        item_t *item = self->waiting;
        self->waiting = item->next;
        free (item);
    }
    zooid_arena_destroy (&self->arena);
    zooid_buffer_fini (&self->arguments);
    free (self);
    *self_p = NULL;
}

//  It is in nobody's hands any more but the caller's, who frees it.
static int
s_settle (delivery_t *self, zooid_context_t *context, const item_t *item)
{
    self->bytes -= s_item_bytes (item);
    if (item->generation != self->generation)
        return 0;
    return --self->unsettled == 0 ? self->settled (context, self->source) : 0;
}

static const char *
s_topic (const item_t *item)
{
    return (const char *) item->topic.data;
}

//  ---- asking

static int
    s_answered (zooid_context_t *context, void *state, const zooid_outcome_t *outcome);
static void
    s_wait (delivery_t *self, zooid_context_t *context, item_t *item);

//  Takes the item. Its arguments are made anew at each attempt: to keep them would double what is held.
static int
s_ask (delivery_t *self, zooid_context_t *context, item_t *item)
{
    pattern_captures_t captures;
    const char *field = NULL, *why = NULL;
    bool matches = pattern_matches (item->route->dialect, item->route->from, item->topic, &captures);
    captures.payload = item->payload;
    zooid_arena_reset (self->arena);
    zooid_buffer_clear (&self->arguments);
    int rc = matches ? mapping_encode (item->route->mapping, &captures, self->arena, &self->arguments, &field, &why)
                     : ZOOID_INVALID;
    if (rc == ZOOID_INVALID || (rc == 0 && self->arguments.failed)) {
        const char *detail = zooid_arena_format (self->arena, "%s %s", field ? field : "arguments",
                                                 why ? why : "are too large");
        route_dead (item->route, context, "bad_argument", s_topic (item), item->payload, detail);
        rc = s_settle (self, context, item);
        free (item);
        return rc;
    }
    if (rc == 0) {
        item->attempts++;
        rc = zooid_ask (context, &(zooid_call_t) {
            .operation = item->route->target, .as_self = true,
            .payload = { self->arguments.data, self->arguments.size },
            .identity = item->has_identity ? &item->identity : NULL, .trace = item->has_trace ? &item->trace : NULL,
            .then = s_answered, .state = item, .destroy = s_item_release,
        });
    }
    if (rc == 0)
        self->open++;
    else if (rc > 0)
        s_wait (self, context, item);
    else
        free (item);
    return rc < 0 ? zooid_fault (rc) : 0;
}

int
delivery_take (delivery_t *self, zooid_context_t *context, const delivery_message_t *message)
{
    route_in (message->route);
    item_t *item = s_item_new (self, message);
    //  Not acknowledged: the actor begins anew, and the source sends it again.
    if (!item)
        return zooid_fault (-ENOMEM);
    self->unsettled++;
    self->bytes += s_item_bytes (item);
    return s_ask (self, context, item);
}

//  ---- trying again

static int
s_try_again (zooid_context_t *context, void *state)
{
    delivery_t *self = state;
    item_t *item = self->waiting;
    self->timer = 0;
    self->waiting = NULL;
    self->waiting_tail = &self->waiting;
    self->waiting_count = 0;
    int result = 0;
    while (item) {
        item_t *next = item->next;
        item->is_waiting = false;
        item->next = NULL;
        int rc = s_ask (self, context, item);
        result = result ? result : rc;
        item = next;
    }
    return result;
}

static void
s_wait (delivery_t *self, zooid_context_t *context, item_t *item)
{
    item->is_waiting = true;
    item->next = NULL;
    *self->waiting_tail = item;
    self->waiting_tail = &item->next;
    self->waiting_count++;
    if (self->timer == 0)
        zooid_timer_start (context, backoff_next (&self->backoff, context), 0, s_try_again, self, NULL, &self->timer);
}

static void
s_hold (delivery_t *self, zooid_context_t *context, const item_t *item, const zooid_outcome_t *outcome)
{
    if (item->attempts < ATTEMPTS_SILENT)
        return;
    const char *why = zooid_arena_format (zooid_arena (context), "route %s: %s answers %s%s%s", item->route->name,
                                          item->route->target, outcome->failure, *outcome->detail ? ": " : "",
                                          outcome->detail);
    if (!self->is_held)
        zooid_log (context, ZOOID_WARN, "route_held", ZOOID_TEXT ("route", item->route->name),
                   ZOOID_TEXT ("operation", item->route->target), ZOOID_TEXT ("failure", outcome->failure),
                   ZOOID_TEXT ("detail", outcome->detail));
    self->is_held = true;
    broker_hold (self->broker, context, why ? why : outcome->failure);
}

static void
s_move_on (delivery_t *self, zooid_context_t *context)
{
    backoff_reset (&self->backoff);
    if (self->is_held)
        broker_hold (self->broker, context, NULL);
    self->is_held = false;
}

//  The name as a constant: the operation's own, or the kind's.
static const char *
s_reason (const route_t *route, const zooid_outcome_t *outcome)
{
    const zooid_operation_t *operation = route->operation;
    for (size_t n = 0; operation && n < operation->fail_count; n++)
        if (strcmp (operation->fails [n].name, outcome->failure) == 0)
            return operation->fails [n].name;
    return zooid_failure_kind_name (outcome->kind);
}

//  Is the message to be tried again? If it is of an older generation its source has it.
static bool
s_is_again (const delivery_t *self, const item_t *item, const zooid_outcome_t *outcome)
{
    delivery_verdict_t verdict = delivery_verdict (outcome->kind);
    if (item->route->guarantee == ROUTE_AT_MOST_ONCE || item->generation != self->generation)
        return false;
    return verdict == DELIVERY_AGAIN || (verdict == DELIVERY_AGAIN_BOUNDED && item->attempts < ATTEMPTS_MAX);
}

static int
s_answered (zooid_context_t *context, void *state, const zooid_outcome_t *outcome)
{
    item_t *item = state;
    delivery_t *self = item->delivery;
    self->open--;
    if (outcome->failure && s_is_again (self, item, outcome)) {
        s_hold (self, context, item, outcome);
        s_wait (self, context, item);
        return 0;
    }
    if (!outcome->failure) {
        route_delivered (item->route);
        s_move_on (self, context);
    }
    else if (item->generation != self->generation && delivery_verdict (outcome->kind) != DELIVERY_DEAD)
        route_filtered (item->route, "requeued");
    else
        route_dead (item->route, context, s_reason (item->route, outcome), s_topic (item), item->payload,
                    outcome->detail);
    return s_settle (self, context, item);
}

void
delivery_abandon (delivery_t *self, zooid_context_t *context)
{
    if (self->timer)
        zooid_timer_stop (context, self->timer);
    self->timer = 0;
    self->generation++;
    self->unsettled = 0;
    while (self->waiting) {
        item_t *item = self->waiting;
        self->waiting = item->next;
        route_filtered (item->route, "requeued");
            self->bytes -= s_item_bytes (item);
        free (item);
    }
    self->waiting_tail = &self->waiting;
    self->waiting_count = 0;
}
