#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "model.h"

static const int64_t s_midnight = 1795305600000;    //  2026-11-22T00:00:00Z
static const int64_t s_hour = 3600 * 1000;

//  The value of a metric in a body of ours; NAN when it has none.
static double
s_find (const char *body, const char *metric)
{
    char key [40];
    snprintf (key, sizeof key, "\"%s\":", metric);
    const char *at = strstr (body, key);
    return at ? strtod (at + strlen (key), NULL) : (double) NAN;
}

//  Everything a device says in `count` readings, a line each; a gap is an empty one.
static void
s_record (uint64_t seed, size_t number, int count, zooid_buffer_t *out)
{
    model_t model;
    model_init (&model, seed, number);
    for (int i = 0; i < count; i++) {
        model_read (&model, s_midnight + i * 1000, out);
        zooid_buffer_text (out, "\n");
    }
}

static void
test_model_says_the_same_from_the_same_seed (void **state)
{
    (void) state;
    for (size_t number = 0; number < 8; number++) {
        ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t once = { 0 }, again = { 0 }, other = { 0 };
        s_record (42, number, 2000, &once);
        s_record (42, number, 2000, &again);
        s_record (43, number, 2000, &other);
        assert_string_equal (zooid_buffer_string (&once), zooid_buffer_string (&again));
        assert_string_not_equal (zooid_buffer_string (&once), zooid_buffer_string (&other));
    }
}

static void
test_model_names_devices_by_place_and_number (void **state)
{
    (void) state;
    static const char *const names [] = { "greenhouse-1", "office-1", "cold_room-1", "rooftop-1", "greenhouse-2" };
    for (size_t i = 0; i < ZOOID_COUNT (names); i++) {
        model_t model;
        model_init (&model, 1, i);
        assert_string_equal (model.name, names [i]);
    }
}

static void
test_model_is_warmer_by_day_than_by_night (void **state)
{
    (void) state;
    model_t model;
    model_init (&model, 7, 0);
    double night = 0, day = 0, damp = 0, dry = 0;
    for (int i = 0; i < 500; i++) {
        ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t early = { 0 }, late = { 0 };
        model.silent = 0;
        while (!model_read (&model, s_midnight + 2 * s_hour + i, &early))
            ;
        while (!model_read (&model, s_midnight + 14 * s_hour + i, &late))
            ;
        night += s_find (zooid_buffer_string (&early), "temperature") / 500;
        day += s_find (zooid_buffer_string (&late), "temperature") / 500;
        damp += s_find (zooid_buffer_string (&early), "humidity") / 500;
        dry += s_find (zooid_buffer_string (&late), "humidity") / 500;
    }
    assert_true (day - night > 8 && day - night < 16);
    assert_true (damp - dry > 15);
}

static void
test_model_stays_within_what_a_sensor_can_show (void **state)
{
    (void) state;
    for (size_t number = 0; number < 4; number++) {
        model_t model;
        model_init (&model, 99, number);
        double last = NAN;
        for (int i = 0; i < 20000; i++) {
            ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t body = { 0 };
            if (!model_read (&model, s_midnight + i * 60 * 1000, &body))
                continue;
            const char *text = zooid_buffer_string (&body);
            double temperature = s_find (text, "temperature"), humidity = s_find (text, "humidity");
            assert_true (temperature >= -40 && temperature <= 60);
            assert_true (humidity >= 0 && humidity <= 100);
            //  A minute changes no temperature by much.
            assert_true (isnan (last) || fabs (temperature - last) < 5);
            last = temperature;
        }
    }
}

static void
test_model_battery_runs_down_until_it_is_changed (void **state)
{
    (void) state;
    model_t model;
    model_init (&model, 5, 1);
    double last = NAN;
    int changed = 0;
    for (int hour = 0; hour < 24 * 200; hour++) {
        ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t body = { 0 };
        if (!model_read (&model, s_midnight + hour * s_hour, &body))
            continue;
        double battery = s_find (zooid_buffer_string (&body), "battery");
        assert_true (battery >= 11 && battery <= 100);
        changed += battery > last;
        last = battery;
    }
    assert_in_range (changed, 2, 3);
}

static void
test_model_is_silent_now_and_then (void **state)
{
    (void) state;
    model_t model;
    model_init (&model, 3, 2);
    int silent = 0, gaps = 0, longest = 0, run = 0;
    for (int i = 0; i < 100000; i++) {
        ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t body = { 0 };
        if (model_read (&model, s_midnight + i * 1000, &body)) {
            run = 0;
            continue;
        }
        assert_int_equal (body.size, 0);
        silent++;
        gaps += run++ == 0;
        longest = run > longest ? run : longest;
    }
    assert_in_range (gaps, 100, 320);
    assert_in_range (silent, 1000, 8000);
    assert_true (longest >= 20);
}

static void
test_chance_is_even_and_normal (void **state)
{
    (void) state;
    chance_t chance = { 11 };
    double mean = 0, normal = 0, square = 0;
    const int count = 100000;
    for (int i = 0; i < count; i++) {
        double even = chance_even (&chance), next = chance_normal (&chance);
        assert_true (even >= 0 && even < 1);
        assert_true (fabs (next) <= 6);
        mean += even / count;
        normal += next / count;
        square += next * next / count;
    }
    assert_true (fabs (mean - 0.5) < 0.01);
    assert_true (fabs (normal) < 0.02);
    assert_true (fabs (square - 1) < 0.03);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_model_says_the_same_from_the_same_seed),
        cmocka_unit_test (test_model_names_devices_by_place_and_number),
        cmocka_unit_test (test_model_is_warmer_by_day_than_by_night),
        cmocka_unit_test (test_model_stays_within_what_a_sensor_can_show),
        cmocka_unit_test (test_model_battery_runs_down_until_it_is_changed),
        cmocka_unit_test (test_model_is_silent_now_and_then),
        cmocka_unit_test (test_chance_is_even_and_normal),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
