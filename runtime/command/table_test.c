#include "table.h"
#include "plain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *
s_plain (zooid_buffer_t *room, const char *text)
{
    zooid_buffer_clear (room);
    plain_append (room, text);
    return zooid_buffer_string (room);
}

static void
test_plain_text_holds_nothing_that_a_terminal_obeys (void **state)
{
    (void) state;
    ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t room = { 0 };
    assert_string_equal (s_plain (&room, "a b\u00e9\u20ac\U0001f600~"), "a b\u00e9\u20ac\U0001f600~");
    assert_string_equal (s_plain (&room, "\x1b[2J\a\n\t\x7f"), "?[2J????");
    //  C1: CSI by two bytes, and the last of them; what comes behind is a character
    assert_string_equal (s_plain (&room, "\xc2\x9b" "1m\xc2\x9f\xc2\xa0"), "?1m?\xc2\xa0");
    //  A byte alone, one cut, an overlong NUL, a surrogate
    assert_string_equal (s_plain (&room, "\xff_\xe2\x82_\xc0\x80_\xed\xa0\x80"), "?_??_??_???");
}

static void
test_plain_text_is_cut_between_characters (void **state)
{
    (void) state;
    assert_int_equal (plain_width ("a\u00e9\u20ac"), 3);
    assert_int_equal (plain_cut ("a\u00e9\u20ac", 0), 0);
    assert_int_equal (plain_cut ("a\u00e9\u20ac", 1), 1);
    assert_int_equal (plain_cut ("a\u00e9\u20ac", 2), 3);
    assert_int_equal (plain_cut ("a\u00e9\u20ac", 9), 6);
}

static void
test_plain_knows_text_from_bytes (void **state)
{
    (void) state;
    assert_true (plain_is_text ("", 0));
    assert_true (plain_is_text ("{\"a\":\r\n\t\u20ac}", 12));
    assert_false (plain_is_text ("a\0b", 3));
    assert_false (plain_is_text ("a\x1b", 2));
    assert_false (plain_is_text ("a\xff", 2));
    assert_false (plain_is_text ("\xc2\x9b", 2));
}

static void
test_table_has_columns_as_wide_as_they_need (void **state)
{
    (void) state;
    ZOOID_CLEANUP (zooid_arena_destroy) zooid_arena_t *arena = NULL;
    zooid_arena_new (&arena, 0);
    table_t table;
    table_init (&table, arena);
    assert_int_equal (table_rows (&table), 0);
    table_add_column (&table, "NAME", true);
    table_add_column (&table, "N", false);
    table_add_column (&table, "STATE", true);
    const char *const cells [] = { "a", "12345", "well", "\u00e9\x1b\u00e9\u00e9\u00e9", "1", "so so" };
    //  Often enough for the cells to move.
    for (size_t i = 0; i < 40; i++)
        for (size_t k = 0; k < ZOOID_COUNT (cells); k++)
            table_add (&table, cells [k]);
    assert_int_equal (table_rows (&table), 81);
    static const struct { size_t row, columns; const char *line; } lines [] = {
        { 0, 0, "NAME       N  STATE" }, { 1, 0, "a      12345  well" }, { 80, 0, "\u00e9?\u00e9\u00e9\u00e9      1  so so" },
        { 80, 3, "\u00e9?\u00e9" }, { 1, 100, "a      12345  well" },
    };
    for (size_t i = 0; i < ZOOID_COUNT (lines); i++) {
        ZOOID_CLEANUP (zooid_buffer_fini) zooid_buffer_t line = { 0 };
        table_write (&table, lines [i].row, lines [i].columns, &line);
        assert_string_equal (zooid_buffer_string (&line), lines [i].line);
    }
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_plain_text_holds_nothing_that_a_terminal_obeys),
        cmocka_unit_test (test_plain_text_is_cut_between_characters),
        cmocka_unit_test (test_plain_knows_text_from_bytes),
        cmocka_unit_test (test_table_has_columns_as_wide_as_they_need),
    };
    return cmocka_run_group_tests_name ("command.table", tests, NULL, NULL);
}
