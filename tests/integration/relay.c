//  relay - an actor that stores nothing: what it is asked with it announces. So the cost of a path is seen without a commit
#include <zooid/log.h>
#include <zooid/module.h>

typedef struct {
    const char *device;
    const char *body;
} seen_t;

static const zooid_field_t seen_fields [] = {
    ZOOID_STRING (seen_t, device, .max_length = 64, .doc = "From whom"),
    ZOOID_STRING (seen_t, body, .doc = "As it came"),
};
static const zooid_record_t seen = ZOOID_RECORD ("seen", seen_t, seen_fields, .doc = "What came");

static int
s_on_take (zooid_context_t *self, const void *arguments)
{
    const seen_t *given = arguments;
    return zooid_publish (self, zooid_arena_format (zooid_arena (self), "relay.seen.%s", given->device), &seen, given);
}

static const zooid_operation_t operations [] = {
    { .name = "relay.take", .kind = ZOOID_COMMAND, .takes = &seen, .scope = "iot:ingest", .handler = s_on_take, .doc = "Announce it." },
};
static const zooid_event_t events [] = {
    { .topic = "relay.seen.{device}", .carries = &seen, .scope = "iot:read", .doc = "Something came." },
};
static const zooid_contract_t contract = { .name = "relay", ZOOID_OPERATIONS (operations), ZOOID_EVENTS (events), .doc = "Passes on." };

ZOOID_EXPORT const zooid_module_t zooid_module_relay = {
    ZOOID_MODULE_HEADER, .name = "relay", .version = "1.0.0", .doc = "Passes on.", .contract = &contract,
};
