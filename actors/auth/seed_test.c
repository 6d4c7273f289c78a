#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zooid/log.h>

#include "fixture.h"
#include "password.h"

static void
test_seed_is_loaded_once (void **state)
{
    fixture_t *fixture = *state;
    char subject [64];
    fixture_start (fixture, fixture_seed);
    fixture_subject (fixture, "reader", "reader-reader", subject);
    json_decref (fixture_result (fixture, subject, "user", "auth.password",
                                 json_pack ("{s:s, s:s}", "old", "reader-reader", "new", "another password")));
    fixture_stop (fixture);
    fixture_start (fixture, fixture_seed);
    fixture_assert_no_login (fixture, "reader", "reader-reader");
    fixture_assert_login (fixture, "reader", "another password");
    fixture_stop (fixture);
}

//  The password in var/NODE/admin-password; false: no such file.
static bool
s_first_password (const fixture_t *fixture, char ret_password [64])
{
    char path [128];
    snprintf (path, sizeof path, "%s/local/admin-password", fixture->folder);
    FILE *file = fopen (path, "re");
    if (!file)
        return false;
    assert_non_null (fgets (ret_password, 64, file));
    fclose (file);
    ret_password [strcspn (ret_password, "\n")] = 0;
    return true;
}

static void
test_files_are_for_their_owner_alone (void **state)
{
    static const char *const names [] = { "local/auth/keys", "local/admin-password" };
    fixture_t *fixture = *state;
    fixture_start (fixture, fixture_plain);
    for (size_t i = 0; i < ZOOID_COUNT (names); i++) {
        char path [128];
        struct stat status;
        snprintf (path, sizeof path, "%s/%s", fixture->folder, names [i]);
        assert_int_equal (stat (path, &status), 0);
        assert_int_equal (status.st_mode & 07777, 0600);
    }
    fixture_stop (fixture);
}

static void
test_first_password_ends_with_its_change (void **state)
{
    fixture_t *fixture = *state;
    char password [64], again [64], subject [64];
    fixture_start (fixture, fixture_plain);
    assert_true (s_first_password (fixture, password));
    fixture_stop (fixture);
    fixture_start (fixture, fixture_plain);
    assert_true (s_first_password (fixture, again));
    assert_string_equal (password, again);
    fixture_subject (fixture, "admin", password, subject);
    fixture_assert_fails (fixture, subject, "user", "auth.password",
                          json_pack ("{s:s, s:s}", "old", "not the password", "new", "another password"),
                          "wrong_password");
    fixture_assert_fails (fixture, subject, "user", "auth.password",
                          json_pack ("{s:s, s:s}", "old", password, "new", "ääää"), "weak_password");
    assert_true (s_first_password (fixture, again));
    json_decref (fixture_result (fixture, subject, "user", "auth.password",
                                 json_pack ("{s:s, s:s}", "old", password, "new", "another password")));
    fixture_assert_no_login (fixture, "admin", password);
    fixture_assert_login (fixture, "admin", "another password");
    fixture_stop (fixture);
    assert_false (s_first_password (fixture, again));
}

//  Read what is there, behind what was read before.
static void
s_read_all (int file, char *text, size_t capacity)
{
    size_t size = strlen (text);
    ssize_t more;
    while (size + 1 < capacity && (more = read (file, text + size, capacity - size - 1)) > 0)
        size += (size_t) more;
    text [size] = 0;
}

static void
test_first_password_is_shown_on_a_terminal_alone (void **state)
{
    fixture_t *fixture = *state;
    int terminal = posix_openpt (O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    assert_true (terminal >= 0 && grantpt (terminal) == 0 && unlockpt (terminal) == 0);
    int end = open (ptsname (terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
    int kept = dup (STDERR_FILENO);
    assert_true (end >= 0 && kept >= 0);
    assert_int_equal (dup2 (end, STDERR_FILENO), STDERR_FILENO);
    fixture_start (fixture, fixture_plain);
    assert_int_equal (dup2 (kept, STDERR_FILENO), STDERR_FILENO);
    char shown [4096] = "", password [64];
    s_read_all (terminal, shown, sizeof shown);
    close (kept);
    close (end);
    close (terminal);

    char *at = strstr (shown, "with the password");
    assert_non_null (at);
    assert_int_equal (sscanf (at, "with the password %63s", password), 1);
    assert_null (strstr (strstr (shown, password) + 1, password));
    fixture_assert_login (fixture, "admin", password);
    assert_false (s_first_password (fixture, password));
    fixture_stop (fixture);
}

typedef struct {
    char text [65536];
    size_t size;
} lines_t;

static void
s_keep_line (void *state, const char *line, size_t size)
{
    lines_t *lines = state;
    if (lines->size + size < sizeof lines->text) {
        memcpy (lines->text + lines->size, line, size);
        lines->size += size;
    }
}

static void
test_log_has_no_secret (void **state)
{
    static lines_t lines;
    fixture_t *fixture = *state;
    char password [64], subject [64];
    zooid_log_sink (s_keep_line, &lines);
    fixture_start (fixture, fixture_plain);
    assert_true (s_first_password (fixture, password));
    fixture_subject (fixture, "admin", password, subject);
    json_t *login = fixture_sign_in (fixture, "admin", password);
    fixture_assert_no_login (fixture, "admin", "wrong-wrong-wrong");
    fixture_assert_no_login (fixture, "typed-in-the-wrong-field", "x");
    json_decref (fixture_result (fixture, subject, "user", "auth.password",
                                 json_pack ("{s:s, s:s}", "old", password, "new", "brand-new-password")));
    fixture_stop (fixture);
    zooid_log_sink (NULL, NULL);

    const char *const secrets [] = { password, "wrong-wrong-wrong", "typed-in-the-wrong-field", "brand-new-password",
                                     fixture_text (json_object_get (login, "result"), "access_token"), "$argon2id$" };
    for (size_t i = 0; i < ZOOID_COUNT (secrets); i++)
        if (strstr (lines.text, secrets [i]))
            fail_msg ("logged: %s", secrets [i]);
    assert_non_null (strstr (lines.text, "password_changed"));
    assert_non_null (strstr (lines.text, "login_wrong"));
    json_decref (login);
}

static void
test_given_password_replaces_one_that_differs (void **state)
{
    fixture_t *fixture = *state;
    char password [64];
    fixture_start (fixture, fixture_plain);
    assert_true (s_first_password (fixture, password));
    fixture_stop (fixture);
    setenv ("ZOOID_ADMIN_PASSWORD", "given by the environment", 1);
    fixture_start (fixture, fixture_plain);
    fixture_assert_login (fixture, "admin", "given by the environment");
    fixture_assert_no_login (fixture, "admin", password);
    assert_false (s_first_password (fixture, password));
    fixture_stop (fixture);

    char path [128];
    snprintf (path, sizeof path, "%s/given", fixture->folder);
    FILE *file = fopen (path, "we");
    assert_non_null (file);
    fputs ("given by a file\n", file);
    fclose (file);
    unsetenv ("ZOOID_ADMIN_PASSWORD");
    setenv ("ZOOID_ADMIN_PASSWORD_FILE", path, 1);
    fixture_start (fixture, fixture_plain);
    fixture_assert_login (fixture, "admin", "given by a file");
    fixture_stop (fixture);
    unsetenv ("ZOOID_ADMIN_PASSWORD_FILE");
    fixture_start (fixture, fixture_plain);
    fixture_assert_login (fixture, "admin", "given by a file");
    fixture_stop (fixture);
}

//  Before anything starts, and with not a byte of it.
static void
s_assert_refused (const char *variable, const char *value, const char *why)
{
    extern const zooid_module_t zooid_module_auth;
    static const zooid_module_t *const modules [] = { &zooid_module_auth };
    zooid_node_t *node = NULL;
    char expected [512];
    setenv (variable, value, 1);
    int rc = zooid_node_new (&node, &(zooid_node_options_t) {
        .topology = "zooid: 1\nnodes: { local: { actors: [auth] } }\nactors:\n  auth: { seed: true }\n", .data = "",
        .modules = modules, .module_count = 1 });
    unsetenv (variable);
    assert_int_equal (rc, ZOOID_INVALID);
    snprintf (expected, sizeof expected, "topology:4:9: actor auth cannot start: %s %s\n", variable, why);
    assert_string_equal (zooid_node_errors (node), expected);
    zooid_node_destroy (&node);
}

static void
test_given_password_is_refused_before_anything_starts (void **state)
{
    fixture_t *fixture = *state;
    char path [128], why [256], longest [600];
    memset (longest, 'x', sizeof longest);
    longest [PASSWORD_MAX + 1] = 0;
    s_assert_refused ("ZOOID_ADMIN_PASSWORD", "geheim", "has a password of admin that is too short; give it 8 to 128 characters");
    s_assert_refused ("ZOOID_ADMIN_PASSWORD", "", "has a password of admin that is too short; give it 8 to 128 characters");
    s_assert_refused ("ZOOID_ADMIN_PASSWORD", longest, "has a password of admin that is too long; give it 8 to 128 characters");

    snprintf (path, sizeof path, "%s/given", fixture->folder);
    snprintf (why, sizeof why, "names %s: No such file or directory; "
              "name a file that this user can read, the password its first line", path);
    s_assert_refused ("ZOOID_ADMIN_PASSWORD_FILE", path, why);
    snprintf (why, sizeof why, "names %s: No regular file; name a file that this user can read, the password its first line",
              fixture->folder);
    s_assert_refused ("ZOOID_ADMIN_PASSWORD_FILE", fixture->folder, why);
    FILE *file = fopen (path, "we");
    assert_non_null (file);
    fputs ("geheim\nthe second line\n", file);
    fclose (file);
    s_assert_refused ("ZOOID_ADMIN_PASSWORD_FILE", path, "has a password of admin that is too short; give it 8 to 128 characters");
}

static void
test_given_password_makes_admin_without_a_file (void **state)
{
    fixture_t *fixture = *state;
    char password [64];
    setenv ("ZOOID_ADMIN_PASSWORD", "given by the environment", 1);
    fixture_start (fixture, fixture_plain);
    fixture_assert_login (fixture, "admin", "given by the environment");
    assert_false (s_first_password (fixture, password));
    fixture_stop (fixture);
}

#define TEST(function) cmocka_unit_test_setup_teardown (function, fixture_set_up, fixture_tear_down)

int
main (void)
{
    const struct CMUnitTest tests [] = {
        TEST (test_seed_is_loaded_once),
        TEST (test_files_are_for_their_owner_alone),
        TEST (test_first_password_ends_with_its_change),
        TEST (test_first_password_is_shown_on_a_terminal_alone),
        TEST (test_log_has_no_secret),
        TEST (test_given_password_replaces_one_that_differs),
        TEST (test_given_password_is_refused_before_anything_starts),
        TEST (test_given_password_makes_admin_without_a_file),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
