//  simulator.c - devices that are not there, for a first run without any
//
//  Each device has a timer of its own, and the timers are spread over the period. A device has at most one reading on
//  its way: one that is due meanwhile is left out and counted, so that there are never more asks open than devices.
//  One that is refused makes its device go slower, twice as slow each time up to SLOWEST periods; one that is taken
//  makes it go faster again. A reading's identity is its device and time, so that the same one is never stored twice.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zooid/log.h>
#include <zooid/module.h>
#include "model.h"

enum { SLOWEST = 32 };

typedef struct {
    int64_t devices;
    int64_t period;
    int64_t seed;
} simulator_settings_t;

static const zooid_field_t settings_fields [] = {
    ZOOID_INTEGER (simulator_settings_t, devices, .integers = { true, 0, 1000 }, .initial = "5", .unit = "devices",
                   .doc = "How many"),
    ZOOID_DURATION (simulator_settings_t, period, .integers = { true, 10, 3600 * 1000 }, .initial = "1s", .unit = "ms",
                    .doc = "Each sends a reading so often"),
    ZOOID_INTEGER (simulator_settings_t, seed, .initial = "1",
                   .doc = "The same seed at the same times: the same readings"),
};
static const zooid_record_t settings = ZOOID_RECORD ("simulator_settings", simulator_settings_t, settings_fields,
    .doc = "Settings of the simulator");

typedef struct {
    const char *device;
    zooid_bytes_t body;
} ingest_t;
static const zooid_field_t ingest_fields [] = {
    ZOOID_STRING (ingest_t, device, .doc = "The device's name"),
    ZOOID_BYTES (ingest_t, body, .doc = "Its reading, JSON"),
};
static const zooid_record_t ingest = ZOOID_RECORD ("simulated_ingest", ingest_t, ingest_fields,
    .doc = "What iot.ingest takes");

typedef struct {
    model_t model;
    bool is_waiting;            //  Its reading is on its way
    unsigned pace;              //  It sends at every so many-th tick
    unsigned ticks;             //  Until it sends
} device_t;

typedef struct {
    device_t *devices;
    char scope [32];            //  Of the readings' identities
    bool was_refused;           //  The log says it once, until one is taken again
    bool is_draining;
} simulator_t;

//  ---- a reading

static void
s_slow_down (zooid_context_t *self, device_t *device, const char *failure, const char *detail)
{
    simulator_t *simulator = zooid_state (self);
    device->pace = device->pace * 2 < SLOWEST ? device->pace * 2 : SLOWEST;
    zooid_count (self, "simulator_refused_total", "Readings that were refused", 1);
    if (!simulator->was_refused)
        zooid_log (self, ZOOID_WARN, "reading_refused", ZOOID_TEXT ("device", device->model.name),
                   ZOOID_TEXT ("failure", failure), ZOOID_TEXT ("detail", detail));
    simulator->was_refused = true;
}

static int
s_answered (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    simulator_t *simulator = zooid_state (self);
    device_t *device = state;
    device->is_waiting = false;
    if (outcome->failure) {
        s_slow_down (self, device, outcome->failure, outcome->detail);
        return 0;
    }
    device->pace = device->pace > 1 ? device->pace / 2 : 1;
    zooid_count (self, "simulator_accepted_total", "Readings that were taken", 1);
    if (simulator->was_refused)
        zooid_log (self, ZOOID_INFO, "reading_taken_again", ZOOID_TEXT ("device", device->model.name));
    simulator->was_refused = false;
    return 0;
}

static int
s_send (zooid_context_t *self, device_t *device, zooid_bytes_t body)
{
    const simulator_t *simulator = zooid_state (self);
    ingest_t arguments = { .device = device->model.name, .body = body };
    const char *id = zooid_arena_format (zooid_arena (self), "%s:%lld", device->model.name,
                                         (long long) zooid_wall_ms (self));
    if (!id)
        return zooid_fault (-ENOMEM);
    zooid_identity_t identity = { .scope = simulator->scope, .id = id };
    int rc = zooid_ask (self, &(zooid_call_t) { .operation = "iot.ingest", .takes = &ingest, .arguments = &arguments,
                                                .as_self = true, .identity = &identity, .then = s_answered,
                                                .state = device });
    if (rc < 0)
        return zooid_fault (rc);
    if (rc)
        s_slow_down (self, device, "overloaded", "");
    else
        device->is_waiting = true;
    return 0;
}

static int
s_on_tick (zooid_context_t *self, void *state)
{
    const simulator_t *simulator = zooid_state (self);
    device_t *device = state;
    if (simulator->is_draining)
        return 0;
    if (device->ticks) {
        device->ticks--;
        return 0;
    }
    device->ticks = device->pace - 1;
    if (device->is_waiting) {
        zooid_count (self, "simulator_skipped_total", "Readings left out: the one before was still on its way", 1);
        return 0;
    }
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t body = { 0 };
    if (!model_read (&device->model, zooid_wall_ms (self), &body))
        return 0;
    if (body.failed)
        return zooid_fault (-ENOMEM);
    return s_send (self, device, (zooid_bytes_t) { body.data, body.size });
}

//  ---- the actor

static int
s_start (zooid_context_t *self, const void *settings_given)
{
    const simulator_settings_t *given = settings_given;
    simulator_t *simulator = zooid_state (self);
    snprintf (simulator->scope, sizeof simulator->scope, "simulator:%lld", (long long) given->seed);
    size_t count = (size_t) given->devices;
    simulator->devices = zooid_allocate ((count + 1) * sizeof *simulator->devices);
    for (size_t i = 0; i < count; i++) {
        device_t *device = &simulator->devices [i];
        device->pace = 1;
        model_init (&device->model, (uint64_t) given->seed, i);
        zooid_timer_start (self, given->period * (int64_t) i / given->devices, given->period, s_on_tick, device, NULL,
                           NULL);
    }
    zooid_gauge (self, "simulator_devices", "Devices that are simulated", (double) count);
    return 0;
}

static void
s_drain (zooid_context_t *self)
{
    simulator_t *simulator = zooid_state (self);
    simulator->is_draining = true;
}

static void
s_stop (zooid_context_t *self)
{
    simulator_t *simulator = zooid_state (self);
    free (simulator->devices);
}

static const zooid_contract_t contract = { .name = "simulator", .doc = "Devices that are not there." };

ZOOID_EXPORT const zooid_module_t zooid_module_simulator = {
    ZOOID_MODULE_HEADER, .name = "simulator", .version = "0.1.0", .doc = "Believable telemetry, seeded.",
    .contract = &contract, .settings = &settings, .state_size = sizeof (simulator_t), .start = s_start,
    .drain = s_drain, .stop = s_stop,
};
