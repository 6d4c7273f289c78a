#include "type.h"

#include "slot.h"

#include <stdlib.h>
#include <string.h>

enum { MAILBOX_LIMIT = 65536, MAILBOX_BYTES = 64 * 1024 * 1024 };

void
type_new (actor_type_t **self_p, const zooid_spawn_t *spawn, bool is_named)
{
    actor_type_t *self = zooid_allocate (sizeof *self);
    const zooid_module_t *module = spawn->module;
    self->references = 1;
    self->module = module;
    self->name = zooid_duplicate (spawn->name);
    self->node = zooid_duplicate (spawn->node ? spawn->node : "local");
    self->folder = spawn->folder ? zooid_duplicate (spawn->folder) : NULL;
    self->is_named = is_named;
    self->attachment = spawn->attachment;
    self->sets_principal = spawn->sets_principal;
    self->limit = slot_load_limit (module->mailbox_limit ? module->mailbox_limit : MAILBOX_LIMIT,
                                   module->mailbox_bytes ? module->mailbox_bytes : MAILBOX_BYTES);
    self->supervision = spawn->supervision;
    ledger_init (&self->mailbox, "mailbox");
    char subject [80] = "actor:";
    strncat (subject, spawn->name, 64);
    zooid_principal_new (&self->principal, subject, spawn->scopes, spawn->scope_count, 0);
    *self_p = self;
}

actor_type_t *
type_keep (actor_type_t *self)
{
    self->references++;
    return self;
}

void
type_destroy (actor_type_t **self_p)
{
    actor_type_t *self = *self_p;
    *self_p = NULL;
    if (!self || --self->references > 0)
        return;
    figures_destroy (&self->figures);
    zooid_principal_destroy (&self->principal);
    zooid_arena_destroy (&self->settings_arena);
    free (self->name);
    free (self->node);
    free (self->folder);
    free (self);
}
