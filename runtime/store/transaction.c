//  What is said in a transaction is kept with its job, encoded at once, since the values live no longer than the
//  function. It is on the disk only by its effects: when the node ends between commit and completion the events are not
//  published, and who asked learns by asking again.
#include "transaction.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
said_fini (said_t *self)
{
    zooid_buffer_fini (&self->reply);
    free (self->failure);
    free (self->detail);
    while (self->first) {
        said_event_t *event = self->first;
        self->first = event->next;
        zooid_buffer_fini (&event->payload);
        free (event->topic);
        free (event);
    }
    *self = (said_t) { 0 };
}

int
transaction_run (zooid_transaction_t *self, const char *actor, const zooid_module_t *module,
                 zooid_transaction_fn *function, void *state, said_t *said)
{
    self->actor = actor;
    self->module = module;
    self->said = said;
    self->database->module = module->name;
    int rc = function (self, state);
    self->database->module = NULL;
    database_rest (self->database);
    zooid_arena_reset (self->arena);
    return zooid_fault (rc);
}

int64_t
zooid_transaction_wall_ms (const zooid_transaction_t *self)
{
    return self->wall_ms;
}

zooid_arena_t *
zooid_transaction_arena (zooid_transaction_t *self)
{
    return self->arena;
}

int
zooid_transaction_once (zooid_transaction_t *self, const zooid_identity_t *identity)
{
    if (!self->inbox)
        return zooid_fault (-EROFS);
    if (!identity)
        return 0;       //  Without a name nothing is known to be a repeat
    self->database->module = NULL;
    int rc = inbox_once (self->inbox, self->database, self->module->name, identity, self->wall_ms);
    self->database->module = self->module->name;
    return zooid_fault (rc);
}

//  ---- events

//  "edge_iot.telemetry.d1" of an actor edge_iot falls under its module's "iot.telemetry.{device}".
static bool
s_declares (const zooid_module_t *module, const char *actor, const char *topic)
{
    const zooid_contract_t *contract = module->contract;
    if (!contract || !zooid_topic_is_name (topic))
        return false;
    size_t own = strlen (actor), named = strlen (contract->name);
    bool renamed = strncmp (topic, actor, own) == 0 && topic [own] == '.';
    char spelled [512];
    if (renamed)
        snprintf (spelled, sizeof spelled, "%.*s%s", (int) named, contract->name, topic + own);
    for (size_t i = 0; i < contract->event_count; i++) {
        const char *declared = contract->events [i].topic;
        if (zooid_topic_matches (declared, topic) || (renamed && zooid_topic_matches (declared, spelled)))
            return true;
    }
    return false;
}

int
zooid_transaction_publish (zooid_transaction_t *self, const char *topic, const zooid_record_t *record,
                           const void *value)
{
    if (!self->inbox)
        return zooid_fault (-EROFS);
    if (!s_declares (self->module, self->actor, topic))
        return ZOOID_UNKNOWN;
    zooid_buffer_t payload = { .limit = TRANSACTION_SAID_MAX };
    int rc = zooid_record_encode (record, value, &payload);
    if (rc == 0 && payload.failed)
        rc = -EMSGSIZE;
    if (rc) {
        zooid_buffer_fini (&payload);
        return zooid_fault (rc);
    }
    said_event_t *event = zooid_allocate (sizeof *event);
    *event = (said_event_t) { .topic = zooid_duplicate (topic), .payload = payload };
    if (self->said->last)
        self->said->last->next = event;
    else
        self->said->first = event;
    self->said->last = event;
    return 0;
}

//  ---- the answer

int
zooid_transaction_reply (zooid_transaction_t *self, const zooid_record_t *record, const void *value)
{
    said_t *said = self->said;
    if (said->replied || said->failure)
        return zooid_fault (-EALREADY);
    said->reply.limit = TRANSACTION_SAID_MAX;
    int rc = record ? zooid_record_encode (record, value, &said->reply) : 0;
    if (rc == 0 && said->reply.failed)
        rc = -EMSGSIZE;
    if (rc) {
        zooid_buffer_fini (&said->reply);
        return zooid_fault (rc);
    }
    said->replied = true;
    return 0;
}

int
zooid_transaction_fail (zooid_transaction_t *self, const char *name, const char *format, ...)
{
    said_t *said = self->said;
    said->replied = false;
    zooid_buffer_fini (&said->reply);
    free (said->failure);
    free (said->detail);
    said->failure = zooid_duplicate (name);
    said->detail = NULL;
    va_list arguments;
    va_start (arguments, format);
    if (vasprintf (&said->detail, format, arguments) < 0)
        said->detail = zooid_duplicate ("");
    va_end (arguments);
    return ZOOID_REFUSED;
}
