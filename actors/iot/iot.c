//  iot.c - the module: settings, tables, start
//
//  All that matters is in the store. iot_device has a row for each device; `readings` counts all that were ever stored
//  and numbers them, `held` those that the history still has. iot_value has the last value of each metric. iot_reading
//  is the history, clustered by device and time of measurement, so that a page is one range of it and the oldest are at
//  its beginning.
#include "iot.h"

#include <errno.h>

static const zooid_migration_t migrations [] = {
    { .doc = "devices, last values, history",
      .sql =
        "CREATE TABLE iot_device ("
        "    device TEXT NOT NULL PRIMARY KEY, first_seen_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL,"
        "    readings INTEGER NOT NULL, held INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE iot_value ("
        "    device TEXT NOT NULL, metric TEXT NOT NULL, value REAL NOT NULL, measured_at INTEGER NOT NULL,"
        "    PRIMARY KEY (device, metric)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE iot_reading ("
        "    device TEXT NOT NULL, measured_at INTEGER NOT NULL, sequence INTEGER NOT NULL,"
        "    received_at INTEGER NOT NULL, id TEXT, metrics BLOB NOT NULL,"
        "    PRIMARY KEY (device, measured_at, sequence)) STRICT, WITHOUT ROWID;" },
};

static const zooid_field_t retention_fields [] = {
    ZOOID_DURATION (iot_retention_t, raw, .integers = { true, 60 * 1000, INT64_C (10) * 366 * 24 * 3600 * 1000 },
                    .initial = "7d", .unit = "ms", .doc = "Readings that were measured longer ago are forgotten"),
    ZOOID_INTEGER (iot_retention_t, rows, .integers = { true, 1, 10 * 1000 * 1000 }, .initial = "100000",
                   .unit = "readings", .doc = "A device's oldest readings beyond this are forgotten"),
    ZOOID_DURATION (iot_retention_t, sweep, .integers = { true, 10, 24 * 3600 * 1000 }, .initial = "1m", .unit = "ms",
                    .doc = "How often what has become too old is looked for"),
};
static const zooid_record_t retention = ZOOID_RECORD ("iot_retention", iot_retention_t, retention_fields,
    .doc = "What the history keeps");

static const zooid_field_t settings_fields [] = {
    ZOOID_EMBEDDED (iot_settings_t, history, iot_retention_t, .record = &retention, .doc = "What the history keeps"),
    ZOOID_INTEGER (iot_settings_t, devices, .integers = { true, 1, 1000 * 1000 }, .initial = "10000", .unit = "devices",
                   .doc = "Readings of further devices are refused"),
};
static const zooid_record_t settings = ZOOID_RECORD ("iot_settings", iot_settings_t, settings_fields,
    .doc = "Settings of iot");

static int
s_count_devices (zooid_transaction_t *transaction, void *state)
{
    int64_t *count = state;
    zooid_sql_t *select = zooid_sql (transaction, "SELECT count (*) FROM iot_device");
    int rc = zooid_sql_step (select);
    if (rc != ZOOID_ROW)
        return zooid_fault (rc ? rc : -EIO);
    *count = zooid_sql_integer (select, 0);
    return 0;
}

//  A node without a store has no use for iot: then this fails.
static int
s_start (zooid_context_t *self, const void *settings_given)
{
    iot_t *iot = zooid_state (self);
    iot->settings = settings_given;
    int rc = zooid_load (self, s_count_devices, &iot->devices);
    if (rc)
        return zooid_fault (rc > 0 ? -EIO : rc);
    zooid_gauge (self, "iot_devices", "Devices that are known", (double) iot->devices);
    history_start (self);
    return 0;
}

ZOOID_EXPORT const zooid_module_t zooid_module_iot = {
    ZOOID_MODULE_HEADER, .name = "iot", .version = "0.1.0", .doc = "Devices and their telemetry.",
    .contract = &iot_contract, .settings = &settings, .state_size = sizeof (iot_t), .start = s_start,
    ZOOID_MIGRATIONS (migrations),
};
