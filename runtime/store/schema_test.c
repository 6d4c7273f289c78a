#include "schema.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const zooid_migration_t s_rows [] = {
    { .sql = "CREATE TABLE probe_a (x INTEGER); INSERT INTO probe_a VALUES (1);", .doc = "first" },
    { .sql = "ALTER TABLE probe_a ADD COLUMN y INTEGER NOT NULL DEFAULT 5 CHECK (y > 0);", .doc = "second" },
    { .sql = "CREATE INDEX probe_by_y ON probe_a (y); CREATE VIEW probe_view AS SELECT y FROM probe_a;"
             "CREATE TRIGGER probe_trigger AFTER INSERT ON probe_a BEGIN UPDATE probe_a SET y = 6 WHERE x = 1; END;",
      .doc = "third" },
};

static database_t *
s_open (const scratch_t *scratch)
{
    database_t *database = NULL;
    char why [DATABASE_WHY_SIZE] = "";
    if (database_open (&database, scratch->file, NULL, DATABASE_WRITES, why))
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

static int
s_migrate (database_t *database, const zooid_migration_t *rows, size_t count, char why [512])
{
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    const char *text = "";
    int rc = schema_migrate (database, "probe", rows, count, 1234, arena, &text);
    strncpy (why, text, 511);
    return rc;
}

static void
test_schema_runs_each_migration_once_and_in_order (void **state)
{
    char why [512] = "";
    for (size_t count = 0; count <= ZOOID_COUNT (s_rows); count++) {
        ZOOID_CLEANUP (database_close) database_t *database = s_open (*state);
        if (s_migrate (database, s_rows, count, why))
            fail_msg ("%s", why);
        assert_int_equal (s_migrate (database, s_rows, count, why), 0);
        assert_int_equal (s_number (database, "SELECT count (*) FROM zooid_schema WHERE applied_at = 1234"), count);
    }
    ZOOID_CLEANUP (database_close) database_t *database = s_open (*state);
    assert_int_equal (s_number (database, "SELECT count (*) FROM probe_a"), 1);
    assert_int_equal (s_number (database, "SELECT y FROM probe_view"), 5);
}

static void
test_schema_refuses_a_file_that_is_newer (void **state)
{
    ZOOID_CLEANUP (database_close) database_t *database = s_open (*state);
    char why [512] = "";
    assert_int_equal (s_migrate (database, s_rows, 3, why), 0);
    assert_int_equal (s_migrate (database, s_rows, 2, why), ZOOID_INVALID);
    assert_non_null (strstr (why, "module probe have version 3, this program knows up to 2"));
    assert_int_equal (s_migrate (database, s_rows, 3, why), 0);
}

static void
test_schema_leaves_nothing_of_a_migration_that_fails (void **state)
{
    ZOOID_CLEANUP (database_close) database_t *database = s_open (*state);
    const zooid_migration_t rows [] = {
        s_rows [0],
        { .sql = "INSERT INTO probe_a VALUES (2); CREATE TABLE probe_b (x); INSERT INTO nowhere VALUES (1);",
          .doc = "broken" },
    };
    char why [512] = "";
    assert_int_equal (s_migrate (database, rows, 2, why), ZOOID_INVALID);
    assert_non_null (strstr (why, "migration 2 of module probe (broken) failed: no such table: nowhere"));
    assert_int_equal (s_number (database, "SELECT count (*) FROM probe_a"), 1);
    assert_int_equal (s_number (database, "SELECT count (*) FROM sqlite_master WHERE name = 'probe_b'"), 0);
    assert_int_equal (s_number (database, "SELECT max (version) FROM zooid_schema"), 1);
}

static void
test_schema_refuses_a_migration_that_leaves_its_module_or_transaction (void **state)
{
    ZOOID_CLEANUP (database_close) database_t *database = s_open (*state);
    static const char *const sqls [] = {
        "CREATE TABLE other_a (x)", "CREATE TABLE probe_a (x); COMMIT; CREATE TABLE probe_b (x)",
        "DELETE FROM zooid_schema", "PRAGMA synchronous = OFF", "ATTACH 'elsewhere' AS e", "CREATE TEMP TABLE probe_t (x)",
    };
    for (size_t i = 0; i < ZOOID_COUNT (sqls); i++) {
        const zooid_migration_t row = { .sql = sqls [i], .doc = "bad" };
        char why [512] = "";
        if (s_migrate (database, &row, 1, why) != ZOOID_INVALID || !strstr (why, "not authorized"))
            fail_msg ("%s: %s", sqls [i], why);
    }
    assert_int_equal (s_number (database, "SELECT count (*) FROM sqlite_master WHERE name LIKE 'probe%'"), 0);
    assert_int_equal (s_number (database, "SELECT count (*) FROM zooid_schema"), 0);
}

int
main (void)
{
#define TEST(function) cmocka_unit_test_setup_teardown (function, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests [] = {
        TEST (test_schema_runs_each_migration_once_and_in_order),
        TEST (test_schema_refuses_a_file_that_is_newer),
        TEST (test_schema_leaves_nothing_of_a_migration_that_fails),
        TEST (test_schema_refuses_a_migration_that_leaves_its_module_or_transaction),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
