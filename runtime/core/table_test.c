#include "table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { COUNT = 5000 };
static char s_names [COUNT] [24];

static void
test_table_finds_what_is_there_after_inserts_and_removals (void **state)
{
    (void) state;
    table_t *table = NULL;
    table_new (&table);
    for (int i = 0; i < COUNT; i++) {
        snprintf (s_names [i], sizeof s_names [i], "name.%d", i);
        table_insert (table, s_names [i], s_names [i]);
    }
    for (int i = 0; i < COUNT; i += 3)
        assert_ptr_equal (table_remove (table, s_names [i]), s_names [i]);
    assert_null (table_remove (table, s_names [0]));
    for (int i = 0; i < COUNT; i++)
        assert_ptr_equal (table_find (table, s_names [i]), i % 3 ? s_names [i] : NULL);
    size_t place = 0, seen = 0;
    while (table_next (table, &place))
        seen++;
    assert_int_equal (seen, table_count (table));
    assert_int_equal (seen, COUNT - (COUNT + 2) / 3);
    table_destroy (&table);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_table_finds_what_is_there_after_inserts_and_removals),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
