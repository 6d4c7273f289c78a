//  contract.c - what iot offers: the tables from which all else about it is made
#include "iot.h"

#define IOT_NAME "A-Za-z0-9_-"
#define IOT_METRIC "A-Za-z0-9_.-"

//  ---- records

//  A device's name is wider here than a name may be: a bad one is the named failure `bad_device`, not `invalid`, and
//  so is a body that is too large.
static const zooid_field_t ingest_fields [] = {
    ZOOID_STRING (iot_ingest_t, device, .max_length = 65535, .example = "\"greenhouse-1\"",
                  .doc = "1 to 64 of A-Z a-z 0-9 _ -"),
    ZOOID_BYTES (iot_ingest_t, body, .max_length = 512 * 1024,
                 .doc = "JSON {id?, ts?, METRIC: number, ...}, at most 64 KiB"),
};
static const zooid_record_t ingest = ZOOID_RECORD ("ingest", iot_ingest_t, ingest_fields,
    .doc = "A reading as a device sent it");

static const zooid_field_t receipt_fields [] = {
    ZOOID_STRING (iot_receipt_t, device, .doc = "Whose reading it is"),
    ZOOID_BOOLEAN (iot_receipt_t, stored, .doc = "false: a repeat of one that is stored"),
};
const zooid_record_t iot_receipt = ZOOID_RECORD ("ingest_receipt", iot_receipt_t, receipt_fields,
    .doc = "A reading is safe");

static const zooid_field_t telemetry_fields [] = {
    ZOOID_STRING (iot_telemetry_t, id, .optional = true, .max_length = READING_ID_MAX,
                  .doc = "The reading's name, given by its source"),
    ZOOID_STRING (iot_telemetry_t, device, .max_length = READING_NAME_MAX, .doc = "Whose reading it is"),
    ZOOID_TIMESTAMP (iot_telemetry_t, measured_at, .doc = "By the device's clock, when it told"),
    ZOOID_TIMESTAMP (iot_telemetry_t, received_at, .doc = "By ours"),
    ZOOID_MAP (iot_telemetry_t, metrics, .of = ZOOID_ITEM (ZOOID_TYPE_REAL, double), .min_length = 1,
               .max_length = READING_METRICS_MAX, .example = "{\"temperature\": 21.5}", .doc = "Value by metric"),
};
const zooid_record_t iot_telemetry = ZOOID_RECORD ("telemetry", iot_telemetry_t, telemetry_fields,
    .presence = ZOOID_PRESENCE (iot_telemetry_t), .doc = "A reading that was stored");

static const zooid_field_t value_fields [] = {
    ZOOID_REAL (iot_value_t, value, .doc = "The metric's last value, by time of measurement"),
    ZOOID_TIMESTAMP (iot_value_t, measured_at, .doc = "When it was measured"),
};
static const zooid_record_t value = ZOOID_RECORD ("device_value", iot_value_t, value_fields,
    .doc = "A metric's last value");

static const zooid_field_t device_fields [] = {
    ZOOID_STRING (iot_device_t, device, .max_length = READING_NAME_MAX, .doc = "Its name"),
    ZOOID_TIMESTAMP (iot_device_t, first_seen_at, .doc = "When its first reading came"),
    ZOOID_TIMESTAMP (iot_device_t, last_seen_at, .doc = "When its last reading came"),
    ZOOID_INTEGER (iot_device_t, readings, .doc = "How many were stored, ever"),
    ZOOID_MAP (iot_device_t, values, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, iot_value_t, .record = &value),
               .max_length = IOT_METRICS_MAX, .doc = "Last value by metric"),
};
const zooid_record_t iot_device = ZOOID_RECORD ("device", iot_device_t, device_fields,
    .doc = "A device, and what it said last");

static const zooid_field_t list_fields [] = {
    ZOOID_INTEGER (iot_list_t, limit, .optional = true, .integers = { true, 1, 200 },
                   .doc = "Items at most; 50 when not given"),
    ZOOID_STRING (iot_list_t, cursor, .optional = true, .max_length = 1024, .doc = "`next` of the page before"),
};
const zooid_record_t iot_list = ZOOID_RECORD ("device_list", iot_list_t, list_fields,
    .presence = ZOOID_PRESENCE (iot_list_t), .doc = "Which page of the devices");

static const zooid_field_t get_fields [] = {
    ZOOID_STRING (iot_get_t, device, .min_length = 1, .max_length = READING_NAME_MAX, .characters = IOT_NAME,
                  .doc = "Its name"),
};
const zooid_record_t iot_get = ZOOID_RECORD ("device_get", iot_get_t, get_fields, .doc = "Which device");

static const zooid_field_t history_fields [] = {
    ZOOID_STRING (iot_history_t, device, .min_length = 1, .max_length = READING_NAME_MAX, .characters = IOT_NAME,
                  .doc = "Its name"),
    ZOOID_STRING (iot_history_t, metric, .optional = true, .min_length = 1, .max_length = READING_NAME_MAX,
                  .characters = IOT_METRIC, .doc = "Only readings of this metric, and nothing else of them"),
    ZOOID_TIMESTAMP (iot_history_t, from, .optional = true, .doc = "Measured then or later"),
    ZOOID_TIMESTAMP (iot_history_t, to, .optional = true, .doc = "Measured before"),
    ZOOID_INTEGER (iot_history_t, limit, .optional = true, .integers = { true, 1, 200 },
                   .doc = "Items at most; 50 when not given"),
    ZOOID_STRING (iot_history_t, cursor, .optional = true, .max_length = 1024, .doc = "`next` of the page before"),
};
const zooid_record_t iot_history = ZOOID_RECORD ("device_history", iot_history_t, history_fields,
    .presence = ZOOID_PRESENCE (iot_history_t), .doc = "Which readings of a device");

static const zooid_field_t reading_fields [] = {
    ZOOID_STRING (iot_reading_t, id, .optional = true, .max_length = READING_ID_MAX,
                  .doc = "The reading's name, given by its source"),
    ZOOID_TIMESTAMP (iot_reading_t, measured_at, .doc = "By the device's clock, when it told"),
    ZOOID_TIMESTAMP (iot_reading_t, received_at, .doc = "By ours"),
    ZOOID_MAP (iot_reading_t, metrics, .of = ZOOID_ITEM (ZOOID_TYPE_REAL, double), .max_length = READING_METRICS_MAX,
               .doc = "Value by metric"),
};
const zooid_record_t iot_reading = ZOOID_RECORD ("reading", iot_reading_t, reading_fields,
    .presence = ZOOID_PRESENCE (iot_reading_t), .doc = "A reading of the history");

static const zooid_field_t device_page_fields [] = {
    ZOOID_LIST (iot_page_t, items, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, iot_device_t, .record = &iot_device),
                .max_length = 200, .doc = "By name"),
    ZOOID_STRING (iot_page_t, next, .nullable = true, .doc = "Cursor of the next page; null: this is the last"),
};
const zooid_record_t iot_device_page = ZOOID_RECORD ("device_page", iot_page_t, device_page_fields,
    .presence = ZOOID_PRESENCE (iot_page_t), .doc = "Some of the devices");

static const zooid_field_t reading_page_fields [] = {
    ZOOID_LIST (iot_page_t, items, .of = ZOOID_ITEM (ZOOID_TYPE_RECORD, iot_reading_t, .record = &iot_reading),
                .max_length = 200, .doc = "Newest first, by time of measurement"),
    ZOOID_STRING (iot_page_t, next, .nullable = true,
                  .doc = "Cursor of the next page, which may be short or empty; null: this is the last"),
};
const zooid_record_t iot_reading_page = ZOOID_RECORD ("reading_page", iot_page_t, reading_page_fields,
    .presence = ZOOID_PRESENCE (iot_page_t), .doc = "Some of a device's readings");

//  ---- the contract

static const zooid_failure_t ingest_fails [] = {
    { "bad_device", ZOOID_FAILURE_INVALID, "The device's name is not 1 to 64 of A-Z a-z 0-9 _ -." },
    { "bad_json", ZOOID_FAILURE_MALFORMED, "The body is not one JSON object." },
    { "bad_metric", ZOOID_FAILURE_INVALID, "No metric, too many of them, or a name that is not 1 to 64 of A-Z a-z 0-9 _ . -." },
    { "bad_value", ZOOID_FAILURE_INVALID, "A metric is not a finite number; `id` is not a short text; `ts` is not a time." },
    { "future_timestamp", ZOOID_FAILURE_INVALID, "`ts` is more than 5 minutes ahead." },
    { "too_many_devices", ZOOID_FAILURE_CONFLICT, "The device is unknown, and as many are known as may be." },
};

static const zooid_operation_t operations [] = {
    { .name = "iot.ingest", .kind = ZOOID_COMMAND, .takes = &ingest, .gives = &iot_receipt, .scope = "iot:ingest",
      ZOOID_FAILS (ingest_fails), .handler = iot_on_ingest,
      .doc = "Check a device's reading, store it and announce it. One that is larger than 64 KiB is too_large. The identity of "
             "the message, else the body's `id`, makes a repeat known: it is not stored again." },
    { .name = "iot.list", .kind = ZOOID_QUERY, .takes = &iot_list, .gives = &iot_device_page, .scope = "iot:read",
      .http = "GET /api/devices", .handler = iot_on_list, .doc = "The devices by name, with their last values." },
    { .name = "iot.get", .kind = ZOOID_QUERY, .takes = &iot_get, .gives = &iot_device, .scope = "iot:read",
      .http = "GET /api/devices/{device}", .handler = iot_on_get, .doc = "One device with its last values." },
    { .name = "iot.history", .kind = ZOOID_QUERY, .takes = &iot_history, .gives = &iot_reading_page, .scope = "iot:read",
      .http = "GET /api/devices/{device}/history", .handler = iot_on_history,
      .doc = "A device's readings, newest first." },
};

static const zooid_event_t events [] = {
    { .topic = "iot.telemetry.{device}", .carries = &iot_telemetry, .scope = "iot:read", .doc = "A reading was stored." },
};

const zooid_contract_t iot_contract = {
    .name = "iot", ZOOID_OPERATIONS (operations), ZOOID_EVENTS (events),
    .doc = "Devices, their last values and their history.",
};
