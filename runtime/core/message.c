//  A message is one allocation whatever it carries, so that it is freed by one call on whichever thread lets go last.
#include "message.h"

#include <stdlib.h>
#include <string.h>

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

zooid_message_t *
message_new (const message_parts_t *parts)
{
    const zooid_identity_t *identity = parts->identity;
    size_t texts = s_text_size (parts->name) + s_text_size (parts->detail);
    if (identity)
        texts += s_text_size (identity->scope) + s_text_size (identity->id);
    zooid_message_t *self = malloc (sizeof *self + texts + parts->payload.size);
    if (!self)
        return NULL;
    *self = (zooid_message_t) {
        .kind = parts->kind,
        .id = parts->id,
        .correlation = parts->correlation,
        .from = parts->from,
        .deadline_ms = parts->deadline_ms,
        .principal = zooid_principal_keep (parts->principal),
        .operation = parts->operation,
        .failure_kind = parts->failure_kind,
    };
    atomic_init (&self->references, 1);
    if (parts->trace)
        self->trace = *parts->trace;
    char *place = (char *) (self + 1);
    self->name = s_put_text (&place, parts->name);
    self->detail = s_put_text (&place, parts->detail);
    if (identity) {
        self->has_identity = true;
        self->identity = *identity;
        self->identity.scope = s_put_text (&place, identity->scope);
        self->identity.id = s_put_text (&place, identity->id);
    }
    if (parts->payload.size > 0)
        memcpy (place, parts->payload.data, parts->payload.size);
    self->payload = (zooid_bytes_t) { (const uint8_t *) place, parts->payload.size };
    return self;
}

zooid_message_t *
message_new_post (zooid_turn_fn *turn, void *state, zooid_destroy_fn *destroy)
{
    zooid_message_t *self = zooid_allocate (sizeof *self);
    atomic_init (&self->references, 1);
    self->kind = ZOOID_KIND_POST;
    self->name = self->detail = "";
    self->turn = turn;
    self->state = state;
    self->destroy = destroy;
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

size_t
message_charge (const zooid_message_t *self)
{
    return sizeof *self + self->payload.size;
}

zooid_message_t *
zooid_message_keep (const zooid_message_t *self)
{
    zooid_message_t *kept = (zooid_message_t *) self;
    if (kept)
        atomic_fetch_add_explicit (&kept->references, 1, memory_order_relaxed);
    return kept;
}

void
zooid_message_destroy (zooid_message_t **self_p)
{
    zooid_message_t *self = *self_p;
    *self_p = NULL;
    if (!self || atomic_fetch_sub_explicit (&self->references, 1, memory_order_acq_rel) != 1)
        return;
    if (self->destroy)
        self->destroy (self->state);
    zooid_principal_destroy (&self->principal);
    free (self);
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

zooid_bytes_t
zooid_message_payload (const zooid_message_t *self)
{
    return self->payload;
}

const zooid_principal_t *
zooid_message_principal (const zooid_message_t *self)
{
    return self->principal;
}

const zooid_identity_t *
zooid_message_identity (const zooid_message_t *self)
{
    return self->has_identity ? &self->identity : NULL;
}

const zooid_trace_t *
zooid_message_trace (const zooid_message_t *self)
{
    return &self->trace;
}
