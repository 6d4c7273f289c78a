//  device.c - blocking, on the test's own thread: a device is not what is tried
#include "device.h"

#include "route/trial.h"

#include <mqtt_protocol.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
s_on_connect (struct mosquitto *client, void *state, int code)
{
    (void) client;
    ((device_t *) state)->is_connected = code == 0;
}

static void
s_on_publish (struct mosquitto *client, void *state, int id)
{
    (void) client;
    (void) id;
    ((device_t *) state)->acknowledged++;
}

void
device_open (device_t *self, int port)
{
    int64_t end_ms = trial_now_ms () + TRIAL_DEADLINE_MS;
    mosquitto_lib_init ();
    *self = (device_t) { .client = mosquitto_new (NULL, true, self) };
    mosquitto_int_option (self->client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_connect_callback_set (self->client, s_on_connect);
    mosquitto_publish_callback_set (self->client, s_on_publish);
    assert_int_equal (mosquitto_connect (self->client, "127.0.0.1", port, 60), MOSQ_ERR_SUCCESS);
    while (!self->is_connected && trial_now_ms () < end_ms)
        mosquitto_loop (self->client, 100, 1);
    assert_true (self->is_connected);
}

void
device_await (device_t *self, int acknowledged)
{
    int64_t end_ms = trial_now_ms () + TRIAL_DEADLINE_MS;
    while (self->acknowledged < acknowledged && trial_now_ms () < end_ms)
        assert_int_equal (mosquitto_loop (self->client, 100, 1), MOSQ_ERR_SUCCESS);
    assert_int_equal (self->acknowledged, acknowledged);
}

void
device_queue (device_t *self, const char *topic, const char *body, int qos, bool retain, const char *const *properties)
{
    mosquitto_property *list = NULL;
    for (; properties && *properties; properties += 2)
        mosquitto_property_add_string_pair (&list, MQTT_PROP_USER_PROPERTY, properties [0], properties [1]);
    assert_int_equal (mosquitto_publish_v5 (self->client, NULL, topic, (int) strlen (body), body, qos, retain, list),
                      MOSQ_ERR_SUCCESS);
    mosquitto_property_free_all (&list);
}

void
device_close (device_t *self)
{
    mosquitto_disconnect (self->client);
    mosquitto_destroy (self->client);
    mosquitto_lib_cleanup ();
}
