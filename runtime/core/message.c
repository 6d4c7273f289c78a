//  A message is one block whatever it carries, so that it is freed by one call on whichever thread lets go last.
#include "message.h"

#include "pool.h"

#include <stdlib.h>
#include <string.h>

struct encoding {
    zooid_buffer_t buffer;
};

static size_t
s_text_size (const char *text)
{
    return text ? strlen (text) + 1 : 0;
}

static const char *
s_put_text (char **place_p, const char *text)
{
    if (!text)
        return "";
    char *copy = *place_p;
    *place_p = stpcpy (copy, text) + 1;
    return copy;
}

static bool
s_is_none (const zooid_trace_t *trace)
{
    static const uint8_t none [sizeof trace->trace];
    return !trace || memcmp (trace->trace, none, sizeof none) == 0;
}

static bool
s_has_extra (const message_parts_t *parts)
{
    return parts->identity || parts->detail || parts->failure_kind || !s_is_none (parts->trace);
}

static size_t
s_size (const message_parts_t *parts, bool has_extra)
{
    size_t size = sizeof (zooid_message_t) + parts->payload.size;
    if (!parts->name_is_static)
        size += s_text_size (parts->name);
    if (has_extra) {
        size += sizeof (message_extra_t) + s_text_size (parts->detail);
        if (parts->identity)
            size += s_text_size (parts->identity->scope) + s_text_size (parts->identity->id);
    }
    return size;
}

static void
s_fill_extra (message_extra_t *self, const message_parts_t *parts, char **place_p)
{
    *self = (message_extra_t) { .failure_kind = parts->failure_kind, .detail = s_put_text (place_p, parts->detail) };
    if (parts->trace)
        self->trace = *parts->trace;
    if (parts->identity) {
        self->has_identity = true;
        self->identity = *parts->identity;
        self->identity.scope = s_put_text (place_p, parts->identity->scope);
        self->identity.id = s_put_text (place_p, parts->identity->id);
    }
}

zooid_message_t *
message_new (const message_parts_t *parts)
{
    bool has_extra = s_has_extra (parts);
    zooid_message_t *self = pool_take (s_size (parts, has_extra));
    if (!self)
        return NULL;
    message_extra_t *extra = has_extra ? (message_extra_t *) (self + 1) : NULL;
    char *payload = (char *) (self + 1) + (has_extra ? sizeof *extra : 0);
    *self = (zooid_message_t) {
        .kind = parts->kind,
        .id = parts->id,
        .correlation = parts->correlation,
        .from = parts->from,
        .deadline_ms = parts->deadline_ms,
        .extra = extra,
        .body = { (const uint8_t *) payload, parts->payload.size },
        .image = parts->image,
        .principal = zooid_principal_keep (parts->principal),
        .operation = parts->operation,
    };
    atomic_init (&self->references, 1);
    if (parts->payload.size > 0)
        memcpy (payload, parts->payload.data, parts->payload.size);
    char *place = payload + parts->payload.size;
    self->name = parts->name_is_static ? parts->name : s_put_text (&place, parts->name);
    if (has_extra)
        s_fill_extra (extra, parts, &place);
    return self;
}

zooid_message_t *
message_new_post (zooid_turn_fn *turn, void *state, zooid_destroy_fn *destroy)
{
    zooid_message_t *self = pool_take (sizeof *self);
    if (!self)
        abort ();       //  A small fixed block
    *self = (zooid_message_t) { .kind = ZOOID_KIND_POST, .name = "", .turn = turn, .state = state, .destroy = destroy };
    atomic_init (&self->references, 1);
    return self;
}

zooid_message_t *
message_new_order (system_order_t order)
{
    zooid_message_t *self = message_new_post (NULL, NULL, NULL);
    self->kind = ZOOID_KIND_SYSTEM;
    self->order = order;
    return self;
}

void
message_disarm (zooid_message_t *self)
{
    self->state = NULL;
    self->destroy = NULL;
}

static bool
s_is_closure (const zooid_message_t *self)
{
    return self->kind == ZOOID_KIND_POST || self->kind == ZOOID_KIND_SYSTEM;
}

size_t
message_charge (const zooid_message_t *self)
{
    return sizeof *self + (s_is_closure (self) ? 0 : self->body.size);
}

const char *
message_detail (const zooid_message_t *self)
{
    return self->extra ? self->extra->detail : "";
}

zooid_failure_kind_t
message_failure_kind (const zooid_message_t *self)
{
    return self->extra ? self->extra->failure_kind : 0;
}

zooid_message_t *
zooid_message_keep (const zooid_message_t *self)
{
    zooid_message_t *kept = (zooid_message_t *) self;
    if (kept)
        atomic_fetch_add_explicit (&kept->references, 1, memory_order_relaxed);
    return kept;
}

static void
s_end (zooid_message_t *self)
{
    if (s_is_closure (self)) {
        if (self->destroy)
            self->destroy (self->state);
    }
    else {
        zooid_principal_destroy (&self->principal);
        encoding_t *encoding = atomic_load_explicit (&self->encoding, memory_order_acquire);
        if (encoding) {
            zooid_buffer_fini (&encoding->buffer);
            free (encoding);
        }
    }
    pool_give (self);
}

void
zooid_message_destroy (zooid_message_t **self_p)
{
    zooid_message_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    //  Most messages have one holder only, and then nobody else can keep it meanwhile.
    if (atomic_load_explicit (&self->references, memory_order_acquire) == 1
        || atomic_fetch_sub_explicit (&self->references, 1, memory_order_acq_rel) == 1)
        s_end (self);
}

zooid_kind_t
zooid_message_kind (const zooid_message_t *self)
{
    return self->kind;
}

uint64_t
zooid_message_id (const zooid_message_t *self)
{
    return self->id;
}

zooid_ref_t
zooid_message_from (const zooid_message_t *self)
{
    return self->from;
}

const char *
zooid_message_name (const zooid_message_t *self)
{
    return self->name;
}

//  The first who asks encodes; of two at once one throws its own away.
static const encoding_t *
s_encode (zooid_message_t *self)
{
    encoding_t *made = zooid_allocate (sizeof *made), *found = NULL;
    int rc = zooid_record_encode (self->image, self->body.data, &made->buffer);
    if (rc)
        abort ();       //  A sound image of a few hundred bytes
    if (atomic_compare_exchange_strong_explicit (&self->encoding, &found, made, memory_order_acq_rel, memory_order_acquire))
        return made;
    zooid_buffer_fini (&made->buffer);
    free (made);
    return found;
}

zooid_bytes_t
zooid_message_payload (const zooid_message_t *self)
{
    if (s_is_closure (self))
        return (zooid_bytes_t) { 0 };
    if (!self->image)
        return self->body;
    zooid_message_t *message = (zooid_message_t *) self;
    const encoding_t *encoding = atomic_load_explicit (&message->encoding, memory_order_acquire);
    if (!encoding)
        encoding = s_encode (message);
    return (zooid_bytes_t) { encoding->buffer.data, encoding->buffer.size };
}

const zooid_principal_t *
zooid_message_principal (const zooid_message_t *self)
{
    return s_is_closure (self) ? NULL : self->principal;
}

const zooid_identity_t *
zooid_message_identity (const zooid_message_t *self)
{
    return self->extra && self->extra->has_identity ? &self->extra->identity : NULL;
}

const zooid_trace_t *
zooid_message_trace (const zooid_message_t *self)
{
    static const zooid_trace_t none;
    return self->extra ? &self->extra->trace : &none;
}
