#include <zooid/log.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char s_line [1024];

static void
s_keep (void *state, const char *line, size_t size)
{
    (void) state;
    snprintf (s_line, sizeof s_line, "%.*s", (int) size, line);
}

static int
s_set_up (void **state)
{
    (void) state;
    s_line [0] = 0;
    zooid_log_sink (s_keep, NULL);
    return 0;
}

static int
s_tear_down (void **state)
{
    (void) state;
    zooid_log_sink (NULL, NULL);
    zooid_log_set (ZOOID_INFO, ZOOID_LOG_TEXT);
    return 0;
}

//  Behind the time, which has 24 characters.
static void
test_log_line_quotes_what_a_peer_could_break_out_with (void **state)
{
    (void) state;
    zooid_log_set (ZOOID_INFO, ZOOID_LOG_TEXT);
    zooid_log (NULL, ZOOID_WARN, "lost", ZOOID_TEXT ("plain", "a-b"), ZOOID_NUMBER ("n", -3), ZOOID_TEXT ("evil", "x\n2026 info \"q\""),
               ZOOID_TEXT ("none", NULL));
    assert_string_equal (s_line + 24, " warn zooid lost plain=a-b n=-3 evil=\"x\\n2026 info \\\"q\\\"\" none=\"\"\n");
}

static void
test_log_line_as_json (void **state)
{
    (void) state;
    zooid_log_set (ZOOID_DEBUG, ZOOID_LOG_JSON);
    zooid_log (NULL, ZOOID_DEBUG, "e", ZOOID_TEXT ("t", "a\"b"), ZOOID_NUMBER ("n", 5));
    assert_string_equal (s_line + strlen ("{\"at\":\"2026-01-01T00:00:00.000Z\""),
                         ",\"level\":\"debug\",\"actor\":\"zooid\",\"event\":\"e\",\"t\":\"a\\\"b\",\"n\":5}\n");
}

static void
test_log_line_below_the_level_is_not_written (void **state)
{
    (void) state;
    zooid_log_set (ZOOID_WARN, ZOOID_LOG_TEXT);
    zooid_log (NULL, ZOOID_INFO, "quiet");
    assert_string_equal (s_line, "");
}

static void
test_log_level_is_changed_while_it_is_in_use (void **state)
{
    (void) state;
    zooid_log_set_level (ZOOID_DEBUG);
    assert_int_equal (zooid_log_level (), ZOOID_DEBUG);
    zooid_log (NULL, ZOOID_DEBUG, "loud");
    assert_string_equal (s_line + 24, " debug zooid loud\n");
    s_line [0] = 0;
    zooid_log_set_level (ZOOID_ERROR);
    zooid_log (NULL, ZOOID_WARN, "quiet");
    assert_string_equal (s_line, "");
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_set_up, s_tear_down)
    const struct CMUnitTest tests [] = {
        TEST (test_log_line_quotes_what_a_peer_could_break_out_with),
        TEST (test_log_line_as_json),
        TEST (test_log_line_below_the_level_is_not_written),
        TEST (test_log_level_is_changed_while_it_is_in_use),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
