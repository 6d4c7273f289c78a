//  analytics_test.c - analytics in a node with a real store, and a source beside it that measures what the test says
//
//  The source publishes readings, and asks on behalf of the test: what one actor sends another arrives in order, so an
//  answer knows of every reading that was published before.
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <ftw.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zooid/node.h>

extern const zooid_module_t zooid_module_analytics;

enum { DEADLINE_MS = 20000, SEEN_MAX = 64, WINDOW = 60000, LATENESS = 10000 };

//  ---- the source

typedef struct {
    const char *device;
    int64_t measured_at;
    zooid_map_t metrics;
} telemetry_t;
static const zooid_field_t telemetry_fields [] = {
    ZOOID_STRING (telemetry_t, device),
    ZOOID_TIMESTAMP (telemetry_t, measured_at),
    ZOOID_MAP (telemetry_t, metrics, .of = ZOOID_ITEM (ZOOID_TYPE_REAL, double)),
};
static const zooid_record_t telemetry = ZOOID_RECORD ("measured", telemetry_t, telemetry_fields);

typedef struct {
    zooid_any_t question;
} question_t;
static const zooid_field_t question_fields [] = { ZOOID_ANY (question_t, question) };
static const zooid_record_t question_record = ZOOID_RECORD ("question", question_t, question_fields);

typedef struct {
    zooid_any_t answer;
} answer_t;
static const zooid_field_t answer_fields [] = { ZOOID_ANY (answer_t, answer) };
static const zooid_record_t answer_record = ZOOID_RECORD ("answer", answer_t, answer_fields);

typedef struct {
    int64_t count;
} wait_t;
static const zooid_field_t wait_fields [] = { ZOOID_INTEGER (wait_t, count) };
static const zooid_record_t wait_record = ZOOID_RECORD ("wait", wait_t, wait_fields);

typedef struct {
    zooid_list_t events;
} seen_t;
static const zooid_field_t seen_fields [] = {
    ZOOID_LIST (seen_t, events, .of = ZOOID_ITEM (ZOOID_TYPE_ANY, zooid_any_t), .max_length = SEEN_MAX),
};
static const zooid_record_t seen_record = ZOOID_RECORD ("seen", seen_t, seen_fields);

typedef struct {
    zooid_message_t *events [SEEN_MAX];
    size_t count, wanted;
    zooid_request_t *request;
} source_t;

static int
s_on_measure (zooid_context_t *self, const void *arguments)
{
    const telemetry_t *given = arguments;
    const char *topic = zooid_arena_format (zooid_arena (self), "iot.telemetry.%s", given->device);
    return zooid_publish (self, topic, &telemetry, given);
}

static int
s_answered (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    zooid_request_t *request = *(zooid_request_t **) state;
    *(zooid_request_t **) state = NULL;
    if (outcome->failure)
        return zooid_request_forward (self, &request, outcome);
    answer_t answer = { .answer = { outcome->payload } };
    return zooid_request_reply (self, &request, &answer_record, &answer);
}

static void
s_destroy_request (void *state)
{
    zooid_request_destroy (state);
    free (state);
}

static int
s_on_ask (zooid_context_t *self, const void *arguments)
{
    const question_t *given = arguments;
    zooid_request_t **request = zooid_allocate (sizeof *request);
    *request = zooid_request_take (self);
    int rc = zooid_ask (self, &(zooid_call_t) { .operation = "analytics.windows", .payload = given->question.msgpack,
                                                .as_self = true,
                                                .then = s_answered, .state = request, .destroy = s_destroy_request });
    assert_int_equal (rc, 0);
    return 0;
}

static int
s_tell_seen (zooid_context_t *self)
{
    source_t *source = zooid_state (self);
    if (!source->request || source->count < source->wanted)
        return 0;
    zooid_any_t items [SEEN_MAX];
    for (size_t i = 0; i < source->count; i++)
        items [i].msgpack = zooid_message_payload (source->events [i]);
    seen_t seen = { .events = { .items = items, .count = source->count } };
    return zooid_request_reply (self, &source->request, &seen_record, &seen);
}

static int
s_on_wait (zooid_context_t *self, const void *arguments)
{
    const wait_t *given = arguments;
    source_t *source = zooid_state (self);
    zooid_request_destroy (&source->request);
    source->request = zooid_request_take (self);
    source->wanted = (size_t) given->count;
    return s_tell_seen (self);
}

static int
s_on_window (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    source_t *source = zooid_state (self);
    if (source->count < SEEN_MAX)
        source->events [source->count++] = zooid_message_keep (zooid_message (self));
    return s_tell_seen (self);
}

static void
s_stop (zooid_context_t *self)
{
    source_t *source = zooid_state (self);
    for (size_t i = 0; i < source->count; i++)
        zooid_message_destroy (&source->events [i]);
    zooid_request_destroy (&source->request);
}

static const zooid_operation_t operations [] = {
    { .name = "source.measure", .kind = ZOOID_COMMAND, .takes = &telemetry, .scope = "public", .handler = s_on_measure, .doc = "Publish" },
    { .name = "source.ask", .kind = ZOOID_QUERY, .takes = &question_record, .gives = &answer_record, .scope = "public",
      .handler = s_on_ask, .deadline_ms = DEADLINE_MS, .doc = "Ask analytics.windows" },
    { .name = "source.wait", .kind = ZOOID_QUERY, .takes = &wait_record, .gives = &seen_record, .scope = "public", .handler = s_on_wait,
      .deadline_ms = DEADLINE_MS, .doc = "Events, when there are so many" },
};
static const zooid_event_t events [] = {
    { .topic = "iot.telemetry.{device}", .carries = &telemetry, .scope = "iot:read", .doc = "A reading" },
};
static const zooid_subscription_t subscriptions [] = {
    { .topic = "analytics.window.*", .handler = s_on_window },
};
static const zooid_contract_t contract = {
    .name = "source", ZOOID_OPERATIONS (operations), ZOOID_EVENTS (events), ZOOID_SUBSCRIPTIONS (subscriptions),
    .doc = "Source",
};
static const zooid_module_t module_source = {
    ZOOID_MODULE_HEADER, .name = "source", .version = "1", .doc = "Source", .contract = &contract,
    .state_size = sizeof (source_t),
    .stop = s_stop,
};

//  ---- the rig

static char s_folder [64];
static zooid_node_t *s_node;
static int64_t s_epoch;             //  A multiple of WINDOW, a day ago

static void
s_begin (const char *settings)
{
    static const zooid_module_t *const modules [] = { &zooid_module_analytics, &module_source };
    char topology [512];
    snprintf (topology, sizeof topology,
              "zooid: 1\nnodes:\n  local: { actors: [analytics, source] }\nactors:\n  analytics: %s\n"
              "  source: { grants: [\"analytics:read\"] }\n", settings);
    int rc = zooid_node_new (&s_node, &(zooid_node_options_t) { .topology = topology, .data = s_folder,
                                                                .modules = modules,
                                                                .module_count = ZOOID_COUNT (modules) });
    if (rc == 0)
        rc = zooid_node_start (s_node);
    if (rc)
        fail_msg ("%d: %s", rc, zooid_node_errors (s_node));
}

static void
s_end (void)
{
    assert_int_equal (zooid_node_stop (s_node, DEADLINE_MS), 0);
    zooid_node_destroy (&s_node);
}

static int
s_remove (const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void) status, (void) kind, (void) where;
    return remove (path);
}

static int
s_set_up (void **state)
{
    (void) state;
    s_epoch = ((int64_t) time (NULL) - 86400) / 60 * WINDOW;
    strcpy (s_folder, "/tmp/zooid-analytics-XXXXXX");
    return mkdtemp (s_folder) ? 0 : -1;
}

static int
s_tear_down (void **state)
{
    (void) state;
    zooid_node_destroy (&s_node);
    return nftw (s_folder, s_remove, 8, FTW_DEPTH | FTW_PHYS);
}

//  The reply; a failure has `name`. `arguments` is stolen.
static json_t *
s_ask (const char *operation, json_t *arguments)
{
    char *text = json_dumps (arguments, 0);
    json_decref (arguments);
    ZOOID_CLEANUP (zooid_release) char *reply = NULL;
    int rc = zooid_node_ask (s_node, operation, text, DEADLINE_MS, &reply);
    free (text);
    if (rc != 0 && rc != ZOOID_REFUSED)
        fail_msg ("%s: %d", operation, rc);
    json_t *root = reply && *reply ? json_loads (reply, JSON_DECODE_ANY, NULL) : json_null ();
    if (!root)
        fail_msg ("%s: %s", operation, reply);
    return root;
}

//  One value, `at` ms after the epoch.
static void
s_measure (const char *device, int64_t at, const char *metric, double value)
{
    char measured_at [ZOOID_TIMESTAMP_SIZE];
    zooid_timestamp_write (s_epoch + at, measured_at);
    json_t *reply = s_ask ("source.measure", json_pack ("{s:s, s:s, s:{s:f}}", "device", device, "measured_at",
                                                        measured_at, "metrics", metric, value));
    assert_null (json_object_get (reply, "name"));
    json_decref (reply);
}

//  The page that the question is answered with; a failure has `name`.
static json_t *
s_windows (json_t *question)
{
    json_t *reply = s_ask ("source.ask", json_pack ("{s:o}", "question", question));
    json_t *answer = json_object_get (reply, "answer");
    json_t *page = answer ? json_incref (answer) : json_incref (reply);
    json_decref (reply);
    return page;
}

static json_t *
s_windows_of (const char *device)
{
    return s_windows (json_pack ("{s:s}", "device", device));
}

static void
s_assert_size (const json_t *items, size_t size)
{
    if (!json_is_array (items) || json_array_size (items) != size) {
        char *all = json_dumps (items, JSON_ENCODE_ANY);
        fail_msg ("not %zu items: %s", size, all);
    }
}

//  Within another's reply timestamps are shown as the integers that they are.
static void
s_assert_window (const json_t *items, size_t index, const char *metric, int64_t start, int count, double minimum,
                 double maximum, double mean)
{
    const json_t *item = json_array_get (items, index);
    const char *found = json_string_value (json_object_get (item, "metric"));
    if (!found || strcmp (found, metric) != 0
        || json_integer_value (json_object_get (item, "start_at")) != s_epoch + start
        || json_integer_value (json_object_get (item, "end_at")) != s_epoch + start + WINDOW
        || json_integer_value (json_object_get (item, "count")) != count
        || json_number_value (json_object_get (item, "minimum")) != minimum
        || json_number_value (json_object_get (item, "maximum")) != maximum
        || !(fabs (json_number_value (json_object_get (item, "mean")) - mean) < 1e-9)) {
        char *all = json_dumps (item, JSON_ENCODE_ANY);
        fail_msg ("%zu is not %s +%lld: %d, %g to %g, %g, but %s", index, metric, (long long) start, count, minimum,
                  maximum, mean, all);
    }
}

//  ---- windows

static void
test_analytics_shows_open_windows (void **state)
{
    (void) state;
    s_begin ("{}");
    s_measure ("d1", 0, "t", 3);
    s_measure ("d1", WINDOW - 1, "t", -1);
    s_measure ("d1", 5000, "t", 4);
    s_measure ("d1", 6000, "h", 50);
    s_measure ("d2", 0, "t", 99);
    json_t *page = s_windows_of ("d1"), *items = json_object_get (page, "items");
    s_assert_size (items, 2);
    s_assert_window (items, 0, "h", 0, 1, 50, 50, 50);
    s_assert_window (items, 1, "t", 0, 3, -1, 4, 2);
    assert_true (json_is_null (json_object_get (page, "next")));
    assert_string_equal (json_string_value (json_object_get (json_array_get (items, 0), "device")), "d1");
    json_decref (page);
    page = s_windows_of ("nobody");
    s_assert_size (json_object_get (page, "items"), 0);
    json_decref (page);
    s_end ();
}

static void
test_analytics_closes_announces_and_stores_a_window_once (void **state)
{
    (void) state;
    s_begin ("{}");
    s_measure ("d1", 0, "t", 10);
    s_measure ("d1", WINDOW, "t", 77);                          //  The next window's first
    s_measure ("d1", WINDOW - 1, "t", 30);                      //  Out of order
    s_measure ("d1", WINDOW + LATENESS - 1, "t", 78);
    s_measure ("d1", 1, "t", 20);                               //  The last that is not late
    s_measure ("d1", WINDOW + LATENESS, "t", 79);               //  Closes it
    s_measure ("d1", 2, "t", 1000);                             //  Late
    json_t *seen = s_ask ("source.wait", json_pack ("{s:i}", "count", 1));
    s_assert_size (json_object_get (seen, "events"), 1);
    s_assert_window (json_object_get (seen, "events"), 0, "t", 0, 3, 10, 30, 20);
    json_decref (seen);
    json_t *page = s_windows_of ("d1"), *items = json_object_get (page, "items");
    s_assert_size (items, 2);
    s_assert_window (items, 0, "t", WINDOW, 3, 77, 79, 78);
    s_assert_window (items, 1, "t", 0, 3, 10, 30, 20);
    json_decref (page);
    s_end ();
}

static void
test_analytics_shows_a_window_once_while_it_is_stored (void **state)
{
    (void) state;
    s_begin ("{}");
    //  At each closing one question meets the window in memory, on its way, or in the store.
    for (int i = 0; i < 60; i++) {
        s_measure ("d1", (int64_t) i * 2 * WINDOW, "t", i);
        json_t *page = s_windows (json_pack ("{s:s, s:i}", "device", "d1", "limit", 200)),
            *items = json_object_get (page, "items");
        s_assert_size (items, (size_t) i + 1);
        for (int n = 0; n <= i; n++)
            s_assert_window (items, (size_t) (i - n), "t", (int64_t) n * 2 * WINDOW, 1, n, n, n);
        json_decref (page);
    }
    s_end ();
}

static void
test_analytics_closes_the_windows_of_a_silent_device (void **state)
{
    (void) state;
    s_begin ("{ window: 1s, lateness: 0s }");
    s_measure ("d1", 0, "t", 5);
    json_t *seen = s_ask ("source.wait", json_pack ("{s:i}", "count", 1)),
        *event = json_array_get (json_object_get (seen, "events"), 0);
    assert_int_equal (json_integer_value (json_object_get (event, "count")), 1);
    assert_int_equal (json_integer_value (json_object_get (event, "end_at")), s_epoch + 1000);
    json_decref (seen);
    s_end ();
}

static void
test_analytics_keeps_windows_over_a_restart (void **state)
{
    (void) state;
    s_begin ("{}");
    s_measure ("d1", 0, "t", 1);
    s_measure ("d1", 2 * WINDOW, "t", 10);
    s_measure ("d1", 2 * WINDOW + 1, "t", 20);
    s_end ();

    s_begin ("{}");
    json_t *page = s_windows_of ("d1"), *items = json_object_get (page, "items");
    s_assert_size (items, 2);
    s_assert_window (items, 0, "t", 2 * WINDOW, 2, 10, 20, 15);     //  It was open
    s_assert_window (items, 1, "t", 0, 1, 1, 1, 1);
    json_decref (page);
    //  More of the window that was open: one window, in memory and store.
    s_measure ("d1", 2 * WINDOW + 2, "t", 60);
    page = s_windows_of ("d1");
    s_assert_size (json_object_get (page, "items"), 2);
    s_assert_window (json_object_get (page, "items"), 0, "t", 2 * WINDOW, 3, 10, 60, 30);
    json_decref (page);
    //  It is announced when it is whole, with all that was in it.
    s_measure ("d1", 4 * WINDOW, "t", 0);
    json_t *seen = s_ask ("source.wait", json_pack ("{s:i}", "count", 1));
    s_assert_size (json_object_get (seen, "events"), 1);
    s_assert_window (json_object_get (seen, "events"), 0, "t", 2 * WINDOW, 3, 10, 60, 30);
    json_decref (seen);
    page = s_windows_of ("d1");
    s_assert_size (json_object_get (page, "items"), 3);
    s_assert_window (json_object_get (page, "items"), 1, "t", 2 * WINDOW, 3, 10, 60, 30);
    json_decref (page);
    s_end ();
}

//  ---- pages

static void
test_analytics_goes_page_by_page_through_memory_and_store (void **state)
{
    (void) state;
    s_begin ("{}");
    //  Four windows of three metrics; the last is open, and the second run adds to the third.
    static const char *const metrics [] = { "a", "b", "c" };
    for (int window = 0; window < 3; window++)
        for (int i = 0; i < 3; i++)
            s_measure ("d1", (int64_t) window * WINDOW, metrics [i], window);
    s_end ();
    s_begin ("{}");
    for (int window = 2; window < 4; window++)
        for (int i = 0; i < 3; i++)
            s_measure ("d1", (int64_t) window * WINDOW, metrics [i], window);
    static const struct { const char *metric; int limit, pages, items; } rows [] = {
        { NULL, 1, 12, 12 }, { NULL, 5, 3, 12 }, { NULL, 12, 1, 12 }, { "b", 3, 2, 4 }, { "b", 4, 1, 4 },
        { "none", 1, 1, 0 },
    };
    for (size_t row = 0; row < ZOOID_COUNT (rows); row++) {
        json_t *cursor = NULL;
        int pages = 0, items = 0;
        do {
            json_t *question = json_pack ("{s:s, s:i}", "device", "d1", "limit", rows [row].limit);
            if (rows [row].metric)
                json_object_set_new (question, "metric", json_string (rows [row].metric));
            if (cursor)
                json_object_set_new (question, "cursor", cursor);
            json_t *page = s_windows (question), *list = json_object_get (page, "items");
            for (size_t i = 0; i < json_array_size (list); i++, items++) {
                int per_window = rows [row].metric ? 1 : 3, window = 3 - items / per_window;
                const char *metric = rows [row].metric ? rows [row].metric : metrics [items % 3];
                s_assert_window (list, i, metric, (int64_t) window * WINDOW, window == 2 ? 2 : 1, window, window,
                                 window);
            }
            cursor = json_incref (json_object_get (page, "next"));
            json_decref (page);
            pages++;
        } while (json_is_string (cursor) && pages < 20);
        json_decref (cursor);
        assert_int_equal (items, rows [row].items);
        assert_int_equal (pages, rows [row].pages);
    }
    s_end ();
}

static void
test_analytics_refuses_a_cursor_of_another_list (void **state)
{
    (void) state;
    s_begin ("{}");
    s_measure ("d1", 0, "a", 1);
    s_measure ("d1", 0, "b", 1);
    json_t *page = s_windows (json_pack ("{s:s, s:i}", "device", "d1", "limit", 1));
    const char *cursor = json_string_value (json_object_get (page, "next"));
    assert_non_null (cursor);
    json_t *other = s_windows (json_pack ("{s:s, s:s}", "device", "d2", "cursor", cursor));
    assert_string_equal (json_string_value (json_object_get (other, "name")), "invalid");
    json_decref (other);
    other = s_windows (json_pack ("{s:s, s:s}", "device", "d1", "cursor", "nonsense"));
    assert_string_equal (json_string_value (json_object_get (other, "name")), "invalid");
    json_decref (other);
    json_decref (page);
    s_end ();
}

//  ---- bounds

//  Ask until the device has so many windows.
static void
s_wait_windows (const char *device, size_t count)
{
    time_t deadline = time (NULL) + DEADLINE_MS / 1000;
    for (size_t found = SIZE_MAX; found != count;) {
        assert_true (time (NULL) < deadline);
        json_t *page = s_windows_of (device);
        found = json_array_size (json_object_get (page, "items"));
        json_decref (page);
    }
}

static void
test_analytics_holds_no_more_windows_than_it_may (void **state)
{
    (void) state;
    s_begin ("{ rows: 3, sweep: 20ms }");
    for (int i = 0; i < 8; i++)
        s_measure ("d1", (int64_t) i * 2 * WINDOW, "t", i);
    s_wait_windows ("d1", 4);           //  Three, and the open one
    json_t *page = s_windows_of ("d1");
    s_assert_window (json_object_get (page, "items"), 3, "t", (int64_t) 4 * 2 * WINDOW, 1, 4, 4, 4);
    json_decref (page);
    s_end ();
    //  What is there is counted at the start.
    s_begin ("{ rows: 2, sweep: 20ms }");
    s_wait_windows ("d1", 2);
    s_end ();
}

static void
test_analytics_forgets_windows_that_are_too_old (void **state)
{
    (void) state;
    s_begin ("{ keep: 2d }");
    for (int i = 0; i < 4; i++)
        s_measure ("d1", (int64_t) i * 2 * WINDOW, "t", i);
    s_measure ("d1", 23 * 3600 * 1000, "t", 9);
    s_measure ("d1", 23 * 3600 * 1000 + 2 * WINDOW, "t", 9);
    s_end ();
    s_begin ("{ keep: 12h, sweep: 20ms }");
    s_wait_windows ("d1", 2);
    json_t *page = s_windows_of ("d1");
    s_assert_window (json_object_get (page, "items"), 1, "t", 23 * 3600 * 1000, 1, 9, 9, 9);
    json_decref (page);
    s_end ();
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_set_up, s_tear_down)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        TEST (test_analytics_shows_open_windows),
        TEST (test_analytics_closes_announces_and_stores_a_window_once),
        TEST (test_analytics_shows_a_window_once_while_it_is_stored),
        TEST (test_analytics_closes_the_windows_of_a_silent_device),
        TEST (test_analytics_keeps_windows_over_a_restart),
        TEST (test_analytics_goes_page_by_page_through_memory_and_store),
        TEST (test_analytics_refuses_a_cursor_of_another_list),
        TEST (test_analytics_holds_no_more_windows_than_it_may),
        TEST (test_analytics_forgets_windows_that_are_too_old),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
