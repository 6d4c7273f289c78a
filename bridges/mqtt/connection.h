//  connection.h - one connection to an MQTT 5 broker that is told a message is done only when its owner says so
//
//  All calls are made in turns of one actor. A connection is opened once; when it ends its owner destroys it.
#ifndef MQTT_CONNECTION_H
#define MQTT_CONNECTION_H

#include "route/route.h"

#include <mosquitto.h>

typedef struct connection connection_t;

typedef struct {
    const char *address;            //  Numeric: nothing is looked up here
    int port;
    const char *client_id;
    const char *username;           //  NULL: none
    const char *password;           //  NULL: none
    int keepalive_s;
    int receive_maximum;            //  Messages that the broker sends before the first is acknowledged
} connection_options_t;

//  What its owner is called for. < 0: a fault, which the turn ends with. The owner must not destroy the connection
//  within any of them.
typedef struct {
    //  Connected. Nothing more is read or written until connection_receive.
    int (*opened) (zooid_context_t *context, void *owner, bool session_present);
    //  All subscriptions are granted.
    int (*subscribed) (zooid_context_t *context, void *owner);
    //  `properties` and the message end with the call. subscription: the number of the one that it is for, 0: not told.
    int (*message) (zooid_context_t *context, void *owner, const struct mosquitto_message *message,
                    const mosquitto_property *properties, uint32_t subscription);
    //  Some messages were read: call connection_release if all are done already.
    int (*paused) (zooid_context_t *context, void *owner);
    //  May another be read?
    bool (*is_full) (const void *owner);
    //  It ended, and its socket is closed. What was read and not acknowledged, the broker sends again on the next one.
    int (*lost) (zooid_context_t *context, void *owner, const char *why);
} connection_events_t;

//  ZOOID_GONE: it cannot be tried; *ret_why (static) says why. The options are copied.
int
    connection_open (connection_t **self_p, zooid_context_t *context, const connection_options_t *options,
                     const connection_events_t *events, void *owner, const char **ret_why);
//  Ends it as a crash would: nothing is acknowledged that was not released.
void
    connection_destroy (connection_t **self_p, zooid_context_t *context);

//  Subscribe to what the routes take, by their numbers from 1, and read.
int
    connection_receive (connection_t *self, zooid_context_t *context, const routes_t *routes);
//  Everything that was read is done: acknowledge it, and read on.
int
    connection_release (connection_t *self, zooid_context_t *context);
//  Read no more. What was read can still be released.
int
    connection_stop_reading (connection_t *self, zooid_context_t *context);
//  Say goodbye, if that can be written at once, and close; the session stays at the broker. Not while messages are
//  held.
void
    connection_say_goodbye (connection_t *self, zooid_context_t *context);
//  Is it within a call of events->message?
bool
    connection_is_reading (const connection_t *self);

#endif
