#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "reading.h"

static const int64_t s_now = 1795361128123;     //  2026-11-22T14:45:28.123Z
static zooid_arena_t *s_arena;

static int
s_parse (const char *body, reading_t *reading, reading_refusal_t *refusal)
{
    return reading_parse ((zooid_bytes_t) { (const uint8_t *) body, strlen (body) }, s_now, s_arena, reading, refusal);
}

static void
s_assert_refused (const char *body, const char *failure)
{
    reading_t reading;
    reading_refusal_t refusal = { 0 };
    if (s_parse (body, &reading, &refusal) != ZOOID_REFUSED)
        fail_msg ("taken: %s", body);
    if (strcmp (refusal.failure, failure) != 0)
        fail_msg ("%s (%s), not %s: %s", refusal.failure, refusal.detail, failure, body);
    assert_true (*refusal.detail);
}

static void
test_reading_is_taken_as_it_stands (void **state)
{
    (void) state;
    reading_t reading;
    reading_refusal_t refusal;
    assert_int_equal (s_parse (" {\"temperature\": 21.5, \"id\": \"b71-0042\", \"humidity\": 48, \"ts\": 1795361128000, \"a.b-C_9\": -0.0}\n",
                               &reading, &refusal), 0);
    assert_string_equal (reading.id, "b71-0042");
    assert_int_equal (reading.measured_at, 1795361128000);
    assert_int_equal (reading.count, 3);
    assert_string_equal (reading.names [0], "temperature");
    assert_true (reading.values [0] == 21.5);
    assert_string_equal (reading.names [1], "humidity");
    assert_true (reading.values [1] == 48);
    assert_string_equal (reading.names [2], "a.b-C_9");
}

static void
test_reading_was_measured_now_without_time (void **state)
{
    (void) state;
    reading_t reading;
    reading_refusal_t refusal;
    assert_int_equal (s_parse ("{\"t\":1}", &reading, &refusal), 0);
    assert_int_equal (reading.measured_at, s_now);
    assert_null (reading.id);
}

static void
test_reading_takes_time_in_both_forms (void **state)
{
    (void) state;
    static const struct { const char *body; int64_t at; } rows [] = {
        { "{\"ts\":\"2026-11-22T15:45:28.123+01:00\",\"t\":1}", 1795358728123 },
        { "{\"ts\":\"2026-11-22T14:45:28Z\",\"t\":1}", 1795358728000 },
        { "{\"ts\":1.795361128e12,\"t\":1}", 1795361128000 },
        { "{\"ts\":0,\"t\":1}", 0 },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++) {
        reading_t reading;
        reading_refusal_t refusal;
        assert_int_equal (s_parse (rows [i].body, &reading, &refusal), 0);
        assert_int_equal (reading.measured_at, rows [i].at);
    }
}

static void
test_reading_is_refused_when_it_is_not_json (void **state)
{
    (void) state;
    static const char *const bodies [] = {
        "", " ", "{", "{}}", "null", "7", "\"t\"", "[{\"t\":1}]", "{\"t\":1,}", "{'t':1}", "{t:1}", "{\"t\":01}", "{\"t\":+1}", "{\"t\":.5}",
        "{\"t\":1}{\"t\":2}", "{\"t\":1,\"t\":2}", "{\"\\u0000\":1}", "{\"t\":\"\\ud800\"}", "{\"t\xff\":1}", "\xef\xbb\xbf{\"t\":1}",
        "{\"t\":nano}", "{\"t\":infinite}", "{\"t\":-x}", "{\"t\":0x10}",
    };
    for (size_t i = 0; i < ZOOID_COUNT (bodies); i++)
        s_assert_refused (bodies [i], "bad_json");
}

static void
test_reading_is_refused_when_nested_without_end (void **state)
{
    (void) state;
    char body [READING_BODY_MAX];
    memset (body, '[', sizeof body - 1);
    body [sizeof body - 1] = 0;
    s_assert_refused (body, "bad_json");
}

static void
test_reading_is_refused_when_a_value_is_no_finite_number (void **state)
{
    (void) state;
    static const char *const bodies [] = {
        "{\"t\":NaN}", "{\"t\":nan}", "{\"t\":-nan}", "{\"t\":Infinity}", "{\"t\":-Infinity}", "{\"t\":inf}", "{\"t\":-inf,\"h\":1}", "{\"t\":1e999}",
        "{\"t\":-1e999}", "{\"t\":\"1\"}", "{\"t\":\"NaN\"}", "{\"t\":null}", "{\"t\":true}", "{\"t\":[1]}", "{\"t\":{}}", "{\"h\":1,\"t\":false}",
    };
    for (size_t i = 0; i < ZOOID_COUNT (bodies); i++)
        s_assert_refused (bodies [i], "bad_value");
}

static void
test_reading_takes_numbers_that_no_integer_holds (void **state)
{
    (void) state;
    reading_t reading;
    reading_refusal_t refusal;
    assert_int_equal (s_parse ("{\"a\":10000000000000000000,\"b\":1.7e308,\"c\":5e-324,\"d\":-1E+2}", &reading,
                               &refusal), 0);
    assert_true (reading.values [0] == 1e19);
    assert_true (reading.values [1] == 1.7e308);
    assert_true (reading.values [2] == 5e-324);
    assert_true (reading.values [3] == -100);
}

static void
test_reading_is_refused_when_its_time_is_none (void **state)
{
    (void) state;
    static const char *const bodies [] = {
        "{\"ts\":null,\"t\":1}", "{\"ts\":true,\"t\":1}", "{\"ts\":\"\",\"t\":1}", "{\"ts\":\"yesterday\",\"t\":1}", "{\"ts\":\"2026-11-22\",\"t\":1}",
        "{\"ts\":\"2026-13-01T00:00:00Z\",\"t\":1}", "{\"ts\":1.5,\"t\":1}", "{\"ts\":-1,\"t\":1}", "{\"ts\":\"1969-12-31T23:59:59Z\",\"t\":1}",
        "{\"ts\":1e300,\"t\":1}", "{\"ts\":{},\"t\":1}",
    };
    for (size_t i = 0; i < ZOOID_COUNT (bodies); i++)
        s_assert_refused (bodies [i], "bad_value");
}

static void
test_reading_is_refused_when_it_is_from_the_future (void **state)
{
    (void) state;
    reading_t reading;
    reading_refusal_t refusal;
    char body [64];
    snprintf (body, sizeof body, "{\"ts\":%lld,\"t\":1}", (long long) s_now + READING_AHEAD_MAX_MS);
    assert_int_equal (s_parse (body, &reading, &refusal), 0);
    snprintf (body, sizeof body, "{\"ts\":%lld,\"t\":1}", (long long) s_now + READING_AHEAD_MAX_MS + 1);
    s_assert_refused (body, "future_timestamp");
    s_assert_refused ("{\"ts\":\"2026-11-23T15:45:28Z\",\"t\":1}", "future_timestamp");
}

static void
test_reading_is_refused_when_its_id_is_no_short_text (void **state)
{
    (void) state;
    s_assert_refused ("{\"id\":\"\",\"t\":1}", "bad_value");
    s_assert_refused ("{\"id\":7,\"t\":1}", "bad_value");
    s_assert_refused ("{\"id\":null,\"t\":1}", "bad_value");
    char id [READING_ID_MAX + 2], body [READING_ID_MAX + 32];
    memset (id, 'x', sizeof id - 1);
    id [READING_ID_MAX + 1] = 0;
    snprintf (body, sizeof body, "{\"id\":\"%s\",\"t\":1}", id);
    s_assert_refused (body, "bad_value");
    id [READING_ID_MAX] = 0;
    snprintf (body, sizeof body, "{\"id\":\"%s\",\"t\":1}", id);
    reading_t reading;
    reading_refusal_t refusal;
    assert_int_equal (s_parse (body, &reading, &refusal), 0);
    assert_string_equal (reading.id, id);
}

static void
test_reading_is_refused_when_a_metric_has_no_name (void **state)
{
    (void) state;
    static const char *const bodies [] = {
        "{}", "{\"id\":\"x\"}", "{\"ts\":1,\"id\":\"x\"}", "{\"\":1}", "{\"a b\":1}", "{\"a/b\":1}", "{\"\\u00e9\":1}", "{\"a>\":1}", "{\"a\\n\":1}",
        "{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":1}",
    };
    for (size_t i = 0; i < ZOOID_COUNT (bodies); i++)
        s_assert_refused (bodies [i], "bad_metric");
    reading_t reading;
    reading_refusal_t refusal;
    assert_int_equal (s_parse ("{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":1}", &reading,
                               &refusal), 0);
}

static void
s_write_metrics (char *body, int count)
{
    char *at = body + sprintf (body, "{\"m0\":0");
    for (int i = 1; i < count; i++)
        at += sprintf (at, ",\"m%d\":%d", i, i);
    strcpy (at, "}");
}

static void
test_reading_is_refused_when_it_has_too_many_metrics (void **state)
{
    (void) state;
    char body [2000];
    reading_t reading;
    reading_refusal_t refusal;
    s_write_metrics (body, READING_METRICS_MAX);
    assert_int_equal (s_parse (body, &reading, &refusal), 0);
    assert_int_equal (reading.count, READING_METRICS_MAX);
    s_write_metrics (body, READING_METRICS_MAX + 1);
    s_assert_refused (body, "bad_metric");
}

static void
test_reading_is_refused_when_it_is_too_large (void **state)
{
    (void) state;
    static char body [READING_BODY_MAX + 2];
    memset (body, ' ', READING_BODY_MAX + 1);
    memcpy (body, "{\"t\":1}", 7);
    s_assert_refused (body, "too_large");
    body [READING_BODY_MAX] = 0;
    reading_t reading;
    reading_refusal_t refusal;
    assert_int_equal (s_parse (body, &reading, &refusal), 0);
}

//  What is quoted may end up in a log, a reply and a dead letter.
static void
test_reading_refusal_is_plain_text_whatever_was_sent (void **state)
{
    (void) state;
    reading_t reading;
    reading_refusal_t refusal;
    assert_int_equal (s_parse ("{\"\\u001b[31m\\u00e9\\u00e9\\u00e9\":1}", &reading, &refusal), ZOOID_REFUSED);
    for (const char *byte = refusal.detail; *byte; byte++)
        assert_in_range (*byte, ' ', '~');
}

static void
test_reading_device_is_a_name (void **state)
{
    (void) state;
    static const char *const names [] = { "d", "D-1_x",
                                          "0123456789012345678901234567890123456789012345678901234567890123" };
    static const char *const others [] = { "", "a.b", "a b", "a/b", "*", ">", "\xc3\xa9", "a\n",
                                           "01234567890123456789012345678901234567890123456789012345678901234" };
    for (size_t i = 0; i < ZOOID_COUNT (names); i++)
        assert_true (reading_is_device (names [i]));
    for (size_t i = 0; i < ZOOID_COUNT (others); i++)
        assert_false (reading_is_device (others [i]));
}

static void
test_reading_unpacks_what_was_packed (void **state)
{
    (void) state;
    const reading_t reading = { .count = 2, .names = { "temperature", "temp" }, .values = { 21.5, -3 } };
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t packed = { 0 };
    reading_pack (&reading, &packed);
    zooid_bytes_t bytes = { packed.data, packed.size };
    reading_t copy;
    assert_int_equal (reading_unpack (bytes, NULL, s_arena, &copy), 0);
    assert_int_equal (copy.count, 2);
    assert_string_equal (copy.names [0], "temperature");
    assert_true (copy.values [1] == -3);
    assert_int_equal (reading_unpack (bytes, "temp", s_arena, &copy), 0);
    assert_int_equal (copy.count, 1);
    assert_true (copy.values [0] == -3);
    assert_int_equal (reading_unpack (bytes, "te", s_arena, &copy), 0);
    assert_int_equal (copy.count, 0);
    for (bytes.size = 0; bytes.size < packed.size; bytes.size++)
        assert_int_equal (reading_unpack (bytes, NULL, s_arena, &copy), ZOOID_INVALID);
}

static int
s_set_up (void **state)
{
    (void) state;
    zooid_arena_new (&s_arena, 0);
    return 0;
}

static int
s_tear_down (void **state)
{
    (void) state;
    zooid_arena_destroy (&s_arena);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_set_up, s_tear_down)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        TEST (test_reading_is_taken_as_it_stands),
        TEST (test_reading_was_measured_now_without_time),
        TEST (test_reading_takes_time_in_both_forms),
        TEST (test_reading_is_refused_when_it_is_not_json),
        TEST (test_reading_is_refused_when_nested_without_end),
        TEST (test_reading_is_refused_when_a_value_is_no_finite_number),
        TEST (test_reading_takes_numbers_that_no_integer_holds),
        TEST (test_reading_is_refused_when_its_time_is_none),
        TEST (test_reading_is_refused_when_it_is_from_the_future),
        TEST (test_reading_is_refused_when_its_id_is_no_short_text),
        TEST (test_reading_is_refused_when_a_metric_has_no_name),
        TEST (test_reading_is_refused_when_it_has_too_many_metrics),
        TEST (test_reading_is_refused_when_it_is_too_large),
        TEST (test_reading_refusal_is_plain_text_whatever_was_sent),
        TEST (test_reading_device_is_a_name),
        TEST (test_reading_unpacks_what_was_packed),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
