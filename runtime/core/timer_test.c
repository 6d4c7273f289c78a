#include "timer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int s_fired [4096];
static size_t s_fired_count;

static void
s_note (void *owner, void *state)
{
    (void) owner;
    s_fired [s_fired_count++] = (int) (intptr_t) state;
}

static int
s_set_up (void **state)
{
    s_fired_count = 0;
    timers_t *timers = NULL;
    timers_new (&timers);
    *state = timers;
    return 0;
}

static int
s_tear_down (void **state)
{
    timers_t *timers = *state;
    timers_destroy (&timers);
    return 0;
}

static void
test_timers_fire_in_order_of_time_then_of_start (void **state)
{
    timers_t *timers = *state;
    const int64_t at_ms [] = { 30, 10, 20, 10, 30, 5 };
    for (size_t i = 0; i < 6; i++)
        timers_start (timers, at_ms [i], s_note, NULL, (void *) (intptr_t) i);
    assert_int_equal (timers_next_ms (timers), 5);
    assert_int_equal (timers_fire (timers, 4), 0);
    assert_int_equal (timers_fire (timers, 20), 4);
    assert_int_equal (timers_fire (timers, 30), 2);
    const int expected [] = { 5, 1, 3, 2, 0, 4 };
    assert_memory_equal (s_fired, expected, sizeof expected);
    assert_int_equal (timers_next_ms (timers), -1);
}

static void
test_timers_stopped_never_fire_and_stale_handles_stop_nothing (void **state)
{
    timers_t *timers = *state;
    uint64_t first = timers_start (timers, 1, s_note, NULL, (void *) 1);
    timers_stop (timers, first);
    uint64_t second = timers_start (timers, 2, s_note, NULL, (void *) 2);
    assert_true (first != second);
    timers_stop (timers, first);
    timers_stop (timers, 0);
    timers_stop (timers, UINT64_MAX);
    assert_int_equal (timers_fire (timers, 10), 1);
    assert_int_equal (s_fired [0], 2);
}

static timers_t *s_again_timers;

static void
s_start_again (void *owner, void *state)
{
    s_note (owner, state);
    timers_start (s_again_timers, 0, s_start_again, owner, state);
}

static void
test_timers_started_while_firing_wait_for_the_next_call (void **state)
{
    s_again_timers = *state;
    timers_start (s_again_timers, 0, s_start_again, NULL, (void *) 1);
    assert_int_equal (timers_fire (s_again_timers, 0), 1);
    assert_int_equal (timers_fire (s_again_timers, 0), 1);
}

//  Against a list that is searched: the same ones fire in the same order whatever was started and stopped between.
static void
test_timers_agree_with_a_plain_list (void **state)
{
    enum { COUNT = 2000 };
    timers_t *timers = *state;
    static uint64_t handles [COUNT];
    static int64_t at_ms [COUNT];
    static int alive [COUNT];
    uint32_t seed = 12345;
    for (int i = 0; i < COUNT; i++) {
        seed = seed * 1664525u + 1013904223u;
        at_ms [i] = (int64_t) (seed >> 16) % 500;
        handles [i] = timers_start (timers, at_ms [i], s_note, NULL, (void *) (intptr_t) i);
        alive [i] = 1;
        if (i % 3 == 0) {
            int victim = (int) ((seed >> 8) % (uint32_t) (i + 1));
            timers_stop (timers, handles [victim]);
            alive [victim] = 0;
        }
    }
    timers_fire (timers, 500);
    size_t place = 0;
    for (int64_t now_ms = 0; now_ms < 500; now_ms++)
        for (int i = 0; i < COUNT; i++)
            if (alive [i] && at_ms [i] == now_ms) {
                assert_true (place < s_fired_count);
                assert_int_equal (s_fired [place], i);
                place++;
            }
    assert_int_equal (place, s_fired_count);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_set_up, s_tear_down)
    const struct CMUnitTest tests [] = {
        TEST (test_timers_fire_in_order_of_time_then_of_start),
        TEST (test_timers_stopped_never_fire_and_stale_handles_stop_nothing),
        TEST (test_timers_started_while_firing_wait_for_the_next_call),
        TEST (test_timers_agree_with_a_plain_list),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
