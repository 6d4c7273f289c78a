//  iot.h - the iot actor: its records, its state, and what its files lend each other
#ifndef IOT_H
#define IOT_H

#include <zooid/module.h>
#include "reading.h"

//  ---- settings

typedef struct {
    int64_t raw;                        //  ms
    int64_t rows;
    int64_t sweep;                      //  ms
} iot_retention_t;

typedef struct {
    iot_retention_t history;
    int64_t devices;
} iot_settings_t;

enum {
    IOT_METRICS_MAX = 256,              //  Different ones of one device
};

//  ---- records

typedef struct {
    const char *device;
    zooid_bytes_t body;
} iot_ingest_t;

typedef struct {
    const char *device;
    bool stored;
} iot_receipt_t;

typedef struct {
    zooid_presence_t presence;
    const char *id;
    const char *device;
    int64_t measured_at;
    int64_t received_at;
    zooid_map_t metrics;                //  double
} iot_telemetry_t;

typedef struct {
    double value;
    int64_t measured_at;
} iot_value_t;

typedef struct {
    const char *device;
    int64_t first_seen_at;
    int64_t last_seen_at;
    int64_t readings;
    zooid_map_t values;                 //  iot_value_t
} iot_device_t;

typedef struct {
    zooid_presence_t presence;
    int64_t limit;
    const char *cursor;
} iot_list_t;

typedef struct {
    const char *device;
} iot_get_t;

typedef struct {
    zooid_presence_t presence;
    const char *device;
    const char *metric;
    int64_t from;
    int64_t to;
    int64_t limit;
    const char *cursor;
} iot_history_t;

typedef struct {
    zooid_presence_t presence;
    const char *id;
    int64_t measured_at;
    int64_t received_at;
    zooid_map_t metrics;                //  double
} iot_reading_t;

//  A page of devices or of readings.
typedef struct {
    zooid_presence_t presence;
    zooid_list_t items;
    const char *next;
} iot_page_t;

extern const zooid_record_t iot_receipt, iot_telemetry, iot_device, iot_list, iot_get, iot_history, iot_reading,
    iot_device_page, iot_reading_page;
extern const zooid_contract_t iot_contract;

//  ---- state: a count and a sweep under way. What is durable is in the store

typedef struct {
    const iot_settings_t *settings;
    int64_t devices;                    //  Known ones
    bool sweeping;
    char position [READING_NAME_MAX + 1];   //  The sweep is done with devices up to this one
} iot_t;

//  ---- ingest.c, query.c: the handlers

int
    iot_on_ingest (zooid_context_t *self, const void *arguments);
int
    iot_on_list (zooid_context_t *self, const void *arguments);
int
    iot_on_get (zooid_context_t *self, const void *arguments);
int
    iot_on_history (zooid_context_t *self, const void *arguments);

//  ---- history.c: readings, kept as long as the settings say

//  Sweep from time to time what has become too old.
void
    history_start (zooid_context_t *self);
//  Within a transaction: the reading, the `sequence`th of its device.
int
    history_append (zooid_transaction_t *transaction, const char *device, int64_t sequence, int64_t received_at,
                    const reading_t *reading);
//  The same: forget the oldest of a device that holds `held` of them, down to `rows`, but no more than a step's worth.
int
    history_trim (zooid_transaction_t *transaction, const char *device, int64_t held, int64_t rows);

#endif
