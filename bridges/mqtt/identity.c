//  identity.c - a broker resends the same packet ids, in order, after a connection was lost. (session, packet id, topic
//  and payload) is therefore the name of a message that its sender gave none, for as long as the broker keeps the
//  session. A packet id comes back after 65,535 messages: the contents tell those apart, unless they are the same, and
//  by then the name is forgotten (`keep`). `keep` covers all that the broker can have outstanding: Receive Maximum.
//
//  The callback hides the DUP flag, so a repeat cannot be told from the message itself.
#include "identity.h"

#include <mqtt_protocol.h>

#include "route/cloud_event.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_MAX = 200 };

//  FNV-1a, 64 bits. Whoever can make two payloads collide only hides readings of his own session from himself.
static uint64_t
s_hash (uint64_t hash, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    for (size_t n = 0; n < size; n++)
        hash = (hash ^ bytes [n]) * 0x100000001b3u;
    return hash;
}

static const uint64_t HASH_START = 0xcbf29ce484222325u;

typedef struct {
    char *id, *source;      //  Ours to free; NULL: not there
} given_t;

static void
s_given_fini (given_t *self)
{
    free (self->id);
    free (self->source);
}

//  User properties, of which the first of each name counts.
static void
s_read_properties (const mosquitto_property *properties, given_t *ret_given, identity_t *self)
{
    for (; properties; properties = mosquitto_property_next (properties)) {
        char *name = NULL, *value = NULL;
        if (mosquitto_property_identifier (properties) != MQTT_PROP_USER_PROPERTY)
            continue;
        if (!mosquitto_property_read_string_pair (properties, MQTT_PROP_USER_PROPERTY, &name, &value, false))
            continue;
        char **place = strcmp (name, CLOUD_EVENT_ID) == 0         ? &ret_given->id
                       : strcmp (name, CLOUD_EVENT_SOURCE) == 0   ? &ret_given->source
                                                                  : NULL;
        if (place && !*place) {
            *place = value;
            value = NULL;
        }
        else if (strcmp (name, CLOUD_EVENT_TRACEPARENT) == 0 && !self->has_trace)
            self->has_trace = traceparent_read (value, &self->trace) == 0;
        free (name);
        free (value);
    }
}

//  The sender is trusted for its own topic alone: an id cannot hide a message of another topic.
static void
s_name_given (identity_t *self, const char *topic, const given_t *given)
{
    size_t source_size = given->source ? strlen (given->source) : 0;
    if (strlen (topic) < sizeof self->scope - sizeof "mqtt:")
        snprintf (self->scope, sizeof self->scope, "mqtt:%s", topic);
    else
        snprintf (self->scope, sizeof self->scope, "mqtt:#%016" PRIx64, s_hash (HASH_START, topic, strlen (topic)));
    if (source_size == 0)
        snprintf (self->id, sizeof self->id, "%s", given->id);
    else
        snprintf (self->id, sizeof self->id, "%016" PRIx64 ":%s", s_hash (HASH_START, given->source, source_size),
                  given->id);
    self->identity = (zooid_identity_t) { .scope = self->scope, .id = self->id };
}

static void
s_name_derived (identity_t *self, const struct mosquitto_message *message, const char *session, uint32_t keep)
{
    uint64_t hash = s_hash (HASH_START, message->topic, strlen (message->topic) + 1);
    hash = s_hash (hash, message->payload, (size_t) message->payloadlen);
    snprintf (self->scope, sizeof self->scope, "mqtt:%s", session);
    snprintf (self->id, sizeof self->id, "%d-%016" PRIx64, message->mid, hash);
    self->identity = (zooid_identity_t) { .scope = self->scope, .id = self->id, .keep = keep, .derived = true };
}

int
identity_read (identity_t *self, const struct mosquitto_message *message, const mosquitto_property *properties,
               const char *session, uint32_t keep)
{
    ZOOID_CLEANUP (s_given_fini) given_t given = { 0 };
    self->has_identity = self->has_trace = false;
    s_read_properties (properties, &given, self);
    if (given.id) {
        size_t size = strlen (given.id);
        if (size == 0 || size > ID_MAX)
            return ZOOID_INVALID;
        s_name_given (self, message->topic, &given);
    }
    else if (message->qos == 0)
        return 0;
    else
        s_name_derived (self, message, session, keep);
    self->has_identity = true;
    return 0;
}
