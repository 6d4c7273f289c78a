//  One block: the struct, the scopes' addresses, then all texts. Counted, because a principal is held by every message
//  that was sent on its behalf.
#include "principal.h"

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

//  ---- the count

enum { ENTRIES = 4, BULK = 64 };

//  References that the thread holds and no message does.
typedef struct {
    zooid_principal_t *principal;
    unsigned spare;
} entry_t;

static _Thread_local struct {
    bool is_open;
    entry_t entries [ENTRIES];
} s_account __attribute__ ((tls_model ("initial-exec")));

static void
s_let_go (zooid_principal_t *self, unsigned references)
{
    if (references && atomic_fetch_sub_explicit (&self->references, references, memory_order_acq_rel) == references)
        free (self);
}

static entry_t *
s_entry (const zooid_principal_t *self)
{
    return &s_account.entries [((uintptr_t) self >> 6) % ENTRIES];
}

void
principal_account_open (void)
{
    s_account.is_open = true;
}

void
principal_account_settle (void)
{
    for (size_t i = 0; i < ENTRIES; i++) {
        entry_t entry = s_account.entries [i];
        s_account.entries [i] = (entry_t) { NULL, 0 };
        if (entry.principal)
            s_let_go (entry.principal, entry.spare);
    }
}

void
principal_account_close (void)
{
    principal_account_settle ();
    s_account.is_open = false;
}

zooid_principal_t *
zooid_principal_keep (const zooid_principal_t *self)
{
    zooid_principal_t *kept = (zooid_principal_t *) self;
    if (!kept)
        return NULL;
    if (!s_account.is_open) {
        atomic_fetch_add_explicit (&kept->references, 1, memory_order_relaxed);
        return kept;
    }
    entry_t *entry = s_entry (kept);
    if (entry->principal != kept) {
        if (entry->principal)
            s_let_go (entry->principal, entry->spare);
        *entry = (entry_t) { kept, 0 };
    }
    if (entry->spare == 0) {
        atomic_fetch_add_explicit (&kept->references, BULK, memory_order_relaxed);
        entry->spare = BULK;
    }
    entry->spare--;
    return kept;
}

void
zooid_principal_destroy (zooid_principal_t **self_p)
{
    zooid_principal_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    entry_t *entry = s_account.is_open ? s_entry (self) : NULL;
    if (entry && !entry->principal)
        entry->principal = self;
    if (!entry || entry->principal != self) {
        s_let_go (self, 1);
        return;
    }
    entry->spare++;
    if (entry->spare > 2 * BULK) {
        entry->spare -= BULK;
        s_let_go (self, BULK);
    }
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
