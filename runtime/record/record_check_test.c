#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    zooid_presence_t presence;
    int64_t number;
    const char *text;
    double real;
    int32_t name;
    zooid_list_t list;
} row_t;

static const char *const s_names [] = { "a", "b", NULL };
static const char *const s_no_names [] = { NULL };
static const char *const s_double_names [] = { "a", "a", NULL };
static const char *const s_empty_names [] = { "", NULL };

//  NULL: the record is sound. Else part of what is wrong.
static void
s_expect (const zooid_record_t *record, const char *part)
{
    zooid_arena_t *arena;
    zooid_arena_new (&arena, 0);
    const char *why = "";
    int rc = zooid_record_check (record, arena, &why);
    if (rc != (part ? ZOOID_INVALID : 0) || (part && !strstr (why, part)))
        fail_msg ("\"%s\" instead of \"%s\"", why, part ? part : "");
    zooid_arena_destroy (&arena);
}

static void
s_expect_field (zooid_field_t field, const char *part)
{
    s_expect (&(zooid_record_t) { .name = "row", .size = sizeof (row_t), .fields = &field, .field_count = 1,
                                  .presence = ZOOID_PRESENCE (row_t) }, part);
}

static void
test_record_check_takes_the_samples (void **state)
{
    (void) state;
    s_expect (&sample_required, NULL);
    s_expect (&sample_optional, NULL);
    s_expect (&sample_reading, NULL);
    s_expect (&(zooid_record_t) { .name = "empty" }, NULL);
}

static void
test_record_check_refuses_fields_that_are_unsound (void **state)
{
    (void) state;
#define NUMBER(...) (zooid_field_t) ZOOID_INTEGER (row_t, number, __VA_ARGS__)
#define TEXT(...)   (zooid_field_t) ZOOID_STRING (row_t, text, __VA_ARGS__)
#define REAL(...)   (zooid_field_t) ZOOID_REAL (row_t, real, __VA_ARGS__)
#define NAME(...)   (zooid_field_t) ZOOID_ENUMERATION (row_t, name, __VA_ARGS__)
#define LIST(...)   (zooid_field_t) ZOOID_LIST (row_t, list, __VA_ARGS__)
    const struct { zooid_field_t field; const char *part; } rows [] = {
        { NUMBER (.doc = ""), NULL },
        { NUMBER (.integers = { true, 1, 1 }), NULL },
        { NUMBER (.integers = { true, 2, 1 }), "row.number: its minimum is above" },
        { NUMBER (.reals = { true, 0, 1 }), "has real bounds" },
        { NUMBER (.min_length = 1), "has a length" },
        { NUMBER (.characters = "a"), "has characters" },
        { NUMBER (.names = s_names), "has names" },
        { NUMBER (.record = &sample_reading), "names a .record" },
        { NUMBER (.of = ZOOID_ITEM (ZOOID_TYPE_REAL, double)), "has .of" },
        { { .name = "number", .type = 0, .offset = offsetof (row_t, number), .size = 8 }, "has no type" },
        { { .name = "number", .type = 99, .offset = offsetof (row_t, number), .size = 8 }, "has no type" },
        { { .name = "Number", .type = ZOOID_TYPE_INTEGER, .offset = offsetof (row_t, number), .size = 8 }, "snake_case" },
        { { .name = "a-b", .type = ZOOID_TYPE_INTEGER, .offset = offsetof (row_t, number), .size = 8 }, "snake_case" },
        { { .name = NULL, .type = ZOOID_TYPE_INTEGER, .offset = offsetof (row_t, number), .size = 8 }, "snake_case" },
        { { .name = "number", .type = ZOOID_TYPE_INTEGER, .offset = offsetof (row_t, number), .size = 4 }, "has 4 bytes" },
        { { .name = "number", .type = ZOOID_TYPE_INTEGER, .offset = sizeof (row_t) - 4, .size = 8 }, "outside" },
        { { .name = "number", .type = ZOOID_TYPE_INTEGER, .offset = SIZE_MAX, .size = 8 }, "outside" },
        { { .name = "number", .type = ZOOID_TYPE_INTEGER, .offset = 8, .size = 8 }, "over the presence bits" },
        { TEXT (.min_length = 4096), NULL },
        { TEXT (.min_length = 4097), "min_length 4097 is above max_length 4096" },
        { TEXT (.min_length = 3, .max_length = 2), "min_length 3" },
        { TEXT (.decimal = true), "decimal" },
        { TEXT (.characters = "a-zA-Z0-9_ -"), NULL },
        { TEXT (.characters = ""), "characters must name some" },
        { TEXT (.characters = "^a"), "characters must name some" },
        { TEXT (.characters = "z-a"), "is empty" },
        { TEXT (.characters = "a]"), "printable ASCII" },
        { TEXT (.characters = "\xc3\xbc"), "printable ASCII" },
        { TEXT (.example = "\"x\""), NULL },
        { TEXT (.example = "x"), "its example" },
        { TEXT (.max_length = 2, .example = "\"xyz\""), "its example has 3 bytes" },
        { TEXT (.initial = "xyz"), NULL },
        { TEXT (.max_length = 2, .initial = "xyz"), "its initial value has 3 bytes" },
        { REAL (.reals = { true, 1, 0 }), "its minimum is above" },
        { REAL (.reals = { true, NAN, 0 }), "its minimum is above" },
        { REAL (.integers = { true, 0, 1 }), "has integer bounds" },
        { NAME (.names = s_names), NULL },
        { NAME (.doc = ""), "without names" },
        { NAME (.names = s_no_names), "without names" },
        { NAME (.names = s_double_names), "stands twice" },
        { NAME (.names = s_empty_names), "is empty" },
        { LIST (.of = ZOOID_ITEM (ZOOID_TYPE_REAL, double)), NULL },
        { LIST (.doc = ""), "does not say what it is .of" },
        { LIST (.of = ZOOID_ITEM (ZOOID_TYPE_REAL, float)), "(item): has 4 bytes" },
        { LIST (.of = ZOOID_ITEM (ZOOID_TYPE_REAL, double, .nullable = true)), "cannot be optional or nullable" },
        { LIST (.of = ZOOID_ITEM (ZOOID_TYPE_LIST, zooid_list_t)), "does not say what it is .of" },
        { LIST (.of = ZOOID_ITEM (ZOOID_TYPE_RECORD, double, .record = &sample_reading)), "but its record" },
        { LIST (.of = ZOOID_ITEM (ZOOID_TYPE_RECORD, sample_reading_t)), "names no .record" },
    };
    for (size_t i = 0; i < ZOOID_COUNT (rows); i++)
        s_expect_field (rows [i].field, rows [i].part);
}

static void
test_record_check_refuses_records_that_are_unsound (void **state)
{
    (void) state;
    static const zooid_field_t optional [] = { ZOOID_INTEGER (row_t, number, .optional = true) };
    static const zooid_field_t twice [] = { ZOOID_INTEGER (row_t, number, .doc = ""), ZOOID_INTEGER (row_t, number, .doc = "") };
    static const zooid_field_t over [] = {
        ZOOID_INTEGER (row_t, number, .doc = ""),
        { .name = "other", .type = ZOOID_TYPE_ENUMERATION, .names = s_names, .offset = offsetof (row_t, number) + 4, .size = 4 },
    };
    static const zooid_field_t bad_inside [] = {
        ZOOID_INTEGER (row_t, number, .integers = { true, 1, 0 }),
    };
    static const zooid_record_t bad = ZOOID_RECORD ("bad", row_t, bad_inside);
    const zooid_field_t embeds_bad [] = { { .name = "inside", .type = ZOOID_TYPE_RECORD, .size = sizeof (row_t), .record = &bad } };
    s_expect (&(zooid_record_t) ZOOID_RECORD ("Row", row_t, optional, .presence = ZOOID_PRESENCE (row_t)), "snake_case");
    s_expect (&(zooid_record_t) ZOOID_RECORD ("row", row_t, optional), "no .presence");
    s_expect (&(zooid_record_t) ZOOID_RECORD ("row", row_t, optional, .presence = sizeof (row_t)), "presence bits lie outside");
    s_expect (&(zooid_record_t) ZOOID_RECORD ("row", row_t, optional, .presence = 2), "presence bits lie outside");
    s_expect (&(zooid_record_t) ZOOID_RECORD ("row", row_t, twice), "stands there twice");
    s_expect (&(zooid_record_t) ZOOID_RECORD ("row", row_t, over), "lies over number");
    s_expect (&(zooid_record_t) ZOOID_RECORD ("row", row_t, embeds_bad), "bad.number");
    s_expect (&(zooid_record_t) { .name = "row", .field_count = 1 }, "no table");
    s_expect (&(zooid_record_t) { .name = "row", .field_count = 65, .fields = optional }, "has 65 fields");
}

typedef struct { zooid_list_t children; } tree_t;
typedef struct { int64_t unused; } loop_t;

static void
test_record_check_takes_trees_and_refuses_records_inside_themselves (void **state)
{
    (void) state;
    zooid_record_t tree, loop, left, right;
    const zooid_field_t branch = { .type = ZOOID_TYPE_RECORD, .size = sizeof (tree_t), .record = &tree };
    const zooid_field_t tree_fields [] = { ZOOID_LIST (tree_t, children, .of = &branch) };
    tree = (zooid_record_t) ZOOID_RECORD ("tree", tree_t, tree_fields);
    s_expect (&tree, NULL);

    const zooid_field_t loop_fields [] = { { .name = "self", .type = ZOOID_TYPE_RECORD, .size = sizeof (loop_t), .record = &loop } };
    loop = (zooid_record_t) ZOOID_RECORD ("loop", loop_t, loop_fields);
    s_expect (&loop, "embeds itself");

    const zooid_field_t left_fields [] = { { .name = "right", .type = ZOOID_TYPE_RECORD, .size = sizeof (loop_t), .record = &right } };
    const zooid_field_t right_fields [] = { { .name = "left", .type = ZOOID_TYPE_RECORD, .size = sizeof (loop_t), .record = &left } };
    left = (zooid_record_t) ZOOID_RECORD ("left", loop_t, left_fields);
    right = (zooid_record_t) ZOOID_RECORD ("right", loop_t, right_fields);
    s_expect (&left, "embeds itself");
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_record_check_takes_the_samples),
        cmocka_unit_test (test_record_check_refuses_fields_that_are_unsound),
        cmocka_unit_test (test_record_check_refuses_records_that_are_unsound),
        cmocka_unit_test (test_record_check_takes_trees_and_refuses_records_inside_themselves),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
