//  What an actor knows of itself.
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
    return self->type->name;
}

const char *
zooid_node_name (const zooid_context_t *self)
{
    return self->type->node;
}

zooid_ref_t
zooid_self (const zooid_context_t *self)
{
    return context_ref (self);
}

const void *
zooid_settings (const zooid_context_t *self)
{
    return self->type->settings;
}

const char *
zooid_folder (const zooid_context_t *self)
{
    return self->type->folder;
}

zooid_arena_t *
zooid_arena (zooid_context_t *self)
{
    return self->dispatcher->arena;
}

const zooid_message_t *
zooid_message (const zooid_context_t *self)
{
    return dispatcher_message (self);
}

const zooid_principal_t *
zooid_principal (const zooid_context_t *self)
{
    return dispatcher_principal (self);
}

void *
zooid_attachment (const zooid_context_t *self)
{
    return self->type->attachment;
}

zooid_system_t *
zooid_context_system (const zooid_context_t *self)
{
    return self->dispatcher->system;
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
    if (health == ZOOID_HEALTHY && !self->extra)
        return;
    extra_t *extra = context_extra (self);
    free (extra->why);
    extra->why = why && *why ? zooid_duplicate (why) : NULL;
    extra->health = health;
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
    dead_put (self->dispatcher->system->dead, &(zooid_dead_letter_t) {
        .at_ms = zooid_wall_ms (self), .actor = self->type->name, .reason = reason, .topic = topic, .detail = detail,
        .payload = payload });
}
