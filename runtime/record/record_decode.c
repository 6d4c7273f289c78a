//  msgpack into a struct, in one pass, every rule checked on the way. The map's keys are looked for in the order of the
//  table, which is the order our own encoder writes: then a field costs one comparison; any other order costs a search.
//
//  Two ends: a value that breaks a rule is noted and the reading goes on, so that all violations are told at once;
//  bytes that are no msgpack end it, since nothing behind them can be believed. Without a struct (target NULL) nothing
//  is copied.
#include "any.h"
#include "arena.h"
#include "cursor.h"
#include "fields.h"
#include "rules.h"

#include <errno.h>

typedef struct {
    findings_t findings;
    zooid_arena_t *arena;
    zooid_cursor_t cursor;
} decoder_t;

//  0, ZOOID_INVALID (the bytes are of no use), -ENOMEM. `depth`: containers that may still be opened.
static int
    s_decode_value (decoder_t *self, const trail_t *trail, const zooid_field_t *field, size_t depth, void *target);

static int
s_broken (decoder_t *self, const trail_t *trail, const char *what)
{
    findings_add (&self->findings, trail, "syntax", "%s", what);
    return ZOOID_INVALID;
}

static int
s_skip (decoder_t *self, const trail_t *trail, size_t depth)
{
    if (cursor_skip (&self->cursor, depth, NULL))
        return s_broken (self, trail, "is not msgpack, cut short, or nested too deep");
    return 0;
}

//  Another type than the field's: note it, and skip what is there.
static int
s_mismatch (decoder_t *self, const trail_t *trail, const zooid_field_t *field, zooid_cursor_t before, size_t depth,
            bool null)
{
    self->cursor = before;
    findings_add (&self->findings, trail, "type", "%s; %s is needed", null ? "is null" : "is of another type",
                  rules_wanted (field));
    return s_skip (self, trail, depth);
}

static int
s_decode_text (decoder_t *self, const trail_t *trail, const zooid_field_t *field, zooid_bytes_t bytes, void *target)
{
    if (!rules_text (&self->findings, trail, field, (const char *) bytes.data, bytes.size) || !target)
        return 0;
    const char *copy = zooid_arena_copy (self->arena, bytes.data, bytes.size);
    *(const char **) target = copy;
    return copy ? 0 : zooid_fault (-ENOMEM);
}

static int
s_decode_name (decoder_t *self, const trail_t *trail, const zooid_field_t *field, zooid_bytes_t bytes, void *target)
{
    int32_t index;
    if (rules_name (&self->findings, trail, field, (const char *) bytes.data, bytes.size, &index) && target)
        *(int32_t *) target = index;
    return 0;
}

static int
s_decode_bytes (decoder_t *self, const trail_t *trail, const zooid_field_t *field, zooid_bytes_t bytes, void *target)
{
    if (!rules_length (&self->findings, trail, field, bytes.size) || !target)
        return 0;
    const char *copy = zooid_arena_copy (self->arena, bytes.data, bytes.size);
    *(zooid_bytes_t *) target = (zooid_bytes_t) { (const uint8_t *) copy, bytes.size };
    return copy ? 0 : zooid_fault (-ENOMEM);
}

//  `before`: where the value begins. A list beyond its bound is skipped whole: nothing is kept for it.
static int
s_decode_list (decoder_t *self, const trail_t *trail, const zooid_field_t *field, size_t count, zooid_cursor_t before,
               size_t depth, zooid_list_t *target)
{
    if (!rules_length (&self->findings, trail, field, count) && count > rules_max_length (field)) {
        self->cursor = before;
        return s_skip (self, trail, depth);
    }
    char *items = NULL;
    if (target && count) {
        size_t size;
        items = __builtin_mul_overflow (count, field->of->size, &size) ? NULL : zooid_arena_take (self->arena, size);
        if (!items)
            return zooid_fault (-ENOMEM);
        *target = (zooid_list_t) { items, count };
    }
    for (size_t i = 0; i < count; i++) {
        trail_t here = trail_index (trail, i);
        int rc = s_decode_value (self, &here, field->of, depth - 1, items ? items + i * field->of->size : NULL);
        if (rc)
            return rc;
    }
    return 0;
}

static int
s_decode_pairs (decoder_t *self, const trail_t *trail, const zooid_field_t *field, size_t count, size_t depth,
                const char **names, char *values)
{
    ZOOID_CLEANUP (keys_fini) keys_t keys = { .many = NULL };
    int rc = keys_init (&keys, count);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        zooid_token_t key;
        if (cursor_next (&self->cursor, &key) || key.type != ZOOID_MSGPACK_STRING)
            return s_broken (self, trail, "has a name that is no string");
        trail_t here = trail_name (trail, (const char *) key.bytes.data, key.bytes.size);
        if (rules_key (&self->findings, &here, here.name, here.size))
            keys_add (&keys, key.bytes);
        if (names && !(names [i] = zooid_arena_copy (self->arena, key.bytes.data, key.bytes.size)))
            return zooid_fault (-ENOMEM);
        rc = s_decode_value (self, &here, field->of, depth - 1, values ? values + i * field->of->size : NULL);
    }
    if (rc == 0 && !keys_are_unique (&keys))
        findings_add (&self->findings, trail, "syntax", "has the same name twice");
    return rc;
}

static int
s_decode_map (decoder_t *self, const trail_t *trail, const zooid_field_t *field, size_t count, zooid_cursor_t before,
              size_t depth, zooid_map_t *target)
{
    if (!rules_length (&self->findings, trail, field, count) && count > rules_max_length (field)) {
        self->cursor = before;
        return s_skip (self, trail, depth);
    }
    const char **names = NULL;
    char *values = NULL;
    if (target && count) {
        size_t size;
        names = zooid_arena_take (self->arena, count * sizeof *names);
        values = __builtin_mul_overflow (count, field->of->size, &size) ? NULL : zooid_arena_take (self->arena, size);
        if (!names || !values)
            return zooid_fault (-ENOMEM);
        *target = (zooid_map_t) { names, values, count };
    }
    return s_decode_pairs (self, trail, field, count, depth, names, values);
}

static int
s_decode_any (decoder_t *self, const trail_t *trail, size_t depth, zooid_any_t *target)
{
    zooid_bytes_t value = self->cursor.rest;
    int rc = any_check (&self->findings, trail, &self->cursor, depth);
    if (rc || !target)
        return rc;
    value.size -= self->cursor.rest.size;
    const char *copy = zooid_arena_copy (self->arena, value.data, value.size);
    target->msgpack = (zooid_bytes_t) { (const uint8_t *) copy, value.size };
    return copy ? 0 : zooid_fault (-ENOMEM);
}

static void
s_require (decoder_t *self, const trail_t *trail, const zooid_record_t *record, uint64_t seen)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const zooid_field_t *field = &record->fields [i];
        if (field->optional || (seen & presence_bit (i)))
            continue;
        trail_t here = trail_name (trail, field->name, strlen (field->name));
        findings_add (&self->findings, &here, "required", "is missing; %s is needed", rules_wanted (field));
    }
}

//  One pair of a record's map: the key is taken already.
static int
s_decode_field (decoder_t *self, const trail_t *trail, const zooid_record_t *record, size_t index, size_t depth,
                zooid_presence_t *seen, char *target)
{
    const zooid_field_t *field = &record->fields [index];
    trail_t here = trail_name (trail, field->name, strlen (field->name));
    if (seen->present & presence_bit (index))
        findings_add (&self->findings, &here, "syntax", "stands there twice");
    seen->present |= presence_bit (index);
    if (field->nullable && self->cursor.rest.size && *self->cursor.rest.data == 0xc0) {
        seen->null |= presence_bit (index);
        self->cursor.rest.data++;
        self->cursor.rest.size--;
        return 0;
    }
    return s_decode_value (self, &here, field, depth, target ? target + field->offset : NULL);
}

static int
s_decode_record (decoder_t *self, const trail_t *trail, const zooid_record_t *record, size_t count, size_t depth,
                 char *target)
{
    zooid_presence_t seen = { 0 };
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        zooid_token_t key;
        if (cursor_next (&self->cursor, &key) || key.type != ZOOID_MSGPACK_STRING)
            return s_broken (self, trail, "has a name that is no string");
        size_t index = record_find (record, next, key.bytes);
        int rc;
        if (index < record->field_count) {
            rc = s_decode_field (self, trail, record, index, depth - 1, &seen, target);
            next = index + 1 < record->field_count ? index + 1 : 0;
        }
        else
            rc = s_skip (self, trail, depth - 1);
        if (rc)
            return rc;
    }
    if (seen.present != presence_all (record))
        s_require (self, trail, record, seen.present);
    if (target && record->presence)
        *presence_in (record, target) = seen;
    return 0;
}

static int
s_decode_container (decoder_t *self, const trail_t *trail, const zooid_field_t *field, size_t count,
                    zooid_cursor_t before, size_t depth, void *target)
{
    if (!depth) {
        findings_add (&self->findings, trail, "depth", "is nested deeper than %d", ZOOID_DEPTH_MAX);
        return ZOOID_INVALID;
    }
    if (field->type == ZOOID_TYPE_RECORD)
        return s_decode_record (self, trail, field->record, count, depth, target);
    if (field->type == ZOOID_TYPE_LIST)
        return s_decode_list (self, trail, field, count, before, depth, target);
    return s_decode_map (self, trail, field, count, before, depth, target);
}

static int
s_decode_number (decoder_t *self, const trail_t *trail, const zooid_field_t *field, const zooid_token_t *token,
                 void *target)
{
    if (field->type == ZOOID_TYPE_REAL) {
        double value = token->type == ZOOID_MSGPACK_REAL ? token->real
                     : token->type == ZOOID_MSGPACK_UNSIGNED ? (double) (uint64_t) token->integer
                                                             : (double) token->integer;
        if (rules_real (&self->findings, trail, field, value) && target)
            *(double *) target = value;
    }
    else if (token->type == ZOOID_MSGPACK_UNSIGNED)
        rules_beyond (&self->findings, trail, field, false);
    else if (rules_integer (&self->findings, trail, field, token->integer) && target)
        *(int64_t *) target = token->integer;
    return 0;
}

static int
s_decode_value (decoder_t *self, const trail_t *trail, const zooid_field_t *field, size_t depth, void *target)
{
    if (field->type == ZOOID_TYPE_ANY)
        return s_decode_any (self, trail, depth, target);

    zooid_cursor_t before = self->cursor;
    zooid_token_t token;
    if (cursor_next (&self->cursor, &token) || token.type == ZOOID_MSGPACK_END)
        return s_broken (self, trail, "is not msgpack, or cut short");
    if (!rules_fit (field->type, token.type))
        return s_mismatch (self, trail, field, before, depth, token.type == ZOOID_MSGPACK_NIL);

    switch (token.type) {
    case ZOOID_MSGPACK_BOOLEAN:
        if (target)
            *(bool *) target = token.boolean;
        return 0;
    case ZOOID_MSGPACK_STRING:
        if (field->type == ZOOID_TYPE_ENUMERATION)
            return s_decode_name (self, trail, field, token.bytes, target);
        return s_decode_text (self, trail, field, token.bytes, target);
    case ZOOID_MSGPACK_BYTES:
        return s_decode_bytes (self, trail, field, token.bytes, target);
    case ZOOID_MSGPACK_ARRAY:
    case ZOOID_MSGPACK_MAP:
        return s_decode_container (self, trail, field, token.count, before, depth, target);
    default:
        return s_decode_number (self, trail, field, &token, target);
    }
}

static int
s_decode (const zooid_record_t *record, zooid_bytes_t msgpack, zooid_arena_t *arena, void *target,
          zooid_violations_t *violations)
{
    const zooid_field_t whole = { .type = ZOOID_TYPE_RECORD, .size = record->size, .record = record };
    decoder_t self = { .findings = { .arena = arena, .violations = violations }, .arena = arena,
                       .cursor = { msgpack } };
    trail_t root = { 0 };
    int rc = s_decode_value (&self, &root, &whole, ZOOID_DEPTH_MAX, target);
    if (rc)
        return rc;
    if (self.cursor.rest.size)
        findings_add (&self.findings, &root, "syntax", "has %zu bytes behind its end", self.cursor.rest.size);
    return self.findings.count ? ZOOID_INVALID : 0;
}

int
zooid_record_decode (const zooid_record_t *record, zooid_bytes_t msgpack, zooid_arena_t *arena, void *ret_value,
                     zooid_violations_t *violations)
{
    memset (ret_value, 0, record->size);
    return s_decode (record, msgpack, arena, ret_value, violations);
}

int
zooid_record_validate (const zooid_record_t *record, zooid_bytes_t msgpack, zooid_arena_t *arena,
                       zooid_violations_t *violations)
{
    return s_decode (record, msgpack, arena, NULL, violations);
}
