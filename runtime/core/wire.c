//  The wire form of a message: one msgpack array, described in docs/protocol/. Used between nodes, and between all
//  actors in wire mode. Whatever arrives is checked before memory is taken for it.
#include "message.h"

#include <string.h>
#include <zooid/msgpack.h>

enum { WIRE_VERSION = 1, WIRE_FIELDS = 13, SCOPES_MAX = 256 };

static void
s_pack_principal (const zooid_principal_t *principal, zooid_buffer_t *out)
{
    if (!principal) {
        zooid_pack_nil (out);
        return;
    }
    size_t count = zooid_principal_scope_count (principal);
    zooid_pack_array (out, 3);
    zooid_pack_text (out, zooid_principal_subject (principal));
    zooid_pack_integer (out, zooid_principal_expires_at_ms (principal));
    zooid_pack_array (out, count);
    for (size_t i = 0; i < count; i++)
        zooid_pack_text (out, zooid_principal_scope (principal, i));
}

void
message_encode (const zooid_message_t *self, int64_t now_ms, zooid_buffer_t *out)
{
    zooid_pack_array (out, WIRE_FIELDS);
    zooid_pack_integer (out, WIRE_VERSION);
    zooid_pack_integer (out, self->kind);
    zooid_pack_integer (out, (int64_t) self->id);
    zooid_pack_integer (out, (int64_t) self->correlation);
    zooid_pack_array (out, 3);
    zooid_pack_integer (out, self->from.node);
    zooid_pack_integer (out, self->from.slot);
    zooid_pack_integer (out, self->from.generation);
    if (self->deadline_ms) {
        int64_t left = self->deadline_ms - now_ms;
        zooid_pack_integer (out, left < 0 ? 0 : left < INT32_MAX ? left : INT32_MAX);
    }
    else
        zooid_pack_nil (out);
    zooid_pack_bytes (out, zooid_message_trace (self), sizeof (zooid_trace_t));
    s_pack_principal (self->principal, out);
    zooid_pack_text (out, self->name);
    zooid_pack_text (out, message_detail (self));
    zooid_pack_integer (out, message_failure_kind (self));
    const zooid_identity_t *identity = zooid_message_identity (self);
    if (identity) {
        zooid_pack_array (out, 4);
        zooid_pack_text (out, identity->scope);
        zooid_pack_text (out, identity->id);
        zooid_pack_integer (out, identity->keep);
        zooid_pack_boolean (out, identity->derived);
    }
    else
        zooid_pack_nil (out);
    zooid_bytes_t payload = zooid_message_payload (self);
    zooid_pack_bytes (out, payload.data, payload.size);
}

//  ---- reading: each returns false when the next token is another one

static bool
s_take (zooid_cursor_t *cursor, zooid_msgpack_type_t type, zooid_token_t *ret_token)
{
    return zooid_cursor_next (cursor, ret_token) == 0 && ret_token->type == type;
}

static bool
s_take_integer (zooid_cursor_t *cursor, int64_t minimum, int64_t maximum, int64_t *ret_value)
{
    zooid_token_t token;
    if (!s_take (cursor, ZOOID_MSGPACK_INTEGER, &token) || token.integer < minimum || token.integer > maximum)
        return false;
    *ret_value = token.integer;
    return true;
}

//  At most 255 bytes and without a NUL, copied to `ret_text`.
static bool
s_take_text (zooid_cursor_t *cursor, char ret_text [256])
{
    zooid_token_t token;
    if (!s_take (cursor, ZOOID_MSGPACK_STRING, &token) || token.bytes.size > 255
        || memchr (token.bytes.data, 0, token.bytes.size))
        return false;
    memcpy (ret_text, token.bytes.data, token.bytes.size);
    ret_text [token.bytes.size] = 0;
    return true;
}

static bool
s_take_ref (zooid_cursor_t *cursor, zooid_ref_t *ret_ref)
{
    zooid_token_t token;
    int64_t node, slot, generation;
    if (!s_take (cursor, ZOOID_MSGPACK_ARRAY, &token) || token.count != 3
        || !s_take_integer (cursor, 0, UINT32_MAX, &node) || !s_take_integer (cursor, 0, UINT32_MAX, &slot)
        || !s_take_integer (cursor, 0, UINT32_MAX, &generation))
        return false;
    *ret_ref = (zooid_ref_t) { (uint32_t) node, (uint32_t) slot, (uint32_t) generation };
    return true;
}

static bool
s_take_principal (zooid_cursor_t *cursor, zooid_principal_t **ret_principal)
{
    zooid_token_t token;
    if (zooid_cursor_next (cursor, &token))
        return false;
    if (token.type == ZOOID_MSGPACK_NIL)
        return true;
    char subject [256];
    int64_t expires_at_ms;
    if (token.type != ZOOID_MSGPACK_ARRAY || token.count != 3 || !s_take_text (cursor, subject)
        || !s_take_integer (cursor, INT64_MIN, INT64_MAX, &expires_at_ms) || !s_take (cursor, ZOOID_MSGPACK_ARRAY, &token)
        || token.count > SCOPES_MAX)
        return false;
    size_t count = token.count;
    char (*texts) [256] = zooid_allocate ((count + 1) * sizeof *texts);
    const char **scopes = zooid_allocate ((count + 1) * sizeof *scopes);
    size_t taken = 0;
    while (taken < count && s_take_text (cursor, texts [taken])) {
        scopes [taken] = texts [taken];
        taken++;
    }
    if (taken == count)
        zooid_principal_new (ret_principal, subject, scopes, count, expires_at_ms);
    zooid_release (&scopes);
    zooid_release (&texts);
    return taken == count;
}

typedef struct {
    char scope [256], id [256];
    zooid_identity_t identity;
    bool given;
} identity_form_t;

static bool
s_take_identity (zooid_cursor_t *cursor, identity_form_t *form)
{
    zooid_token_t token;
    if (zooid_cursor_next (cursor, &token))
        return false;
    if (token.type == ZOOID_MSGPACK_NIL)
        return true;
    int64_t keep;
    if (token.type != ZOOID_MSGPACK_ARRAY || token.count != 4 || !s_take_text (cursor, form->scope)
        || !s_take_text (cursor, form->id) || !s_take_integer (cursor, 0, UINT32_MAX, &keep)
        || !s_take (cursor, ZOOID_MSGPACK_BOOLEAN, &token))
        return false;
    form->identity = (zooid_identity_t) { form->scope, form->id, (uint32_t) keep, token.boolean };
    form->given = true;
    return true;
}

//  A failure's detail may be long; it is cut, never refused.
static bool
s_take_detail (zooid_cursor_t *cursor, char ret_text [1024])
{
    zooid_token_t token;
    if (!s_take (cursor, ZOOID_MSGPACK_STRING, &token) || memchr (token.bytes.data, 0, token.bytes.size))
        return false;
    size_t size = token.bytes.size < 1023 ? token.bytes.size : 1023;
    memcpy (ret_text, token.bytes.data, size);
    ret_text [size] = 0;
    return true;
}

static bool
s_take_deadline (zooid_cursor_t *cursor, int64_t now_ms, int64_t *ret_deadline_ms)
{
    zooid_token_t token;
    if (zooid_cursor_next (cursor, &token))
        return false;
    if (token.type == ZOOID_MSGPACK_NIL)
        return true;
    if (token.type != ZOOID_MSGPACK_INTEGER || token.integer < 0 || token.integer > INT32_MAX)
        return false;
    *ret_deadline_ms = now_ms + token.integer;
    return true;
}

int
message_decode (zooid_bytes_t wire, int64_t now_ms, zooid_message_t **ret_message)
{
    zooid_cursor_t cursor = { wire };
    zooid_token_t token;
    message_parts_t parts = { 0 };
    zooid_trace_t trace;
    ZOOID_CLEANUP (zooid_principal_destroy) zooid_principal_t *principal = NULL;
    char name [256], detail [1024];
    identity_form_t identity = { .given = false };
    int64_t version, kind, id, correlation, failure_kind;

    if (!s_take (&cursor, ZOOID_MSGPACK_ARRAY, &token) || token.count != WIRE_FIELDS
        || !s_take_integer (&cursor, WIRE_VERSION, WIRE_VERSION, &version)
        || !s_take_integer (&cursor, ZOOID_KIND_TELL, ZOOID_KIND_CANCEL, &kind)
        || !s_take_integer (&cursor, INT64_MIN, INT64_MAX, &id)
        || !s_take_integer (&cursor, INT64_MIN, INT64_MAX, &correlation) || !s_take_ref (&cursor, &parts.from)
        || !s_take_deadline (&cursor, now_ms, &parts.deadline_ms) || !s_take (&cursor, ZOOID_MSGPACK_BYTES, &token)
        || token.bytes.size != sizeof trace)
        return ZOOID_INVALID;
    memcpy (&trace, token.bytes.data, sizeof trace);
    if (!s_take_principal (&cursor, &principal) || !s_take_text (&cursor, name) || !s_take_detail (&cursor, detail)
        || !s_take_integer (&cursor, 0, ZOOID_FAILURE_OUTCOME_UNKNOWN, &failure_kind)
        || !s_take_identity (&cursor, &identity) || !s_take (&cursor, ZOOID_MSGPACK_BYTES, &token)
        || cursor.rest.size > 0)
        return ZOOID_INVALID;
    parts.kind = (zooid_kind_t) kind;
    parts.id = (uint64_t) id;
    parts.correlation = (uint64_t) correlation;
    parts.failure_kind = (zooid_failure_kind_t) failure_kind;
    parts.trace = &trace;
    parts.principal = principal;
    parts.name = name;
    parts.detail = detail;
    parts.identity = identity.given ? &identity.identity : NULL;
    parts.payload = token.bytes;
    zooid_message_t *message = message_new (&parts);
    if (!message)
        return ZOOID_INVALID;
    *ret_message = message;
    return 0;
}
