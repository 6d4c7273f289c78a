//  What an actor knows of itself, and where it is made and freed.
#include "dispatcher.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *
zooid_state (zooid_context_t *self)
{
    return self->state;
}

const char *
zooid_name (const zooid_context_t *self)
{
    return self->name;
}

const char *
zooid_node_name (const zooid_context_t *self)
{
    return self->node;
}

zooid_ref_t
zooid_self (const zooid_context_t *self)
{
    return self->ref;
}

const void *
zooid_settings (const zooid_context_t *self)
{
    return self->settings;
}

const char *
zooid_folder (const zooid_context_t *self)
{
    return self->folder;
}

zooid_arena_t *
zooid_arena (zooid_context_t *self)
{
    return self->dispatcher->arena;
}

const zooid_message_t *
zooid_message (const zooid_context_t *self)
{
    return self->message;
}

const zooid_principal_t *
zooid_principal (const zooid_context_t *self)
{
    return self->turn_principal;
}

void *
zooid_attachment (const zooid_context_t *self)
{
    return self->attachment;
}

zooid_system_t *
zooid_context_system (const zooid_context_t *self)
{
    return self->system;
}

int
zooid_decode (zooid_context_t *self, const zooid_record_t *record, zooid_bytes_t payload, void *ret_value)
{
    memset (ret_value, 0, record->size);
    return zooid_record_decode (record, payload, self->dispatcher->arena, ret_value, NULL);
}

void
zooid_health (zooid_context_t *self, zooid_health_t health, const char *why)
{
    free (self->why);
    self->why = zooid_duplicate (why ? why : "");
    self->health = health;
}

void
zooid_dead_letter (zooid_context_t *self, const char *reason, const char *topic, zooid_bytes_t payload,
                   const char *format, ...)
{
    char detail [512];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (detail, sizeof detail, format, arguments);
    va_end (arguments);
    dead_put (self->system->dead, &(zooid_dead_letter_t) {
        .at_ms = zooid_wall_ms (self), .actor = self->name, .reason = reason, .topic = topic, .detail = detail,
        .payload = payload });
}

void
context_destroy (zooid_context_t **self_p)
{
    zooid_context_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    ring_fini (&self->urgent);
    ring_fini (&self->data);
    for (size_t i = 0; self->declared && i < self->module->contract->subscription_count; i++)
        subscription_destroy (&self->declared [i]);
    free (self->declared);
    figures_fini (self);
    zooid_principal_destroy (&self->principal);
    zooid_arena_destroy (&self->settings_arena);
    free (self->restarts_at_ms);
    free (self->why);
    free (self->name);
    free (self->node);
    free (self->folder);
    free (self);
}
