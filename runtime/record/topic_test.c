#include <zooid/contract.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static void
test_topic_matches_by_segments (void **state)
{
    (void) state;
    static const struct { const char *pattern, *topic; bool matches; } rows [] = {
        { "a.b.c", "a.b.c", true }, { "a.b.c", "a.b", false }, { "a.b", "a.b.c", false }, { "a.b.c", "a.b.d", false },
        { "a.b.c", "a.b.cc", false }, { "a.*.c", "a.b.c", true }, { "a.*.c", "a.b.b.c", false }, { "a.*", "a", false },
        { "*", "a", true }, { "*", "a.b", false }, { "*.*", "a.b", true }, { "a.>", "a.b", true }, { "a.>", "a.b.c.d", true },
        { "a.>", "a", false }, { ">", "a", true }, { ">", "a.b.c", true }, { "a.*.>", "a.b", false }, { "a.*.>", "a.b.c", true },
        { "iot.telemetry.{device}", "iot.telemetry.d1", true }, { "iot.telemetry.{device}", "iot.telemetry", false },
        { "{a}.{b}", "x.y", true }, { "{a}.x", "a.y", false }, { "a", "A", false }, { "*", "", false }, { ">", "", false },
        { "a.*", "a.", false }, { "a.>", "a.", false },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++)
        if (zooid_topic_matches (rows [i].pattern, rows [i].topic) != rows [i].matches)
            fail_msg ("%s against %s", rows [i].pattern, rows [i].topic);
}

static void
test_topic_overlaps_when_one_topic_falls_under_both (void **state)
{
    (void) state;
    static const struct { const char *a, *b; bool overlaps; } rows [] = {
        { "a.b", "a.b", true }, { "a.b", "a.c", false }, { "a.*", "a.b", true }, { "a.*", "*.b", true }, { "a.*", "b.*", false },
        { "a.*", "a.b.c", false }, { "a.>", "a.b.c", true }, { "a.>", "a", false }, { "a.>", "b.>", false }, { ">", "a.*.c", true },
        { "a.{x}", "a.b", true }, { "a.{x}.c", "a.*.d", false }, { "a.>", "*.b", true }, { "a.*.>", "a.>", true },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++)
        if (zooid_topic_overlaps (rows [i].a, rows [i].b) != rows [i].overlaps
            || zooid_topic_overlaps (rows [i].b, rows [i].a) != rows [i].overlaps)
            fail_msg ("%s and %s", rows [i].a, rows [i].b);
}

//  All patterns and topics of up to three segments over a small alphabet: two patterns overlap exactly when some topic
//  falls under both. Four segments are enough for topics: ">" takes any number.
static void
test_topic_overlaps_agrees_with_matches (void **state)
{
    (void) state;
    enum { COUNT = 4 + 16 + 64, TOPICS = 2 + 4 + 8 + 16 };
    static const char *const words [] = { "a", "b", "*", ">" };
    char patterns [COUNT] [8], topics [TOPICS] [8];
    size_t pattern_count = 0, topic_count = 0;
    for (size_t i = 0; i < 4; i++) {
        sprintf (patterns [pattern_count++], "%s", words [i]);
        for (size_t j = 0; j < 4 && i < 3; j++) {
            sprintf (patterns [pattern_count++], "%s.%s", words [i], words [j]);
            for (size_t k = 0; k < 4 && j < 3; k++)
                sprintf (patterns [pattern_count++], "%s.%s.%s", words [i], words [j], words [k]);
        }
    }
    for (size_t length = 1; length <= 4; length++)
        for (size_t bits = 0; bits < (size_t) 1 << length; bits++, topic_count++)
            for (size_t i = 0; i < length; i++)
                sprintf (topics [topic_count] + 2 * i, "%s%s", bits >> i & 1 ? "b" : "a", i + 1 < length ? "." : "");
    assert_int_equal (topic_count, TOPICS);

    for (size_t i = 0; i < pattern_count; i++)
        for (size_t j = 0; j < pattern_count; j++) {
            bool common = false;
            for (size_t k = 0; k < topic_count && !common; k++)
                common = zooid_topic_matches (patterns [i], topics [k]) && zooid_topic_matches (patterns [j], topics [k]);
            if (zooid_topic_overlaps (patterns [i], patterns [j]) != common)
                fail_msg ("%s and %s", patterns [i], patterns [j]);
        }
}

static void
test_topic_is_name_and_pattern_by_their_form (void **state)
{
    (void) state;
    static const struct { const char *topic; bool name, pattern; } rows [] = {
        { "a", true, true }, { "iot.telemetry.d-1_X", true, true }, { "", false, false }, { ".", false, false }, { "a.", false, false },
        { ".a", false, false }, { "a..b", false, false }, { "a b", false, false }, { "a/b", false, false }, { "a\n", false, false },
        { "\xc3\xbc", false, false }, { "*", false, true }, { ">", false, true }, { "a.*.b", false, true }, { "a.>", false, true },
        { "a.>.b", false, false }, { ">.a", false, false }, { "a.b*", false, false }, { "**", false, false }, { "a.>>", false, false },
        { "a.{b}", false, true }, { "a.{}", false, false }, { "a.{b", false, false }, { "a.b}", false, false }, { "a.x{b}", false, false },
        { "a.{b.c}", false, false }, { "a.{*}", false, false },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++)
        if (zooid_topic_is_name (rows [i].topic) != rows [i].name || zooid_topic_is_pattern (rows [i].topic) != rows [i].pattern)
            fail_msg ("%s", rows [i].topic);
    assert_false (zooid_topic_is_name (NULL));
    assert_false (zooid_topic_is_pattern (NULL));
}

static void
test_topic_is_name_of_255_bytes_and_not_of_256 (void **state)
{
    (void) state;
    char topic [257];
    memset (topic, 'a', sizeof topic);
    topic [255] = 0;
    assert_true (zooid_topic_is_name (topic));
    topic [255] = 'a';
    topic [256] = 0;
    assert_false (zooid_topic_is_name (topic));
    assert_false (zooid_topic_is_pattern (topic));
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_topic_matches_by_segments),
        cmocka_unit_test (test_topic_overlaps_when_one_topic_falls_under_both),
        cmocka_unit_test (test_topic_overlaps_agrees_with_matches),
        cmocka_unit_test (test_topic_is_name_and_pattern_by_their_form),
        cmocka_unit_test (test_topic_is_name_of_255_bytes_and_not_of_256),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
