#include "database.h"
#include "scratch.h"
#include "sync_gate.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static database_t *
s_open (const scratch_t *scratch, database_access_t access)
{
    database_t *database = NULL;
    char why [DATABASE_WHY_SIZE] = "";
    int rc = database_open (&database, scratch->file, NULL, access, why);
    if (rc)
        fail_msg ("%s", why);
    return database;
}

static int64_t
s_number (database_t *database, const char *text)
{
    zooid_sql_t *sql = database_sql (database, text);
    assert_int_equal (zooid_sql_step (sql), ZOOID_ROW);
    int64_t number = zooid_sql_integer (sql, 0);
    database_rest (database);
    return number;
}

static void
s_must (database_t *database, const char *sql)
{
    if (database_run (database, sql))
        fail_msg ("%s: %s", sql, sqlite3_errmsg (database->handle));
}

//  ---- opening

static void
test_database_holds_every_setting_that_the_promise_rests_on (void **state)
{
    ZOOID_CLEANUP (database_close) database_t *writer = s_open (*state, DATABASE_WRITES);
    assert_int_equal (s_number (writer, "PRAGMA synchronous"), 2);
    assert_int_equal (s_number (writer, "PRAGMA wal_autocheckpoint"), 0);
    assert_int_equal (s_number (writer, "PRAGMA foreign_keys"), 1);
    zooid_sql_t *sql = database_sql (writer, "PRAGMA journal_mode");
    assert_int_equal (zooid_sql_step (sql), ZOOID_ROW);
    assert_string_equal (zooid_sql_text (sql, 0), "wal");
    database_rest (writer);
    ZOOID_CLEANUP (database_close) database_t *reader = s_open (*state, DATABASE_READS);
    assert_int_equal (s_number (reader, "PRAGMA query_only"), 1);
    assert_int_equal (s_number (reader, "PRAGMA wal_autocheckpoint"), 0);
}

//  What the one before left unsynced is read like all else, and never synced again: so it is written anew.
static void
test_database_writes_and_syncs_the_log_that_it_finds_before_it_builds_on_it (void **state)
{
    const scratch_t *scratch = *state;
    pid_t child = fork ();
    assert_true (child >= 0);
    if (child == 0) {
        database_t *database = s_open (scratch, DATABASE_WRITES);
        s_must (database, "CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob (40000))");
        _exit (0);                  //  As one that is killed: the log stays
    }
    int status = 0;
    assert_int_equal (waitpid (child, &status, 0), child);
    assert_int_equal (status, 0);
    char path [320], why [DATABASE_WHY_SIZE] = "";
    struct stat log;
    snprintf (path, sizeof path, "%s-wal", scratch->file);
    assert_int_equal (stat (path, &log), 0);
    assert_true (log.st_size > 40000);
    sync_gate_register ();
    size_t written = sync_gate_written (), syncs = sync_gate_count ();
    ZOOID_CLEANUP (database_close) database_t *database = NULL;
    assert_int_equal (database_open (&database, scratch->file, SYNC_GATE_VFS, DATABASE_WRITES, why), 0);
    assert_true (sync_gate_written () - written >= (size_t) log.st_size);
    assert_true (sync_gate_count () > syncs);
    assert_int_equal (s_number (database, "SELECT length (a) FROM t"), 40000);
}

static void
test_database_file_is_readable_by_its_owner_alone (void **state)
{
    scratch_t *scratch = *state;
    ZOOID_CLEANUP (database_close) database_t *database = s_open (scratch, DATABASE_WRITES);
    s_must (database, "CREATE TABLE t (a)");
    static const char *const suffixes [] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < ZOOID_COUNT (suffixes); i++) {
        char path [320];
        snprintf (path, sizeof path, "%s%s", scratch->file, suffixes [i]);
        struct stat status;
        assert_int_equal (stat (path, &status), 0);
        assert_int_equal (status.st_mode & 0777, 0600);
    }
}

static void
s_write_file (const char *path, const char *text)
{
    int file = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true (file >= 0);
    assert_int_equal (write (file, text, strlen (text)), (ssize_t) strlen (text));
    close (file);
}

static void
s_refused (const char *path, const char *expected)
{
    database_t *database = NULL;
    char why [DATABASE_WHY_SIZE] = "";
    assert_int_equal (database_open (&database, path, NULL, DATABASE_WRITES, why), ZOOID_INVALID);
    assert_null (database);
    assert_non_null (strstr (why, expected));
    assert_non_null (strstr (why, path));
}

static void
test_database_refuses_a_file_that_is_none (void **state)
{
    const scratch_t *scratch = *state;
    char text [2048];
    memset (text, 'x', sizeof text);
    text [sizeof text - 1] = 0;
    s_write_file (scratch->file, text);
    s_refused (scratch->file, "not a database");
}

static void
test_database_refuses_a_file_of_somebody_else (void **state)
{
    const scratch_t *scratch = *state;
    sqlite3 *handle = NULL;
    assert_int_equal (sqlite3_open (scratch->file, &handle), SQLITE_OK);
    assert_int_equal (sqlite3_exec (handle, "CREATE TABLE theirs (a)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close (handle);
    s_refused (scratch->file, "not a store of zooid");
}

static void
test_database_refuses_a_folder_that_is_not_there (void **state)
{
    (void) state;
    s_refused ("no-such-folder/store.sqlite", "No such file or directory");
}

//  ---- statements

static void
test_sql_text_that_looks_like_sql_is_only_a_value (void **state)
{
    ZOOID_CLEANUP (database_close) database_t *database = s_open (*state, DATABASE_WRITES);
    s_must (database, "CREATE TABLE probe (a TEXT)");
    static const char *const attacks [] = {
        "'); DROP TABLE probe; --", "\" OR 1=1 --", "' OR ''='", "?1; DELETE FROM probe", "\xc2\xbf'||(SELECT 1)||'",
    };
    for (size_t i = 0; i < ZOOID_COUNT (attacks); i++) {
        zooid_sql_t *sql = database_sql (database, "INSERT INTO probe (a) VALUES (?1)");
        zooid_sql_bind_text (sql, 1, attacks [i]);
        assert_int_equal (zooid_sql_step (sql), 0);
        sql = database_sql (database, "SELECT a FROM probe WHERE a = ?1");
        zooid_sql_bind_text (sql, 1, attacks [i]);
        assert_int_equal (zooid_sql_step (sql), ZOOID_ROW);
        assert_string_equal (zooid_sql_text (sql, 0), attacks [i]);
        assert_int_equal (zooid_sql_step (sql), 0);
    }
    assert_int_equal (s_number (database, "SELECT count (*) FROM probe"), ZOOID_COUNT (attacks));
}

static void
test_sql_values_come_back_as_they_were_bound (void **state)
{
    ZOOID_CLEANUP (database_close) database_t *database = s_open (*state, DATABASE_WRITES);
    const uint8_t bytes [] = { 0, 1, 0, 255 };
    zooid_sql_t *sql = database_sql (database, "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7");
    zooid_sql_bind_integer (sql, 1, INT64_MIN);
    zooid_sql_bind_real (sql, 2, -0.125);
    zooid_sql_bind_text (sql, 3, "na\xc3\xafve");
    zooid_sql_bind_bytes (sql, 4, (zooid_bytes_t) { bytes, sizeof bytes });
    zooid_sql_bind_null (sql, 5);
    zooid_sql_bind_text (sql, 6, NULL);
    zooid_sql_bind_bytes (sql, 7, (zooid_bytes_t) { 0 });
    assert_int_equal (zooid_sql_step (sql), ZOOID_ROW);
    assert_true (zooid_sql_integer (sql, 0) == INT64_MIN);
    assert_true (zooid_sql_real (sql, 1) == -0.125);
    assert_string_equal (zooid_sql_text (sql, 2), "na\xc3\xafve");
    zooid_bytes_t back = zooid_sql_bytes (sql, 3);
    assert_int_equal (back.size, sizeof bytes);
    assert_memory_equal (back.data, bytes, sizeof bytes);
    assert_true (zooid_sql_is_null (sql, 4));
    assert_true (zooid_sql_is_null (sql, 5));
    assert_false (zooid_sql_is_null (sql, 6));
    assert_int_equal (zooid_sql_bytes (sql, 6).size, 0);
}

static void
test_sql_is_prepared_once_and_comes_back_with_nothing_bound (void **state)
{
    ZOOID_CLEANUP (database_close) database_t *database = s_open (*state, DATABASE_WRITES);
    static const char text [] = "SELECT ?1";
    zooid_sql_t *sql = database_sql (database, text);
    sqlite3_stmt *statement = sql->statement;
    zooid_sql_bind_integer (sql, 1, 7);
    assert_int_equal (zooid_sql_step (sql), ZOOID_ROW);
    assert_int_equal (zooid_sql_integer (sql, 0), 7);
    zooid_sql_t *again = database_sql (database, text);
    assert_ptr_equal (again->statement, statement);
    assert_int_equal (zooid_sql_step (again), ZOOID_ROW);
    assert_true (zooid_sql_is_null (again, 0));
}

static void
test_sql_at_an_address_whose_text_changed_is_prepared_anew (void **state)
{
    ZOOID_CLEANUP (database_close) database_t *database = s_open (*state, DATABASE_WRITES);
    char text [16] = "SELECT 1";
    assert_int_equal (s_number (database, text), 1);
    strcpy (text, "SELECT 22");
    assert_int_equal (s_number (database, text), 22);
}

static void
test_sql_that_has_ended_does_not_run_again (void **state)
{
    ZOOID_CLEANUP (database_close) database_t *database = s_open (*state, DATABASE_WRITES);
    s_must (database, "CREATE TABLE probe (a)");
    zooid_sql_t *sql = database_sql (database, "INSERT INTO probe VALUES (1)");
    assert_int_equal (zooid_sql_step (sql), 0);
    assert_int_equal (zooid_sql_step (sql), 0);
    assert_int_equal (s_number (database, "SELECT count (*) FROM probe"), 1);
}

static void
test_sql_says_eexist_when_a_key_is_taken_and_faults_otherwise (void **state)
{
    ZOOID_CLEANUP (database_close) database_t *database = s_open (*state, DATABASE_WRITES);
    s_must (database, "CREATE TABLE probe (a TEXT PRIMARY KEY, b INTEGER CHECK (b > 0));"
                      "INSERT INTO probe VALUES ('x', 1)");
    assert_int_equal (zooid_sql_step (database_sql (database, "INSERT INTO probe VALUES ('x', 2)")), -EEXIST);
    assert_int_equal (zooid_sql_step (database_sql (database, "INSERT INTO probe VALUES ('y', 0)")), -EINVAL);
    assert_int_equal (zooid_sql_step (database_sql (database, "SELEKT 1")), -EINVAL);
    assert_int_equal (zooid_sql_step (database_sql (database, "SELECT 1; SELECT 2")), -EINVAL);
    zooid_sql_t *sql = database_sql (database, "SELECT ?1");
    zooid_sql_bind_integer (sql, 2, 1);
    assert_int_equal (zooid_sql_step (sql), -EINVAL);
}

static void
test_sql_of_a_module_cannot_end_the_group_or_reach_further (void **state)
{
    ZOOID_CLEANUP (database_close) database_t *database = s_open (*state, DATABASE_WRITES);
    s_must (database, "CREATE TABLE iot_device (a); CREATE TABLE auth_user (a); CREATE TABLE iotx (a);"
                      "CREATE TABLE zooid_probe (a)");
    database->module = "iot";
    static const char *const denied [] = {
        "COMMIT", "ROLLBACK", "BEGIN", "SAVEPOINT job", "RELEASE job", "ROLLBACK TO job",
        "ATTACH 'other.sqlite' AS other", "PRAGMA synchronous = OFF", "PRAGMA journal_mode",
        "CREATE TABLE iot_more (a)", "DROP TABLE iot_device", "DELETE FROM auth_user", "UPDATE auth_user SET a = 1", "INSERT INTO iotx VALUES (1)",
        "INSERT INTO zooid_probe VALUES (1)", "VACUUM",
    };
    for (size_t i = 0; i < ZOOID_COUNT (denied); i++)
        if (zooid_sql_step (database_sql (database, denied [i])) >= 0)
            fail_msg ("allowed: %s", denied [i]);
    assert_int_equal (zooid_sql_step (database_sql (database, "INSERT INTO iot_device VALUES (1)")), 0);
    static const char from_names [] = "WITH n AS (SELECT 1 AS a) INSERT INTO IOT_device SELECT a FROM n";
    assert_int_equal (zooid_sql_step (database_sql (database, from_names)), 0);
    assert_int_equal (zooid_sql_step (database_sql (database, "DELETE FROM iot_device")), 0);
    database->module = NULL;
}

static void
test_sql_of_a_reader_changes_nothing (void **state)
{
    ZOOID_CLEANUP (database_close) database_t *writer = s_open (*state, DATABASE_WRITES);
    s_must (writer, "CREATE TABLE iot_device (a)");
    ZOOID_CLEANUP (database_close) database_t *reader = s_open (*state, DATABASE_READS);
    assert_int_equal (zooid_sql_step (database_sql (reader, "INSERT INTO iot_device VALUES (1)")), -EROFS);
    assert_int_equal (s_number (writer, "SELECT count (*) FROM iot_device"), 0);
}

int
main (void)
{
#define TEST(function) cmocka_unit_test_setup_teardown (function, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests [] = {
        TEST (test_database_holds_every_setting_that_the_promise_rests_on),
        TEST (test_database_writes_and_syncs_the_log_that_it_finds_before_it_builds_on_it),
        TEST (test_database_file_is_readable_by_its_owner_alone),
        TEST (test_database_refuses_a_file_that_is_none),
        TEST (test_database_refuses_a_file_of_somebody_else),
        TEST (test_database_refuses_a_folder_that_is_not_there),
        TEST (test_sql_text_that_looks_like_sql_is_only_a_value),
        TEST (test_sql_values_come_back_as_they_were_bound),
        TEST (test_sql_is_prepared_once_and_comes_back_with_nothing_bound),
        TEST (test_sql_at_an_address_whose_text_changed_is_prepared_anew),
        TEST (test_sql_that_has_ended_does_not_run_again),
        TEST (test_sql_says_eexist_when_a_key_is_taken_and_faults_otherwise),
        TEST (test_sql_of_a_module_cannot_end_the_group_or_reach_further),
        TEST (test_sql_of_a_reader_changes_nothing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
