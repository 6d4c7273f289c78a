//  A module for inspect_test.py: an event that can be published from outside, and what a node can be seen by.
#include <zooid/module.h>

typedef struct {
    zooid_presence_t presence;
    int64_t said_at;
    const char *text;
} said_t;

static const zooid_field_t said_fields [] = {
    ZOOID_TIMESTAMP (said_t, said_at, .doc = "When"),
    ZOOID_STRING (said_t, text, .max_length = 20, .doc = "What"),
};
static const zooid_record_t said = ZOOID_RECORD ("said", said_t, said_fields, .presence = ZOOID_PRESENCE (said_t), .doc = "Something said");

typedef struct {
    int64_t last_at;
} event_t;

static int
on_said (zooid_context_t *self, const void *carried)
{
    ((event_t *) zooid_state (self))->last_at = ((const said_t *) carried)->said_at;
    return 0;
}

static int
on_last (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    return zooid_reply (self, &said, &(said_t) { .said_at = ((event_t *) zooid_state (self))->last_at, .text = "" });
}

typedef struct {
    const char *topic, *detail;
    zooid_bytes_t payload;
} letter_t;

static const zooid_field_t letter_fields [] = {
    ZOOID_STRING (letter_t, topic, .doc = "Of what"), ZOOID_STRING (letter_t, detail, .doc = "More"), ZOOID_BYTES (letter_t, payload, .doc = "Bytes"),
};
static const zooid_record_t letter = ZOOID_RECORD ("letter", letter_t, letter_fields, .doc = "A dead letter");

static int
on_bury (zooid_context_t *self, const void *arguments)
{
    const letter_t *given = arguments;
    zooid_dead_letter (self, "test", given->topic, given->payload, "%s", given->detail);
    return 0;
}

static int
on_complain (zooid_context_t *self, const void *arguments)
{
    zooid_health (self, ZOOID_DEGRADED, ((const letter_t *) arguments)->detail);
    return 0;
}

static const zooid_operation_t operations [] = {
    { .name = "event.last", .kind = ZOOID_QUERY, .gives = &said, .scope = "event:read", .handler = on_last, .doc = "The last that was heard." },
    { .name = "event.bury", .kind = ZOOID_COMMAND, .takes = &letter, .scope = "event:write", .handler = on_bury, .doc = "Write a dead letter." },
    { .name = "event.complain", .kind = ZOOID_COMMAND, .takes = &letter, .scope = "event:write", .handler = on_complain, .doc = "Be degraded." },
};
static const zooid_event_t events [] = {
    { .topic = "event.said.{who}", .carries = &said, .scope = "event:read", .doc = "Somebody said something" },
    { .topic = "event.unheard", .carries = &said, .scope = "event:read", .doc = "Nobody listens" },
};
static const zooid_subscription_t subscriptions [] = {
    { .topic = "event.said.*", .carries = &said, .handler = on_said, .doc = "All that is said" },
};
static const zooid_contract_t contract = {
    .name = "event", ZOOID_OPERATIONS (operations), ZOOID_EVENTS (events), ZOOID_SUBSCRIPTIONS (subscriptions), .doc = "Listens." };

ZOOID_EXPORT const zooid_module_t zooid_module_event = {
    ZOOID_MODULE_HEADER, .name = "event", .version = "1.0.0", .doc = "Listens.", .contract = &contract, .state_size = sizeof (event_t),
};
