#include "principal.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { TIMES = 1000 };

static zooid_principal_t *
s_make (const char *subject)
{
    zooid_principal_t *principal;
    zooid_principal_new (&principal, subject, NULL, 0, 0);
    return principal;
}

//  Whether all of them ended is the leak checker's to say; whether one ended too early, the address sanitizer's.
static void
s_keep_and_let_go (zooid_principal_t *principal)
{
    zooid_principal_t *kept [TIMES];
    for (size_t i = 0; i < TIMES; i++)
        kept [i] = zooid_principal_keep (principal);
    for (size_t i = 0; i < TIMES; i++) {
        assert_string_equal (zooid_principal_subject (kept [i]), zooid_principal_subject (principal));
        zooid_principal_destroy (&kept [i]);
        assert_null (kept [i]);
    }
}

static void
test_principal_outlives_an_account_that_held_it (void **state)
{
    (void) state;
    principal_account_open ();
    zooid_principal_t *principal = s_make ("user:1");
    s_keep_and_let_go (principal);
    principal_account_settle ();
    assert_string_equal (zooid_principal_subject (principal), "user:1");
    zooid_principal_destroy (&principal);
    principal_account_close ();
}

static void
test_principal_account_serves_many (void **state)
{
    (void) state;
    principal_account_open ();
    zooid_principal_t *principals [32];
    for (size_t i = 0; i < 32; i++)
        principals [i] = s_make ("user:2");
    for (size_t i = 0; i < 32; i++)
        s_keep_and_let_go (principals [i]);
    for (size_t i = 0; i < 32; i++)
        zooid_principal_destroy (&principals [i]);
    principal_account_close ();
}

static void *
s_let_go_elsewhere (void *argument)
{
    zooid_principal_t **kept = argument;
    principal_account_open ();
    for (size_t i = 0; i < TIMES; i++)
        zooid_principal_destroy (&kept [i]);
    principal_account_close ();
    return NULL;
}

static void
test_principal_kept_on_one_thread_ends_on_another (void **state)
{
    (void) state;
    principal_account_open ();
    zooid_principal_t *principal = s_make ("user:3"), *kept [TIMES];
    for (size_t i = 0; i < TIMES; i++)
        kept [i] = zooid_principal_keep (principal);
    zooid_principal_destroy (&principal);
    principal_account_close ();
    assert_string_equal (zooid_principal_subject (kept [TIMES - 1]), "user:3");
    pthread_t thread;
    assert_int_equal (pthread_create (&thread, NULL, s_let_go_elsewhere, kept), 0);
    pthread_join (thread, NULL);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_principal_outlives_an_account_that_held_it),
        cmocka_unit_test (test_principal_account_serves_many),
        cmocka_unit_test (test_principal_kept_on_one_thread_ends_on_another),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
