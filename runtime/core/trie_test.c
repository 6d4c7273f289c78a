#include "trie.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static subscription_t *
s_subscription (trie_t *trie, const char *pattern)
{
    subscription_t *subscription = zooid_allocate (sizeof *subscription);
    atomic_init (&subscription->references, 1);
    subscription->pattern = zooid_duplicate (pattern);
    trie_add (trie, subscription);
    return subscription;
}

typedef struct {
    char patterns [16] [64];
    size_t count;
} found_t;

static void
s_note (void *state, subscription_t *subscription)
{
    found_t *found = state;
    assert_true (found->count < 16);
    snprintf (found->patterns [found->count++], sizeof found->patterns [0], "%s", subscription->pattern);
}

static int
s_by_text (const void *a, const void *b)
{
    return strcmp (a, b);
}

//  Patterns sorted, with a space behind each.
static const char *
s_sorted (found_t *found)
{
    static char text [1024];
    qsort (found->patterns, found->count, sizeof found->patterns [0], s_by_text);
    text [0] = 0;
    for (size_t i = 0; i < found->count; i++) {
        strcat (text, found->patterns [i]);
        strcat (text, " ");
    }
    return text;
}

//  Those that match.
static const char *
s_match (trie_t *trie, const char *topic)
{
    found_t found = { .count = 0 };
    trie_match (trie, topic, s_note, &found);
    return s_sorted (&found);
}

static const char *
s_each (trie_t *trie)
{
    found_t found = { .count = 0 };
    trie_each (trie, s_note, &found);
    return s_sorted (&found);
}

static void
test_trie_finds_exact_single_and_rest (void **state)
{
    (void) state;
    trie_t *trie = NULL;
    trie_new (&trie);
    const char *const patterns [] = { "a.b", "a.*", "*.b", "a.>", ">", "a.b.c", "a.*.c", "a.b.>", "{x}.b" };
    subscription_t *subscriptions [9];
    for (size_t i = 0; i < 9; i++)
        subscriptions [i] = s_subscription (trie, patterns [i]);
    assert_string_equal (s_match (trie, "a.b"), "*.b > a.* a.> a.b {x}.b ");
    assert_string_equal (s_match (trie, "a"), "> ");
    assert_string_equal (s_match (trie, "a.b.c"), "> a.*.c a.> a.b.> a.b.c ");
    assert_string_equal (s_match (trie, "ab"), "> ");
    assert_string_equal (s_match (trie, "a.bb"), "> a.* a.> ");
    assert_string_equal (s_each (trie), "*.b > a.* a.*.c a.> a.b a.b.> a.b.c {x}.b ");
    for (size_t i = 0; i < 9; i++) {
        trie_remove (trie, subscriptions [i]);
        subscription_destroy (&subscriptions [i]);
    }
    assert_true (trie_is_empty (trie));
    assert_string_equal (s_each (trie), "");
    assert_string_equal (s_match (trie, "a.b"), "");
    trie_destroy (&trie);
}

static void
test_trie_keeps_two_of_the_same_pattern_apart (void **state)
{
    (void) state;
    trie_t *trie = NULL;
    trie_new (&trie);
    subscription_t *first = s_subscription (trie, "a.*"), *second = s_subscription (trie, "a.*");
    assert_string_equal (s_match (trie, "a.x"), "a.* a.* ");
    trie_remove (trie, first);
    trie_remove (trie, first);
    assert_string_equal (s_match (trie, "a.x"), "a.* ");
    subscription_destroy (&first);
    subscription_destroy (&second);
    trie_destroy (&trie);
}

//  Every topic against every pattern of a small alphabet: the trie says what zooid_topic_matches says.
static void
test_trie_agrees_with_matching_one_by_one (void **state)
{
    (void) state;
    const char *const segments [] = { "a", "b", "*", ">" };
    for (size_t pattern_code = 0; pattern_code < 64; pattern_code++) {
        char pattern [16];
        size_t one = pattern_code & 3, two = pattern_code >> 2 & 3, three = pattern_code >> 4 & 3;
        snprintf (pattern, sizeof pattern, "%s.%s.%s", segments [one], segments [two], segments [three]);
        if (one == 3 || two == 3)
            continue;
        trie_t *trie = NULL;
        trie_new (&trie);
        subscription_t *subscription = s_subscription (trie, pattern);
        for (size_t code = 0; code < 16; code++) {
            char topic [16];
            snprintf (topic, sizeof topic, code & 8 ? "%s.%s.%s" : "%s.%s", segments [code & 1], segments [code >> 1 & 1],
                      segments [code >> 2 & 1]);
            assert_int_equal (zooid_topic_matches (pattern, topic), *s_match (trie, topic) != 0);
        }
        trie_remove (trie, subscription);
        subscription_destroy (&subscription);
        trie_destroy (&trie);
    }
}

//  A sanitizer has a heap of its own, of which mallinfo2 knows nothing.
extern size_t
    __sanitizer_get_current_allocated_bytes (void) __attribute__ ((weak));

static size_t
s_heap (void)
{
    return __sanitizer_get_current_allocated_bytes ? __sanitizer_get_current_allocated_bytes () : mallinfo2 ().uordblks;
}

static void
test_trie_does_not_grow_when_patterns_come_and_go (void **state)
{
    (void) state;
    trie_t *trie = NULL;
    trie_new (&trie);
    subscription_t *kept = s_subscription (trie, "inbox.user.*");
    size_t before = s_heap ();
    const char *const forms [] = { "inbox.user%d.any", "inbox.*.x%d", "a%d.>", "inbox.user.y%d" };
    for (int i = 0; i < 20000; i++) {
        char pattern [64];
        snprintf (pattern, sizeof pattern, forms [i % 4], i);
        subscription_t *subscription = s_subscription (trie, pattern);
        trie_remove (trie, subscription);
        subscription_destroy (&subscription);
    }
    assert_true (s_heap () < before + 64 * 1024);
    assert_string_equal (s_match (trie, "inbox.user.x"), "inbox.user.* ");
    trie_remove (trie, kept);
    subscription_destroy (&kept);
    trie_destroy (&trie);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_trie_finds_exact_single_and_rest),
        cmocka_unit_test (test_trie_keeps_two_of_the_same_pattern_apart),
        cmocka_unit_test (test_trie_agrees_with_matching_one_by_one),
        cmocka_unit_test (test_trie_does_not_grow_when_patterns_come_and_go),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
