#include "findings.h"

#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static void
test_violations_keep_copies_and_count_the_rest (void **state)
{
    (void) state;
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 0);
    zooid_violations_t violations = { .count = 0 };
    char pointer [] = "/a";
    for (int i = 0; i < ZOOID_VIOLATIONS_MAX + 3; i++)
        zooid_violations_add (&violations, arena, pointer, "type", "number %d", i);
    pointer [1] = 'x';
    assert_int_equal (violations.count, ZOOID_VIOLATIONS_MAX);
    assert_int_equal (violations.more, 3);
    assert_string_equal (violations.items [0].pointer, "/a");
    assert_string_equal (violations.items [31].detail, "number 31");
    zooid_arena_destroy (&arena);
}

static void
test_findings_write_pointers_as_rfc_6901_has_them (void **state)
{
    (void) state;
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 0);
    zooid_violations_t violations = { .count = 0 };
    findings_t findings = { .arena = arena, .violations = &violations, .base = "/query" };
    trail_t root = { 0 };
    trail_t list = trail_name (&root, "a/b~c", 5);
    trail_t item = trail_index (&list, 12);
    trail_t bad = trail_name (&item, "\xff\n\xc3\xbc\0", 5);
    findings_add (&findings, &root, "type", "x");
    findings_add (&findings, &item, "type", "x");
    findings_add (&findings, &bad, "type", "x");
    assert_int_equal (findings.count, 3);
    assert_string_equal (violations.items [0].pointer, "/query");
    assert_string_equal (violations.items [1].pointer, "/query/a~1b~0c/12");
    assert_string_equal (violations.items [2].pointer, "/query/a~1b~0c/12/??\xc3\xbc?");
    zooid_arena_destroy (&arena);
}

static void
test_findings_bound_the_length_of_pointer_and_detail (void **state)
{
    (void) state;
    enum { LENGTH = 100000 };
    char *name = malloc (LENGTH + 1);
    for (size_t i = 0; i < LENGTH; i += 2)
        memcpy (name + i, "\xc3\xbc", 2);
    name [LENGTH] = 0;
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 64 * 1024);
    zooid_violations_t violations = { .count = 0 };
    findings_t findings = { .arena = arena, .violations = &violations };
    trail_t root = { 0 };
    trail_t here = trail_name (&root, name, LENGTH);
    for (int i = 0; i < ZOOID_VIOLATIONS_MAX; i++)
        findings_add (&findings, &here, "type", "%s", name);
    for (int i = 0; i < ZOOID_VIOLATIONS_MAX; i++) {
        size_t pointer = strlen (violations.items [i].pointer), detail = strlen (violations.items [i].detail);
        assert_true (pointer > 900 && pointer <= 1024 && detail > 400 && detail <= 512);
        assert_true (utf8_is_valid (violations.items [i].pointer, pointer) && utf8_is_valid (violations.items [i].detail, detail));
    }
    zooid_arena_destroy (&arena);
    free (name);
}

static void
test_findings_are_told_when_the_arena_has_ended (void **state)
{
    (void) state;
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 1);
    zooid_violations_t violations = { .count = 0 };
    zooid_violations_add (&violations, arena, "/a", "type", "x");
    assert_int_equal (violations.count, 1);
    assert_string_equal (violations.items [0].pointer, "");
    assert_string_equal (violations.items [0].code, "type");
    zooid_arena_destroy (&arena);
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_violations_keep_copies_and_count_the_rest),
        cmocka_unit_test (test_findings_write_pointers_as_rfc_6901_has_them),
        cmocka_unit_test (test_findings_bound_the_length_of_pointer_and_detail),
        cmocka_unit_test (test_findings_are_told_when_the_arena_has_ended),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
