#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "windows.h"

enum { WINDOW = 60000, LATENESS = 10000 };
static const int64_t s_epoch = 1795361100000;       //  A multiple of WINDOW

static windows_t *s_windows;
static zooid_arena_t *s_arena;

static void
s_make (size_t limit)
{
    windows_destroy (&s_windows);
    windows_new (&s_windows, &(windows_options_t) { .window_ms = WINDOW, .lateness_ms = LATENESS, .limit = limit,
                                                    .seed = 7 });
}

//  One value of metric "t", `at` ms after the epoch, at `now` by the clock for durations.
static void
s_add (const char *device, int64_t at, double value, int64_t now)
{
    static const char *const metrics [] = { "t" };
    windows_add (s_windows, device, s_epoch + at, metrics, &value, 1, now);
}

static windows_figures_t
s_figures (void)
{
    windows_figures_t figures;
    windows_figures (s_windows, &figures);
    return figures;
}

static window_t
s_take_one (void)
{
    window_t window = { .count = 0 };
    assert_int_equal (windows_take (s_windows, &window, 1), 1);
    windows_drop (s_windows, 1);
    return window;
}

static void
test_window_holds_count_minimum_maximum_and_mean (void **state)
{
    (void) state;
    window_t window = { .count = 0 };
    static const double values [] = { 3, -1, 4, 1, 5 };
    for (size_t i = 0; i < ZOOID_COUNT (values); i++)
        window_add (&window, values [i]);
    assert_int_equal (window.count, 5);
    assert_true (window.minimum == -1);
    assert_true (window.maximum == 5);
    assert_true (fabs (window.mean - 2.4) < 1e-15);
}

static void
test_window_mean_keeps_small_differences_of_large_values (void **state)
{
    (void) state;
    //  A sum in a double would have lost the halves long before the end.
    window_t window = { .count = 0 };
    for (int i = 0; i < 1000000; i++)
        window_add (&window, 1e12 + (i % 2 ? 0.5 : -0.5));
    assert_true (fabs (window.mean - 1e12) < 1e-3);
    assert_true (window.minimum == 1e12 - 0.5);
}

static void
test_window_mean_is_finite_for_the_largest_values (void **state)
{
    (void) state;
    window_t window = { .count = 0 }, other = { .count = 0 };
    for (int i = 0; i < 10; i++) {
        window_add (&window, i % 2 ? DBL_MAX : -DBL_MAX);
        assert_true (isfinite (window.mean));
        window_add (&other, i == 9 ? -DBL_MAX : DBL_MAX);
        assert_true (isfinite (other.mean));
    }
    window_merge (&window, &other);
    assert_true (isfinite (window.mean) && window.mean >= window.minimum && window.mean <= window.maximum);
    assert_int_equal (window.count, 20);
}

static void
test_window_merge_is_as_if_all_were_added_to_one (void **state)
{
    (void) state;
    window_t all = { .count = 0 }, first = { .count = 0 }, second = { .count = 0 }, none = { .count = 0 };
    for (int i = 0; i < 100; i++) {
        double value = sin (i) * 40;
        window_add (&all, value);
        window_add (i < 17 ? &first : &second, value);
    }
    window_merge (&first, &none);
    window_merge (&none, &second);
    window_merge (&first, &none);
    assert_int_equal (first.count, all.count);
    assert_true (first.minimum == all.minimum && first.maximum == all.maximum);
    assert_true (fabs (first.mean - all.mean) < 1e-12);
}

static void
test_windows_put_a_value_at_a_boundary_into_the_later_window (void **state)
{
    (void) state;
    s_add ("d", WINDOW - 1, 1, 0);
    s_add ("d", WINDOW, 2, 0);
    s_add ("d", 0, 3, 0);
    size_t count;
    const window_t *windows = windows_of (s_windows, "d", NULL, s_arena, &count);
    assert_int_equal (count, 2);
    assert_int_equal (windows [0].start_at, s_epoch + WINDOW);
    assert_int_equal (windows [0].end_at, s_epoch + 2 * WINDOW);
    assert_int_equal (windows [0].count, 1);
    assert_int_equal (windows [1].start_at, s_epoch);
    assert_int_equal (windows [1].count, 2);
    assert_true (windows [1].minimum == 1 && windows [1].maximum == 3);
}

static void
test_windows_start_at_multiples_before_1970_too (void **state)
{
    (void) state;
    static const char *const metrics [] = { "t" };
    static const double value = 1;
    windows_add (s_windows, "d", -1, metrics, &value, 1, 0);
    size_t count;
    const window_t *windows = windows_of (s_windows, "d", "t", s_arena, &count);
    assert_int_equal (count, 1);
    assert_int_equal (windows [0].start_at, -WINDOW);
    assert_int_equal (windows [0].end_at, 0);
}

static void
test_windows_close_when_the_watermark_reaches_their_end (void **state)
{
    (void) state;
    s_add ("d", 0, 1, 0);
    s_add ("d", WINDOW + LATENESS - 1, 2, 0);
    assert_int_equal (s_figures ().closed, 0);
    s_add ("d", WINDOW + LATENESS, 3, 0);
    assert_int_equal (s_figures ().closed, 1);
    assert_int_equal (s_figures ().open, 1);
    window_t window = s_take_one ();
    assert_string_equal (window.device, "d");
    assert_string_equal (window.metric, "t");
    assert_int_equal (window.start_at, s_epoch);
    assert_int_equal (window.count, 1);
    assert_false (window.partial);
    assert_int_equal (s_figures ().closed, 0);
}

static void
test_windows_take_values_out_of_order_within_the_lateness (void **state)
{
    (void) state;
    s_add ("d", WINDOW - 1, 1, 0);
    s_add ("d", WINDOW + LATENESS - 1, 2, 0);
    s_add ("d", 5, 3, 0);
    s_add ("d", WINDOW - 2, 4, 0);
    s_add ("d", WINDOW + LATENESS, 5, 0);
    window_t window = s_take_one ();
    assert_int_equal (window.count, 3);
    assert_true (window.maximum == 4);
    assert_int_equal (s_figures ().late, 0);
}

static void
test_windows_count_what_is_late (void **state)
{
    (void) state;
    s_add ("d", 0, 1, 0);
    s_add ("d", WINDOW + LATENESS, 2, 0);
    s_add ("d", WINDOW - 1, 3, 0);
    assert_int_equal (s_figures ().late, 1);
    assert_int_equal (s_take_one ().count, 1);
    //  The watermark never goes back.
    s_add ("d", 1, 4, 0);
    assert_int_equal (s_figures ().late, 2);
    s_add ("d", WINDOW, 5, 0);
    assert_int_equal (s_figures ().late, 2);
}

static void
test_windows_of_a_device_know_no_other_watermark (void **state)
{
    (void) state;
    s_add ("fast", 5 * WINDOW, 1, 0);
    s_add ("slow", 0, 2, 0);
    assert_int_equal (s_figures ().late, 0);
    assert_int_equal (s_figures ().open, 2);
    assert_int_equal (s_figures ().closed, 0);
}

static void
test_windows_close_when_their_device_falls_silent (void **state)
{
    (void) state;
    s_add ("silent", 0, 1, 1000);
    s_add ("alive", 0, 1, 1000);
    s_add ("alive", 1, 1, 2000);
    windows_close_silent (s_windows, 1000 + WINDOW + LATENESS - 1);
    assert_int_equal (s_figures ().closed, 0);
    windows_close_silent (s_windows, 1000 + WINDOW + LATENESS);
    assert_int_equal (s_figures ().closed, 1);
    assert_string_equal (s_take_one ().device, "silent");
    //  What comes for it now is late, whatever the clock says.
    s_add ("silent", 2, 1, 1000 + WINDOW + LATENESS);
    assert_int_equal (s_figures ().late, 1);
    s_add ("silent", WINDOW, 1, 1000 + WINDOW + LATENESS);
    assert_int_equal (s_figures ().late, 1);
}

static void
test_windows_forget_a_device_that_is_silent_for_long (void **state)
{
    (void) state;
    s_add ("d", 0, 1, 0);
    windows_close_silent (s_windows, WINDOW + LATENESS + 3600 * 1000);
    assert_int_equal (s_figures ().devices, 1);         //  Its window is not safe yet
    s_take_one ();
    windows_close_silent (s_windows, WINDOW + LATENESS + 3600 * 1000 - 1);
    assert_int_equal (s_figures ().devices, 1);
    windows_close_silent (s_windows, WINDOW + LATENESS + 3600 * 1000);
    assert_int_equal (s_figures ().devices, 0);
}

static void
test_windows_close_partial_ones_at_the_end (void **state)
{
    (void) state;
    s_add ("d", 0, 1, 0);
    s_add ("d", WINDOW + LATENESS, 2, 0);
    windows_close_partial (s_windows);
    window_t windows [3];
    assert_int_equal (windows_take (s_windows, windows, 3), 2);
    assert_false (windows [0].partial);
    assert_true (windows [1].partial);
    assert_int_equal (s_figures ().open, 0);
    s_add ("d", WINDOW + LATENESS + 1, 3, 0);
    assert_int_equal (s_figures ().late, 0);
    assert_int_equal (s_figures ().open, 1);
}

static void
test_windows_stay_until_they_are_safe (void **state)
{
    (void) state;
    for (int i = 0; i < 4; i++)
        s_add ("d", (int64_t) i * 2 * WINDOW, i, 0);
    window_t windows [4];
    assert_int_equal (windows_take (s_windows, windows, 2), 2);
    windows_drop (s_windows, 0);
    assert_int_equal (windows_take (s_windows, windows, 4), 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal (windows [i].start_at, s_epoch + (int64_t) i * 2 * WINDOW);
    windows_drop (s_windows, 2);
    assert_int_equal (s_take_one ().start_at, s_epoch + 4 * WINDOW);
    assert_int_equal (windows_take (s_windows, windows, 4), 0);
}

static void
test_windows_of_a_device_are_open_and_closed_ones_in_order (void **state)
{
    (void) state;
    static const char *const metrics [] = { "b", "a" };
    static const double values [] = { 1, 2 };
    windows_add (s_windows, "d", s_epoch, metrics, values, 2, 0);
    windows_add (s_windows, "d", s_epoch + 2 * WINDOW, metrics, values, 2, 0);
    s_add ("e", 0, 1, 0);
    size_t count;
    const window_t *windows = windows_of (s_windows, "d", NULL, s_arena, &count);
    assert_int_equal (count, 4);
    for (size_t i = 1; i < count; i++)
        assert_true (window_compare (&windows [i - 1], &windows [i]) < 0);
    assert_string_equal (windows [0].metric, "a");
    assert_false (windows [0].closed);
    assert_true (windows [3].closed);
    windows = windows_of (s_windows, "d", "b", s_arena, &count);
    assert_int_equal (count, 2);
    windows_of (s_windows, "nobody", NULL, s_arena, &count);
    assert_int_equal (count, 0);
}

static void
test_windows_refuse_when_full (void **state)
{
    (void) state;
    s_make (2);
    s_add ("a", 0, 1, 0);
    s_add ("b", 0, 1, 0);
    s_add ("a", 1, 2, 0);               //  One that is there takes more
    s_add ("c", 0, 3, 0);               //  No more devices
    assert_int_equal (s_figures ().refused, 1);
    s_add ("a", WINDOW, 4, 0);          //  No more windows
    assert_int_equal (s_figures ().refused, 2);
    assert_int_equal (s_figures ().open, 2);
    assert_int_equal (s_figures ().lost, 0);
}

static void
test_windows_give_up_the_oldest_closed_one_when_full (void **state)
{
    (void) state;
    s_make (3);
    for (int i = 0; i < 4; i++)
        s_add ("d", (int64_t) i * 2 * WINDOW, i, 0);
    assert_int_equal (s_figures ().lost, 1);
    assert_int_equal (s_take_one ().start_at, s_epoch + 2 * WINDOW);
    //  But none that is on its way to the store.
    s_make (2);
    s_add ("d", 0, 0, 0);
    s_add ("d", 2 * WINDOW, 1, 0);
    window_t window;
    assert_int_equal (windows_take (s_windows, &window, 1), 1);
    s_add ("d", 4 * WINDOW, 2, 0);
    assert_int_equal (s_figures ().refused, 1);
    windows_drop (s_windows, 1);
    assert_int_equal (window.start_at, s_epoch);
}

static void
test_windows_forget_an_idle_device_when_full (void **state)
{
    (void) state;
    s_make (1);
    s_add ("a", 0, 1, 0);
    windows_close_silent (s_windows, WINDOW + LATENESS);
    s_take_one ();
    s_add ("b", 0, 2, 0);
    assert_int_equal (s_figures ().devices, 1);
    assert_int_equal (s_figures ().refused, 0);
    size_t count;
    windows_of (s_windows, "b", NULL, s_arena, &count);
    assert_int_equal (count, 1);
}

static void
test_windows_refuse_names_that_are_too_long (void **state)
{
    (void) state;
    char name [WINDOW_NAME_MAX + 2];
    memset (name, 'x', sizeof name - 1);
    name [WINDOW_NAME_MAX + 1] = 0;
    s_add (name, 0, 1, 0);
    const char *metrics [] = { name };
    double value = 1;
    windows_add (s_windows, "d", s_epoch, metrics, &value, 1, 0);
    assert_int_equal (s_figures ().refused, 2);
    name [WINDOW_NAME_MAX] = 0;
    s_add (name, 0, 1, 0);
    assert_int_equal (s_figures ().refused, 2);
}

//  Many devices, metrics and windows in an order that chance gives: every value is in one window, late or refused.
static void
test_windows_account_for_every_value (void **state)
{
    (void) state;
    s_make (200);
    srand (20261122);
    uint64_t added = 0, stored = 0;
    window_t batch [16];
    for (int i = 0; i < 50000; i++) {
        char device [16], metric [16];
        snprintf (device, sizeof device, "d%d", rand () % 20);
        snprintf (metric, sizeof metric, "m%d", rand () % 5);
        const char *metrics [] = { metric };
        double value = rand () % 100;
        int64_t jitter = rand () % 90000;
        windows_add (s_windows, device, s_epoch + (int64_t) i * 50 - jitter, metrics, &value, 1, (int64_t) i * 50);
        added++;
        if (i % 64)
            continue;
        windows_close_silent (s_windows, (int64_t) i * 50);
        size_t count = windows_take (s_windows, batch, ZOOID_COUNT (batch));
        for (size_t n = 0; n < count; n++)
            stored += (uint64_t) batch [n].count;
        windows_drop (s_windows, count);
    }
    windows_close_partial (s_windows);
    for (size_t count; (count = windows_take (s_windows, batch, ZOOID_COUNT (batch))); windows_drop (s_windows, count))
        for (size_t n = 0; n < count; n++)
            stored += (uint64_t) batch [n].count;
    windows_figures_t figures = s_figures ();
    assert_int_equal (figures.lost, 0);
    assert_true (figures.late > 0);
    assert_int_equal (stored + figures.late + figures.refused, added);
    assert_int_equal (figures.open + figures.closed, 0);
}

static int
s_set_up (void **state)
{
    (void) state;
    zooid_arena_new (&s_arena, 0);
    s_make (1000);
    return 0;
}

static int
s_tear_down (void **state)
{
    (void) state;
    windows_destroy (&s_windows);
    windows_destroy (&s_windows);
    zooid_arena_destroy (&s_arena);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_set_up, s_tear_down)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        TEST (test_window_holds_count_minimum_maximum_and_mean),
        TEST (test_window_mean_keeps_small_differences_of_large_values),
        TEST (test_window_mean_is_finite_for_the_largest_values),
        TEST (test_window_merge_is_as_if_all_were_added_to_one),
        TEST (test_windows_put_a_value_at_a_boundary_into_the_later_window),
        TEST (test_windows_start_at_multiples_before_1970_too),
        TEST (test_windows_close_when_the_watermark_reaches_their_end),
        TEST (test_windows_take_values_out_of_order_within_the_lateness),
        TEST (test_windows_count_what_is_late),
        TEST (test_windows_of_a_device_know_no_other_watermark),
        TEST (test_windows_close_when_their_device_falls_silent),
        TEST (test_windows_forget_a_device_that_is_silent_for_long),
        TEST (test_windows_close_partial_ones_at_the_end),
        TEST (test_windows_stay_until_they_are_safe),
        TEST (test_windows_of_a_device_are_open_and_closed_ones_in_order),
        TEST (test_windows_refuse_when_full),
        TEST (test_windows_give_up_the_oldest_closed_one_when_full),
        TEST (test_windows_forget_an_idle_device_when_full),
        TEST (test_windows_refuse_names_that_are_too_long),
        TEST (test_windows_account_for_every_value),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
