//  iot_test.c - what iot promises: readings are checked, stored once, announced, found again, and forgotten in time
#include "iot_fixture.h"

#include <stdio.h>
#include <string.h>
#include <zooid/record.h>

//  ---- ingest

static void
test_iot_stores_shows_and_announces_a_reading (void **state)
{
    (void) state;
    rig_begin ("{}");
    char body [128], measured_at [ZOOID_TIMESTAMP_SIZE];
    int64_t at = rig_wall_ms () - 1000;
    zooid_timestamp_write (at, measured_at);
    snprintf (body, sizeof body, "{\"id\":\"r1\",\"ts\":%lld,\"temperature\":21.5,\"humidity\":48}", (long long) at);
    json_t *reply = rig_send ("d1", body);
    rig_assert_text (reply, "answer.device", "d1");
    assert_true (json_is_true (rig_at (reply, "answer.stored")));
    json_decref (reply);

    reply = rig_ask ("witness.wait", json_pack ("{s:i}", "count", 1));
    rig_assert_text (reply, "events.0.id", "r1");
    rig_assert_text (reply, "events.0.device", "d1");
    rig_assert_number (reply, "events.0.measured_at", (double) at);
    rig_assert_number (reply, "events.0.metrics.temperature", 21.5);
    rig_assert_size (reply, "events.0.metrics", 2);
    json_decref (reply);

    reply = rig_ask ("iot.get", json_pack ("{s:s}", "device", "d1"));
    rig_assert_text (reply, "device", "d1");
    rig_assert_number (reply, "readings", 1);
    rig_assert_size (reply, "values", 2);
    rig_assert_number (reply, "values.humidity.value", 48);
    rig_assert_text (reply, "values.humidity.measured_at", measured_at);
    assert_string_equal (json_string_value (rig_at (reply, "first_seen_at")),
                         json_string_value (rig_at (reply, "last_seen_at")));
    json_decref (reply);

    reply = rig_ask ("iot.history", json_pack ("{s:s}", "device", "d1"));
    rig_assert_size (reply, "items", 1);
    rig_assert_text (reply, "items.0.id", "r1");
    rig_assert_text (reply, "items.0.measured_at", measured_at);
    rig_assert_number (reply, "items.0.metrics.temperature", 21.5);
    assert_true (json_is_null (rig_at (reply, "next")));
    json_decref (reply);
    rig_end ();
}

static void
test_iot_refuses_bad_readings_by_name_and_stores_nothing (void **state)
{
    (void) state;
    static const struct { const char *device, *body, *failure; } rows [] = {
        { "d 1", "{\"t\":1}", "bad_device" },
        { "", "{\"t\":1}", "bad_device" },
        { "01234567890123456789012345678901234567890123456789012345678901234", "{\"t\":1}", "bad_device" },
        { "d1", "{\"t\":1", "bad_json" },
        { "d1", "", "bad_json" },
        { "d1", "[1]", "bad_json" },
        { "d1", "{}", "bad_metric" },
        { "d1", "{\"a b\":1}", "bad_metric" },
        { "d1", "{\"t\":NaN}", "bad_value" },
        { "d1", "{\"t\":1e999}", "bad_value" },
        { "d1", "{\"t\":\"warm\"}", "bad_value" },
        { "d1", "{\"ts\":\"tomorrow\",\"t\":1}", "bad_value" },
        { "d1", "{\"ts\":99999999999999,\"t\":1}", "future_timestamp" },
    };
    rig_begin ("{}");
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++)
        rig_assert_refused (rows [i].device, rows [i].body, rows [i].failure);
    static char body [64 * 1024 + 2];
    memset (body, ' ', sizeof body - 1);
    memcpy (body, "{\"t\":1}", 7);
    rig_assert_refused ("d1", body, "too_large");
    body [64 * 1024] = 0;
    assert_true (rig_store ("d2", body));

    json_t *reply = rig_ask ("iot.list", json_object ());
    rig_assert_size (reply, "items", 1);
    rig_assert_text (reply, "items.0.device", "d2");
    json_decref (reply);
    reply = rig_ask ("witness.wait", json_pack ("{s:i}", "count", 1));
    rig_assert_size (reply, "events", 1);
    json_decref (reply);
    rig_end ();
}

static void
test_iot_knows_repeats_by_the_bodys_id_within_a_device (void **state)
{
    (void) state;
    rig_begin ("{}");
    assert_true (rig_store ("d1", "{\"id\":\"a\",\"t\":1}"));
    assert_false (rig_store ("d1", "{\"id\":\"a\",\"t\":2}"));
    assert_true (rig_store ("d2", "{\"id\":\"a\",\"t\":3}"));
    assert_true (rig_store ("d1", "{\"id\":\"b\",\"t\":4}"));
    assert_true (rig_store ("d1", "{\"t\":5}"));
    assert_true (rig_store ("d1", "{\"t\":5}"));
    json_t *reply = rig_ask ("iot.get", json_pack ("{s:s}", "device", "d1"));
    rig_assert_number (reply, "readings", 4);
    rig_assert_number (reply, "values.t.value", 5);
    json_decref (reply);
    reply = rig_ask ("witness.wait", json_pack ("{s:i}", "count", 5));
    rig_assert_size (reply, "events", 5);
    json_decref (reply);
    rig_end ();
}

static void
test_iot_takes_the_best_identity_there_is (void **state)
{
    (void) state;
    rig_begin ("{}");
    //  Given by the source: the body's does not matter.
    assert_true (rig_store_as ("d1", "{\"id\":\"a\",\"t\":1}", "mqtt:s", "1", false));
    assert_false (rig_store_as ("d1", "{\"id\":\"b\",\"t\":1}", "mqtt:s", "1", false));
    assert_true (rig_store_as ("d1", "{\"id\":\"b\",\"t\":1}", "mqtt:other", "1", false));
    //  Made up by the source: the body's is better.
    assert_true (rig_store_as ("d2", "{\"id\":\"a\",\"t\":1}", "mqtt:s", "7", true));
    assert_false (rig_store_as ("d2", "{\"id\":\"a\",\"t\":1}", "mqtt:s", "8", true));
    assert_true (rig_store_as ("d2", "{\"id\":\"c\",\"t\":1}", "mqtt:s", "7", true));
    //  Made up, and nothing better.
    assert_true (rig_store_as ("d3", "{\"t\":1}", "mqtt:s", "9", true));
    assert_false (rig_store_as ("d3", "{\"t\":1}", "mqtt:s", "9", true));

    json_t *reply = rig_ask ("iot.history", json_pack ("{s:s}", "device", "d1"));
    rig_assert_text (reply, "items.0.id", "1");
    json_decref (reply);
    reply = rig_ask ("iot.history", json_pack ("{s:s}", "device", "d3"));
    rig_assert_size (reply, "items", 1);
    assert_null (rig_at (reply, "items.0.id"));
    json_decref (reply);
    rig_end ();
}

static void
test_iot_keeps_the_last_value_when_an_older_reading_comes (void **state)
{
    (void) state;
    rig_begin ("{}");
    rig_store ("d1", "{\"ts\":1795361128000,\"t\":2,\"h\":50}");
    rig_store ("d1", "{\"ts\":1795361127000,\"t\":1,\"p\":9}");
    json_t *reply = rig_ask ("iot.get", json_pack ("{s:s}", "device", "d1"));
    rig_assert_number (reply, "readings", 2);
    rig_assert_number (reply, "values.t.value", 2);
    rig_assert_text (reply, "values.t.measured_at", "2026-11-22T15:25:28.000Z");
    rig_assert_number (reply, "values.p.value", 9);
    json_decref (reply);
    rig_end ();
}

static void
test_iot_refuses_more_devices_than_it_may_know (void **state)
{
    (void) state;
    rig_begin ("{ devices: 2 }");
    assert_true (rig_store ("d1", "{\"t\":1}"));
    assert_true (rig_store ("d2", "{\"t\":1}"));
    rig_assert_refused ("d3", "{\"id\":\"a\",\"t\":1}", "too_many_devices");
    assert_true (rig_store ("d1", "{\"t\":2}"));
    //  Refused is not stored: its identity was not remembered.
    rig_assert_refused ("d3", "{\"id\":\"a\",\"t\":1}", "too_many_devices");
    rig_end ();
}

static void
test_iot_refuses_more_metrics_than_a_device_may_have (void **state)
{
    (void) state;
    rig_begin ("{}");
    for (int reading = 0; reading < 4; reading++) {
        char body [2048], *at = body;
        for (int i = 0; i < 64; i++)
            at += sprintf (at, "%c\"m%d\":%d", i ? ',' : '{', reading * 64 + i, i);
        strcpy (at, "}");
        assert_true (rig_store ("d1", body));
    }
    rig_assert_refused ("d1", "{\"m0\":7,\"one_more\":1}", "bad_metric");
    json_t *reply = rig_ask ("iot.get", json_pack ("{s:s}", "device", "d1"));
    rig_assert_size (reply, "values", 256);
    rig_assert_number (reply, "values.m0.value", 0);      //  All of the refused reading was rolled back
    rig_assert_number (reply, "readings", 4);
    json_decref (reply);
    rig_end ();
}

//  Every one of more readings than the store's queue takes at once is stored or refused: what was stored is there.
static void
test_iot_accounts_for_every_reading_of_a_burst (void **state)
{
    (void) state;
    rig_begin ("{}");
    json_t *answers = rig_ask ("witness.burst", json_pack ("{s:i, s:i}", "count", 12000, "window", 12000));
    json_int_t stored = json_integer_value (rig_at (answers, "stored"));
    assert_int_equal (stored + json_integer_value (rig_at (answers, "overloaded")), 12000);
    json_decref (answers);
    json_t *reply = rig_ask ("iot.get", json_pack ("{s:s}", "device", "burst"));
    rig_assert_number (reply, "readings", (double) stored);
    json_decref (reply);
    rig_end ();
}

//  ---- queries

static void
s_store_at (const char *device, int64_t at, const char *metric, int value)
{
    char body [128];
    snprintf (body, sizeof body, "{\"ts\":%lld,\"%s\":%d}", (long long) at, metric, value);
    assert_true (rig_store (device, body));
}

static void
test_iot_history_is_filtered_and_newest_first (void **state)
{
    (void) state;
    rig_begin ("{}");
    const int64_t start = 1795361128000;
    for (int i = 0; i < 6; i++)
        s_store_at ("d1", start + (i ^ 1) * 1000, i % 3 ? "t" : "h", i ^ 1);
    //  Stored 1 0 3 2 5 4 as h t t h t t.
    json_t *reply = rig_ask ("iot.history", json_pack ("{s:s}", "device", "d1"));
    rig_assert_size (reply, "items", 6);
    rig_assert_number (reply, "items.0.metrics.t", 5);
    rig_assert_number (reply, "items.5.metrics.t", 0);
    json_decref (reply);
    reply = rig_ask ("iot.history", json_pack ("{s:s, s:s}", "device", "d1", "metric", "h"));
    rig_assert_size (reply, "items", 2);
    rig_assert_number (reply, "items.0.metrics.h", 2);
    rig_assert_number (reply, "items.1.metrics.h", 1);
    json_decref (reply);
    char from [ZOOID_TIMESTAMP_SIZE], to [ZOOID_TIMESTAMP_SIZE];
    zooid_timestamp_write (start + 1000, from);
    zooid_timestamp_write (start + 4000, to);
    reply = rig_ask ("iot.history", json_pack ("{s:s, s:s, s:s}", "device", "d1", "from", from, "to", to));
    rig_assert_size (reply, "items", 3);
    rig_assert_number (reply, "items.0.metrics.t", 3);
    rig_assert_number (reply, "items.2.metrics.h", 1);
    json_decref (reply);
    rig_end ();
}

static void
test_iot_history_goes_page_by_page_through_equal_times (void **state)
{
    (void) state;
    rig_begin ("{}");
    for (int i = 0; i < 7; i++)
        s_store_at ("d1", 1795361128000 + i / 3, i % 2 ? "other" : "t", i);
    static const struct { const char *metric; int limit, pages, items; } rows [] = {
        { NULL, 3, 3, 7 }, { NULL, 7, 1, 7 }, { "t", 1, 4, 4 }, { "t", 3, 2, 4 }, { "t", 4, 1, 4 }, { "none", 2, 1, 0 },
    };
    for (size_t row = 0; row < ZOOID_COUNT (rows); row++) {
        json_t *cursor = NULL;
        int pages = 0, items = 0;
        double last = 100;
        do {
            json_t *arguments = json_pack ("{s:s, s:i}", "device", "d1", "limit", rows [row].limit);
            if (rows [row].metric)
                json_object_set_new (arguments, "metric", json_string (rows [row].metric));
            if (cursor)
                json_object_set_new (arguments, "cursor", cursor);
            json_t *reply = rig_ask ("iot.history", arguments);
            size_t index;
            json_t *item;
            json_array_foreach (json_object_get (reply, "items"), index, item) {
                const json_t *metrics = json_object_get (item, "metrics");
                double value = json_number_value (json_object_iter_value (json_object_iter ((json_t *) metrics)));
                assert_true (value < last);
                last = value;
                items++;
            }
            cursor = json_incref (json_object_get (reply, "next"));
            json_decref (reply);
            pages++;
        } while (json_is_string (cursor) && pages < 10);
        json_decref (cursor);
        assert_int_equal (pages, rows [row].pages);
        assert_int_equal (items, rows [row].items);
    }
    rig_end ();
}

static void
test_iot_history_gives_a_short_page_rather_than_looking_for_long (void **state)
{
    (void) state;
    rig_begin ("{}");
    s_store_at ("burst", 1795361127000, "rare", 7);     //  Older than all of the burst
    json_decref (rig_ask ("witness.burst", json_pack ("{s:i, s:i}", "count", 10050, "window", 500)));
    json_t *reply = rig_ask ("iot.history", json_pack ("{s:s, s:s}", "device", "burst", "metric", "rare"));
    rig_assert_size (reply, "items", 0);
    const char *next = json_string_value (rig_at (reply, "next"));
    assert_non_null (next);
    json_t *rest = rig_ask ("iot.history", json_pack ("{s:s, s:s, s:s}", "device", "burst", "metric", "rare", "cursor",
                                                      next));
    rig_assert_size (rest, "items", 1);
    rig_assert_number (rest, "items.0.metrics.rare", 7);
    assert_true (json_is_null (rig_at (rest, "next")));
    json_decref (rest);
    json_decref (reply);
    rig_end ();
}

static void
test_iot_history_cursor_is_bound_to_its_filter (void **state)
{
    (void) state;
    rig_begin ("{}");
    for (int i = 0; i < 3; i++) {
        s_store_at ("d1", 1795361128000 + i, "t", i);
        s_store_at ("d2", 1795361128000 + i, "t", i);
    }
    json_t *reply = rig_ask ("iot.history", json_pack ("{s:s, s:i}", "device", "d1", "limit", 1));
    const char *cursor = json_string_value (rig_at (reply, "next"));
    static const char *const others [] = { "{s:s, s:s}", "{s:s, s:s, s:s}" };
    json_t *other = rig_ask ("iot.history", json_pack (others [0], "device", "d2", "cursor", cursor));
    rig_assert_text (other, "name", "invalid");
    json_decref (other);
    other = rig_ask ("iot.history", json_pack (others [1], "device", "d1", "metric", "t", "cursor", cursor));
    rig_assert_text (other, "name", "invalid");
    json_decref (other);
    other = rig_ask ("iot.list", json_pack ("{s:s}", "cursor", cursor));
    rig_assert_text (other, "name", "invalid");
    json_decref (other);
    //  Another limit is the same list.
    other = rig_ask ("iot.history", json_pack ("{s:s, s:i, s:s}", "device", "d1", "limit", 2, "cursor", cursor));
    rig_assert_size (other, "items", 2);
    json_decref (other);
    json_decref (reply);
    rig_end ();
}

static void
test_iot_list_goes_page_by_page (void **state)
{
    (void) state;
    rig_begin ("{}");
    static const char *const devices [] = { "b", "a", "c-1", "B", "c" },
        *const sorted [] = { "B", "a", "b", "c", "c-1" };
    for (size_t i = 0; i < ZOOID_COUNT (devices); i++)
        rig_store (devices [i], "{\"t\":1}");
    size_t count = 0;
    json_t *cursor = NULL;
    do {
        json_t *arguments = json_pack ("{s:i}", "limit", 2);
        if (cursor)
            json_object_set_new (arguments, "cursor", cursor);
        json_t *reply = rig_ask ("iot.list", arguments), *item;
        size_t index;
        json_array_foreach (json_object_get (reply, "items"), index, item) {
            assert_true (count < ZOOID_COUNT (sorted));
            rig_assert_text (item, "device", sorted [count++]);
        }
        cursor = json_incref (json_object_get (reply, "next"));
        json_decref (reply);
    } while (json_is_string (cursor));
    json_decref (cursor);
    assert_int_equal (count, ZOOID_COUNT (sorted));
    rig_end ();
}

static void
test_iot_says_that_a_device_is_unknown (void **state)
{
    (void) state;
    rig_begin ("{}");
    json_t *reply = rig_ask ("iot.get", json_pack ("{s:s}", "device", "nobody"));
    rig_assert_text (reply, "name", "not_found");
    json_decref (reply);
    reply = rig_ask ("iot.history", json_pack ("{s:s}", "device", "nobody"));
    rig_assert_text (reply, "name", "not_found");
    json_decref (reply);
    reply = rig_ask ("iot.get", json_pack ("{s:s}", "device", "no body"));
    rig_assert_text (reply, "name", "invalid");
    json_decref (reply);
    reply = rig_ask ("iot.list", json_pack ("{s:i}", "limit", 201));
    rig_assert_text (reply, "name", "invalid");
    json_decref (reply);
    reply = rig_ask ("iot.list", json_object ());
    rig_assert_size (reply, "items", 0);
    assert_true (json_is_null (rig_at (reply, "next")));
    json_decref (reply);
    rig_end ();
}

//  ---- bounds, and what a restart keeps

static void
test_iot_history_holds_no_more_rows_than_it_may (void **state)
{
    (void) state;
    rig_begin ("{ history: { rows: 3 } }");
    for (int i = 0; i < 5; i++)
        s_store_at ("d1", 1795361128000 + i, "t", i);
    s_store_at ("d2", 1795361128000, "t", 7);
    json_t *reply = rig_ask ("iot.history", json_pack ("{s:s}", "device", "d1"));
    rig_assert_size (reply, "items", 3);
    rig_assert_number (reply, "items.0.metrics.t", 4);
    rig_assert_number (reply, "items.2.metrics.t", 2);
    json_decref (reply);
    reply = rig_ask ("iot.get", json_pack ("{s:s}", "device", "d1"));
    rig_assert_number (reply, "readings", 5);
    json_decref (reply);
    reply = rig_ask ("iot.history", json_pack ("{s:s}", "device", "d2"));
    rig_assert_size (reply, "items", 1);
    json_decref (reply);
    rig_end ();

    //  A smaller bound is reached at the next reading.
    rig_begin ("{ history: { rows: 1 } }");
    s_store_at ("d1", 1795361128009, "t", 9);
    reply = rig_ask ("iot.history", json_pack ("{s:s}", "device", "d1"));
    rig_assert_size (reply, "items", 1);
    rig_assert_number (reply, "items.0.metrics.t", 9);
    json_decref (reply);
    rig_end ();
}

static void
test_iot_history_forgets_what_is_too_old (void **state)
{
    (void) state;
    int64_t now = rig_wall_ms ();
    rig_begin ("{ history: { raw: 1h, sweep: 1d } }");
    char device [16];
    //  More devices and readings than one step of a sweep forgets.
    for (int i = 0; i < 70; i++) {
        snprintf (device, sizeof device, "d%d", i);
        s_store_at (device, now - 7200 * 1000, "t", 1);
    }
    for (int i = 0; i < 600; i++)
        s_store_at ("d7", now - 7200 * 1000 + i, "t", 2);
    s_store_at ("d7", now - 60 * 1000, "t", 3);
    rig_end ();

    rig_begin ("{ history: { raw: 1h, sweep: 20ms } }");
    int64_t deadline = now + RIG_DEADLINE_MS;
    for (bool is_over = false; !is_over;) {
        assert_true (rig_wall_ms () < deadline);
        json_t *last = rig_ask ("iot.history", json_pack ("{s:s}", "device", "d9"));
        json_t *most = rig_ask ("iot.history", json_pack ("{s:s}", "device", "d7"));
        is_over = json_array_size (json_object_get (last, "items")) == 0
            && json_array_size (json_object_get (most, "items")) == 1;
        if (is_over)
            rig_assert_number (most, "items.0.metrics.t", 3);
        json_decref (last);
        json_decref (most);
    }
    //  A device and its last values stay.
    json_t *reply = rig_ask ("iot.get", json_pack ("{s:s}", "device", "d9"));
    rig_assert_number (reply, "values.t.value", 1);
    json_decref (reply);
    //  What is held was counted down: the bound by rows is exact again.
    s_store_at ("d7", now, "t", 4);
    rig_end ();
    rig_begin ("{ history: { raw: 1h, rows: 2 } }");
    s_store_at ("d7", now + 1, "t", 5);
    reply = rig_ask ("iot.history", json_pack ("{s:s}", "device", "d7"));
    rig_assert_size (reply, "items", 2);
    rig_assert_number (reply, "items.1.metrics.t", 4);
    json_decref (reply);
    rig_end ();
}

static void
test_iot_keeps_everything_over_a_restart (void **state)
{
    (void) state;
    rig_begin ("{}");
    assert_true (rig_store ("d1", "{\"id\":\"a\",\"t\":1}"));
    assert_true (rig_store ("d1", "{\"id\":\"b\",\"t\":2}"));
    rig_end ();
    rig_begin ("{}");
    assert_false (rig_store ("d1", "{\"id\":\"a\",\"t\":1}"));
    assert_true (rig_store ("d1", "{\"id\":\"c\",\"t\":3}"));
    json_t *reply = rig_ask ("iot.get", json_pack ("{s:s}", "device", "d1"));
    rig_assert_number (reply, "readings", 3);
    rig_assert_number (reply, "values.t.value", 3);
    json_decref (reply);
    reply = rig_ask ("iot.history", json_pack ("{s:s}", "device", "d1"));
    rig_assert_size (reply, "items", 3);
    rig_assert_text (reply, "items.2.id", "a");
    json_decref (reply);
    rig_end ();
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, rig_set_up, rig_tear_down)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        TEST (test_iot_stores_shows_and_announces_a_reading),
        TEST (test_iot_refuses_bad_readings_by_name_and_stores_nothing),
        TEST (test_iot_knows_repeats_by_the_bodys_id_within_a_device),
        TEST (test_iot_takes_the_best_identity_there_is),
        TEST (test_iot_keeps_the_last_value_when_an_older_reading_comes),
        TEST (test_iot_refuses_more_devices_than_it_may_know),
        TEST (test_iot_refuses_more_metrics_than_a_device_may_have),
        TEST (test_iot_accounts_for_every_reading_of_a_burst),
        TEST (test_iot_history_is_filtered_and_newest_first),
        TEST (test_iot_history_goes_page_by_page_through_equal_times),
        TEST (test_iot_history_gives_a_short_page_rather_than_looking_for_long),
        TEST (test_iot_history_cursor_is_bound_to_its_filter),
        TEST (test_iot_list_goes_page_by_page),
        TEST (test_iot_says_that_a_device_is_unknown),
        TEST (test_iot_history_holds_no_more_rows_than_it_may),
        TEST (test_iot_history_forgets_what_is_too_old),
        TEST (test_iot_keeps_everything_over_a_restart),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
