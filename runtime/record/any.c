//  An `any` is passed on as it came, so it is looked at once, here, and whoever reads it later (JSON, another actor)
//  can count on it.
#include "any.h"
#include "cursor.h"
#include "rules.h"

#include <errno.h>
#include <stdlib.h>

int
keys_init (keys_t *self, size_t count)
{
    self->count = 0;
    self->many = NULL;
    if (count > KEYS_FEW) {
        self->many = calloc (count, sizeof *self->many);
        if (!self->many)
            return zooid_fault (-ENOMEM);
    }
    return 0;
}

void
keys_fini (keys_t *self)
{
    free (self->many);
    self->many = NULL;
}

static int
s_compare (const void *left, const void *right)
{
    const zooid_bytes_t *a = left, *b = right;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return a->size ? memcmp (a->data, b->data, a->size) : 0;
}

bool
keys_are_unique (keys_t *self)
{
    if (self->many) {
        qsort (self->many, self->count, sizeof *self->many, s_compare);
        for (size_t i = 1; i < self->count; i++)
            if (s_compare (&self->many [i - 1], &self->many [i]) == 0)
                return false;
        return true;
    }
    for (size_t i = 1; i < self->count; i++)
        for (size_t j = 0; j < i; j++)
            if (s_compare (&self->few [i], &self->few [j]) == 0)
                return false;
    return true;
}

static int
s_check_array (findings_t *findings, const trail_t *trail, zooid_cursor_t *cursor, size_t count, size_t depth)
{
    for (size_t i = 0; i < count; i++) {
        trail_t here = trail_index (trail, i);
        int rc = any_check (findings, &here, cursor, depth - 1);
        if (rc)
            return rc;
    }
    return 0;
}

static int
s_check_map (findings_t *findings, const trail_t *trail, zooid_cursor_t *cursor, size_t count, size_t depth)
{
    ZOOID_CLEANUP (keys_fini) keys_t keys = { .many = NULL };
    int rc = keys_init (&keys, count);
    if (rc)
        return zooid_fault (rc);
    for (size_t i = 0; i < count; i++) {
        zooid_cursor_t before = *cursor;
        zooid_token_t key;
        trail_t here = trail_index (trail, i);
        if (cursor_next (cursor, &key) == 0 && key.type == ZOOID_MSGPACK_STRING) {
            here = trail_name (trail, (const char *) key.bytes.data, key.bytes.size);
            if (rules_key (findings, &here, here.name, here.size))
                keys_add (&keys, key.bytes);
        }
        else {
            *cursor = before;
            findings_add (findings, trail, "type", "has a name that is no string");
            if (cursor_skip (cursor, depth - 1, NULL)) {
                findings_add (findings, trail, "syntax", "is not msgpack, cut short, or nested too deep");
                return ZOOID_INVALID;
            }
        }
        rc = any_check (findings, &here, cursor, depth - 1);
        if (rc)
            return rc;
    }
    if (!keys_are_unique (&keys))
        findings_add (findings, trail, "syntax", "has the same name twice");
    return 0;
}

int
any_check (findings_t *findings, const trail_t *trail, zooid_cursor_t *cursor, size_t depth)
{
    zooid_token_t token;
    if (cursor_next (cursor, &token) || token.type == ZOOID_MSGPACK_END) {
        findings_add (findings, trail, "syntax", "is not msgpack, or cut short");
        return ZOOID_INVALID;
    }
    switch (token.type) {
    case ZOOID_MSGPACK_STRING:
        rules_plain (findings, trail, (const char *) token.bytes.data, token.bytes.size);
        return 0;
    case ZOOID_MSGPACK_REAL:
        if (!__builtin_isfinite (token.real))
            findings_add (findings, trail, "type", "is no finite number; a finite one is needed");
        return 0;
    case ZOOID_MSGPACK_ARRAY:
    case ZOOID_MSGPACK_MAP:
        if (!depth) {
            findings_add (findings, trail, "depth", "is nested deeper than %d", ZOOID_DEPTH_MAX);
            return ZOOID_INVALID;
        }
        return token.type == ZOOID_MSGPACK_ARRAY ? s_check_array (findings, trail, cursor, token.count, depth)
                                                 : s_check_map (findings, trail, cursor, token.count, depth);
    default:
        return 0;
    }
}
