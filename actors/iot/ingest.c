//  ingest.c - a reading on its way: checked in the actor's turn, stored and announced in one transaction
//
//  What the transaction needs is copied into one block, the ingest, since the turn's memory ends with the turn. On
//  the store's thread a reading costs one statement for its identity, one for its device, one for each metric and one
//  for the history: the common case is an UPDATE that finds its row, and only what is met for the first time is
//  inserted.
#include "iot.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const iot_settings_t *settings;
    int64_t received_at;
    const char *device;
    zooid_identity_t identity;      //  scope NULL: none, every such reading is another one
    reading_t reading;
    bool stored;
    bool is_first;                  //  Of its device
    char text [];                   //  What the pointers above point at
} ingest_t;

//  ---- in the actor's turn

//  A name that the source gave is the reading's; else the one in the body; else the one that the source made up.
static zooid_identity_t
s_choose_identity (zooid_context_t *self, const char *device, const reading_t *reading)
{
    const zooid_identity_t *given = zooid_message_identity (zooid_message (self));
    if (given && !given->derived)
        return *given;
    if (reading->id) {
        const char *scope = zooid_arena_format (zooid_arena (self), "iot:%s", device);
        assert (scope);
        return (zooid_identity_t) { .scope = scope, .id = reading->id };
    }
    return given ? *given : (zooid_identity_t) { 0 };
}

static const char *
s_copy (char **at, const char *text)
{
    size_t size = strlen (text) + 1;
    char *copy = memcpy (*at, text, size);
    *at += size;
    return copy;
}

static ingest_t *
s_ingest_new (zooid_context_t *self, const char *device, const reading_t *reading)
{
    const iot_t *iot = zooid_state (self);
    zooid_identity_t identity = s_choose_identity (self, device, reading);
    size_t size = sizeof (ingest_t) + strlen (device) + 1;
    if (identity.scope)
        size += strlen (identity.scope) + strlen (identity.id) + 2;
    for (size_t i = 0; i < reading->count; i++)
        size += strlen (reading->names [i]) + 1;
    ingest_t *ingest = zooid_allocate (size);
    *ingest = (ingest_t) { .settings = iot->settings, .received_at = zooid_wall_ms (self), .identity = identity,
                           .reading = *reading };
    char *at = ingest->text;
    ingest->device = s_copy (&at, device);
    if (identity.scope) {
        ingest->identity.scope = s_copy (&at, identity.scope);
        ingest->identity.id = s_copy (&at, identity.id);
    }
    for (size_t i = 0; i < reading->count; i++)
        ingest->reading.names [i] = s_copy (&at, reading->names [i]);
    //  A made-up name is nothing that anyone could look for.
    ingest->reading.id = identity.scope && !identity.derived ? ingest->identity.id : NULL;
    return ingest;
}

//  ---- on the store's thread

static int
s_run (zooid_sql_t *sql)
{
    int rc = zooid_sql_step (sql);
    assert (rc != ZOOID_ROW);
    return zooid_fault (rc);
}

static int
s_add_device (zooid_transaction_t *transaction, const ingest_t *ingest)
{
    zooid_sql_t *count = zooid_sql (transaction, "SELECT count (*) FROM iot_device");
    int rc = zooid_sql_step (count);
    if (rc != ZOOID_ROW)
        return zooid_fault (rc ? rc : -EIO);
    if (zooid_sql_integer (count, 0) >= ingest->settings->devices)
        return zooid_transaction_fail (transaction, "too_many_devices", "%s is unknown, and %lld devices are known",
                                       ingest->device, (long long) ingest->settings->devices);
    zooid_sql_t *insert = zooid_sql (transaction,
        "INSERT INTO iot_device (device, first_seen_at, last_seen_at, readings, held) VALUES (?1, ?2, ?2, 1, 1)");
    zooid_sql_bind_text (insert, 1, ingest->device);
    zooid_sql_bind_integer (insert, 2, ingest->received_at);
    return s_run (insert);
}

//  Count the reading at its device. *ret_sequence is its number there, *ret_held how many the history holds with it.
static int
s_touch_device (zooid_transaction_t *transaction, ingest_t *ingest, int64_t *ret_sequence, int64_t *ret_held)
{
    zooid_sql_t *update = zooid_sql (transaction,
        "UPDATE iot_device SET last_seen_at = max (last_seen_at, ?2), readings = readings + 1, held = held + 1"
        " WHERE device = ?1 RETURNING readings, held");
    zooid_sql_bind_text (update, 1, ingest->device);
    zooid_sql_bind_integer (update, 2, ingest->received_at);
    int rc = zooid_sql_step (update);
    if (rc < 0)
        return zooid_fault (rc);
    if (rc == ZOOID_ROW) {
        *ret_sequence = zooid_sql_integer (update, 0);
        *ret_held = zooid_sql_integer (update, 1);
        return s_run (update);          //  A statement that is not at its end keeps its savepoint open
    }
    ingest->is_first = true;
    *ret_sequence = *ret_held = 1;
    return s_add_device (transaction, ingest);
}

static int
s_add_value (zooid_transaction_t *transaction, const ingest_t *ingest, const char *metric, double value)
{
    zooid_sql_t *count = zooid_sql (transaction, "SELECT count (*) FROM iot_value WHERE device = ?1");
    zooid_sql_bind_text (count, 1, ingest->device);
    int rc = zooid_sql_step (count);
    if (rc != ZOOID_ROW)
        return zooid_fault (rc ? rc : -EIO);
    if (zooid_sql_integer (count, 0) >= IOT_METRICS_MAX)
        return zooid_transaction_fail (transaction, "bad_metric",
                                       "%s is unknown, and %d metrics of the device are known", metric,
                                       IOT_METRICS_MAX);
    zooid_sql_t *insert = zooid_sql (transaction,
        "INSERT INTO iot_value (device, metric, value, measured_at) VALUES (?1, ?2, ?3, ?4)");
    zooid_sql_bind_text (insert, 1, ingest->device);
    zooid_sql_bind_text (insert, 2, metric);
    zooid_sql_bind_real (insert, 3, value);
    zooid_sql_bind_integer (insert, 4, ingest->reading.measured_at);
    return s_run (insert);
}

//  A reading that was measured before the last one changes no last value.
static int
s_set_value (zooid_transaction_t *transaction, const ingest_t *ingest, const char *metric, double value)
{
    zooid_sql_t *update = zooid_sql (transaction,
        "UPDATE iot_value SET value = CASE WHEN measured_at <= ?4 THEN ?3 ELSE value END,"
        " measured_at = max (measured_at, ?4) WHERE device = ?1 AND metric = ?2");
    zooid_sql_bind_text (update, 1, ingest->device);
    zooid_sql_bind_text (update, 2, metric);
    zooid_sql_bind_real (update, 3, value);
    zooid_sql_bind_integer (update, 4, ingest->reading.measured_at);
    int rc = zooid_sql_step (update);
    if (rc)
        return zooid_fault (rc);
    return zooid_sql_changes (update) ? 0 : s_add_value (transaction, ingest, metric, value);
}

static int
s_announce (zooid_transaction_t *transaction, const ingest_t *ingest)
{
    const reading_t *reading = &ingest->reading;
    iot_telemetry_t event = {
        .id = reading->id, .device = ingest->device, .measured_at = reading->measured_at,
        .received_at = ingest->received_at,
        .metrics = { .keys = reading->names, .values = reading->values, .count = reading->count },
    };
    if (reading->id)
        ZOOID_SET (&iot_telemetry, iot_telemetry_t, &event, id);
    const char *topic = zooid_arena_format (zooid_transaction_arena (transaction), "iot.telemetry.%s", ingest->device);
    return topic ? zooid_transaction_publish (transaction, topic, &iot_telemetry, &event) : -ENOMEM;
}

static int
s_store (zooid_transaction_t *transaction, ingest_t *ingest)
{
    int64_t sequence, held;
    int rc = s_touch_device (transaction, ingest, &sequence, &held);
    for (size_t i = 0; rc == 0 && i < ingest->reading.count; i++)
        rc = s_set_value (transaction, ingest, ingest->reading.names [i], ingest->reading.values [i]);
    if (rc == 0)
        rc = history_append (transaction, ingest->device, sequence, ingest->received_at, &ingest->reading);
    if (rc == 0)
        rc = history_trim (transaction, ingest->device, held, ingest->settings->history.rows);
    if (rc == 0)
        rc = s_announce (transaction, ingest);
    return rc;
}

static int
s_transaction (zooid_transaction_t *transaction, void *state)
{
    ingest_t *ingest = state;
    int rc = ingest->identity.scope ? zooid_transaction_once (transaction, &ingest->identity) : 0;
    ingest->stored = rc == 0;
    if (rc == 0)
        rc = s_store (transaction, ingest);
    else if (rc == ZOOID_DUPLICATE)
        rc = 0;                         //  The receipt says so: whoever repeats a reading learns that it is safe
    if (rc)
        return rc < 0 ? zooid_fault (rc) : rc;
    iot_receipt_t receipt = { .device = ingest->device, .stored = ingest->stored };
    return zooid_fault (zooid_transaction_reply (transaction, &iot_receipt, &receipt));
}

//  ---- in the actor again, after the fsync

static int
s_stored (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    iot_t *iot = zooid_state (self);
    const ingest_t *ingest = state;
    if (outcome->failure)
        return 0;                       //  The asker was told
    if (ingest->is_first)
        zooid_gauge (self, "iot_devices", "Devices that are known", (double) ++iot->devices);
    if (ingest->stored)
        zooid_count (self, "iot_readings_total", "Readings stored", 1);
    else
        zooid_count (self, "iot_repeats_total", "Readings that were stored before", 1);
    return 0;
}

int
iot_on_ingest (zooid_context_t *self, const void *arguments)
{
    const iot_ingest_t *given = arguments;
    reading_t reading;
    reading_refusal_t refusal;
    if (!reading_is_device (given->device))
        return zooid_fail (self, "bad_device", "not a device's name: 1 to %d of A-Z a-z 0-9 _ - would be",
                           READING_NAME_MAX);
    int rc = reading_parse (given->body, zooid_wall_ms (self), zooid_arena (self), &reading, &refusal);
    if (rc < 0)
        return zooid_fault (rc);
    if (rc)
        return zooid_fail (self, refusal.failure, "%s", refusal.detail);

    zooid_request_t *request = zooid_request_take (self);
    ingest_t *ingest = s_ingest_new (self, given->device, &reading);
    rc = zooid_commit (self, &(zooid_commit_t) { .transaction = s_transaction, .request = request, .then = s_stored,
                                                 .state = ingest, .destroy = free });
    if (rc == 0)
        return 0;
    free (ingest);
    if (rc == ZOOID_FULL)
        return zooid_request_fail (self, &request, "overloaded", "the store's queue is full");
    zooid_request_destroy (&request);
    return zooid_fault (rc);
}
