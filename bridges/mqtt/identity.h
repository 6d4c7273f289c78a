//  identity.h - what makes a repeat of a reading known as one
#ifndef MQTT_IDENTITY_H
#define MQTT_IDENTITY_H

#include <zooid/message.h>

#include <mosquitto.h>

enum { IDENTITY_TEXT_SIZE = 256 };

typedef struct {
    bool has_identity, has_trace;
    zooid_identity_t identity;              //  Its texts are those below
    zooid_trace_t trace;
    char scope [IDENTITY_TEXT_SIZE];
    char id [IDENTITY_TEXT_SIZE];
} identity_t;

//  Given by the sender (user property `id`, with CloudEvents also `source`), within its topic; else derived from
//  session, packet id and contents, of which the last `keep` are to be remembered. A QoS 0 message without `id` has
//  none. ZOOID_INVALID: it has an id that is empty or longer than 200 bytes.
int
    identity_read (identity_t *self, const struct mosquitto_message *message, const mosquitto_property *properties,
                   const char *session, uint32_t keep);

#endif
