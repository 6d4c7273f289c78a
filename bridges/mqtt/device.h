//  device.h - for tests: a device that publishes at a broker and waits until the broker has it
#ifndef MQTT_DEVICE_H
#define MQTT_DEVICE_H

#include <stdbool.h>

#include <mosquitto.h>

typedef struct {
    struct mosquitto *client;
    bool is_connected;
    int acknowledged;
} device_t;

//  Connected when it returns. Everything asserts by itself.
void
    device_open (device_t *self, int port);
//  properties: user properties, pairs of names and values, NULL at the end; NULL: none.
void
    device_queue (device_t *self, const char *topic, const char *body, int qos, bool retain, const char *const *properties);
//  Until the broker has acknowledged so many in all.
void
    device_await (device_t *self, int acknowledged);
void
    device_close (device_t *self);

#endif
