//  embed.c - a node with one actor, within a program of one's own
#include <stdio.h>
#include <zooid/node.h>

typedef struct { int64_t by; } add_t;

static const zooid_field_t add_fields [] = { ZOOID_INTEGER (add_t, by, .integers = { true, 1, 100 }, .doc = "How many") };
static const zooid_record_t add = ZOOID_RECORD ("add", add_t, add_fields, .doc = "What to add");

typedef struct { int64_t total; } total_t;

static const zooid_field_t total_fields [] = { ZOOID_INTEGER (total_t, total, .doc = "So far") };
static const zooid_record_t total = ZOOID_RECORD ("total", total_t, total_fields, .doc = "The sum");

//  The actor: its state is a total_t, and a handler is a turn.
static int
on_add (zooid_context_t *self, const void *arguments)
{
    total_t *sum = zooid_state (self);
    sum->total += ((const add_t *) arguments)->by;
    return zooid_reply (self, &total, sum);
}

static const zooid_operation_t operations [] = {
    { .name = "sum.add", .kind = ZOOID_COMMAND, .takes = &add, .gives = &total, .scope = "sum:write", .handler = on_add, .doc = "Add." },
};
static const zooid_contract_t contract = { .name = "sum", ZOOID_OPERATIONS (operations), .doc = "Sums." };
static const zooid_module_t sum_module = {
    ZOOID_MODULE_HEADER, .name = "sum", .version = "1.0.0", .doc = "Sums.", .contract = &contract, .state_size = sizeof (total_t),
};

static void
ask (zooid_node_t *node, const char *arguments)
{
    char *answer = NULL;
    int rc = zooid_node_ask (node, "sum.add", arguments, 1000, &answer);
    printf ("%s %s\n", rc == 0 ? "reply" : "failure", answer ? answer : "");
    zooid_release (&answer);
}

int
main (void)
{
    static const zooid_module_t *const modules [] = { &sum_module };
    zooid_node_t *node = NULL;
    const zooid_node_options_t options = {
        .topology = "{ zooid: 1, nodes: { local: { actors: [sum] } } }", .data = "", .modules = modules, .module_count = 1,
    };
    if (zooid_node_new (&node, &options) == 0 && zooid_node_start (node) == 0) {
        ask (node, "{\"by\": 40}");
        ask (node, "{\"by\": 2}");
        ask (node, "{\"by\": 101}");
        printf ("stopped %s\n", zooid_node_stop (node, 1000) == 0 ? "clean" : "late");
    }
    fputs (zooid_node_errors (node), stderr);
    zooid_node_destroy (&node);
    return 0;
}
