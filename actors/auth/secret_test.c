#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "secret.h"

static char s_folder [64];
static char s_path [128];

static int
s_set_up (void **state)
{
    (void) state;
    snprintf (s_folder, sizeof s_folder, "%s/secret-XXXXXX", P_tmpdir);
    if (!mkdtemp (s_folder))
        return -1;
    snprintf (s_path, sizeof s_path, "%s/thing", s_folder);
    return 0;
}

//  Fails when something but `thing` was left behind.
static int
s_tear_down (void **state)
{
    (void) state;
    unlink (s_path);
    return rmdir (s_folder);
}

static int
s_write (const char *text)
{
    return secret_write (s_folder, "thing", (zooid_bytes_t) { (const uint8_t *) text, strlen (text) });
}

static void
s_assert_holds (const char *text)
{
    char read [64];
    size_t size = 0;
    assert_int_equal (secret_read (s_folder, "thing", read, sizeof read, &size), 0);
    assert_string_equal (read, text);
    assert_int_equal (size, strlen (text));
}

static void
test_secret_write_replaces_the_whole_and_hides_it (void **state)
{
    (void) state;
    mode_t mask = umask (0);
    assert_int_equal (s_write ("the first, longer text"), 0);
    umask (mask);
    struct stat status;
    assert_int_equal (stat (s_path, &status), 0);
    assert_int_equal (status.st_mode & 07777, 0600);
    s_assert_holds ("the first, longer text");
    assert_int_equal (s_write ("second"), 0);
    s_assert_holds ("second");
}

static void
test_secret_write_ignores_a_draft_that_a_crash_left (void **state)
{
    (void) state;
    char draft [128];
    snprintf (draft, sizeof draft, "%s/thing.draft", s_folder);
    int file = open (draft, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_true (file >= 0);
    assert_int_equal (write (file, "half", 4), 4);
    close (file);
    assert_int_equal (s_write ("whole"), 0);
    s_assert_holds ("whole");
    struct stat status;
    assert_int_equal (stat (s_path, &status), 0);
    assert_int_equal (status.st_mode & 07777, 0600);
}

static void
test_secret_read_refuses_when_others_may_read (void **state)
{
    (void) state;
    char read [64];
    size_t size = 0;
    assert_int_equal (s_write ("mine"), 0);
    assert_int_equal (chmod (s_path, 0640), 0);
    assert_int_equal (secret_read (s_folder, "thing", read, sizeof read, &size), ZOOID_DENIED);
    assert_int_equal (chmod (s_path, 0604), 0);
    assert_int_equal (secret_read (s_folder, "thing", read, sizeof read, &size), ZOOID_DENIED);
    assert_int_equal (chmod (s_path, 0400), 0);
    assert_int_equal (secret_read (s_folder, "thing", read, sizeof read, &size), 0);
}

static void
test_secret_read_follows_no_link (void **state)
{
    (void) state;
    char read [64];
    size_t size = 0;
    assert_int_equal (symlink ("/etc/hostname", s_path), 0);
    assert_int_equal (secret_read (s_folder, "thing", read, sizeof read, &size), -ELOOP);
}

static void
test_secret_read_says_when_there_is_none_or_too_much (void **state)
{
    (void) state;
    char read [8];
    size_t size = 0;
    assert_int_equal (secret_read (s_folder, "thing", read, sizeof read, &size), ZOOID_UNKNOWN);
    assert_int_equal (s_write ("1234567"), 0);
    assert_int_equal (secret_read (s_folder, "thing", read, sizeof read, &size), 0);
    assert_string_equal (read, "1234567");
    assert_int_equal (s_write ("12345678"), 0);
    assert_int_equal (secret_read (s_folder, "thing", read, sizeof read, &size), ZOOID_FULL);
}

static void
test_secret_remove_is_content_when_there_is_none (void **state)
{
    (void) state;
    char read [8];
    size_t size = 0;
    assert_int_equal (secret_remove (s_folder, "thing"), 0);
    assert_int_equal (s_write ("x"), 0);
    assert_int_equal (secret_remove (s_folder, "thing"), 0);
    assert_int_equal (secret_read (s_folder, "thing", read, sizeof read, &size), ZOOID_UNKNOWN);
    assert_int_equal (secret_remove ("/nowhere/at/all", "thing"), -ENOENT);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test_setup_teardown (test_secret_write_replaces_the_whole_and_hides_it, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_secret_write_ignores_a_draft_that_a_crash_left, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_secret_read_refuses_when_others_may_read, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_secret_read_follows_no_link, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_secret_read_says_when_there_is_none_or_too_much, s_set_up, s_tear_down),
        cmocka_unit_test_setup_teardown (test_secret_remove_is_content_when_there_is_none, s_set_up, s_tear_down),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
