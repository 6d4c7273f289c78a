//  What a node says of its configuration before anything starts, beyond what node_test.c sees of nodes that run.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <zooid/node.h>

typedef struct {
    int64_t start;
} settings_t;

static const zooid_field_t settings_fields [] = {
    ZOOID_INTEGER (settings_t, start, .initial = "0", .integers = { true, 0, 1000 }, .doc = "Where it begins"),
};
static const zooid_record_t settings_record = ZOOID_RECORD ("counter_settings", settings_t, settings_fields, .doc = "Settings");

static int
s_on_add (zooid_context_t *self, const void *arguments)
{
    (void) self;
    (void) arguments;
    return 0;
}

static const zooid_operation_t operations [] = {
    { .name = "counter.add", .kind = ZOOID_COMMAND, .takes = &settings_record, .scope = "public", .handler = s_on_add, .doc = "Add" },
};
static const zooid_contract_t contract = { .name = "counter", ZOOID_OPERATIONS (operations), .doc = "Counts" };

//  `start` says which operation the actor would ask.
static void
s_check_calls (const void *settings, const zooid_offers_t *offers, zooid_arena_t *arena, zooid_violations_t *violations)
{
    static const char *const names [] = { "counter.add", "counter.ad", "far.off" };
    const char *name = names [((const settings_t *) settings)->start];
    const zooid_operation_t *operation = NULL;
    const char *nearest = NULL;
    int rc = offers->operation (offers->state, name, &operation, &nearest);
    if (rc == 0)
        assert_ptr_equal (operation, &operations [0]);
    if (rc == ZOOID_UNKNOWN)
        zooid_violations_add (violations, arena, "/start", "call", "names nobody; there is %s", nearest);
}

static const zooid_module_t counter = {
    ZOOID_MODULE_HEADER, .name = "counter", .version = "1", .doc = "Counts", .contract = &contract,
    .settings = &settings_record, .check_calls = s_check_calls,
};

static void
s_assert_errors (const char *start, const char *errors)
{
    char text [256];
    snprintf (text, sizeof text, "zooid: 1\nnodes: { local: { actors: [counter] }, away: { actors: [far] } }\nactors:\n"
              "  counter: { start: %s }\n  far: { module: nowhere }\n", start);
    zooid_node_t *node = NULL;
    int rc = zooid_node_new (&node, &(zooid_node_options_t) {
        .topology = text, .node = "local", .data = "", .modules = (const zooid_module_t *const []) { &counter }, .module_count = 1 });
    assert_string_equal (zooid_node_errors (node), errors);
    assert_int_equal (rc, *errors ? ZOOID_INVALID : 0);
    zooid_node_destroy (&node);
}

static void
test_plan_shows_modules_what_the_others_offer (void **state)
{
    (void) state;
    s_assert_errors ("0", "");
    s_assert_errors ("1", "topology:4:21: `start` names nobody; there is counter.add\n");
    s_assert_errors ("2", "");      //  On a node that is not here
}

static void
test_plan_speaks_of_a_number_beyond_all_once_and_of_no_other_place (void **state)
{
    (void) state;
    s_assert_errors ("1e999", "topology:4:21: `start` is a larger number than can be held; a smaller one is needed\n");
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_plan_shows_modules_what_the_others_offer),
        cmocka_unit_test (test_plan_speaks_of_a_number_beyond_all_once_and_of_no_other_place),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
