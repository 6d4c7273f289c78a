//  One block: the struct, the scopes' addresses, then all texts. Counted, because a principal is held by every message
//  that was sent on its behalf.
#include <zooid/message.h>

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { SCOPES_MAX = 256 };          //  What the wire form carries

struct zooid_principal {
    atomic_uint references;
    int64_t expires_at_ms;
    const char *subject;
    size_t scope_count;
    const char *scopes [];
};

void
zooid_principal_new (zooid_principal_t **self_p, const char *subject, const char *const *scopes, size_t scope_count,
                     int64_t expires_at_ms)
{
    size_t texts = strlen (subject) + 1;
    for (size_t i = 0; i < scope_count; i++)
        texts += strlen (scopes [i]) + 1;
    if (scope_count > SCOPES_MAX)
        scope_count = SCOPES_MAX;
    zooid_principal_t *self = zooid_allocate (sizeof *self + scope_count * sizeof self->scopes [0] + texts);
    atomic_init (&self->references, 1);
    self->expires_at_ms = expires_at_ms;
    self->scope_count = scope_count;
    char *text = (char *) (self->scopes + scope_count);
    self->subject = text;
    text = stpcpy (text, subject) + 1;
    for (size_t i = 0; i < scope_count; i++) {
        self->scopes [i] = text;
        text = stpcpy (text, scopes [i]) + 1;
    }
    *self_p = self;
}

zooid_principal_t *
zooid_principal_keep (const zooid_principal_t *self)
{
    zooid_principal_t *kept = (zooid_principal_t *) self;
    if (kept)
        atomic_fetch_add_explicit (&kept->references, 1, memory_order_relaxed);
    return kept;
}

void
zooid_principal_destroy (zooid_principal_t **self_p)
{
    zooid_principal_t *self = *self_p;
    *self_p = NULL;
    if (self && atomic_fetch_sub_explicit (&self->references, 1, memory_order_acq_rel) == 1)
        free (self);
}

const char *
zooid_principal_subject (const zooid_principal_t *self)
{
    return self->subject;
}

int64_t
zooid_principal_expires_at_ms (const zooid_principal_t *self)
{
    return self->expires_at_ms;
}

size_t
zooid_principal_scope_count (const zooid_principal_t *self)
{
    return self->scope_count;
}

const char *
zooid_principal_scope (const zooid_principal_t *self, size_t index)
{
    assert (index < self->scope_count);
    return self->scopes [index];
}

bool
zooid_principal_has (const zooid_principal_t *self, const char *scope)
{
    if (strcmp (scope, "public") == 0)
        return true;
    if (!self)
        return false;
    for (size_t i = 0; i < self->scope_count; i++)
        if (strcmp (self->scopes [i], "*") == 0 || strcmp (self->scopes [i], scope) == 0)
            return true;
    return false;
}
