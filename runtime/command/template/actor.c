//  @name@.c - greets whoever asks, and counts how often
#include <zooid/module.h>

//  ---- what it takes and gives: structs, each with a table of its fields

typedef struct {
    const char *name;
} hello_t;

static const zooid_field_t hello_fields [] = {
    ZOOID_STRING (hello_t, name, .min_length = 1, .max_length = 64, .doc = "Who is greeted"),
};
static const zooid_record_t hello = ZOOID_RECORD ("@name@_hello", hello_t, hello_fields, .doc = "Whom to greet");

typedef struct {
    const char *text;
    int64_t count;
} greeting_t;

static const zooid_field_t greeting_fields [] = {
    ZOOID_STRING (greeting_t, text, .doc = "The greeting"),
    ZOOID_INTEGER (greeting_t, count, .doc = "Greetings since the actor started"),
};
static const zooid_record_t greeting = ZOOID_RECORD ("@name@_greeting", greeting_t, greeting_fields, .doc = "A greeting");

//  ---- its state, and a handler, which never waits

typedef struct {
    int64_t count;
} @name@_t;

static int
on_hello (zooid_context_t *self, const void *arguments)
{
    const hello_t *whom = arguments;
    @name@_t *state = zooid_state (self);
    state->count++;
    const char *text = zooid_arena_format (zooid_arena (self), "Hello, %s!", whom->name);
    return zooid_reply (self, &greeting, &(greeting_t) { text, state->count });
}

//  ---- its contract: the gateway serves it by this table

static const zooid_operation_t operations [] = {
    { .name = "@name@.hello", .kind = ZOOID_QUERY, .takes = &hello, .gives = &greeting, .scope = "public",
      .http = "GET /api/@/hello", .handler = on_hello, .doc = "Greet somebody." },
};
static const zooid_contract_t contract = { .name = "@name@", ZOOID_OPERATIONS (operations), .doc = "Greets." };

ZOOID_EXPORT const zooid_module_t zooid_module_@name@ = {
    ZOOID_MODULE_HEADER, .name = "@name@", .version = "0.1.0", .doc = "Greets whoever asks.",
    .contract = &contract, .state_size = sizeof (@name@_t),
};
