#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ticket.h"

static const char s_origin [] = "https://zooid.example";

static int
s_set_up (void **state)
{
    *state = zooid_allocate (sizeof (ticket_box_t));
    return 0;
}

static int
s_tear_down (void **state)
{
    ticket_box_fini (*state);
    free (*state);
    return 0;
}

static int
s_issue (ticket_box_t *box, const char *subject, const char *origin, int64_t now_ms, char ret_text [TICKET_SIZE])
{
    static const char *const scopes [] = { "user", "iot:read" };
    ZOOID_CLEANUP (zooid_principal_destroy) zooid_principal_t *principal = NULL;
    zooid_principal_new (&principal, subject, scopes, 2, 99);
    uint8_t random [TICKET_RANDOM];
    randombytes_buf (random, sizeof random);
    return ticket_issue (box, principal, origin, random, now_ms, ret_text);
}

static void
s_assert_denied (ticket_box_t *box, const char *text, const char *origin, int64_t now_ms)
{
    zooid_principal_t *principal = NULL;
    assert_int_equal (ticket_redeem (box, text, origin, now_ms, &principal), ZOOID_DENIED);
    assert_null (principal);
}

static void
s_assert_redeemed (ticket_box_t *box, const char *text, const char *origin, int64_t now_ms, const char *subject)
{
    ZOOID_CLEANUP (zooid_principal_destroy) zooid_principal_t *principal = NULL;
    assert_int_equal (ticket_redeem (box, text, origin, now_ms, &principal), 0);
    assert_string_equal (zooid_principal_subject (principal), subject);
    assert_int_equal (zooid_principal_scope_count (principal), 2);
    assert_int_equal (zooid_principal_expires_at_ms (principal), 99);
}

static void
test_ticket_is_good_once (void **state)
{
    char text [TICKET_SIZE];
    assert_int_equal (s_issue (*state, "user:a", s_origin, 5, text), 0);
    assert_int_equal (strlen (text), TICKET_SIZE - 1);
    assert_int_equal (ticket_box_count (*state, 5), 1);
    s_assert_redeemed (*state, text, s_origin, 6, "user:a");
    s_assert_denied (*state, text, s_origin, 6);
    assert_int_equal (ticket_box_count (*state, 6), 0);
}

static void
test_ticket_is_good_until_its_time_is_over (void **state)
{
    char text [TICKET_SIZE];
    assert_int_equal (s_issue (*state, "user:a", NULL, 5, text), 0);
    s_assert_redeemed (*state, text, NULL, 5 + TICKET_LIFETIME_MS - 1, "user:a");
    assert_int_equal (s_issue (*state, "user:a", NULL, 5, text), 0);
    s_assert_denied (*state, text, NULL, 5 + TICKET_LIFETIME_MS);
}

static void
test_ticket_ends_when_shown_from_elsewhere (void **state)
{
    static const char *const others [] = { "https://zooid.example.evil", "http://zooid.example", "", NULL };
    char text [TICKET_SIZE];
    for (size_t i = 0; i < ZOOID_COUNT (others); i++) {
        assert_int_equal (s_issue (*state, "user:a", s_origin, 5, text), 0);
        s_assert_denied (*state, text, others [i], 6);
        s_assert_denied (*state, text, s_origin, 6);
    }
    assert_int_equal (s_issue (*state, "user:a", NULL, 5, text), 0);
    s_assert_denied (*state, text, "", 6);
}

static void
test_ticket_is_denied_when_never_issued (void **state)
{
    char text [TICKET_SIZE];
    s_assert_denied (*state, "", NULL, 0);
    s_assert_denied (*state, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", NULL, 0);
    assert_int_equal (s_issue (*state, "user:a", NULL, 0, text), 0);
    text [0] = text [0] == 'A' ? 'B' : 'A';
    s_assert_denied (*state, text, NULL, 0);
    assert_int_equal (ticket_box_count (*state, 0), 1);
}

static void
test_ticket_is_kept_as_a_hash_alone (void **state)
{
    char text [TICKET_SIZE];
    uint8_t random [TICKET_RANDOM];
    size_t size = 0;
    assert_int_equal (s_issue (*state, "user:a", s_origin, 5, text), 0);
    assert_int_equal (sodium_base642bin (random, sizeof random, text, strlen (text), NULL, &size, NULL,
                                         sodium_base64_VARIANT_URLSAFE_NO_PADDING), 0);
    const uint8_t *memory = *state;
    bool found = false;
    for (size_t i = 0; i + TICKET_RANDOM <= sizeof (ticket_box_t); i++)
        found = found || memcmp (memory + i, text, 16) == 0 || memcmp (memory + i, random, 16) == 0;
    assert_false (found);
}

static void
test_ticket_of_a_user_with_too_many_ends_the_oldest (void **state)
{
    char first [TICKET_SIZE], second [TICKET_SIZE], last [TICKET_SIZE], other [TICKET_SIZE];
    assert_int_equal (s_issue (*state, "user:b", NULL, 1, other), 0);
    assert_int_equal (s_issue (*state, "user:a", NULL, 2, first), 0);
    assert_int_equal (s_issue (*state, "user:a", NULL, 3, second), 0);
    for (int i = 2; i < TICKET_USER_MAX + 1; i++)
        assert_int_equal (s_issue (*state, "user:a", NULL, 2 + i, last), 0);
    assert_int_equal (ticket_box_count (*state, 20), TICKET_USER_MAX + 1);
    s_assert_denied (*state, first, NULL, 20);
    s_assert_redeemed (*state, second, NULL, 20, "user:a");
    s_assert_redeemed (*state, last, NULL, 20, "user:a");
    s_assert_redeemed (*state, other, NULL, 20, "user:b");
}

static void
test_ticket_is_refused_when_full_until_some_are_too_old (void **state)
{
    char text [TICKET_SIZE], subject [32];
    for (int i = 0; i < TICKET_MAX; i++) {
        snprintf (subject, sizeof subject, "user:%d", i);
        assert_int_equal (s_issue (*state, subject, NULL, 0, text), 0);
    }
    assert_int_equal (s_issue (*state, "user:one-more", NULL, TICKET_LIFETIME_MS - 1, text), ZOOID_FULL);
    assert_int_equal (s_issue (*state, "user:one-more", NULL, TICKET_LIFETIME_MS, text), 0);
    assert_int_equal (ticket_box_count (*state, TICKET_LIFETIME_MS), 1);
}

static void
test_ticket_revoke_ends_those_of_one_user (void **state)
{
    char one [TICKET_SIZE], two [TICKET_SIZE], other [TICKET_SIZE];
    assert_int_equal (s_issue (*state, "user:a", NULL, 0, one), 0);
    assert_int_equal (s_issue (*state, "user:a", NULL, 0, two), 0);
    assert_int_equal (s_issue (*state, "user:ab", NULL, 0, other), 0);
    assert_int_equal (ticket_revoke (*state, "user:a"), 2);
    s_assert_denied (*state, one, NULL, 0);
    s_assert_denied (*state, two, NULL, 0);
    s_assert_redeemed (*state, other, NULL, 0, "user:ab");
}

#define TEST(function) cmocka_unit_test_setup_teardown (function, s_set_up, s_tear_down)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        TEST (test_ticket_is_good_once),
        TEST (test_ticket_is_good_until_its_time_is_over),
        TEST (test_ticket_ends_when_shown_from_elsewhere),
        TEST (test_ticket_is_denied_when_never_issued),
        TEST (test_ticket_is_kept_as_a_hash_alone),
        TEST (test_ticket_of_a_user_with_too_many_ends_the_oldest),
        TEST (test_ticket_is_refused_when_full_until_some_are_too_old),
        TEST (test_ticket_revoke_ends_those_of_one_user),
    };
    return sodium_init () < 0 ? 1 : cmocka_run_group_tests (tests, NULL, NULL);
}
