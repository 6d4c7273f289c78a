//  The actor in a system of its own, on virtual time: nothing waits, and every run is the same.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <zooid/system.h>

extern const zooid_module_t zooid_module_@name@;

typedef struct {
    const char *name;
} hello_t;

static const zooid_field_t hello_fields [] = { ZOOID_STRING (hello_t, name, .doc = "Who is greeted") };
static const zooid_record_t hello = ZOOID_RECORD ("hello", hello_t, hello_fields);

//  What came back: JSON, or a failure's name.
static char answer [256];

static int
on_answer (zooid_context_t *self, void *state, const zooid_outcome_t *outcome)
{
    (void) self, (void) state;
    zooid_buffer_t json = { 0 };
    if (outcome->failure)
        zooid_buffer_text (&json, outcome->failure);
    else
        zooid_json_write (NULL, outcome->payload, &json);
    strncpy (answer, zooid_buffer_string (&json), sizeof answer - 1);
    zooid_buffer_fini (&json);
    return 0;
}

static int
ask_hello (zooid_context_t *self, void *name)
{
    return zooid_ask (self, &(zooid_call_t) { .operation = "@name@.hello", .takes = &hello, .arguments = &(hello_t) { name }, .then = on_answer });
}

static void
assert_answer (zooid_system_t *system, zooid_ref_t ref, char *name, const char *expected)
{
    assert_int_equal (zooid_system_post (system, ref, ask_hello, name, NULL), 0);
    zooid_system_run (system, zooid_system_monotonic_ms (system) + 1000);
    assert_string_equal (answer, expected);
}

static void
test_@name@_greets_and_counts (void **state)
{
    (void) state;
    zooid_system_t *system = NULL;
    zooid_arena_t *arena = NULL;
    const char *why = "";
    zooid_ref_t ref;
    zooid_arena_new (&arena, 0);
    assert_int_equal (zooid_system_new (&system, &(zooid_system_options_t) { .environment = ZOOID_VIRTUAL, .seed = 1 }), 0);
    assert_int_equal (zooid_system_spawn (system, &(zooid_spawn_t) { .name = "@name@", .module = &zooid_module_@name@ }, arena, &why, &ref), 0);
    assert_answer (system, ref, "Ada", "{\"text\":\"Hello, Ada!\",\"count\":1}");
    assert_answer (system, ref, "Alan", "{\"text\":\"Hello, Alan!\",\"count\":2}");
    assert_answer (system, ref, "", "invalid");
    zooid_system_destroy (&system);
    zooid_arena_destroy (&arena);
}

int
main (void)
{
    const struct CMUnitTest tests [] = { cmocka_unit_test (test_@name@_greets_and_counts) };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
