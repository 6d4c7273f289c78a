//  query.c - what is asked of the store: devices, one device, a device's history
//
//  A query takes its message's payload along and decodes it again where it runs, on the pool over a read-only
//  snapshot: that is one copy, whatever the arguments are. Lists go by key, from the place that the cursor names, and
//  read one row more than they give, to know whether there is a next page.
#include "iot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zooid/page.h>

enum {
    SCAN_MAX = 10000,       //  Readings looked at for one page of one metric: a page may be short, a snapshot not long
    VALUES_FIRST = 16,
};

typedef struct {
    size_t size;
    uint8_t payload [];
} query_t;

static int
s_query (zooid_context_t *self, zooid_transaction_fn *read)
{
    zooid_bytes_t payload = zooid_message_payload (zooid_message (self));
    query_t *query = zooid_allocate (sizeof *query + payload.size);
    query->size = payload.size;
    if (payload.size)
        memcpy (query->payload, payload.data, payload.size);
    zooid_request_t *request = zooid_request_take (self);
    int rc = zooid_snapshot (self, &(zooid_commit_t) { .transaction = read, .request = request, .state = query,
                                                       .destroy = free });
    if (rc == 0)
        return 0;
    free (query);
    if (rc == ZOOID_FULL)
        return zooid_request_fail (self, &request, "overloaded", "too many queries wait");
    zooid_request_destroy (&request);
    return zooid_fault (rc);
}

//  They were checked when they came: what does not decode is a defect of ours.
static int
s_arguments (zooid_transaction_t *transaction, const query_t *query, const zooid_record_t *takes, void *ret_arguments)
{
    int rc = zooid_record_decode (takes, (zooid_bytes_t) { query->payload, query->size },
                                  zooid_transaction_arena (transaction), ret_arguments, NULL);
    return zooid_fault (rc > 0 ? -EPROTO : rc);
}

static int
s_refuse_cursor (zooid_transaction_t *transaction)
{
    return zooid_transaction_fail (transaction, "invalid",
                                   "cursor: not of this list; the `next` of a page with the same filters would be");
}

static const char *
s_text (zooid_transaction_t *transaction, zooid_sql_t *sql, int column)
{
    const char *text = zooid_sql_text (sql, column);
    return zooid_arena_copy (zooid_transaction_arena (transaction), text, strlen (text));
}

//  next NULL: the last page.
static int
s_reply_page (zooid_transaction_t *transaction, const zooid_record_t *gives, const void *items, size_t count,
              const char *next)
{
    iot_page_t page = { .items = { .items = items, .count = count }, .next = next };
    if (!next)
        ZOOID_SET_NULL (gives, iot_page_t, &page, next);
    return zooid_fault (zooid_transaction_reply (transaction, gives, &page));
}

//  ---- devices

//  The room for keys and values is doubled when it ends; what was outgrown ends with the transaction.
static int
s_grow (zooid_arena_t *arena, const char ***keys_p, iot_value_t **values_p, size_t count, size_t *capacity_p)
{
    size_t capacity = *capacity_p ? *capacity_p * 2 : VALUES_FIRST;
    const char **keys = zooid_arena_take (arena, capacity * sizeof *keys);
    iot_value_t *values = zooid_arena_take (arena, capacity * sizeof *values);
    if (!keys || !values)
        return zooid_fault (-ENOMEM);
    if (count) {
        memcpy (keys, *keys_p, count * sizeof *keys);
        memcpy (values, *values_p, count * sizeof *values);
    }
    *keys_p = keys;
    *values_p = values;
    *capacity_p = capacity;
    return 0;
}

static int
s_read_values (zooid_transaction_t *transaction, const char *device, zooid_map_t *ret_map)
{
    zooid_sql_t *select = zooid_sql (transaction,
        "SELECT metric, value, measured_at FROM iot_value WHERE device = ?1 ORDER BY metric");
    zooid_sql_bind_text (select, 1, device);
    const char **keys = NULL;
    iot_value_t *values = NULL;
    size_t count = 0, capacity = 0;
    int rc;
    while ((rc = zooid_sql_step (select)) == ZOOID_ROW) {
        if (count == capacity && (rc = s_grow (zooid_transaction_arena (transaction), &keys, &values, count,
                                               &capacity)))
            return rc;
        keys [count] = s_text (transaction, select, 0);
        if (!keys [count])
            return zooid_fault (-ENOMEM);
        values [count++] = (iot_value_t) { .value = zooid_sql_real (select, 1),
                                           .measured_at = zooid_sql_integer (select, 2) };
    }
    *ret_map = (zooid_map_t) { .keys = keys, .values = values, .count = count };
    return zooid_fault (rc);
}

//  Of a row that starts with device, first_seen_at, last_seen_at, readings.
static int
s_read_device (zooid_transaction_t *transaction, zooid_sql_t *row, iot_device_t *ret_device)
{
    *ret_device = (iot_device_t) {
        .device = s_text (transaction, row, 0), .first_seen_at = zooid_sql_integer (row, 1),
        .last_seen_at = zooid_sql_integer (row, 2), .readings = zooid_sql_integer (row, 3),
    };
    if (!ret_device->device)
        return zooid_fault (-ENOMEM);
    return s_read_values (transaction, ret_device->device, &ret_device->values);
}

typedef struct {
    const char *device;
} device_place_t;
static const zooid_field_t device_place_fields [] = {
    ZOOID_STRING (device_place_t, device, .max_length = READING_NAME_MAX, .doc = "The last one that was given"),
};
static const zooid_record_t device_place = ZOOID_RECORD ("device_place", device_place_t, device_place_fields);

static int
s_list (zooid_transaction_t *transaction, void *state)
{
    zooid_arena_t *arena = zooid_transaction_arena (transaction);
    iot_list_t given;
    int rc = s_arguments (transaction, state, &iot_list, &given);
    if (rc)
        return rc;
    device_place_t place = { .device = "" };
    if (ZOOID_HAS (&iot_list, iot_list_t, &given, cursor)
        && zooid_page_place (&iot_list, &given, given.cursor, &device_place, arena, &place))
        return s_refuse_cursor (transaction);
    size_t limit = ZOOID_HAS (&iot_list, iot_list_t, &given, limit) ? (size_t) given.limit : ZOOID_PAGE_LIMIT;
    iot_device_t *devices = zooid_arena_take (arena, limit * sizeof *devices);
    if (!devices)
        return zooid_fault (-ENOMEM);

    zooid_sql_t *select = zooid_sql (transaction,
        "SELECT device, first_seen_at, last_seen_at, readings FROM iot_device"
        " WHERE device > ?1 ORDER BY device LIMIT ?2");
    zooid_sql_bind_text (select, 1, place.device);
    zooid_sql_bind_integer (select, 2, (int64_t) limit + 1);
    size_t count = 0;
    while ((rc = zooid_sql_step (select)) == ZOOID_ROW && count < limit) {
        rc = s_read_device (transaction, select, &devices [count++]);
        if (rc)
            return rc;
    }
    if (rc < 0)
        return zooid_fault (rc);
    const char *next = NULL;
    if (rc == ZOOID_ROW) {
        place.device = devices [count - 1].device;
        next = zooid_page_cursor (&iot_list, &given, &device_place, &place, arena);
    }
    return s_reply_page (transaction, &iot_device_page, devices, count, next);
}

static int
s_get (zooid_transaction_t *transaction, void *state)
{
    iot_get_t given;
    iot_device_t device;
    int rc = s_arguments (transaction, state, &iot_get, &given);
    if (rc)
        return rc;
    zooid_sql_t *select = zooid_sql (transaction,
        "SELECT device, first_seen_at, last_seen_at, readings FROM iot_device WHERE device = ?1");
    zooid_sql_bind_text (select, 1, given.device);
    rc = zooid_sql_step (select);
    if (rc == 0)
        return zooid_transaction_fail (transaction, "not_found", "no device %s", given.device);
    if (rc < 0)
        return zooid_fault (rc);
    rc = s_read_device (transaction, select, &device);
    return rc ? rc : zooid_fault (zooid_transaction_reply (transaction, &iot_device, &device));
}

//  ---- history

typedef struct {
    int64_t measured_at;
    int64_t sequence;
} reading_place_t;
static const zooid_field_t reading_place_fields [] = {
    ZOOID_INTEGER (reading_place_t, measured_at, .doc = "Of the last one that was given"),
    ZOOID_INTEGER (reading_place_t, sequence, .doc = "The same"),
};
static const zooid_record_t reading_place = ZOOID_RECORD ("reading_place", reading_place_t, reading_place_fields);

static int
s_check_device (zooid_transaction_t *transaction, const char *device)
{
    zooid_sql_t *select = zooid_sql (transaction, "SELECT 1 FROM iot_device WHERE device = ?1");
    zooid_sql_bind_text (select, 1, device);
    int rc = zooid_sql_step (select);
    if (rc == ZOOID_ROW)
        return 0;
    return rc ? zooid_fault (rc) : zooid_transaction_fail (transaction, "not_found", "no device %s", device);
}

//  Of a row measured_at, sequence, received_at, id, metrics. ZOOID_UNKNOWN: it has not the metric that is wanted.
static int
s_read_reading (zooid_transaction_t *transaction, zooid_sql_t *row, const char *metric, iot_reading_t *ret_reading)
{
    zooid_arena_t *arena = zooid_transaction_arena (transaction);
    reading_t reading;
    int rc = reading_unpack (zooid_sql_bytes (row, 4), metric, arena, &reading);
    if (rc)
        return zooid_fault (rc < 0 ? rc : -EILSEQ);
    if (reading.count == 0)
        return ZOOID_UNKNOWN;
    const char **names = zooid_arena_take (arena, reading.count * sizeof *names);
    double *values = zooid_arena_take (arena, reading.count * sizeof *values);
    if (!names || !values)
        return zooid_fault (-ENOMEM);
    memcpy (names, reading.names, reading.count * sizeof *names);
    memcpy (values, reading.values, reading.count * sizeof *values);
    *ret_reading = (iot_reading_t) {
        .measured_at = zooid_sql_integer (row, 0), .received_at = zooid_sql_integer (row, 2),
        .metrics = { .keys = names, .values = values, .count = reading.count },
    };
    if (zooid_sql_is_null (row, 3))
        return 0;
    ret_reading->id = s_text (transaction, row, 3);
    ZOOID_SET (&iot_reading, iot_reading_t, ret_reading, id);
    return ret_reading->id ? 0 : zooid_fault (-ENOMEM);
}

//  Up to `limit` readings from the place on, newest first; *place becomes that of the last one that was looked at and
//  belongs to the page. *ret_more: there is more to look at behind it.
static int
s_read_history (zooid_transaction_t *transaction, const iot_history_t *given, reading_place_t *place, size_t limit,
                iot_reading_t *readings, size_t *ret_count, bool *ret_more)
{
    zooid_sql_t *select = zooid_sql (transaction,
        "SELECT measured_at, sequence, received_at, id, metrics FROM iot_reading"
        " WHERE device = ?1 AND measured_at >= ?2 AND (measured_at, sequence) < (?3, ?4)"
        " ORDER BY measured_at DESC, sequence DESC");
    zooid_sql_bind_text (select, 1, given->device);
    zooid_sql_bind_integer (select, 2, ZOOID_HAS (&iot_history, iot_history_t, given, from) ? given->from : INT64_MIN);
    zooid_sql_bind_integer (select, 3, place->measured_at);
    zooid_sql_bind_integer (select, 4, place->sequence);
    const char *metric = ZOOID_HAS (&iot_history, iot_history_t, given, metric) ? given->metric : NULL;
    size_t count = 0, seen = 0;
    int rc;
    while ((rc = zooid_sql_step (select)) == ZOOID_ROW) {
        if (seen++ == SCAN_MAX)
            break;
        iot_reading_t reading;
        int found = s_read_reading (transaction, select, metric, &reading);
        if (found < 0)
            return found;
        if (found == 0 && count == limit)
            break;
        if (found == 0)
            readings [count++] = reading;
        if (count < limit || found == 0)
            *place = (reading_place_t) { .measured_at = zooid_sql_integer (select, 0),
                                         .sequence = zooid_sql_integer (select, 1) };
    }
    *ret_count = count;
    *ret_more = rc == ZOOID_ROW;
    return rc < 0 ? zooid_fault (rc) : 0;
}

static int
s_history (zooid_transaction_t *transaction, void *state)
{
    zooid_arena_t *arena = zooid_transaction_arena (transaction);
    iot_history_t given;
    int rc = s_arguments (transaction, state, &iot_history, &given);
    if (rc)
        return rc;
    reading_place_t place = { .measured_at = INT64_MAX, .sequence = 0 };
    if (ZOOID_HAS (&iot_history, iot_history_t, &given, to))
        place.measured_at = given.to;
    if (ZOOID_HAS (&iot_history, iot_history_t, &given, cursor)
        && zooid_page_place (&iot_history, &given, given.cursor, &reading_place, arena, &place))
        return s_refuse_cursor (transaction);
    rc = s_check_device (transaction, given.device);
    if (rc)
        return rc;
    size_t limit = ZOOID_HAS (&iot_history, iot_history_t, &given, limit) ? (size_t) given.limit : ZOOID_PAGE_LIMIT;
    iot_reading_t *readings = zooid_arena_take (arena, limit * sizeof *readings);
    if (!readings)
        return zooid_fault (-ENOMEM);
    size_t count;
    bool more;
    rc = s_read_history (transaction, &given, &place, limit, readings, &count, &more);
    if (rc)
        return rc;
    const char *next = more ? zooid_page_cursor (&iot_history, &given, &reading_place, &place, arena) : NULL;
    return s_reply_page (transaction, &iot_reading_page, readings, count, next);
}

//  ---- handlers

int
iot_on_list (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    return s_query (self, s_list);
}

int
iot_on_get (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    return s_query (self, s_get);
}

int
iot_on_history (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    return s_query (self, s_history);
}
