//  What a node says of its configuration before anything starts, beyond what node_test.c sees of nodes that run.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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

//  ---- what only one can have

static const zooid_operation_t shop_operations [] = {
    { .name = "shop.get", .kind = ZOOID_QUERY, .takes = &settings_record, .scope = "public", .http = "GET /api/shops/{start}",
      .handler = s_on_add, .doc = "Get" },
};
static const zooid_role_t shop_roles [] = { { "shops", "shop.get" } };
static const zooid_contract_t shop_contract = { .name = "shop", ZOOID_OPERATIONS (shop_operations), ZOOID_ROLES (shop_roles), .doc = "Sells" };
static const zooid_migration_t shop_migrations [] = { { "CREATE TABLE shop (id INTEGER)", "Shops" } };
static const zooid_module_t shop = {
    ZOOID_MODULE_HEADER, .name = "shop", .version = "1", .doc = "Sells", .contract = &shop_contract, ZOOID_MIGRATIONS (shop_migrations),
};
static const zooid_operation_t stall_operations [] = {
    { .name = "stall.get", .kind = ZOOID_QUERY, .takes = &settings_record, .scope = "public", .http = "GET /api/@/{start}",
      .handler = s_on_add, .doc = "Get" },
};
static const zooid_contract_t stall_contract = { .name = "stall", ZOOID_OPERATIONS (stall_operations), .doc = "Sells" };
static const zooid_module_t stall = {
    ZOOID_MODULE_HEADER, .name = "stall", .version = "1", .doc = "Sells", .contract = &stall_contract,
};

static zooid_node_t *
s_plan (const char *text, const char *data, int expected_rc)
{
    zooid_node_t *node = NULL;
    assert_int_equal (zooid_node_new (&node, &(zooid_node_options_t) {
        .topology = text, .data = data, .modules = (const zooid_module_t *const []) { &shop, &stall }, .module_count = 2 }), expected_rc);
    return node;
}

static void
test_plan_says_what_two_actors_want_for_themselves (void **state)
{
    (void) state;
    zooid_node_t *node = s_plan ("zooid: 1\nnodes:\n  local: { actors: [shop, kiosk] }\nactors:\n  kiosk: { module: shop }\n", "", ZOOID_INVALID);
    assert_string_equal (zooid_node_errors (node),
        "topology:3:27: actor `kiosk`: module `shop` keeps its data in tables that actor `shop` has on this node; run it on another node, or once\n"
        "topology:3:27: actor `kiosk`: `GET /api/shops/{start}` is served by actor `shop` already; a contract whose paths have `@`, the "
        "actor's name, can be there twice\n"
        "topology:3:27: actor `kiosk`: role `shops` is taken by actor `shop`; a system has one of it: keep one of the two\n");
    zooid_node_destroy (&node);
}

static void
test_plan_lets_an_actor_be_there_twice_that_claims_nothing (void **state)
{
    (void) state;
    zooid_node_t *node = s_plan ("zooid: 1\nnodes: { local: { actors: [stall, kiosk] } }\nactors: { kiosk: { module: stall } }\n", "", 0);
    zooid_node_destroy (&node);
    //  A name that makes the one's path the other's.
    node = s_plan ("zooid: 1\nnodes: { local: { actors: [shop, shops] } }\nactors: { shops: { module: stall } }\n", "", ZOOID_INVALID);
    assert_non_null (strstr (zooid_node_errors (node), "`GET /api/@/{start}` is served by actor `shop` already"));
    zooid_node_destroy (&node);
}

static void
test_node_without_a_folder_does_not_start_an_actor_that_keeps_data (void **state)
{
    (void) state;
    zooid_node_t *node = s_plan ("zooid: 1\nnodes: { local: { actors: [shop] } }\n", "", 0);
    assert_int_equal (zooid_node_start (node), ZOOID_INVALID);
    assert_string_equal (zooid_node_errors (node), "topology:2:28: actor `shop` keeps data, and this node has no folder; give it one: "
                         "zooid_node_options_t.data\n");
    zooid_node_destroy (&node);
}

static void
test_plan_reads_on_behind_a_mistake_in_a_node (void **state)
{
    (void) state;
    zooid_node_t *node = s_plan ("zooid: 1\nnodes: { local: { lisen: 1, actors: [shop, nowhere] } }\nactors: { shopp: {} }\n", "", ZOOID_INVALID);
    static const char *const said [] = { "`lisen`", "`nowhere`", "no node runs `shopp`; did you mean `shop`" };
    for (size_t i = 0; i < ZOOID_COUNT (said); i++)
        if (!strstr (zooid_node_errors (node), said [i]))
            fail_msg ("%s is not in:\n%s", said [i], zooid_node_errors (node));
    zooid_node_destroy (&node);
}

//  ----

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
        cmocka_unit_test (test_plan_says_what_two_actors_want_for_themselves),
        cmocka_unit_test (test_plan_lets_an_actor_be_there_twice_that_claims_nothing),
        cmocka_unit_test (test_node_without_a_folder_does_not_start_an_actor_that_keeps_data),
        cmocka_unit_test (test_plan_reads_on_behind_a_mistake_in_a_node),
        cmocka_unit_test (test_plan_speaks_of_a_number_beyond_all_once_and_of_no_other_place),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
