//  Figures are gathered from every dispatcher between its turns, so the answer comes later: the request is kept with what
//  it asked for. A dispatcher that a handler holds up does not answer; what it runs is shown all the same, as far as it
//  can be seen from outside.
#include "inspect.h"
#include "inspect_parts.h"

#include <stdlib.h>
#include <zooid/log.h>

//  ---- lists

static const zooid_field_t list_fields [] = {
    ZOOID_INTEGER (inspect_list_t, limit, .optional = true, .integers = { true, 1, ZOOID_PAGE_LIMIT_MAX },
                   .doc = "How many; 50 when not given"),
    ZOOID_STRING (inspect_list_t, cursor, .optional = true, .max_length = ZOOID_PAGE_CURSOR_MAX, .doc = "`next` of the page before"),
};
const zooid_record_t inspect_list = ZOOID_RECORD ("system_list", inspect_list_t, list_fields,
    .presence = ZOOID_PRESENCE (inspect_list_t), .doc = "Which part of a list");

size_t
inspect_limit (const inspect_list_t *arguments)
{
    return arguments->limit ? (size_t) arguments->limit : ZOOID_PAGE_LIMIT;
}

inspect_listing_t *
inspect_listing_new (zooid_context_t *self, const inspect_list_t *arguments)
{
    inspect_listing_t *listing = zooid_allocate (sizeof *listing);
    listing->limit = inspect_limit (arguments);
    listing->request = zooid_request_take (self);
    return listing;
}

void
inspect_listing_destroy (void *listing_)
{
    inspect_listing_t *listing = listing_;
    zooid_request_destroy (&listing->request);
    free (listing->after);
    free (listing);
}

int
inspect_listing_asked (zooid_context_t *self, inspect_listing_t *listing, int rc)
{
    if (rc == 0)
        return 0;
    int answered = 0;
    if (rc == ZOOID_FULL)
        answered = zooid_request_fail (self, &listing->request, "overloaded", "too many questions at once; try again");
    inspect_listing_destroy (listing);
    return rc < 0 ? zooid_fault (rc) : answered;
}

//  ---- system.log_level, system.set_log_level

static const char *const level_names [] = { "debug", "info", "warn", "error", NULL };

typedef struct {
    int32_t level;
} level_t;

static const zooid_field_t level_fields [] = {
    ZOOID_ENUMERATION (level_t, level, .names = level_names, .doc = "Lines below it are not written"),
};
static const zooid_record_t level_record = ZOOID_RECORD ("log_level", level_t, level_fields, .doc = "How much the process says");

typedef struct {
    int32_t level, before;
} change_t;

static const zooid_field_t change_fields [] = {
    ZOOID_ENUMERATION (change_t, level, .names = level_names, .doc = "As it is from here on"),
    ZOOID_ENUMERATION (change_t, before, .names = level_names, .doc = "As it was"),
};
static const zooid_record_t change_record = ZOOID_RECORD ("log_level_change", change_t, change_fields, .doc = "The level was set");

static int
s_on_log_level (zooid_context_t *self, const void *arguments)
{
    (void) arguments;
    return zooid_reply (self, &level_record, &(level_t) { (int32_t) zooid_log_level () });
}

static int
s_on_set_log_level (zooid_context_t *self, const void *arguments)
{
    change_t change = { .level = ((const level_t *) arguments)->level, .before = (int32_t) zooid_log_level () };
    //  Under the level that says more: who reads the log is told why it grew silent.
    zooid_log_set_level ((zooid_level_t) (change.level < change.before ? change.level : change.before));
    zooid_log (self, ZOOID_WARN, "log_level", ZOOID_TEXT ("from", level_names [change.before]),
               ZOOID_TEXT ("to", level_names [change.level]), ZOOID_TEXT ("by", zooid_principal_subject (zooid_principal (self))));
    zooid_log_set_level ((zooid_level_t) change.level);
    return zooid_reply (self, &change_record, &change);
}

//  ---- contract

static const zooid_failure_t publish_fails [] = {
    { "unknown_topic", ZOOID_FAILURE_NOT_FOUND, "No actor declares such an event" },
};

static const zooid_operation_t operations [] = {
    { .name = "system.actors", .kind = ZOOID_QUERY, .takes = &inspect_list, .gives = &inspect_actors_gives, .scope = "system:read",
      .http = "GET /api/system/actors", .handler = inspect_actors, .doc = "The actors that run here, with their figures." },
    { .name = "system.dispatchers", .kind = ZOOID_QUERY, .takes = &inspect_list, .gives = &inspect_dispatchers_gives, .scope = "system:read",
      .http = "GET /api/system/dispatchers", .handler = inspect_dispatchers, .doc = "The threads that run them." },
    { .name = "system.subscriptions", .kind = ZOOID_QUERY, .takes = &inspect_list, .gives = &inspect_subscriptions_gives,
      .scope = "system:read", .http = "GET /api/system/subscriptions", .handler = inspect_subscriptions,
      .doc = "Who gets which events, and what was shed." },
    { .name = "system.dead", .kind = ZOOID_QUERY, .takes = &inspect_list, .gives = &inspect_dead_gives, .scope = "system:read",
      .http = "GET /api/system/dead", .handler = inspect_dead, .doc = "The last dead letters, newest first." },
    { .name = "system.publish", .kind = ZOOID_COMMAND, .takes = &inspect_publish_takes, .gives = &inspect_publish_gives,
      .scope = "system:write", .http = "POST /api/system/publish", ZOOID_FAILS (publish_fails), .handler = inspect_publish,
      .doc = "Publish an event that an actor declares, in its place." },
    { .name = "system.log_level", .kind = ZOOID_QUERY, .gives = &level_record, .scope = "system:read",
      .http = "GET /api/system/log_level", .handler = s_on_log_level, .doc = "How much the process writes to its log." },
    { .name = "system.set_log_level", .kind = ZOOID_COMMAND, .takes = &level_record, .gives = &change_record, .scope = "system:write",
      .http = "POST /api/system/log_level", .handler = s_on_set_log_level, .doc = "Write more or less to the log, from here on." },
};

static const zooid_contract_t contract = { .name = "system",
                                           ZOOID_OPERATIONS (operations),
                                           .doc = "What runs here, and how it is." };

const zooid_module_t system_module = {
    ZOOID_MODULE_HEADER, .name = "system", .version = "1.0.0", .doc = "What runs here, and how it is.", .contract = &contract, .state_size = 1,
};
